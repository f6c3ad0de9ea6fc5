"""Writing teams: on the list, taken off, agreed by the host."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.notify.services import queue_mail
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import end_seat_row, lock_challenge
from peers.planning.models import ACTIVE_STATES, SHOWN_TO_HOST, Placement, PlacementState, TeamAgreement
from peers.planning.queries import agreement_in_force, is_complete, open_objection, team_hash, team_list
from peers.pool.models import PeerProfile
from peers.pool.queries import askable

from .common import close_matters, lock, void_agreement
from .invitations import invite_peer
from .lines import move_line

__all__ = ["agree_team", "invite_peer", "propose_peer", "remove_peer"]


# --- the list -------------------------------------------------------------------------------------
@transaction.atomic
def propose_peer(*, challenge: Challenge, profile: PeerProfile, role: str, by: User) -> Placement:
    """Put a peer on the list. The peer is not told. Putting the same peer on twice in one role changes nothing.

    Several may stand there as lead peer, for when the first says no: only one is asked at a time.
    Raises BadInput when they cannot be asked.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_PROPOSE, row)
    known = row.placements.filter(profile=profile, state__in=[PlacementState.PROPOSED, *SHOWN_TO_HOST]).first()
    if known is not None and known.role == role:
        return known
    if not askable(row.programme).filter(pk=profile.pk).exists():
        raise BadInput(_("%(person)s cannot be asked: resting, or no longer in the pool.") % {"person": profile})
    placement = Placement(challenge=row, profile=profile, role=role, proposed_by=by)
    clean(placement)
    placement.save()
    record(act=Act.TEAM_PROPOSE, by=by, seat=seat, obj=placement, scope=row.scope, detail={"role": str(role)})
    return placement


# --- off the list -------------------------------------------------------------------------------------
@transaction.atomic
def remove_peer(*, placement: Placement, by: User, reason: str) -> Placement:
    """Take a peer off the list; an accepted one loses their seat at once. Taking off twice changes nothing."""
    row = lock(placement)
    seat = require(by, Act.TEAM_REMOVE, row)
    if row.state == PlacementState.REMOVED:
        return row
    if row.state not in ACTIVE_STATES:
        raise NotNow(_("This peer is off the list already."))
    if not reason.strip():
        raise BadInput(_("Give the reason for taking this peer off."))
    before = PlacementState(row.state)
    row.state, row.removed_reason, row.removed_at = PlacementState.REMOVED, reason.strip(), timezone.now()
    row.version += 1
    clean(row)
    row.save()
    record(act=Act.TEAM_REMOVE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"was": str(before)})
    if before == PlacementState.ACCEPTED:
        _end_team_seat(row, by, seat)
    close_matters(row)
    if before in SHOWN_TO_HOST:
        void_agreement(row.challenge)
        move_line(row.challenge, row.role)
    if row.invited_at is not None:
        queue_mail(
            to=row.profile.user,
            kind="team",
            subject=_("Your place on a Cyber 360 team has ended"),
            link=row.get_absolute_url(),
            key=f"removed:{row.pk}",
        )
    return row


def _end_team_seat(row: Placement, by: User, seat: str) -> None:
    held = row.challenge.seats.in_force(timezone.localdate()).filter(
        user=row.profile.user, permission__codename=row.role
    )
    for seat_row in held:
        end_seat_row(seat=seat_row, by=by, in_seat=seat, reason=row.removed_reason)


# --- the host's agreement ---------------------------------------------------------------------------
@transaction.atomic
def agree_team(*, challenge: Challenge, by: User, seen_hash: str) -> TeamAgreement:
    """The host's yes to the team that the page showed (`seen_hash`). Agreeing twice is one agreement.

    Raises NotNow while the team is not complete, StaleVersion when it changed meanwhile.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_AGREE, row)
    team = team_list(row)
    now = team_hash(team)
    if seen_hash != now:
        raise StaleVersion(_("The team has changed since you opened this page. Read it again, then agree."), row)
    known = agreement_in_force(row)
    if known is not None and known.team_hash == now:
        return known
    if open_objection(row) is not None:
        raise NotNow(_("What you told the coordinator about the team is with them. You can agree once they answer."))
    if not is_complete(row, team):
        raise NotNow(_("The team is not complete yet. You are told when it can be agreed."))
    row.team_agreements.filter(voided_at=None).update(voided_at=timezone.now())
    agreement = TeamAgreement.objects.create(challenge=row, agreed_by=by, team_hash=now)
    record(act=Act.TEAM_AGREE, by=by, seat=seat, obj=agreement, scope=row.scope)
    return agreement
