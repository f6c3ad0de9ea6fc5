"""Writing season plans: what is asked for, pins, days without visits, copies, and asking the worker."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked, NotNow, StaleVersion
from cyber360.jobs.services import enqueue
from peers.acts import Act
from peers.challenges.models import Challenge, Programme
from peers.planning.models import (
    ClosedPeriod,
    PlanClosed,
    PlanPin,
    PlanState,
    PlanVisitState,
    SeasonPlan,
)
from peers.planning.plans.closed import closed_days
from peers.planning.queries.season import EDITABLE, require_plan
from peers.planning.queries.season_problem import refusals
from peers.planning.queries.shapes import weights_of
from peers.planning.season.problem import Weights
from peers.pool.models import PeerProfile

JOB = "season.plan"
FIELDS = (
    "title", "first_week", "weeks", "per_week", "spacing", "seconds", "visit_weekday", "visit_days", "with_warnings",
)  # fmt: skip


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def lock_plan(plan: SeasonPlan, version: int | None = None) -> SeasonPlan:
    """The row, locked; with `version`, refused when somebody saved meanwhile."""
    rows = SeasonPlan.objects.select_for_update(of=("self",)).select_related("programme")
    row = rows.filter(pk=plan.pk).first()
    if row is None:
        raise NotNow(_("This plan has been deleted."))
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else changed this plan while you had it open. Look at it again."), row)
    return row


def _editable(row: SeasonPlan) -> None:
    if row.state not in EDITABLE:
        raise NotNow(_("This plan has been worked out and stays as it is. Make a new one from it to change it."))


def _record(act: Act, by: User, seat: str, row: SeasonPlan, **detail: object) -> None:
    record(act=act, by=by, seat=seat, obj=row, detail=detail)


# --- making and changing ----------------------------------------------------------------------------
@transaction.atomic
def make_plan(
    *,
    programme: Programme,
    by: User,
    challenges: Collection[Challenge],
    weights: Mapping[str, int] | None = None,
    **fields: Any,
) -> SeasonPlan:
    """A plan that nobody has asked for yet. `fields` are columns of SeasonPlan; weights default to the programme's."""
    seat = require_plan(by, Act.SEASON_PLAN, programme.pk)
    row = SeasonPlan(programme=programme, weights=asdict(weights_of(programme)))
    _set(row, challenges, weights, fields)
    _record(Act.SEASON_PLAN, by, seat, row, made=True)
    return row


@transaction.atomic
def edit_plan(
    *,
    plan: SeasonPlan,
    by: User,
    version: int,
    challenges: Collection[Challenge],
    weights: Mapping[str, int] | None = None,
    **fields: Any,
) -> SeasonPlan:
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan, version)
    _editable(row)
    row.version += 1
    _set(row, challenges, weights, fields)
    _record(Act.SEASON_PLAN, by, seat, row, edited=True)
    return row


def _set(
    row: SeasonPlan, challenges: Collection[Challenge], weights: Mapping[str, int] | None, fields: Mapping[str, Any]
) -> None:
    if any(challenge.programme_id != row.programme_id for challenge in challenges):
        raise BadInput(_("Choose challenges of this programme."))
    for name in FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    if weights is not None:
        row.weights = asdict(Weights.from_mapping({**row.weights, **weights}))
    _clean(row)
    row.save()
    row.challenges.set(challenges)
    row.pins.exclude(challenge__in=[challenge.pk for challenge in challenges]).delete()
    _set_closed(row, {challenge.council.nation for challenge in challenges})


def _set_closed(row: SeasonPlan, nations: Iterable[str]) -> None:
    """The closed days of the period, computed ones and the programme's own; a choice made before stays."""
    wanted: dict[tuple[str, date, date], list[str]] = {}
    among = sorted(nations)
    for nation in among:
        for period in closed_days(nation, row.first_week, row.last_day):
            wanted.setdefault(period, []).append(nation)
    rows = [
        PlanClosed(
            plan=row, title=title, first_day=first, last_day=last, nation="" if where == among else " ".join(where)
        )
        for (title, first, last), where in wanted.items()
    ]
    own = ClosedPeriod.objects.filter(
        programme=row.programme, first_day__lte=row.last_day, last_day__gte=row.first_week
    )
    rows += [PlanClosed(plan=row, title=o.title, first_day=o.first_day, last_day=o.last_day) for o in own]
    before = {(r.title, r.nation, r.first_day, r.last_day): r for r in row.closed_days.all()}
    keep = {(r.title, r.nation, r.first_day, r.last_day) for r in rows}
    PlanClosed.objects.filter(pk__in=[r.pk for k, r in before.items() if k not in keep and not r.added]).delete()
    PlanClosed.objects.bulk_create([r for r in rows if (r.title, r.nation, r.first_day, r.last_day) not in before])


@transaction.atomic
def set_closed(*, plan: SeasonPlan, by: User, counted: Collection[int]) -> SeasonPlan:
    """Which of the plan's days without visits count: the ids in `counted`, and no others."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    _editable(row)
    row.closed_days.update(counts=False)
    row.closed_days.filter(pk__in=counted).update(counts=True)
    _record(Act.SEASON_PLAN, by, seat, row, closed=len(counted))
    return row


@transaction.atomic
def add_closed(*, plan: SeasonPlan, by: User, title: str, first_day: date, last_day: date) -> PlanClosed:
    """Days that are lost to this plan alone. The same days twice are once."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    _editable(row)
    if last_day < first_day:
        raise BadInput(_("The last day is before the first."))
    known = row.closed_days.filter(title=title.strip(), nation="", first_day=first_day, last_day=last_day).first()
    if known is not None:
        return known
    closed = PlanClosed(plan=row, title=title.strip(), first_day=first_day, last_day=last_day, added=True)
    _clean(closed)
    closed.save()
    _record(Act.SEASON_PLAN, by, seat, row, closed=1)
    return closed


@transaction.atomic
def add_closed_period(*, programme: Programme, by: User, title: str, first_day: date, last_day: date) -> ClosedPeriod:
    """Days on which the programme sends nobody out; plans made from now on leave them free."""
    seat = require_plan(by, Act.SEASON_PLAN, programme.pk)
    row = ClosedPeriod(programme=programme, title=title.strip(), first_day=first_day, last_day=last_day)
    _clean(row)
    row.save()
    record(act=Act.SEASON_PLAN, by=by, seat=seat, obj=row)
    return row


@transaction.atomic
def remove_closed_period(*, programme: Programme, by: User, pk: int) -> None:
    seat = require_plan(by, Act.SEASON_PLAN, programme.pk)
    row = programme.closed_periods.filter(pk=pk).first()
    if row is not None:
        record(act=Act.SEASON_PLAN, by=by, seat=seat, obj=row, detail={"removed": True})
        row.delete()


# --- pins -------------------------------------------------------------------------------------------
@transaction.atomic
def pin(
    *, plan: SeasonPlan, by: User, challenge: Challenge, kind: str, profile: PeerProfile | None = None,
    week: date | None = None,
) -> PlanPin:  # fmt: skip
    """Hold one thing fixed. A later pin on the same person or the same challenge's week takes the earlier one's place.

    On a plan that is worked out, pins count in the next plan made from it.
    """
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    if row.is_under_way:
        raise NotNow(_("The plan is being worked out. Stop it first, or wait until it is ready."))
    if not row.challenges.filter(pk=challenge.pk).exists():
        raise BadInput(_("This challenge is not in the plan."))
    known = row.pins.filter(challenge=challenge, profile=profile)
    known = known.filter(kind=PlanPin.Kind.WEEK) if kind == PlanPin.Kind.WEEK else known
    same = known.filter(kind=kind, week=week).first()
    if same is not None:
        return same
    known.delete()
    made = PlanPin(plan=row, challenge=challenge, kind=kind, profile=profile, week=week)
    _clean(made)
    made.save()
    _record(Act.SEASON_PLAN, by, seat, row, pinned=str(kind))
    return made


@transaction.atomic
def unpin(*, plan: SeasonPlan, by: User, pk: int) -> None:
    """Take a pin away; one that is gone already stays gone."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    if row.is_under_way:
        raise NotNow(_("The plan is being worked out. Stop it first, or wait until it is ready."))
    if row.pins.filter(pk=pk).delete()[0]:
        _record(Act.SEASON_PLAN, by, seat, row, unpinned=True)


# --- asking -----------------------------------------------------------------------------------------
@transaction.atomic
def request_plan(*, plan: SeasonPlan, by: User) -> SeasonPlan:
    """Ask the worker for the plan; asking twice is one job. Raises Blocked with sentences when it cannot be made."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    if row.is_under_way:
        return row
    _editable(row)
    against = refusals(row)
    if against:
        raise Blocked(against)
    row.visits.all().delete()
    row.progress.all().delete()
    row.state, row.phase, row.cost, row.bound, row.seconds_used = PlanState.QUEUED, "", None, None, 0
    row.reasons, row.remarks, row.costs = [], [], {}
    row.requested_by, row.requested_at, row.stop_asked_at, row.finished_at = by, timezone.now(), None, None
    row.run += 1
    row.version += 1
    _clean(row)
    row.save()
    _record(Act.SEASON_PLAN, by, seat, row, run=row.run)
    enqueue(kind=JOB, key=row.job_key, payload={"plan": row.pk, "run": row.run}, by=by)
    return row


@transaction.atomic
def stop_plan(*, plan: SeasonPlan, by: User) -> SeasonPlan:
    """Stop the search; the best plan so far is kept. Stopping what is over changes nothing."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    if row.is_under_way and row.stop_asked_at is None:
        row.stop_asked_at = timezone.now()
        row.save(update_fields=["stop_asked_at"])
        _record(Act.SEASON_PLAN, by, seat, row, stopped=True)
    return row


# --- keeping ----------------------------------------------------------------------------------------
@transaction.atomic
def rename_plan(*, plan: SeasonPlan, by: User, title: str) -> SeasonPlan:
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    row.title = title.strip()
    _clean(row)
    row.save(update_fields=["title"])
    _record(Act.SEASON_PLAN, by, seat, row, named=True)
    return row


@transaction.atomic
def delete_plan(*, plan: SeasonPlan, by: User) -> None:
    """Delete a plan of which nothing was accepted. Raises NotNow for any other, and while it is worked out."""
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    row = lock_plan(plan)
    if row.is_under_way:
        raise NotNow(_("The plan is being worked out. Stop it first."))
    if row.visits.filter(state=PlanVisitState.ACCEPTED).exists():
        raise NotNow(_("Visits of this plan have been accepted, so it is kept as the record of why."))
    _record(Act.SEASON_PLAN, by, seat, row, deleted=True)
    row.delete()


@transaction.atomic
def copy_plan(*, plan: SeasonPlan, by: User, title: str, near: bool) -> SeasonPlan:
    """A new plan with the same wishes, pins and days. `near`: it shall move as little as possible against this one.

    Visits that were left out of a plan are not in one that stays near to it.
    """
    seat = require_plan(by, Act.SEASON_PLAN, plan.programme_id)
    old = lock_plan(plan)
    if near and not old.is_ready:
        raise NotNow(_("There is no plan yet to stay near to."))
    row = SeasonPlan(programme=old.programme, weights=old.weights, based_on=old if near else None)
    for name in FIELDS:
        setattr(row, name, getattr(old, name))
    row.title = title.strip()
    _clean(row)
    row.save()
    left = [v.challenge_id for v in old.visits.filter(state=PlanVisitState.LEFT)] if near else []
    row.challenges.set(old.challenges.exclude(pk__in=left))
    pins, closed = list(old.pins.exclude(challenge__in=left)), list(old.closed_days.all())
    for pinned in pins:
        pinned.pk, pinned.plan = None, row
    for period in closed:
        period.pk, period.plan = None, row
    PlanPin.objects.bulk_create(pins)
    PlanClosed.objects.bulk_create(closed)
    _record(Act.SEASON_PLAN, by, seat, row, copied_from=old.pk)
    return row
