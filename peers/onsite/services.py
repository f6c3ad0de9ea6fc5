"""Writing the visit: reading, key lines of enquiry, timetable, conversations, notes."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import PEERS, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat
from peers.challenges.services import lock_challenge
from peers.frameworks.models import Theme

from .models import Attendee, Conversation, ConversationPeer, KeyLine, Note, ReadingConfirmation, TimetableConfirmation
from .queries import clashes_of

State = Conversation.State
Versioned = TypeVar("Versioned", KeyLine, Conversation)


def _fresh(row: Versioned, version: int) -> Versioned:
    """The row locked; refused when somebody saved meanwhile."""
    current = type(row).objects.select_for_update().get(pk=row.pk)
    if current.version != version:
        raise StaleVersion(_("Somebody else saved this meanwhile."), current)
    current.version += 1
    return current


def _clean(row: Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


# --- desk review ---------------------------------------------------------------------------------------
@transaction.atomic
def confirm_reading(*, challenge: Challenge, by: User) -> ReadingConfirmation:
    """“I have read this”; a second press changes nothing."""
    seat = require(by, Act.READING_CONFIRM, challenge)
    row, made = ReadingConfirmation.objects.get_or_create(challenge=challenge, owner=by)
    if made:
        record(act=Act.READING_CONFIRM, by=by, seat=seat, obj=row, label=by.full_name, scope=challenge.scope)
    return row


@transaction.atomic
def take_back_reading(*, challenge: Challenge, by: User) -> None:
    """Said too early; a second press changes nothing."""
    seat = require(by, Act.READING_CONFIRM, challenge)
    row = ReadingConfirmation.objects.select_for_update().filter(challenge=challenge, owner=by).first()
    if row is None:
        return
    detail = {"taken_back": True}
    record(act=Act.READING_CONFIRM, by=by, seat=seat, obj=row, label=by.full_name, scope=challenge.scope, detail=detail)
    row.delete()


def _theme_in_scope(challenge: Challenge, theme: Theme) -> None:
    if not challenge.themes.filter(pk=theme.pk).exists():
        raise NoSeat


@transaction.atomic
def raise_key_line(*, challenge: Challenge, by: User, theme: Theme, text: str, ask: str = "") -> KeyLine:
    challenge = lock_challenge(challenge)
    seat = require(by, Act.ENQUIRY_EDIT, challenge)
    _theme_in_scope(challenge, theme)
    line = KeyLine(challenge=challenge, theme=theme, text=text, ask=ask, raised_by=by)
    _clean(line)
    line.save()
    record(act=Act.ENQUIRY_EDIT, by=by, seat=seat, obj=line, label=theme.title, scope=challenge.scope)
    return line


@transaction.atomic
def edit_key_line(
    *, line: KeyLine, by: User, version: int, theme: Theme, text: str, ask: str = "", state: str = "open"
) -> KeyLine:
    seat = require(by, Act.ENQUIRY_EDIT, line)
    _theme_in_scope(line.challenge, theme)
    row = _fresh(line, version)
    row.theme, row.text, row.ask, row.state = theme, text, ask, state
    _clean(row)
    row.save()
    record(act=Act.ENQUIRY_EDIT, by=by, seat=seat, obj=row, label=theme.title, scope=row.challenge.scope)
    return row


# --- timetable -------------------------------------------------------------------------------------------
def _set_people(slot: Conversation, attendees: Iterable[dict], peers: Iterable[tuple[User, str]]) -> None:
    team = set(people_in_seat(slot.challenge, PEERS).values_list("pk", flat=True))
    slot.attendees.all().delete()
    Attendee.objects.bulk_create([Attendee(conversation=slot, **fields) for fields in attendees])
    slot.peers.all().delete()
    for user, part in peers:
        if user.pk not in team:
            raise BadInput(_("%(person)s is not on the team of this challenge.") % {"person": user})
        ConversationPeer.objects.create(conversation=slot, user=user, part=part)


def _void_confirmation(challenge: Challenge) -> None:
    """A changed timetable is no longer the one that was agreed."""
    TimetableConfirmation.objects.filter(challenge=challenge).delete()


@transaction.atomic
def add_conversation(
    *,
    challenge: Challenge,
    by: User,
    title: str,
    starts_at: datetime,
    minutes: int,
    kind: str = Conversation.Kind.CONVERSATION,
    place: str = "",
    video_link: str = "",
    themes: Iterable[Theme] = (),
    attendees: Iterable[dict] = (),
    peers: Iterable[tuple[User, str]] = (),
) -> Conversation:
    """Add a slot. `starts_at` is aware; `attendees` map role, name, job_title; `peers` are pairs of user and part."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.TIMETABLE_EDIT, challenge)
    slot = Conversation(
        challenge=challenge,
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        kind=kind,
        place=place,
        video_link=video_link,
    )
    _clean(slot)
    slot.save()
    slot.themes.set(themes)
    _set_people(slot, attendees, peers)
    _void_confirmation(challenge)
    record(act=Act.TIMETABLE_EDIT, by=by, seat=seat, obj=slot, scope=challenge.scope)
    return slot


@transaction.atomic
def edit_conversation(
    *, conversation: Conversation, by: User, version: int, title: str, starts_at: datetime, minutes: int, kind: str,
    place: str = "", video_link: str = "", themes: Iterable[Theme] = (), attendees: Iterable[dict] = (),
    peers: Iterable[tuple[User, str]] = (),
) -> Conversation:  # fmt: skip
    """Change a slot; a moved time goes back to “proposed” and the timetable needs confirming again."""
    seat = require(by, Act.TIMETABLE_EDIT, conversation)
    slot = _fresh(conversation, version)
    if slot.state == State.HELD:
        raise BadInput(_("This conversation was held. It no longer changes."))
    if slot.starts_at != starts_at:
        slot.state, slot.state_reason = State.PROPOSED, ""
    slot.title, slot.starts_at, slot.minutes, slot.kind = title, starts_at, minutes, kind
    slot.place, slot.video_link = place, video_link
    _clean(slot)
    slot.save()
    slot.themes.set(themes)
    _set_people(slot, attendees, peers)
    _void_confirmation(slot.challenge)
    record(act=Act.TIMETABLE_EDIT, by=by, seat=seat, obj=slot, scope=slot.challenge.scope)
    return slot


@transaction.atomic
def confirm_timetable(*, challenge: Challenge, by: User) -> TimetableConfirmation:
    """Agree the timetable as it stands; refused while a person is in two places."""
    Challenge.objects.select_for_update().get(pk=challenge.pk)
    seat = require(by, Act.TIMETABLE_CONFIRM, challenge)
    slots = list(challenge.conversations.prefetch_related("attendees", "peers__user"))
    if clashes := clashes_of(slots):
        raise BadInput(" ".join(clashes))
    if not slots:
        raise BadInput(_("The timetable is empty."))
    row, made = TimetableConfirmation.objects.get_or_create(challenge=challenge, defaults={"by": by})
    challenge.conversations.filter(state=State.PROPOSED).update(state=State.CONFIRMED)
    if made:
        record(act=Act.TIMETABLE_CONFIRM, by=by, seat=seat, obj=row, scope=challenge.scope)
    return row


@transaction.atomic
def mark_conversation(*, conversation: Conversation, by: User, state: str, reason: str = "") -> Conversation:
    """Held, moved or cancelled; the last two with a reason."""
    seat = require(by, Act.CONVERSATION_MARK, conversation)
    row = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if state not in {State.HELD, State.MOVED, State.CANCELLED}:
        raise BadInput(_("Choose held, moved or cancelled."))
    if state != State.HELD and not reason.strip():
        raise BadInput(_("Give the reason."))
    row.state, row.state_reason = state, "" if state == State.HELD else reason.strip()
    row.version += 1
    row.save()
    record(act=Act.CONVERSATION_MARK, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"state": state})
    return row


# --- notes -------------------------------------------------------------------------------------------------
@transaction.atomic
def save_note(
    *,
    challenge: Challenge,
    by: User,
    text: str,
    themes: Iterable[Theme] = (),
    conversation: Conversation | None = None,
    note: Note | None = None,
    version: int = 0,
) -> Note:
    """One's own note: on a conversation (one for each peer), or of its own. `version` 0 begins one."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.NOTE_WRITE, challenge)
    row = _own_note(challenge, by, conversation, note, version)
    if len(text) > 20000:
        raise BadInput(_("A note holds 20,000 characters. Split it; nothing was lost."))
    row.text, row.updated_at = text, timezone.now()
    row.save()
    row.themes.set([theme for theme in themes if theme.framework_version_id == challenge.framework_version_id])
    if version == 0:
        record(
            act=Act.NOTE_WRITE,
            by=by,
            seat=seat,
            obj=row,
            label=conversation.title if conversation else "",
            scope=challenge.scope,
        )
    return row


def _own_note(
    challenge: Challenge, by: User, conversation: Conversation | None, note: Note | None, version: int
) -> Note:
    if conversation is not None and conversation.challenge_id != challenge.pk:
        raise NoSeat
    mine = Note.objects.select_for_update().filter(challenge=challenge, owner=by)
    found = (
        mine.filter(pk=note.pk).first()
        if note
        else mine.filter(conversation=conversation).first()
        if conversation
        else None
    )
    if note is not None and found is None:
        raise NoSeat
    if found is None and version == 0:
        try:
            with transaction.atomic():
                return Note.objects.create(challenge=challenge, owner=by, conversation=conversation)
        except IntegrityError:
            found = mine.get(conversation=conversation)
    if found is None or found.version != version:
        raise StaleVersion(_("You saved this note in another window meanwhile."), found)
    found.version += 1
    return found
