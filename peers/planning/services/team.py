"""Writing teams: on the list, invited, answered, taken off, agreed by the host."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from cyber360.notify.services import queue_mail
from peers.access import HOST_LEAD, SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.challenges.services import end_seat_row, lock_challenge, seat_from_placement
from peers.planning.conflicts import Conflict
from peers.planning.models import SHOWN_TO_HOST, Placement, PlacementState, TeamAgreement
from peers.planning.queries import agreement_in_force, conflicts_for, is_complete, team_hash, team_list
from peers.pool.models import PeerProfile
from peers.pool.queries import askable
from peers.pool.services import declare_interest, note_first_answer
from peers.stages import Stage

# Sent in the transaction of an acceptance: sender=Placement, placement, by. The room of agreements stands above this
# one and issues the peer terms on it.
placement_accepted = Signal()


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _lock(placement: Placement) -> Placement:
    """The place with its challenge locked first, so that two changes of one team never cross."""
    lock_challenge(placement.challenge)
    rows = Placement.objects.select_for_update(of=("self",)).select_related(
        "challenge__council", "challenge__programme", "profile__user", "profile__council"
    )
    return rows.get(pk=placement.pk)


# --- the list -------------------------------------------------------------------------------------
@transaction.atomic
def propose_peer(*, challenge: Challenge, profile: PeerProfile, role: str, by: User) -> Placement:
    """Put a peer on the list. The peer is not told. Putting the same peer on twice in one role changes nothing.

    Raises BadInput when they cannot be asked, or when there is a lead peer already.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_PROPOSE, row)
    known = row.placements.filter(profile=profile, state__in=[PlacementState.PROPOSED, *SHOWN_TO_HOST]).first()
    if known is not None and known.role == role:
        return known
    if not askable(row.programme).filter(pk=profile.pk).exists():
        raise BadInput(_("%(person)s cannot be asked: resting, or no longer in the pool.") % {"person": profile})
    placement = Placement(challenge=row, profile=profile, role=role, proposed_by=by)
    _clean(placement)
    placement.save()
    record(act=Act.TEAM_PROPOSE, by=by, seat=seat, obj=placement, scope=row.scope, detail={"role": str(role)})
    return placement


@transaction.atomic
def invite_peer(*, placement: Placement, by: User, answer_by: date, reason: str = "", message: str = "") -> Placement:
    """Ask the peer, by mail. Inviting twice sends one mail.

    Raises Blocked with the sentences when a conflict bars it, BadInput when a warning has no reason given.
    """
    row = _lock(placement)
    seat = require(by, Act.TEAM_INVITE, row)
    if row.state == PlacementState.INVITED:
        return row
    if row.state != PlacementState.PROPOSED:
        raise NotNow(_("This peer is %(state)s already.") % {"state": row.get_state_display().lower()})
    if answer_by < timezone.localdate():
        raise BadInput(_("The day to answer by has passed. Choose today or later."))
    found = conflicts_for(row.challenge, [row.profile])[row.profile_id]
    _refuse_conflicts(found, reason)
    row.state, row.invited_by, row.invited_at = PlacementState.INVITED, by, timezone.now()
    row.answer_by, row.message, row.answered_at, row.answer_reason = answer_by, message.strip(), None, ""
    row.reason, row.known_conflicts = reason.strip(), [conflict.key for conflict in found]
    row.version += 1
    _clean(row)
    row.save()
    detail = {"role": row.role, "overridden": len(found)}
    record(act=Act.TEAM_INVITE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    _void_agreement(row.challenge)
    queue_mail(
        to=row.profile.user,
        kind="invitation",
        subject=_("Please say by %(day)s whether you can join a Cyber 360 team")
        % {"day": date_format(answer_by, "l j F Y")},
        link=row.get_absolute_url(),
        key=f"invitation:{row.pk}:{row.version}",
    )
    return row


def _refuse_conflicts(found: list[Conflict], reason: str) -> None:
    bars = [conflict.sentence for conflict in found if conflict.bars]
    if bars:
        raise Blocked(bars)
    if found and not reason.strip():
        raise BadInput(
            _("Give the reason why this peer is right although: %(why)s")
            % {"why": " ".join(conflict.sentence for conflict in found)}
        )


# --- the answer -------------------------------------------------------------------------------------
@transaction.atomic
def answer_invitation(
    *, placement: Placement, by: User, accept: bool, reason: str = "", tie_kind: str = "", tie_words: str = ""
) -> Placement:
    """The peer's own yes or no; the same answer twice is one.

    Conflicts are looked at again. Where a new one has come up (a tie declared with this answer, a merger, another
    visit), the yes is kept waiting: the place goes back to the coordinator's list and they are told.
    """
    row = _lock(placement)
    if row.invited_at is None:
        raise NoSeat
    seat = require(by, Act.INVITATION_ANSWER, row)
    if row.state == (PlacementState.ACCEPTED if accept else PlacementState.DECLINED):
        return row
    if row.state != PlacementState.INVITED:
        raise NotNow(_not_open(row))
    if not accept and not reason.strip():
        raise BadInput(_("Say why you cannot come. Only the coordinator reads it."))
    note_first_answer(row.profile)
    if tie_kind:
        declare_interest(
            profile=row.profile, by=by, council=row.challenge.council, kind=tie_kind, words=tie_words.strip()
        )
    row.answered_at = timezone.now()
    row.version += 1
    answer = _accept(row, by, declared_none=not tie_kind) if accept else _decline(row, reason)
    row.save()
    if row.state != PlacementState.ACCEPTED:
        _void_agreement(row.challenge)
    record(
        act=Act.INVITATION_ANSWER, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"answer": answer}
    )  # fmt: skip
    _tell_coordinators(row)
    return row


def _not_open(row: Placement) -> str:
    if row.state == PlacementState.PROPOSED:
        return _("Your answer is with the coordinator, who will write to you.")
    if row.state == PlacementState.REMOVED:
        return _("This invitation has been taken back.")
    return _("You have answered this invitation already. Ask the coordinator if you need to change your answer.")


def _accept(row: Placement, by: User, *, declared_none: bool) -> str:
    found = conflicts_for(row.challenge, [row.profile])[row.profile_id]
    row.declared_none = declared_none
    if any(conflict.bars or conflict.key not in row.known_conflicts for conflict in found):
        row.state = PlacementState.PROPOSED
        return "accepted, with a new conflict"
    row.state = PlacementState.ACCEPTED
    row.save()
    seat_from_placement(challenge=row.challenge, user=row.profile.user, name=SeatName(row.role), by=by)
    placement_accepted.send(sender=Placement, placement=row, by=by)
    return "accepted"


def _decline(row: Placement, reason: str) -> str:
    row.state, row.answer_reason = PlacementState.DECLINED, reason.strip()
    return "declined"


def _tell_coordinators(row: Placement) -> None:
    for user in coordinators_of(row.challenge):
        queue_mail(
            to=user,
            kind="team",
            subject=_("An invitation for %(challenge)s has been answered") % {"challenge": row.challenge.title},
            link=reverse("planning:team", args=[row.challenge.ref]),
            key=f"answered:{row.pk}:{row.version}:{user.pk}",
        )


# --- off the list -------------------------------------------------------------------------------------
@transaction.atomic
def remove_peer(*, placement: Placement, by: User, reason: str) -> Placement:
    """Take a peer off the list; an accepted one loses their seat at once. Taking off twice changes nothing."""
    row = _lock(placement)
    seat = require(by, Act.TEAM_REMOVE, row)
    if row.state == PlacementState.REMOVED:
        return row
    if row.state == PlacementState.DECLINED:
        raise NotNow(_("This peer has declined and is off the list already."))
    if not reason.strip():
        raise BadInput(_("Give the reason for taking this peer off."))
    before = PlacementState(row.state)
    row.state, row.removed_reason, row.removed_at = PlacementState.REMOVED, reason.strip(), timezone.now()
    row.version += 1
    _clean(row)
    row.save()
    record(act=Act.TEAM_REMOVE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"was": str(before)})
    if before == PlacementState.ACCEPTED:
        _end_team_seat(row, by, seat)
    if before in SHOWN_TO_HOST:
        _void_agreement(row.challenge)
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
    if not is_complete(row, team):
        raise NotNow(_("The team is not complete yet. You are told when it can be agreed."))
    row.team_agreements.filter(voided_at=None).update(voided_at=timezone.now())
    agreement = TeamAgreement.objects.create(challenge=row, agreed_by=by, team_hash=now)
    record(act=Act.TEAM_AGREE, by=by, seat=seat, obj=agreement, scope=row.scope)
    return agreement


def _void_agreement(challenge: Challenge) -> None:
    """The shown team has changed: an agreement to another team no longer counts, and a complete one can be agreed."""
    now, team = timezone.now(), team_list(challenge)
    wanted = team_hash(team)
    changed = challenge.team_agreements.filter(voided_at=None).exclude(team_hash=wanted).update(voided_at=now)
    if challenge.stage != Stage.SETUP or not (changed or is_complete(challenge, team)):
        return
    for user in people_in_seat(challenge, HOST_LEAD):
        queue_mail(
            to=user,
            kind="team",
            subject=_("Please look at the team for %(challenge)s and agree it") % {"challenge": challenge.title},
            link=reverse("planning:agree", args=[challenge.ref]),
            key=f"agree:{challenge.pk}:{wanted}:{user.pk}",
        )
