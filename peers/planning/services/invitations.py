"""Invitations: sent one by one or several at once, reminded, answered, run out."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow
from cyber360.notify.services import queue_mail
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge, seat_from_placement
from peers.planning.models import ACTIVE_STATES, SHOWN_TO_HOST, Placement, PlacementState
from peers.planning.queries import WORKING_ROLES, conflicts_for, news_of
from peers.planning.queries.doubts import Against, against_for
from peers.pool.services import declare_interest, note_first_answer
from peers.stages import Stage

from .common import WITH_ALL, close_matters, lock, tell_coordinators, void_agreement
from .lines import move_line
from .sending import refuse_conflicts, refuse_past, send_invitation

# Sent in the transaction of an acceptance: sender=Placement, placement, by. The room of agreements stands above this
# one and issues the peer terms on it.
placement_accepted = Signal()


# --- asking -------------------------------------------------------------------------------------------
@transaction.atomic
def invite_peer(*, placement: Placement, by: User, answer_by: date, reason: str = "", message: str = "") -> Placement:
    """Ask the peer, by mail. Inviting twice sends one mail.

    Raises Blocked with the sentences when a conflict bars it, BadInput when a warning has no reason given; why the
    shortlist would leave the peer out is a warning too.
    """
    row = lock(placement)
    seat = require(by, Act.TEAM_INVITE, row)
    if row.state == PlacementState.INVITED:
        return row
    if row.state != PlacementState.PROPOSED:
        raise NotNow(_("This peer is %(state)s already.") % {"state": row.get_state_display().lower()})
    refuse_past(answer_by)
    found = against_for(row.challenge, [row.profile])[row.profile_id]
    refuse_conflicts(found, reason)
    row.reason = reason.strip()
    send_invitation(row, by=by, seat=seat, answer_by=answer_by, found=found, message=message)
    return row


@transaction.atomic
def invite_many(
    *,
    challenge: Challenge,
    by: User,
    placements: Sequence[int],
    answer_by: date,
    message: str = "",
    reasons: Mapping[int, str] | None = None,
) -> list[Placement]:
    """Ask several peers at once: all of them or, when one cannot be asked, nobody.

    `placements` are ids, `reasons` go by them. Raises BadInput when the team would grow beyond its largest or a
    warning has no reason, Blocked when one is barred. Those who have been asked already are left as they are.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_INVITE, row)
    refuse_past(answer_by)
    rows = list(
        Placement.objects.select_for_update(of=("self",)).select_related(*WITH_ALL)
        .filter(challenge=row, pk__in=list(placements), state__in=ACTIVE_STATES)
    )  # fmt: skip
    if not rows or len(rows) != len(set(placements)):
        raise BadInput(_("Choose peers who are on the list. It may have changed: look at it again."))
    waiting = [one for one in rows if one.state == PlacementState.PROPOSED]
    _refuse_too_many(row, waiting)
    found = against_for(row, [one.profile for one in waiting])
    given = reasons or {}
    for one in waiting:
        _refuse_named(one, found[one.profile_id], given.get(one.pk, ""))
    for one in waiting:
        one.reason = given.get(one.pk, "").strip()
        against = found[one.profile_id]
        send_invitation(one, by=by, seat=seat, answer_by=answer_by, found=against, message=message)
    return waiting


def _refuse_too_many(challenge: Challenge, waiting: Sequence[Placement]) -> None:
    shown = challenge.placements.filter(state__in=SHOWN_TO_HOST, role__in=WORKING_ROLES).count()
    total = shown + sum(one.role in WORKING_ROLES for one in waiting)
    if total > challenge.team_max:
        raise BadInput(
            _("That would be %(total)s peers; the largest team is %(most)s. Put the others in a line instead.")
            % {"total": total, "most": challenge.team_max}
        )


def _refuse_named(row: Placement, found: Sequence[Against], reason: str) -> None:
    """As for one invitation, with the name in front: the page holds several."""
    try:
        refuse_conflicts(found, reason)
    except Blocked as blocked:
        raise Blocked([f"{row.profile}: {sentence}" for sentence in blocked.sentences]) from blocked
    except BadInput as wrong:
        raise BadInput(f"{row.profile}: {wrong.message}") from wrong


@transaction.atomic
def remind_peer(*, placement: Placement, by: User) -> bool:
    """Remind somebody who has been asked, at most once a day. True when a mail goes out."""
    row = lock(placement)
    seat = require(by, Act.TEAM_INVITE, row)
    if row.state != PlacementState.INVITED or row.answer_by is None:
        raise NotNow(_("Only somebody who has been asked and has not answered can be reminded."))
    today = timezone.localdate()
    if row.reminded_at is not None and timezone.localdate(row.reminded_at) == today:
        return False
    row.reminded_at = timezone.now()
    row.version += 1
    row.save(update_fields=["reminded_at", "version"])
    record(act=Act.TEAM_INVITE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"reminder": True})
    queue_mail(
        to=row.profile.user,
        kind="invitation",
        subject=_("A reminder: please say by %(day)s whether you can join a Cyber 360 team")
        % {"day": date_format(row.answer_by, "l j F Y")},
        link=row.get_absolute_url(),
        key=f"reminder:{row.pk}:{today}",
    )
    return True


# --- the answer -----------------------------------------------------------------------------------------
@transaction.atomic
def answer_invitation(
    *, placement: Placement, by: User, accept: bool, reason: str = "", tie_kind: str = "", tie_words: str = ""
) -> Placement:
    """The peer's own yes or no; the same answer twice is one.

    Conflicts are looked at again. Where a new one has come up (a tie declared with this answer, a merger, another
    visit), the yes is kept waiting: the place goes back to the coordinator's list and they are told.
    """
    row = lock(placement)
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
    record(
        act=Act.INVITATION_ANSWER, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"answer": answer}
    )  # fmt: skip
    tell_coordinators(
        row.challenge,
        subject=_("An invitation for %(challenge)s has been answered"),
        key=f"answered:{row.pk}:{row.version}",
    )
    if row.state != PlacementState.ACCEPTED:
        _give_up(row)
    else:
        for role in WORKING_ROLES if row.role in WORKING_ROLES else (row.role,):
            move_line(row.challenge, role)  # one that is filled ends
    return row


def _not_open(row: Placement) -> str:
    if row.state == PlacementState.PROPOSED:
        return _("Your answer is with the coordinator, who will write to you.")
    if row.state == PlacementState.REMOVED:
        return _("This invitation has been taken back.")
    if row.state == PlacementState.EXPIRED:
        return _("The day to answer has passed. Tell the coordinator on the invitation's page if you could still come.")
    return _("You have answered this invitation already. Ask the coordinator if you need to change your answer.")


def _accept(row: Placement, by: User, *, declared_none: bool) -> str:
    found = conflicts_for(row.challenge, [row.profile])[row.profile_id]
    row.declared_none = declared_none
    if news_of([row], {row.pk: found})[row.pk]:
        row.state, row.line_place = PlacementState.PROPOSED, None
        return "accepted, with a new conflict"
    row.state = PlacementState.ACCEPTED
    row.save()
    seat_from_placement(challenge=row.challenge, user=row.profile.user, name=SeatName(row.role), by=by)
    placement_accepted.send(sender=Placement, placement=row, by=by)
    return "accepted"


def _decline(row: Placement, reason: str) -> str:
    row.state, row.answer_reason = PlacementState.DECLINED, reason.strip()
    return "declined"


def _give_up(row: Placement) -> None:
    """Somebody asked is not coming: what hung on it ends, and the next in the line is asked."""
    close_matters(row)
    void_agreement(row.challenge)
    move_line(row.challenge, row.role)


# --- the day has passed -----------------------------------------------------------------------------------
def expire_invitations() -> int:
    """Every invitation whose day to answer is over; those that ran out now. Each in a transaction of its own."""
    over = Placement.objects.filter(state=PlacementState.INVITED, answer_by__lt=timezone.localdate())
    rows = over.select_related("challenge").order_by("pk")
    return sum(_expire(row) for row in list(rows[:200]))


@transaction.atomic
def _expire(placement: Placement) -> bool:
    row = lock(placement)
    if row.state != PlacementState.INVITED or row.answer_by is None or row.answer_by >= timezone.localdate():
        return False
    row.state, row.expired_at = PlacementState.EXPIRED, timezone.now()
    row.version += 1
    row.save()
    label = _("%(placement)s: the day to answer has passed") % {"placement": row}
    record(act=Act.TEAM_INVITE, obj=row, label=label, scope=row.challenge.scope, detail={"expired": True})
    if row.challenge.stage in (Stage.CLOSED, Stage.WITHDRAWN):
        return True
    queue_mail(
        to=row.profile.user,
        kind="invitation",
        subject=_("The day to answer your Cyber 360 invitation has passed. Thank you for thinking about it"),
        link=row.get_absolute_url(),
        key=f"expired:{row.pk}:{row.version}",
    )
    tell_coordinators(
        row.challenge,
        subject=_("An invitation for %(challenge)s was not answered in time"),
        key=f"expired:{row.pk}:{row.version}",
    )
    _give_up(row)
    return True


@transaction.atomic
def come_back(*, placement: Placement, by: User) -> Placement:
    """The peer says after the day that they would still come: back on the coordinator's list. Twice is once."""
    row = lock(placement)
    seat = require(by, Act.INVITATION_ANSWER, row)
    if row.state == PlacementState.PROPOSED and row.expired_at is not None:
        return row
    if row.state != PlacementState.EXPIRED:
        raise NotNow(_not_open(row))
    others = row.challenge.placements.filter(profile_id=row.profile_id, state__in=ACTIVE_STATES)
    if others.exists():
        raise NotNow(_("You have been asked again since. Open your invitations."))
    row.state, row.line_place, row.answered_at = PlacementState.PROPOSED, None, timezone.now()
    row.version += 1
    clean(row)
    row.save()
    detail = {"answer": "would still come"}
    record(act=Act.INVITATION_ANSWER, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    tell_coordinators(
        row.challenge,
        subject=_("Somebody would still join the team for %(challenge)s"),
        key=f"back:{row.pk}:{row.version}",
    )
    return row
