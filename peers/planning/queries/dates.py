"""Reading the dates under discussion: what everybody can do, and one's own page."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.notify.models import OutboxMail
from peers.access import HOST, MANAGER, held_seats, require, seats_on, seats_that_may
from peers.acts import Act
from peers.challenges.models import Challenge, Seat
from peers.challenges.queries import Task
from peers.planning.models import (
    DateAnswer,
    DateAnswerWord,
    DateOption,
    HostDays,
    Placement,
    PlacementState,
    TeamRole,
)
from peers.planning.pairing.facts import Span, weekdays
from peers.planning.pairing.finding_dates import Calendar, Proposal, Word, best_days
from peers.planning.pairing.terms import VISIT_DAYS
from peers.planning.plans.closed import closed_days, days_of
from peers.pool.models import BlackoutPeriod
from peers.pool.queries import visits_of
from peers.seats import SeatName
from peers.stages import Stage

from .team import team_shown_to

LONGEST_WINDOW = datetime.timedelta(days=400)
ASKED_KEY = "dates-asked"  # what the keys of the mails begin with by which people are asked
# Stages in which DATES_ANSWER is possible.
ANSWERING = tuple(stage for stage in Stage if Stage.SCOPING.place <= stage.place <= Stage.PREPARATION.place)
ASKED_SEATS = frozenset[SeatName]().union(*(seats_that_may(Act.DATES_ANSWER, stage) for stage in ANSWERING))
WORDS = {DateAnswerWord.YES: Word.FREE, DateAnswerWord.BADLY: Word.BADLY, DateAnswerWord.NO: Word.AWAY}


class Cell(NamedTuple):
    """`own`: the person's own word, not the calendar's."""

    word: str
    own: bool


@dataclass(frozen=True)
class DateRow:
    """One person of the grid. `part` says in words as what they come."""

    user_id: int
    name: str
    part: str
    calendar: Calendar
    is_host: bool = False
    cells: Sequence[Cell] = ()
    options: Sequence[DateOption] = ()

    @property
    def by_column(self) -> list[tuple[DateOption, Cell]]:
        return list(zip(self.options, self.cells, strict=True))


@dataclass(frozen=True)
class OptionColumn:
    """`complete`: nobody is away. `remarks` are sentences on the days themselves. `is_visit`: the visit has them."""

    option: DateOption
    missing: Sequence[str]
    badly: Sequence[str]
    silent: Sequence[str]
    remarks: Sequence[str]
    is_visit: bool = False

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Grid:
    columns: Sequence[OptionColumn]
    rows: Sequence[DateRow]

    @property
    def may_ask(self) -> bool:
        """Whether any of the days is not the visit already."""
        return any(not column.is_visit for column in self.columns)


@dataclass(frozen=True)
class Suggestion:
    days: Span
    missing: Sequence[str]
    silent: Sequence[str]


# --- options and answers ----------------------------------------------------------------------------
def options_of(challenge: Challenge) -> list[DateOption]:
    return list(challenge.date_options.filter(withdrawn_at=None))


def host_days_of(challenge: Challenge) -> list[HostDays]:
    return list(challenge.host_days.all())


def get_option(user: User, ref: str, pk: int) -> DateOption:
    """A date under discussion, with the right to propose dates for its challenge."""
    rows = DateOption.objects.select_related("challenge__council", "challenge__programme")
    option = rows.filter(pk=pk, challenge__ref=ref, withdrawn_at=None).first()
    if option is None:
        raise NoSeat
    require(user, Act.DATES_PROPOSE, option)
    return option


def require_answer(user: User, challenge: Challenge) -> str:
    """The seat in which the person answers: on the host's side, on the team, or as somebody who was invited.

    Raises NoSeat or NotNow as the table says.
    """
    invited = Placement.objects.filter(
        challenge=challenge, profile__user_id=user.pk, state=PlacementState.INVITED
    ).select_related("profile", "challenge")
    placement = invited.first()
    if placement is not None:
        return require(user, Act.DATES_ANSWER, placement)
    return require(user, Act.DATES_ANSWER, challenge)


def challenge_to_answer(user: User, ref: str) -> Challenge:
    """The challenge whose dates the person may answer. Raises NoSeat (404) or NotNow (403)."""
    challenge = Challenge.objects.select_related("council", "programme").filter(ref=ref).first()
    if challenge is None:
        raise NoSeat
    require_answer(user, challenge)
    return challenge


def own_answers(user: User, challenge: Challenge) -> dict[int, str]:
    """The person's own words by option id."""
    rows = DateAnswer.objects.filter(user=user, option__challenge=challenge, option__withdrawn_at=None)
    return dict(rows.values_list("option_id", "answer"))


# --- the grid ---------------------------------------------------------------------------------------
def visit_length(challenge: Challenge) -> int:
    """Working days of the visit, VISIT_DAYS while it has no days."""
    if challenge.visit_first_day and challenge.visit_last_day:
        return max(1, min(5, weekdays(challenge.visit_first_day, challenge.visit_last_day)))
    return VISIT_DAYS


def people_for_dates(user: User, challenge: Challenge) -> list[DateRow]:
    """Host, team and manager with what is known of their time. For the host's side and the LGA (`team_shown_to`)."""
    placements = [row for row in team_shown_to(user, challenge) if row.role != TeamRole.OBSERVER]
    seats = list(
        challenge.seats.in_force(timezone.localdate())
        .filter(permission__codename__in=[*HOST, *MANAGER], user__is_active=True)
        .select_related("user", "permission")
        .order_by("user__full_name")
    )
    busy = _busy_of_peers(challenge, placements)
    host = _host_calendar(host_days_of(challenge))
    managed = _busy_of_managers(challenge, [seat.user_id for seat in seats if seat.name in MANAGER])
    found: dict[int, DateRow] = {}

    def put(user_id: int, name: str, part: str, calendar: Calendar, is_host: bool = False) -> None:
        found.setdefault(user_id, DateRow(user_id, name, part, calendar, is_host))

    for seat in (seat for seat in seats if seat.name in HOST):
        put(seat.user_id, seat.user.full_name, str(seat.name.label), host, is_host=True)
    for row in placements:
        profile, accepted = row.profile, row.state == PlacementState.ACCEPTED
        part = str(row.get_role_display()) if accepted else _("Invited")
        known = Calendar(busy[profile.pk], profile.available_from, profile.available_until, known=True)
        put(profile.user_id, profile.user.full_name, part, known)
    for seat in (seat for seat in seats if seat.name in MANAGER):
        put(seat.user_id, seat.user.full_name, str(seat.name.label), Calendar(managed[seat.user_id]))
    return list(found.values())


def _busy_of_peers(challenge: Challenge, placements: Sequence[Placement]) -> dict[int, tuple[Span, ...]]:
    ids = [row.profile_id for row in placements]
    found: dict[int, list[Span]] = defaultdict(list)
    away = BlackoutPeriod.objects.filter(profile__in=ids).values_list("profile_id", "first_day", "last_day")
    for profile_id, first, last in away:
        found[profile_id].append(Span(first, last))
    for profile_id, visits in visits_of(ids, since=timezone.localdate()).items():
        found[profile_id] += [Span(one.first, one.last) for one in visits if one.challenge_id != challenge.pk]
    return defaultdict(tuple, {pk: tuple(spans) for pk, spans in found.items()})


def _host_calendar(rows: Iterable[HostDays]) -> Calendar:
    spans = [(row.possible, Span(row.first_day, row.last_day)) for row in rows]
    return Calendar(
        busy=tuple(span for possible, span in spans if not possible),
        possible=tuple(span for possible, span in spans if possible),
    )


def _busy_of_managers(challenge: Challenge, user_ids: Sequence[int]) -> dict[int, tuple[Span, ...]]:
    """Days of the other visits that these people manage."""
    found: dict[int, tuple[Span, ...]] = defaultdict(tuple)
    seats = Seat.objects.in_force(timezone.localdate()).filter(
        user__in=user_ids,
        permission__codename=SeatName.CHALLENGE_MANAGER,
        content_object__visit_first_day__isnull=False,
    )
    others = seats.exclude(content_object=challenge).exclude(content_object__stage=Stage.WITHDRAWN)
    days = ("user_id", "content_object__visit_first_day", "content_object__visit_last_day")
    for user_id, first, last in others.values_list(*days):
        found[user_id] += (Span(first, last),)
    return found


def grid(user: User, challenge: Challenge) -> Grid:
    """Options as columns, people as rows; people's own words count before their calendars."""
    require(user, Act.DATES_READ, challenge)
    options, people = options_of(challenge), people_for_dates(user, challenge)
    answers = {
        (option_id, user_id): word
        for option_id, user_id, word in DateAnswer.objects.filter(option__in=options).values_list(
            "option_id", "user_id", "answer"
        )
    }
    rows = [replace(row, options=options, cells=[_cell(row, option, answers) for option in options]) for row in people]
    closed = _closed(challenge, [Span(option.first_day, option.last_day) for option in options])
    return Grid([_column(n, option, rows, challenge, closed) for n, option in enumerate(options)], rows)


def _cell(row: DateRow, option: DateOption, answers: dict[tuple[int, int], str]) -> Cell:
    said = answers.get((option.pk, row.user_id))
    if said is not None:
        return Cell(WORDS[DateAnswerWord(said)], own=True)
    return Cell(row.calendar.word(Span(option.first_day, option.last_day)), own=False)


def _column(
    place: int, option: DateOption, rows: Sequence[DateRow], challenge: Challenge, closed: Sequence[tuple]
) -> OptionColumn:
    def names(word: Word) -> list[str]:
        return [row.name for row in rows if row.cells[place].word == word]

    remarks = [title for title, first, last in closed if first <= option.last_day and last >= option.first_day]
    if not weekdays(option.first_day, option.last_day):
        remarks.append(_("Only a weekend"))
    opens, closes = challenge.window_first, challenge.window_last
    if (opens and option.first_day < opens) or (closes and option.last_day > closes):
        remarks.append(_("Outside the visit window"))
    visit = (challenge.visit_first_day, challenge.visit_last_day)
    return OptionColumn(
        option,
        names(Word.AWAY),
        names(Word.BADLY),
        names(Word.UNKNOWN),
        remarks,
        is_visit=visit == (option.first_day, option.last_day),
    )


def _closed(challenge: Challenge, spans: Sequence[Span]) -> list[tuple[str, datetime.date, datetime.date]]:
    if not spans:
        return []
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    return closed_days(challenge.council.nation, first, last)


def is_visit_barred(challenge: Challenge) -> bool:
    """Whether the host has said since that it cannot be visited on a day of the set visit. One query."""
    first, last = challenge.visit_first_day, challenge.visit_last_day
    if first is None or last is None:
        return False
    return _host_calendar(host_days_of(challenge)).word(Span(first, last)) == Word.AWAY


# --- what the product proposes ----------------------------------------------------------------------
def suggestions(challenge: Challenge, found: Grid) -> list[Suggestion]:
    """The best days of the window that are not under discussion yet, from today on; none without a window."""
    if challenge.window_first is None or challenge.window_last is None:
        return []
    first = max(challenge.window_first, timezone.localdate() + datetime.timedelta(days=1))
    last = min(challenge.window_last, first + LONGEST_WINDOW)
    if last < first:
        return []
    closed = days_of(closed_days(challenge.council.nation, first, last))
    taken = [Span(column.option.first_day, column.option.last_day) for column in found.columns]
    calendars = [row.calendar for row in found.rows]
    hosts = [place for place, row in enumerate(found.rows) if row.is_host]
    best = best_days(Span(first, last), visit_length(challenge), calendars, closed, taken, hosts)
    return [_suggestion(row, found.rows) for row in best]


def _suggestion(row: Proposal, people: Sequence[DateRow]) -> Suggestion:
    return Suggestion(
        row.days, [people[place].name for place in row.away], [people[place].name for place in row.unknown]
    )  # fmt: skip


def may_see_all(user: User, challenge: Challenge) -> bool:
    """Whether the person reads the grid; the team reads its own row only."""
    return bool(seats_on(user, challenge) & (HOST | {SeatName.COORDINATOR, SeatName.CHALLENGE_MANAGER}))


# --- what waits for one person ----------------------------------------------------------------------
def date_tasks(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Days on which the person was asked to say whether they can come and has not. One query.

    On `challenges`, and on those to whose team they are invited; never for the days that are the visit's. Whoever holds
    no seat that is asked costs no query.
    """
    if not any(name in ASKED_SEATS for held in held_seats(user).values() for _at, name in held):
        return []
    key = Concat(Value(f"{ASKED_KEY}:"), Cast(OuterRef("challenge_id"), CharField()), Value(":"))
    asked = OutboxMail.objects.filter(to=user, kind="dates", created_at__gte=OuterRef("put_at"), key__startswith=key)
    invited = Placement.objects.filter(
        challenge=OuterRef("challenge_id"), profile__user=user, state=PlacementState.INVITED
    )
    rows = (
        DateOption.objects.filter(Exists(asked), withdrawn_at=None, challenge__stage__in=ANSWERING)
        .filter(Q(challenge__in=[challenge.pk for challenge in challenges]) | Exists(invited))
        .exclude(challenge__visit_first_day=F("first_day"), challenge__visit_last_day=F("last_day"))
        .exclude(answers__user=user)
        .select_related("challenge__council", "challenge__programme")
        .order_by("challenge_id", "pk")
    )
    found = {row.challenge_id: row.challenge for row in rows}
    return [
        Task(_("Say which days suit you"), row, reverse("planning:my_dates", args=[row.ref]), None, "dates")
        for row in found.values()
    ]
