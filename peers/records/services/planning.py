"""The sweeper's part: the team's last day, runs and their days, the two warnings. It never disposes of anything."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peers.challenges.models import Challenge, Programme
from peers.evidence.models import EvidenceItem
from peers.onsite.models import Note
from peers.records.models import OPEN_STATES, DisposalRun, DisposalWarning, Kind, LegalHold, RetentionPeriod, RunState
from peers.records.queries import due_day, periods_of

from .base import how_to_stop, locked_run, save, tell

_HAS = {Kind.NOTES: Note, Kind.EVIDENCE: EvidenceItem}


# --- the team's access -----------------------------------------------------------------------------
def keep_team_access() -> int:
    """Bring `team_reads_until` in step with the dates and the period; challenges changed."""
    changed = 0
    for programme in Programme.objects.all():
        period = periods_of(programme)[Kind.TEAM_ACCESS]
        rows = Challenge.objects.filter(programme=programme).select_related("report__issued")
        for challenge in rows:
            day = due_day(challenge, period)
            if challenge.team_reads_until != day:
                Challenge.objects.filter(pk=challenge.pk).update(team_reads_until=day)
                changed += 1
    return changed


# --- runs ------------------------------------------------------------------------------------------
def plan_runs(today: date) -> int:
    """Make the runs that are wanted, move those whose day has changed, warn, and hand on what is due; runs touched."""
    touched = 0
    for programme in Programme.objects.all():
        periods = periods_of(programme)
        for kind, model in _HAS.items():
            for challenge in _without_run(programme, kind, model):
                touched += _make(challenge, periods[kind], today)
        open_runs = DisposalRun.objects.filter(challenge__programme=programme, state__in=OPEN_STATES)
        for run in open_runs.select_related("challenge"):
            touched += _bring_up(run, periods[Kind(run.kind)], today)
    return touched


def _without_run(programme: Programme, kind: Kind, model: type) -> QuerySet[Challenge]:
    """Challenges that hold something of the kind and have no run yet."""
    runs = DisposalRun.objects.filter(challenge=OuterRef("pk"), kind=kind)
    things = model._default_manager.filter(challenge=OuterRef("pk"))  # type: ignore[attr-defined]
    rows = Challenge.objects.filter(Exists(things), ~Exists(runs), programme=programme)
    return rows.select_related("report__issued")


def first_day(day: date, period: RetentionPeriod, today: date) -> date:
    """The day itself, or later so that the first warning is as early as the period promises."""
    return max(day, today + timedelta(days=period.first_warning))


def _make(challenge: Challenge, period: RetentionPeriod, today: date) -> bool:
    day = due_day(challenge, period)
    if day is None:
        return False
    row = {"due_on": first_day(day, period, today)}
    _run, made = DisposalRun.objects.get_or_create(challenge=challenge, kind=period.kind, defaults=row)
    return made


@transaction.atomic
def _bring_up(run: DisposalRun, period: RetentionPeriod, today: date) -> bool:
    """One step of an open run: held or let go, moved with the dates, warned of, waiting for approval."""
    row = locked_run(run)
    if row.state not in OPEN_STATES:
        return False
    before = (row.state, row.due_on)
    if LegalHold.objects.filter(challenge=row.challenge, lifted_at=None).exists():
        row.state = RunState.HELD
    else:
        _follow(row, period, today)
    if before != (row.state, row.due_on):
        save(row)
        return True
    return False


def _follow(row: DisposalRun, period: RetentionPeriod, today: date) -> None:
    if row.state == RunState.HELD:
        row.state = RunState.PLANNED
    if not row.put_off_reason and row.asked_at is None:
        day = due_day(row.challenge, period)
        warned = row.warnings.filter(due_on=row.due_on).exists()
        if day is not None and not (warned and day <= row.due_on):
            row.due_on = first_day(day, period, today)
    if row.asked_at is not None:
        row.state = RunState.AWAITING if row.due_on <= today else RunState.WARNED
        return
    _warn(row, period, today)


def _warn(row: DisposalRun, period: RetentionPeriod, today: date) -> None:
    """The first warning, then the second, then the day itself; each keeps its distance even when we were down."""
    left = (row.due_on - today).days
    sent = {warning.number for warning in row.warnings.filter(due_on=row.due_on)}
    if 1 not in sent:
        if left > period.first_warning:
            return
        row.due_on = first_day(row.due_on, period, today)
        _send(row, 1)
    elif 2 not in sent:
        if left > period.second_warning:
            row.state = RunState.WARNED
            return
        if left < period.second_warning:
            row.due_on = today + timedelta(days=period.second_warning)
            _send(row, 1)
        _send(row, 2)
    elif left <= 0:
        row.state = RunState.AWAITING
        return
    row.state = RunState.WARNED


def _send(row: DisposalRun, number: int) -> None:
    words = _("%(challenge)s: %(what)s will be disposed of on %(day)s")
    what = {"challenge": row.challenge.title, "what": row.get_kind_display(), "day": date_format(row.due_on)}
    warning, made = DisposalWarning.objects.get_or_create(run=row, number=number, due_on=row.due_on)
    if made:
        warning.people = tell(row, words % what, f"warning{number}:{row.due_on}", how_to_stop())
        warning.save(update_fields=["people"])
