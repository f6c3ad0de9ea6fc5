"""Accepting a season plan: the visit gets its days, the people go on the list. Nobody is invited before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import Blocked, ExpectedError, NotNow, StaleVersion
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge, set_visit
from peers.planning.models import (
    ACTIVE_STATES,
    Placement,
    PlacementState,
    PlanSeat,
    PlanVisit,
    PlanVisitState,
    SeasonPlan,
)
from peers.planning.queries.season import require_plan
from peers.planning.queries.season_problem import PLANNABLE
from peers.pool.models import PeerProfile

from .season import lock_plan
from .season_run import since_then
from .team import invite_peer, propose_peer, remove_peer


@dataclass(frozen=True)
class Inviting:
    """With it, everybody accepted is invited at once. `reason` is why those with a warning are right all the same."""

    answer_by: date
    reason: str = ""
    message: str = ""


@dataclass
class Outcome:
    """`accepted`: challenges that are accepted now. `refused`: sentences for those that are not.
    `uninvited`: sentences on people who are on the list but could not be invited."""

    accepted: list[Challenge] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    uninvited: list[str] = field(default_factory=list)
    invited: int = 0


@transaction.atomic
def accept_visits(
    *, plan: SeasonPlan, by: User, version: int, visits: Iterable[int] | None = None, inviting: Inviting | None = None
) -> Outcome:
    """Accept the visits with these ids, or all that are still proposed.

    Each is accepted whole or not at all; one that no longer holds is refused with a sentence and keeps nobody else
    back. Accepting again what the same person has accepted changes nothing. Raises StaleVersion when somebody else
    was quicker.
    """
    seat = require_plan(by, Act.SEASON_ACCEPT, plan.programme_id)
    row = lock_plan(plan)
    rows = _chosen(row, visits)
    open_rows = [visit for visit in rows if visit.state == PlanVisitState.PROPOSED]
    if row.version != version:
        if not open_rows and all(visit.decided_by_id == by.pk for visit in rows):
            return Outcome()
        raise StaleVersion(_stale_words(rows), row)
    if not row.is_ready:
        raise NotNow(_("There is no plan to accept."))
    outcome = Outcome()
    against = since_then(row, {visit.challenge_id for visit in open_rows}) if open_rows else {}
    for visit in open_rows:
        _accept_one(row, visit, by, inviting, outcome, against.get(visit.challenge_id, []))
    if outcome.accepted:
        row.version += 1
        row.save(update_fields=["version"])
        detail = {"visits": len(outcome.accepted), "invited": outcome.invited}
        record(act=Act.SEASON_ACCEPT, by=by, seat=seat, obj=row, detail=detail)
    return outcome


def _chosen(row: SeasonPlan, visits: Iterable[int] | None) -> list[PlanVisit]:
    rows = row.visits.select_related("challenge__council", "decided_by")
    if visits is None:
        return list(rows.exclude(state=PlanVisitState.LEFT))
    wanted = set(visits)
    return [visit for visit in rows if visit.pk in wanted]


def _stale_words(rows: list[PlanVisit]) -> str:
    done = next((visit for visit in rows if visit.state == PlanVisitState.ACCEPTED and visit.decided_by), None)
    if done is None:
        return _("Somebody else changed this plan while you had it open. Look at it again.")
    sentence = _("%(person)s has accepted visits of this plan while you had it open. Look at it again.")
    return sentence % {"person": done.decided_by}


def _accept_one(
    row: SeasonPlan, visit: PlanVisit, by: User, inviting: Inviting | None, outcome: Outcome, against: list[str]
) -> None:
    """In a savepoint of its own, so that a refusal undoes this visit alone."""
    try:
        with transaction.atomic():
            if against:
                raise Blocked(against)
            placements = _put_in_place(row, visit, by)
            visit.state, visit.decided_by, visit.decided_at = PlanVisitState.ACCEPTED, by, timezone.now()
            visit.save(update_fields=["state", "decided_by", "decided_at"])
    except ExpectedError as refusal:
        words = {"council": visit.challenge.council.name, "why": refusal.message or _("it is no longer yours to plan.")}
        outcome.refused.append(_("%(council)s was not accepted: %(why)s") % words)
        return
    outcome.accepted.append(visit.challenge)
    if inviting is not None:
        _invite(placements, by, inviting, outcome)


def _put_in_place(row: SeasonPlan, visit: PlanVisit, by: User) -> list[tuple[Placement, bool]]:
    """The places of the team on the list, and whether each has a warning."""
    challenge = lock_challenge(visit.challenge)
    if challenge.stage not in PLANNABLE:
        raise NotNow(_("it is in “%(stage)s” now.") % {"stage": challenge.get_stage_display()})
    first, last = row.visit_on(visit.week)
    fixed = challenge.visit_first_day
    if fixed is None or not 0 <= (fixed - visit.week).days < 7:
        set_visit(
            challenge=challenge,
            by=by,
            version=challenge.version,
            visit_first_day=first,
            visit_last_day=last,
            visit_place=challenge.visit_place,
        )
    seats = list(visit.seats.select_related("profile__user"))
    _clear_list(challenge, {seat.profile_id: seat.role for seat in seats}, by)
    return [(_put_on_list(challenge, seat, by), bool(seat.warnings)) for seat in seats]


def _clear_list(challenge: Challenge, team: dict[int, str], by: User) -> None:
    """Off the list with those who have not been told and are not in the plan, or are in it in another role."""
    waiting = challenge.placements.filter(state=PlacementState.PROPOSED, invited_at=None)
    for placement in waiting.select_related("challenge", "profile__user"):
        if team.get(placement.profile_id) != placement.role:
            remove_peer(placement=placement, by=by, reason=_("Not in the season plan that was accepted"))


def _put_on_list(challenge: Challenge, seat: PlanSeat, by: User) -> Placement:
    """Whoever is asked, has said yes or waits with a yes keeps the place and role they have."""
    told = challenge.placements.filter(profile=seat.profile_id, invited_at__isnull=False, state__in=ACTIVE_STATES)
    asked = told.first()
    profile: PeerProfile = seat.profile
    return asked or propose_peer(challenge=challenge, profile=profile, role=seat.role, by=by)


def _invite(placements: list[tuple[Placement, bool]], by: User, inviting: Inviting, outcome: Outcome) -> None:
    for placement, warned in placements:
        if placement.state != PlacementState.PROPOSED:
            continue
        try:
            invite_peer(
                placement=placement,
                by=by,
                answer_by=inviting.answer_by,
                reason=inviting.reason if warned else "",
                message=inviting.message,
            )
        except ExpectedError as refusal:
            words = {"person": placement.profile, "why": refusal.message}
            outcome.uninvited.append(_("%(person)s is on the list but was not invited: %(why)s") % words)
        else:
            outcome.invited += 1


@transaction.atomic
def leave_visit(*, plan: SeasonPlan, by: User, visit: int, left: bool) -> PlanVisit:
    """Leave one proposed visit out of what is accepted, or take it back in. Twice is once."""
    seat = require_plan(by, Act.SEASON_ACCEPT, plan.programme_id)
    row = lock_plan(plan)
    found = row.visits.filter(pk=visit).first()
    if found is None or not row.is_ready:
        raise NotNow(_("This visit is no longer in the plan."))
    wanted = PlanVisitState.LEFT if left else PlanVisitState.PROPOSED
    if found.state == wanted:
        return found
    if found.state == PlanVisitState.ACCEPTED:
        raise NotNow(_("This visit has been accepted. Change its team and its days on the challenge itself."))
    found.state = wanted
    found.decided_by, found.decided_at = (by, timezone.now()) if left else (None, None)
    found.save(update_fields=["state", "decided_by", "decided_at"])
    row.version += 1
    row.save(update_fields=["version"])
    record(act=Act.SEASON_ACCEPT, by=by, seat=seat, obj=row, detail={"left_out": left})
    return found
