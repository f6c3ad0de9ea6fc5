"""Interest, scoping, set-up: named people, an agreed scope, a team, signed agreements."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from peers.agreements.models import TO_RETURN, Agreement
from peers.agreements.services import accept_peer_terms, issue_agreements, sign_agreement
from peers.challenges.models import Programme
from peers.challenges.services import (
    compute_key_dates,
    grant_seat,
    hold_challenge,
    name_person,
    register_challenge,
    set_scope,
    set_visit,
)
from peers.frameworks.models import FrameworkVersion
from peers.planning.models import Placement, PlacementState, TeamRole
from peers.planning.queries import against_for, team_hash, team_list
from peers.planning.services import agree_team, answer_invitation, invite_peer, propose_peer
from peers.seats import SeatName
from peers.stages import Stage

from .tale import Tale
from .world import welcome

ANSWER_WITHIN = 10
ALL_THE_SAME = "Other people of the two councils were involved then, and the team needs what this peer knows."
WOULD_COME = "They offered to come all the same, and the team needs what this peer knows."
MESSAGE = "We think of you for this team because of what you bring. The visit is three days, with reading before it."


def register(tale: Tale, programme: Programme) -> None:
    """The council's interest, on the day it came in, and the first people named."""
    tale.challenge = register_challenge(
        programme=programme, council=tale.council, by=tale.coordinator, interest_note=tale.plan["note"]
    )
    tale.challenge.registered_on = tale.calendar.registered
    tale.challenge.save(update_fields=["registered_on"])
    compute_key_dates(tale.challenge)
    grant_seat(challenge=tale.challenge, user=tale.manager, name=SeatName.CHALLENGE_MANAGER, by=tale.coordinator)
    for key, name in (("sponsor", SeatName.HOST_SPONSOR), ("lead", SeatName.HOST_LEAD)):
        if key in tale.plan:
            _name(tale, tale.plan[key], name)


def _name(tale: Tale, entry: dict, name: SeatName) -> None:
    welcome(entry, tale.email_of(entry))
    name_person(
        challenge=tale.challenge, email=tale.email_of(entry), full_name=entry["name"], job_title=entry["job"],
        name=name, by=tale.coordinator,
    )  # fmt: skip


def scope(tale: Tale, version: FrameworkVersion) -> None:
    """In part: the focus is written and a questionnaire chosen, themes and window are still open."""
    row = tale.fresh()
    fields: dict[str, Any] = {"focus": tale.plan["focus"], "team_wishes": tale.plan.get("wishes", "")}
    themes = []
    if tale.calendar.visit is not None:
        themes = list(version.themes.filter(code__in=tale.plan["themes"]))
        fields["window_first"] = tale.calendar.visit - timedelta(days=14)
        fields["window_last"] = tale.calendar.visit + timedelta(days=21)
    tale.challenge = set_scope(
        challenge=row, by=tale.manager, version=row.version, framework_version=version, themes=themes, **fields
    )


def set_up(tale: Tale) -> None:
    """Dates, agreements, team. In part: one agreement is back, one peer has accepted."""
    row = tale.fresh()
    tale.challenge = set_visit(
        challenge=row, by=tale.manager, version=row.version, visit_first_day=tale.calendar.first_day,
        visit_last_day=tale.calendar.last_day, visit_place=tale.plan.get("place", ""),
    )  # fmt: skip
    if "hold" in tale.plan:
        tale.challenge = hold_challenge(challenge=tale.challenge, by=tale.manager, reason=tale.plan["hold"])
        return
    issue_agreements(challenge=tale.challenge, by=tale.manager)
    _return_agreements(tale)
    _gather_team(tale)
    if tale.whole(Stage.SETUP):
        agree_team(challenge=tale.challenge, by=tale.lead, seen_hash=team_hash(team_list(tale.challenge)))


def _return_agreements(tale: Tale) -> None:
    wanted = TO_RETURN if tale.whole(Stage.SETUP) else TO_RETURN[:1]
    for agreement in Agreement.objects.filter(challenge=tale.challenge, kind__in=wanted):
        sign_agreement(
            agreement=agreement, by=tale.sponsor, name=tale.sponsor.full_name, job_title=tale.sponsor.job_title,
            body_sha256=agreement.body_sha256,
        )  # fmt: skip


def _gather_team(tale: Tale) -> None:
    team = tale.plan["team"]
    wanted = [(team["lead_peer"], TeamRole.LEAD_PEER)] + [(key, TeamRole.PEER) for key in team.get("peers", [])]
    if "observer" in team:
        wanted.append((team["observer"], TeamRole.OBSERVER))
    for key in team.get("declined", []):
        placement = _invite(tale, key, TeamRole.PEER)
        answer_invitation(
            placement=placement, by=placement.profile.user, accept=False, reason=tale.plan["declined_because"]
        )
    for key, role in wanted:
        _accept(tale, _invite(tale, key, role))
    for key in team.get("invited", []):
        _invite(tale, key, TeamRole.PEER)
    for key in team.get("proposed", []):
        propose_peer(challenge=tale.challenge, profile=tale.profile(key), role=TeamRole.PEER, by=tale.coordinator)


def _invite(tale: Tale, key: str, role: str) -> Placement:
    profile = tale.profile(key)
    placement = propose_peer(challenge=tale.challenge, profile=profile, role=role, by=tale.coordinator)
    warned = against_for(tale.challenge, [profile])[profile.pk]
    tied = any(not one.key.startswith("why:") for one in warned)
    reason = (ALL_THE_SAME if tied else WOULD_COME) if warned else ""
    return invite_peer(
        placement=placement, by=tale.coordinator, answer_by=timezone.localdate() + timedelta(days=ANSWER_WITHIN),
        reason=tale.plan.get("reasons", {}).get(key, reason), message=MESSAGE,
    )  # fmt: skip


def _accept(tale: Tale, placement: Placement) -> None:
    """Yes, and the terms. Raises RuntimeError when a conflict sends the yes back to the coordinator."""
    peer = placement.profile.user
    answered = answer_invitation(placement=placement, by=peer, accept=True)
    if answered.state != PlacementState.ACCEPTED:
        raise RuntimeError(f"{peer} cannot be on the demo team of {tale.challenge}: a conflict came up.")
    terms = Agreement.objects.get(challenge=tale.challenge, for_user=peer)
    accept_peer_terms(
        agreement=terms, by=peer, name=peer.full_name, job_title=peer.job_title, body_sha256=terms.body_sha256
    )
