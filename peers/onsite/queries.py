"""Reading the visit: timetable, clashes, notes, key lines; and what blocks the moves around it."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import HOST, LEAD_PEER, LGA, PEERS, TEAM, SeatName, may, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task, people_in_seat
from peers.stages import Stage

from .models import Attendee, Conversation, KeyLine, Note, ReadingConfirmation, TimetableConfirmation

GAP_MINUTES = 15
SETTLED = (Conversation.State.HELD, Conversation.State.MOVED, Conversation.State.CANCELLED)
OFF = (Conversation.State.MOVED, Conversation.State.CANCELLED)


# --- the timetable ---------------------------------------------------------------------------------
def conversations_for(user: User, challenge: Challenge) -> QuerySet[Conversation]:
    """The slots that this person may see: the host side does not see the team's own sessions."""
    rows = challenge.conversations.prefetch_related("attendees", "peers__user", "themes")
    if may(user, Act.NOTE_READ, challenge) or seats_on(user, challenge) & (TEAM | LGA):
        return rows
    return rows.exclude(kind=Conversation.Kind.TEAM)


class Day(NamedTuple):
    date: datetime.date
    slots: list[Conversation]


def days_of(conversations: Iterable[Conversation]) -> list[Day]:
    """The slots by UK day, in order."""
    days: dict[datetime.date, list[Conversation]] = defaultdict(list)
    for slot in conversations:
        days[timezone.localtime(slot.starts_at).date()].append(slot)
    return [Day(date, days[date]) for date in sorted(days)]


def clashes_of(conversations: Sequence[Conversation]) -> list[str]:
    """Plain sentences: a person in two slots at once, or in two without the gap between them."""
    running = sorted((slot for slot in conversations if slot.state not in OFF), key=lambda slot: slot.starts_at)
    sentences = []
    for place, first in enumerate(running):
        for second in running[place + 1 :]:
            if second.starts_at >= first.ends_at + datetime.timedelta(minutes=GAP_MINUTES):
                break
            sentences += _clash_sentences(first, second)
    return sentences


def _clash_sentences(first: Conversation, second: Conversation) -> list[str]:
    words = _("%(person)s is in “%(first)s” and in “%(second)s” at the same time.")
    if second.starts_at >= first.ends_at:
        words = _("%(person)s has less than 15 minutes between “%(first)s” and “%(second)s”.")
    shared = _people_of(first) & _people_of(second)
    return [words % {"person": name, "first": first.title, "second": second.title} for _kind, name in sorted(shared)]


def _people_of(slot: Conversation) -> set[tuple[str, str]]:
    peers = {("peer", row.user.full_name) for row in slot.peers.all()}
    hosts = {("host", row.name) for row in slot.attendees.all() if row.name}
    return peers | hosts


def rule_warnings(challenge: Challenge, conversations: Sequence[Conversation]) -> list[str]:
    """What a good timetable has besides: a team session and a catch-up with the host on each day of the visit."""
    warnings = []
    for day in days_of([slot for slot in conversations if slot.state not in OFF]):
        kinds = {slot.kind for slot in day.slots}
        words = {"day": date_format(day.date)}
        if Conversation.Kind.TEAM not in kinds:
            warnings.append(_("%(day)s has no team session.") % words)
        if Conversation.Kind.CATCH_UP not in kinds:
            warnings.append(_("%(day)s has no catch-up with the host.") % words)
        if _is_outside(challenge, day.date):
            warnings.append(_("%(day)s is not a day of the visit.") % words)
    return warnings


def _is_outside(challenge: Challenge, day: datetime.date) -> bool:
    if challenge.visit_first_day is None or challenge.visit_last_day is None:
        return False
    return not challenge.visit_first_day <= day <= challenge.visit_last_day


def is_confirmed(challenge: Challenge) -> bool:
    return TimetableConfirmation.objects.filter(challenge=challenge).exists()


# --- notes and key lines: for the team, never the host ------------------------------------------------
def notes_visible_to(user: User, challenge: Challenge) -> QuerySet[Note]:
    """The only way to notes: those with the right to the team's notes see all that hold text, others none."""
    notes = challenge.notes.select_related("owner", "conversation").prefetch_related("themes")
    return notes if may(user, Act.NOTE_READ, challenge) else notes.none()


def key_lines_for(user: User, challenge: Challenge) -> QuerySet[KeyLine]:
    lines = challenge.key_lines.select_related("theme", "raised_by")
    return lines if may(user, Act.ENQUIRY_READ, challenge) else lines.none()


def has_read(challenge: Challenge, user: User) -> bool:
    return ReadingConfirmation.objects.filter(challenge=challenge, owner_id=user.pk).exists()


def readers_of(challenge: Challenge) -> list[tuple[str, datetime.datetime | None]]:
    """Each peer with the time they said that they had read the pack, or None."""
    read = dict(ReadingConfirmation.objects.filter(challenge=challenge).values_list("owner_id", "at"))
    return [(person.full_name, read.get(person.pk)) for person in people_in_seat(challenge, PEERS)]


def counts_for_report(challenge: Challenge) -> dict[str, int]:
    """Conversations held and people met, for the report's account of the process."""
    held = challenge.conversations.filter(state=Conversation.State.HELD, kind=Conversation.Kind.CONVERSATION)
    people = Attendee.objects.filter(conversation__in=held)
    named = people.exclude(name="").values("name").distinct().count()
    return {"conversations": held.count(), "people": named + people.filter(name="").count()}


# --- blockers ------------------------------------------------------------------------------------------
def unread_packs(challenge: Challenge) -> list[Blocker]:
    url = reverse("onsite:desk", args=[challenge.ref])
    read = ReadingConfirmation.objects.filter(challenge=challenge).values("owner_id")
    return [
        Blocker(_("%(person)s has not said that they have read the pack.") % {"person": person}, frozenset(PEERS), url)
        for person in people_in_seat(challenge, PEERS).exclude(pk__in=read)
    ]


def timetable_gaps(challenge: Challenge) -> list[Blocker]:
    url = reverse("onsite:timetable", args=[challenge.ref])
    who = frozenset(HOST | LGA)
    slots = list(challenge.conversations.prefetch_related("attendees", "peers__user"))
    if not any(slot.kind == Conversation.Kind.CONVERSATION and slot.state not in OFF for slot in slots):
        return [
            Blocker(_("The timetable has no conversation. The host lead or challenge manager can add them."), who, url)
        ]
    blockers = [Blocker(sentence, who, url) for sentence in clashes_of(slots)[:5]]
    if not is_confirmed(challenge):
        sentence = _("The timetable is not confirmed. The lead peer or challenge manager can confirm it.")
        blockers.append(Blocker(sentence, frozenset(LGA | LEAD_PEER), url))
    return blockers


def unsettled_conversations(challenge: Challenge) -> list[Blocker]:
    waiting = challenge.conversations.exclude(state__in=SETTLED)
    count = waiting.count()
    if not count:
        return []
    first = waiting.first()
    sentence = _(
        "%(count)s conversations are not marked held, moved or cancelled (first: “%(title)s”). "
        "A peer or the challenge manager can mark them."
    )
    words = {"count": count, "title": first.title if first else ""}
    return [Blocker(sentence % words, frozenset(PEERS | LGA), reverse("onsite:timetable", args=[challenge.ref]))]


# --- tasks -----------------------------------------------------------------------------------------------
def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Reading the pack, confirming the timetable, and marking conversations: three queries for any number."""
    reading = [row for row in challenges if row.stage == Stage.DESK_REVIEW and seats_on(user, row) & PEERS]
    steering = [
        row for row in challenges if row.stage == Stage.DESK_REVIEW and SeatName.LEAD_PEER in seats_on(user, row)
    ]
    visiting = [row for row in challenges if row.stage == Stage.ON_SITE and seats_on(user, row) & PEERS]
    read = set(
        ReadingConfirmation.objects.filter(owner=user, challenge__in=reading).values_list("challenge", flat=True)
    )
    confirmed = set(TimetableConfirmation.objects.filter(challenge__in=steering).values_list("challenge", flat=True))
    waiting = Conversation.objects.filter(challenge__in=visiting, peers__user=user).exclude(state__in=SETTLED)
    past = set(waiting.filter(Q(starts_at__lt=timezone.now())).values_list("challenge", flat=True))
    tasks = [
        _task(row, _("Read the pack of %(council)s"), "onsite:desk", Stage.DESK_REVIEW)
        for row in reading
        if row.pk not in read
    ]
    tasks += [
        _task(row, _("Confirm the timetable for %(council)s"), "onsite:timetable", Stage.DESK_REVIEW)
        for row in steering
        if row.pk not in confirmed
    ]
    return tasks + [
        _task(row, _("Mark your conversations at %(council)s as held"), "onsite:timetable", Stage.ON_SITE)
        for row in visiting
        if row.pk in past
    ]


def _task(challenge: Challenge, words: str, url_name: str, stage: Stage) -> Task:
    due = next((row.due_on for row in challenge.key_dates.all() if row.stage == stage), None)
    url = reverse(url_name, args=[challenge.ref])
    return Task(words % {"council": challenge.council.name}, challenge, url, due, "visit")
