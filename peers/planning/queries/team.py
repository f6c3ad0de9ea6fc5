"""Reading teams: who is on a list, who could be, what speaks against them, what is still missing."""

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import HOST, LGA, SeatName, require, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge, Seat
from peers.challenges.queries import Blocker, Task
from peers.planning.models import (
    ACTIVE_STATES,
    SHOWN_TO_HOST,
    ConflictNotice,
    InvitationLine,
    NoticeState,
    ObjectionState,
    Placement,
    PlacementState,
    TeamAgreement,
    TeamObjection,
    TeamRole,
)
from peers.planning.pairing.facts import PeopleFacts
from peers.pool.models import PeerProfile, SkillLevel
from peers.pool.queries import askable, free_on
from peers.stages import Stage

from .doubts import DECLINED, Against, against_for, facts_of
from .notices import waiting_matters

WORKING_ROLES = (TeamRole.LEAD_PEER, TeamRole.PEER)
COORDINATOR = frozenset({SeatName.COORDINATOR})
DAYS_TO_SETTLE = datetime.timedelta(days=5)


# --- the team -------------------------------------------------------------------------------------
def team_list(challenge: Challenge) -> list[Placement]:
    """Everybody on the list now, lead peer first. For coordinators only."""
    rows = challenge.placements.filter(state__in=ACTIVE_STATES).select_related("profile__user", "profile__council")
    return _in_order(rows)


def _in_order(rows: Iterable[Placement]) -> list[Placement]:
    order = list(TeamRole)
    return sorted(rows, key=lambda row: (order.index(TeamRole(row.role)), row.profile.user.full_name))


class Places(NamedTuple):
    """Everybody who is or was on a list, for the coordinator's page, and whether other rows are worth asking for."""

    active: list[Placement]
    past: list[Placement]
    noticed: bool
    objected: bool
    lined: bool


def places_of(challenge: Challenge) -> Places:
    """Those on the list now, lead peer first, and those off it with their reasons, newest first; one query."""
    rows = list(
        challenge.placements.select_related("profile__user", "profile__council")
        .annotate(
            noticed=Exists(ConflictNotice.objects.filter(placement=OuterRef("pk"), state=NoticeState.OPEN)),
            objected=Exists(TeamObjection.objects.filter(placement=OuterRef("pk"))),
            lined=Exists(InvitationLine.objects.filter(challenge=OuterRef("challenge"))),
        )
        .order_by("-pk")
    )
    return Places(
        _in_order(row for row in rows if row.is_active),
        [row for row in rows if not row.is_active],
        any(row.noticed for row in rows),
        any(row.objected for row in rows),
        any(row.lined for row in rows),
    )


def team_shown_to(user: User, challenge: Challenge) -> list[Placement]:
    """The one way in which others than the coordinator see a team.

    The host and the LGA see those who were asked and those who said yes; the team sees those who said yes.
    Nobody here sees candidates, decliners or reasons.
    """
    require(user, Act.PEOPLE_READ, challenge)
    asked = seats_on(user, challenge) & (HOST | LGA)
    states = SHOWN_TO_HOST if asked else (PlacementState.ACCEPTED,)
    return [row for row in team_list(challenge) if row.state in states]


def team_hash(placements: Iterable[Placement]) -> str:
    """SHA-256 over who is asked and who said yes, in which role: the same team gives the same hash."""
    team = sorted(f"{row.profile_id}:{row.role}" for row in placements if row.state in SHOWN_TO_HOST)
    return hashlib.sha256("\n".join(team).encode()).hexdigest()


def is_complete(challenge: Challenge, placements: Sequence[Placement]) -> bool:
    """A lead peer and the smallest team among these, observers not counted."""
    working = [row for row in placements if row.state in SHOWN_TO_HOST and row.role in WORKING_ROLES]
    return len(working) >= challenge.team_min and any(row.role == TeamRole.LEAD_PEER for row in working)


def agreement_in_force(challenge: Challenge) -> TeamAgreement | None:
    return challenge.team_agreements.filter(voided_at=None).select_related("agreed_by").first()


# --- candidates -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Candidate:
    """`free` is None while the visit has no dates. `strong` and `some` hold theme titles in scope.

    `days_used` are the weekdays of accepted visits in `year`: the visit's own, or today's while it has no dates.
    """

    profile: PeerProfile
    conflicts: list[Against]
    days_used: int
    year: int
    free: bool | None
    strong: list[str] = field(default_factory=list)
    some: list[str] = field(default_factory=list)

    @property
    def barred(self) -> bool:
        return any(conflict.bars for conflict in self.conflicts)

    @property
    def declined(self) -> bool:
        """Whether they have said no to this visit."""
        return any(conflict.key == DECLINED for conflict in self.conflicts)

    @property
    def over(self) -> int:
        """Days used beyond those the peer offered a year; 0 within them."""
        return max(0, self.days_used - self.profile.days_offered)


def candidates(
    challenge: Challenge, *, q: str = "", role: str = "", region: str = "", skill: str = "", free_only: bool = False
) -> QuerySet[PeerProfile]:
    """Who could be put on the list, those who know most of the themes in scope first."""
    codes = challenge.themes.order_by().values("code")
    rows = askable(challenge.programme).exclude(placements__in=challenge.placements.filter(state__in=ACTIVE_STATES))
    if q:
        rows = rows.filter(Q(user__full_name__icontains=q) | Q(council__name__icontains=q) | Q(job_title__icontains=q))
    if role:
        rows = rows.filter(role=role)
    if region:
        rows = rows.filter(council__region=region)
    if skill:
        rows = rows.filter(pk__in=PeerProfile.objects.filter(skills__theme_code=skill).values("pk"))
    if free_only and challenge.visit_first_day and challenge.visit_last_day:
        rows = free_on(rows, challenge.visit_first_day, challenge.visit_last_day)
    in_scope = Q(skills__theme_code__in=codes)
    strong = in_scope & Q(skills__level=SkillLevel.STRONG)
    return rows.annotate(
        covers=Count("skills", filter=in_scope, distinct=True) + Count("skills", filter=strong, distinct=True)
    ).order_by("-covers", "user__full_name", "pk")


def candidate_rows(
    challenge: Challenge, profiles: Sequence[PeerProfile], facts: PeopleFacts | None = None
) -> list[Candidate]:
    """What the team page shows of these profiles, in a fixed number of queries: five, two where `facts` are given."""
    facts = facts or facts_of(challenge)
    against = against_for(challenge, profiles, facts)
    host = facts.hosts[challenge.pk]
    people = {person.pk: person for person in facts.people}
    year = (challenge.visit_first_day or timezone.localdate()).year
    rows = []
    for profile in profiles:
        person = people.get(profile.pk)  # None for somebody who has left the pool
        known = person.themes if person else frozenset[str]()
        strong = person.strong if person else frozenset[str]()
        free = None if host.visit is None else bool(person and person.is_free(*host.visit, besides=challenge.pk))
        rows.append(
            Candidate(
                profile=profile,
                conflicts=against[profile.pk],
                days_used=person.days_used(year) if person else 0,
                year=year,
                free=free,
                strong=[title for code, title in host.themes.items() if code in strong],
                some=[title for code, title in host.themes.items() if code in known - strong],
            )
        )
    return rows


# --- invitations ------------------------------------------------------------------------------------
def _invitations() -> QuerySet[Placement]:
    return Placement.objects.filter(invited_at__isnull=False).select_related(
        "challenge__council", "challenge__programme", "profile__user", "profile__council"
    )


def invitations_of(user: User) -> list[Placement]:
    """The person's own invitations, those that wait for an answer first. Raises NoSeat outside the pool."""
    profile = PeerProfile.objects.filter(user_id=user.pk).first()
    if profile is None:
        raise NoSeat
    require(user, Act.PROFILE_EDIT, profile)
    rows = list(_invitations().filter(profile=profile).order_by("-invited_at", "-pk"))
    return sorted(rows, key=lambda row: row.state != PlacementState.INVITED)


def own_invitation(user: User, pk: int) -> Placement:
    """One of the person's own invitations; a place on a list that was never offered does not exist for them."""
    row = _invitations().filter(pk=pk, profile__user_id=user.pk).first()
    if row is None:
        raise NoSeat
    require(user, Act.PROFILE_EDIT, row)
    return row


def get_placement(user: User, ref: str, pk: int, act: Act) -> Placement:
    """A place on the list of challenge `ref`, with the right to `act` on it."""
    rows = Placement.objects.select_related(
        "challenge__council", "challenge__programme", "profile__user", "profile__council"
    )
    row = rows.filter(pk=pk, challenge__ref=ref).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    return row


# --- what is missing --------------------------------------------------------------------------------
def missing_team(challenge: Challenge) -> list[Blocker]:
    """Two queries. Names nobody: the host and the team read these sentences too. The line's reserves do not block."""
    rows = list(challenge.placements.filter(state__in=ACTIVE_STATES))
    url = reverse("planning:team", args=[challenge.ref])
    accepted = [row for row in rows if row.state == PlacementState.ACCEPTED and row.role in WORKING_ROLES]
    found = []
    if not any(row.role == TeamRole.LEAD_PEER for row in accepted):
        found.append(Blocker(_("No lead peer has accepted yet. The coordinator can invite one."), COORDINATOR, url))
    if len(accepted) < challenge.team_min:
        sentence = _("%(now)s of at least %(least)s peers have accepted. The coordinator can invite more.")
        found.append(Blocker(sentence % {"now": len(accepted), "least": challenge.team_min}, COORDINATOR, url))
    if any(row.state != PlacementState.ACCEPTED and row.line_place is None for row in rows):
        sentence = _(
            "Somebody on the team list has not accepted yet. The coordinator can remind them or take them off."
        )
        found.append(Blocker(sentence, COORDINATOR, url))
    agreed = agreement_in_force(challenge)
    if agreed is None or agreed.team_hash != team_hash(rows):
        sentence = _("The host has not agreed the team. The host lead or the host sponsor can agree it.")
        found.append(Blocker(sentence, frozenset(HOST), reverse("planning:agree", args=[challenge.ref])))
    return found


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Invitations to answer, teams to agree (host), teams to put together and matters to settle (coordinator)."""
    challenges = list(challenges)
    seats = seats_on(user)
    invited = _invitations().filter(profile__user_id=user.pk, state=PlacementState.INVITED)
    tasks = [
        Task(
            _("Answer the invitation to join the team"),
            row.challenge,
            row.get_absolute_url(),
            row.answer_by,
            "invitation",
        )
        for row in (invited if SeatName.POOL_PEER in seats else ())
    ]
    coordinates = SeatName.COORDINATOR in seats
    if coordinates:
        tasks += _to_settle(user, challenges)
    setting_up = {challenge.pk: challenge for challenge in challenges if challenge.stage == Stage.SETUP}
    if not setting_up:
        return tasks
    for row in _teams_in_setup(user, list(setting_up)):
        challenge = setting_up[row.pk]
        whole = row.has_lead and row.working >= row.team_min
        if row.is_host and whole and not row.agreed and not row.objected:
            url = reverse("planning:agree", args=[challenge.ref])
            tasks.append(Task(_("Agree the team"), challenge, url, None, "team"))
        if coordinates and not whole:
            url = reverse("planning:team", args=[challenge.ref])
            tasks.append(Task(_("Put the team together"), challenge, url, None, "team"))
    return tasks


def _to_settle(user: User, challenges: Sequence[Challenge]) -> list[Task]:
    """What a coordinator alone settles: the host's objection, later conflicts, a yes that waits; one query.

    On the page of a challenge past set-up it is left out: the team's own page says it, and the task list does.
    """
    here = getattr(user, "acting_on", None)
    if here is not None and Stage(here.stage).place > Stage.SETUP.place and [row.pk for row in challenges] == [here.pk]:
        return []
    tasks = []
    for row, objected_at, noticed_at, answered_at in waiting_matters(user):
        if objected_at is not None:
            url = reverse("planning:objection", args=[row.ref])
            due = timezone.localdate(objected_at) + DAYS_TO_SETTLE
            tasks.append(Task(_("Answer the host about the team"), row, url, due, "team"))
        if noticed_at is not None:
            url = reverse("planning:team", args=[row.ref]) + "#to-settle"
            due = timezone.localdate(noticed_at) + DAYS_TO_SETTLE
            tasks.append(Task(_("Settle what speaks against a person on the team"), row, url, due, "team"))
        if answered_at is not None:
            url = reverse("planning:team", args=[row.ref]) + "#to-settle"
            due = timezone.localdate(answered_at) + DAYS_TO_SETTLE
            tasks.append(Task(_("Decide on a peer who said yes"), row, url, due, "team"))
    return tasks


def _teams_in_setup(user: User, ids: list[int]) -> QuerySet[Any]:
    today: datetime.date = timezone.localdate()
    seats = Seat.objects.in_force(today).filter(
        content_object=OuterRef("pk"), user=user, permission__codename__in=list(HOST)
    )
    shown = Q(placements__state__in=SHOWN_TO_HOST)
    lead = Placement.objects.filter(challenge=OuterRef("pk"), state__in=SHOWN_TO_HOST, role=TeamRole.LEAD_PEER)
    agreed = TeamAgreement.objects.filter(challenge=OuterRef("pk"), voided_at=None)
    objected = TeamObjection.objects.filter(challenge=OuterRef("pk"), state=ObjectionState.OPEN)
    return Challenge.objects.filter(pk__in=ids).annotate(
        is_host=Exists(seats),
        has_lead=Exists(lead),
        agreed=Exists(agreed),
        objected=Exists(objected),
        working=Count("placements", filter=shown & Q(placements__role__in=WORKING_ROLES)),
    )
