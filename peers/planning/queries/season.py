"""Reading season plans: whose they are, one with everything on its page, several side by side."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Prefetch, Q, QuerySet

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import held_seats, require
from peers.acts import Act
from peers.challenges.models import Challenge, Programme
from peers.planning.models import (
    ClosedPeriod,
    Placement,
    PlacementState,
    PlanSeat,
    PlanState,
    PlanVisit,
    PlanVisitState,
    SeasonPlan,
    TeamRole,
)
from peers.planning.plans.reading import Known
from peers.pool.models import PeerProfile
from peers.seats import SeatName

from .season_problem import PLANNABLE

MOST_COMPARED = 4
EDITABLE = (PlanState.DRAFT, PlanState.IMPOSSIBLE, PlanState.FAILED)


# --- whose plans ------------------------------------------------------------------------------------
def coordinates(user: User, programme_id: int) -> bool:
    return (programme_id, SeatName.COORDINATOR) in held_seats(user)["programme"]


def require_plan(user: User, act: Act, programme_id: int) -> SeatName:
    """The right to `act` on a plan of this programme: an act of coordinators, each in their own programme."""
    seat = require(user, act)
    if not coordinates(user, programme_id):
        raise NoSeat
    return seat


def programme_for(user: User, act: Act) -> Programme:
    """The programme whose season the person plans (the first, where they coordinate several)."""
    require(user, act)
    ids = [pk for pk, name in held_seats(user)["programme"] if name == SeatName.COORDINATOR]
    programme = Programme.objects.filter(pk__in=ids).order_by("pk").first()
    if programme is None:
        raise NoSeat
    return programme


def plans_for(user: User) -> QuerySet[SeasonPlan]:
    """The plans of the programmes that the person coordinates, newest first, with counts."""
    require(user, Act.SEASON_READ)
    ids = [pk for pk, name in held_seats(user)["programme"] if name == SeatName.COORDINATOR]
    return (
        SeasonPlan.objects.filter(programme__in=ids)
        .select_related("based_on", "requested_by")
        .annotate(
            challenge_count=Count("challenges", distinct=True),
            visit_count=Count("visits", distinct=True),
            accepted_count=Count("visits", filter=Q(visits__state=PlanVisitState.ACCEPTED), distinct=True),
        )
        .order_by("-created_at", "-pk")
    )


def get_plan(user: User, pk: int, act: Act) -> SeasonPlan:
    """Raises NoSeat for whoever does not coordinate the plan's programme."""
    plan = SeasonPlan.objects.select_related("programme", "based_on", "requested_by").filter(pk=pk).first()
    if plan is None:
        raise NoSeat
    require_plan(user, act, plan.programme_id)
    return plan


def get_visit(user: User, plan_pk: int, pk: int, act: Act) -> PlanVisit:
    row = visits_query().filter(pk=pk, plan__pk=plan_pk).select_related("plan__programme", "challenge__council").first()
    if row is None:
        raise NoSeat
    require_plan(user, act, row.plan.programme_id)
    return row


def closed_periods(programme: Programme) -> QuerySet[ClosedPeriod]:
    return programme.closed_periods.all()


# --- one plan ---------------------------------------------------------------------------------------
def visits_query() -> QuerySet[PlanVisit]:
    seats = PlanSeat.objects.select_related("profile__user", "profile__council").order_by(
        "role", "profile__user__full_name"
    )
    return PlanVisit.objects.select_related("challenge__council", "decided_by").prefetch_related(
        Prefetch("seats", seats), "challenge__themes"
    )


def visits_of(plan: SeasonPlan) -> list[PlanVisit]:
    """In the order of weeks, with teams: three queries."""
    return list(visits_query().filter(plan=plan).order_by("week", "challenge__ref"))


def known_of(plan: SeasonPlan) -> dict[int, tuple[date, list[int]]]:
    """The stored plan as plain data: challenge id -> Monday and profile ids, without visits that were left out."""
    rows = PlanVisit.objects.filter(plan=plan).exclude(state=PlanVisitState.LEFT).prefetch_related("seats")
    return {row.challenge_id: (row.week, [seat.profile_id for seat in row.seats.all()]) for row in rows}


def given_of(plan: SeasonPlan) -> QuerySet[Placement]:
    """Who is invited to the plan's challenges or has said yes, observers left out: they stay in every plan."""
    rows = Placement.objects.filter(
        challenge__in=plan.challenges.values("pk"), state__in=[PlacementState.INVITED, PlacementState.ACCEPTED]
    ).exclude(role=TeamRole.OBSERVER)
    rows = rows.select_related("challenge__council", "profile__user")
    return rows.order_by("challenge__ref", "profile__user__full_name")


def names_of(profile_ids: Iterable[int]) -> dict[int, str]:
    rows = PeerProfile.objects.filter(pk__in=list(profile_ids))
    return dict(rows.values_list("pk", "user__full_name"))


def plannable(programme: Programme, plan: SeasonPlan | None = None) -> QuerySet[Challenge]:
    """Challenges whose visit can be planned, and those that are in the plan already; soonest window first."""
    wanted = Q(stage__in=PLANNABLE)
    if plan is not None:
        wanted |= Q(pk__in=plan.challenges.values("pk"))
    rows = Challenge.objects.filter(wanted, programme=programme).select_related("council")
    return rows.order_by("window_first", "ref")


class Gap(NamedTuple):
    """`percent` is None where the cost or bound is not above 0: then only the points are worth saying."""

    points: int
    percent: float | None


def gap_of(plan: SeasonPlan) -> Gap | None:
    """How far the plan is at most from the best possible one for its weights; None while no bound is known."""
    if plan.cost is None or plan.bound is None:
        return None
    points = plan.cost - plan.bound
    return Gap(points, round(100 * points / plan.bound, 1) if plan.bound > 0 else None)


# --- side by side -----------------------------------------------------------------------------------
class Compared(NamedTuple):
    """One column of the comparison. `loads`: how many people have one visit, two, three or more."""

    plan: SeasonPlan
    visits: int
    people: int
    loads: dict[int, int]
    km: int
    farthest: int
    covered_once: int
    weeks_used: int
    busiest: int
    week_of: dict[int, date]
    gap: Gap | None


def compare(plans: Iterable[SeasonPlan]) -> list[Compared]:
    """Two queries for all of them."""
    chosen = list(plans)
    rows = PlanVisit.objects.filter(plan__in=[plan.pk for plan in chosen]).exclude(state=PlanVisitState.LEFT)
    by_plan: dict[int, list[PlanVisit]] = {plan.pk: [] for plan in chosen}
    for row in rows.prefetch_related("seats"):
        by_plan[row.plan_id].append(row)
    return [_compared(plan, by_plan[plan.pk]) for plan in chosen]


def _compared(plan: SeasonPlan, visits: list[PlanVisit]) -> Compared:
    seats = [seat for visit in visits for seat in visit.seats.all()]
    load: dict[int, int] = {}
    for seat in seats:
        load[seat.profile_id] = load.get(seat.profile_id, 0) + 1
    weeks: dict[date, int] = {}
    for visit in visits:
        weeks[visit.week] = weeks.get(visit.week, 0) + 1
    once = [term for visit in visits for term in visit.terms if term["name"] == "covered_once"]
    return Compared(
        plan=plan,
        visits=len(visits),
        people=len(load),
        loads={number: sum(min(3, count) == number for count in load.values()) for number in (1, 2, 3)},
        km=sum(seat.km or 0 for seat in seats),
        farthest=max((seat.km or 0 for seat in seats), default=0),
        covered_once=sum(len(term["facts"].get("themes", ())) for term in once),
        weeks_used=len(weeks),
        busiest=max(weeks.values(), default=0),
        week_of={visit.challenge_id: visit.week for visit in visits},
        gap=gap_of(plan),
    )


def base_known(plan: SeasonPlan) -> Known:
    """The plan that this one is based on, as plain data; nothing when it is gone."""
    return known_of(plan.based_on) if plan.based_on is not None else {}
