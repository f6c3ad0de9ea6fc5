"""What the pages show: one challenge's records, the programme's periods, what is due across challenges."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, require, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge, Programme
from peers.challenges.queries import Task, challenges_for
from peers.records.models import (
    BY_HAND,
    CountedFrom,
    DisposalCertificate,
    DisposalRun,
    Kind,
    LegalHold,
    RetentionPeriod,
    RunState,
)
from peers.stages import Stage

from .due import default_period, due_day, periods_of


class KeptLine(NamedTuple):
    """One kind of record on one challenge. `until` is None while the day is not known.

    `moved_from` is the day that the period alone would give, where the planning took a later one for the warnings.
    """

    period: RetentionPeriod
    until: date | None
    by_hand: bool
    run: DisposalRun | None
    moved_from: date | None = None

    @property
    def is_past(self) -> bool:
        return self.until is not None and self.until < timezone.localdate()


def kept_lines(challenge: Challenge) -> list[KeptLine]:
    """What is kept until when; a run's own day goes before the computed one."""
    periods = periods_of(challenge.programme)
    runs = {run.kind: run for run in _runs().filter(challenge=challenge).prefetch_related("warnings")}
    lines = []
    for kind, period in periods.items():
        run = runs.get(kind)
        day = due_day(challenge, period)
        until = run.due_on if run else day
        by_itself = run is not None and run.asked_at is None and not run.put_off_reason
        moved_from = day if by_itself and day and until and day < until else None
        lines.append(KeptLine(period, until, kind in BY_HAND, run, moved_from))
    return lines


def _runs() -> QuerySet[DisposalRun]:
    return DisposalRun.objects.select_related(
        "challenge__council", "challenge__programme", "asked_by", "approved_by", "put_off_by", "certificate__programme"
    )


def hold_of(challenge: Challenge) -> LegalHold | None:
    """The legal hold in force."""
    return LegalHold.objects.select_related("set_by").filter(challenge=challenge, lifted_at=None).first()


def get_run(user: User, ref: str, pk: int, act: Act = Act.RETENTION_READ) -> DisposalRun:
    """Raises NoSeat, NotNow."""
    run = _runs().select_related("challenge__report__issued").filter(challenge__ref=ref, pk=pk).first()
    if run is None:
        raise NoSeat
    require(user, Act.RETENTION_READ, run.challenge)
    require(user, act, run.challenge)
    user.acting_on = run.challenge
    return run


def get_certificate(user: User, ref: str, pk: int) -> DisposalCertificate:
    """Raises NoSeat."""
    rows = DisposalCertificate.objects.select_related("run__challenge__council", "run__challenge__programme", "pdf")
    row = rows.select_related("programme").filter(run__challenge__ref=ref, pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, Act.CERTIFICATE_READ, row.run.challenge)
    user.acting_on = row.run.challenge
    return row


# --- the programme ---------------------------------------------------------------------------------
def settings_periods(user: User, programme: Programme) -> list[RetentionPeriod]:
    require(user, Act.RETENTION_EDIT, programme)
    return list(periods_of(programme).values())


def get_period(user: User, programme: Programme, kind: str) -> RetentionPeriod:
    """The period with what it said before; unsaved while it is the default."""
    require(user, Act.RETENTION_EDIT, programme)
    if kind not in Kind.values:
        raise NoSeat
    rows = RetentionPeriod.objects.filter(programme=programme, kind=kind).select_related("changed_by")
    found = rows.prefetch_related("changes__by").first()
    return found or default_period(programme, Kind(kind))


def countings_for(kind: str) -> list[CountedFrom]:
    """From what a kind's period may count."""
    if kind == Kind.ACCOUNTS:
        return [CountedFrom.LAST_SIGN_IN]
    return [one for one in CountedFrom if one != CountedFrom.LAST_SIGN_IN]


def due_rows(user: User, today: date, *, state: str = "") -> QuerySet[DisposalRun]:
    """Runs of the coordinator's challenges that are not done, soonest first."""
    mine = challenges_for(user, {SeatName.COORDINATOR}).values("pk")
    rows = _runs().filter(challenge__in=mine).exclude(state=RunState.DONE).order_by("due_on", "pk")
    return rows.filter(state=state) if state else rows


def may_await(challenge: Challenge) -> bool:
    """Whether a disposal can be approved at all: not before the report is issued, or once it is withdrawn."""
    return Stage(challenge.stage).place >= Stage.ISSUED.place


def certificates_for(user: User, newest: int = 20) -> list[DisposalCertificate]:
    """The newest certificates of the coordinator's challenges."""
    mine = challenges_for(user, {SeatName.COORDINATOR}).values("pk")
    rows = DisposalCertificate.objects.filter(run__challenge__in=mine).order_by("-issued_at", "-pk")
    return list(rows.select_related("programme", "run__challenge__council", "run__challenge__programme")[:newest])


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Disposals that wait for the coordinator's word: on challenges that are mostly over, so not handed in."""
    if SeatName.COORDINATOR not in seats_on(user):
        return []
    rows = due_rows(user, date.max, state=RunState.AWAITING)
    words = _("Decide on the disposal for %(council)s: %(what)s")
    return [
        Task(
            words % {"council": run.challenge.council.name, "what": run.get_kind_display()},
            run.challenge,
            run.get_absolute_url(),
            run.due_on,
            "disposal",
        )
        for run in rows
    ]
