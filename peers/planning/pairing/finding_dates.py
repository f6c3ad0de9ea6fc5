"""Days on which everybody can: what each person's calendar says, and the best days of a window. Plain data."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from peers.planning.pairing.facts import Span

DAY = datetime.timedelta(days=1)
MOST_SHOWN = 5


class Word(StrEnum):
    FREE = "free"
    BADLY = "badly"
    UNKNOWN = "unknown"
    AWAY = "away"


@dataclass(frozen=True)
class Calendar:
    """What is known of one person's time before they answer.

    `known`: whether nothing against it means free; else nothing is known until they answer. `possible`: the only days
    that can be, when any are given.
    """

    busy: tuple[Span, ...] = ()
    begins: datetime.date | None = None
    ends: datetime.date | None = None
    known: bool = False
    possible: tuple[Span, ...] = ()

    def word(self, days: Span) -> Word:
        if (self.begins and days.first < self.begins) or (self.ends and days.last > self.ends):
            return Word.AWAY
        if any(_overlap(days, busy) for busy in self.busy):
            return Word.AWAY
        if self.possible:
            return Word.FREE if _within(days, self.possible) else Word.AWAY
        return Word.FREE if self.known else Word.UNKNOWN


def _within(days: Span, possible: Sequence[Span]) -> bool:
    """Whether each day lies in one of the spans."""
    number = (days.last - days.first).days + 1
    every = (days.first + n * DAY for n in range(number))
    return all(any(span.first <= day <= span.last for span in possible) for day in every)


def _overlap(one: Span, other: Span) -> bool:
    return one.first <= other.last and one.last >= other.first


class Proposal(NamedTuple):
    """`away` and `unknown` are places in the list of calendars."""

    days: Span
    away: tuple[int, ...]
    unknown: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not self.away


def runs(window: Span, length: int, closed: Collection[datetime.date]) -> Iterator[Span]:
    """Every run of `length` days within one Monday to Friday of the window that holds no closed day."""
    day = window.first
    while day + (length - 1) * DAY <= window.last:
        days = [day + n * DAY for n in range(length)]
        if days[-1].weekday() < 5 and day.weekday() + length <= 5 and not any(one in closed for one in days):
            yield Span(day, days[-1])
        day += DAY


def best_days(
    window: Span,
    length: int,
    calendars: Sequence[Calendar],
    closed: Collection[datetime.date] = (),
    taken: Collection[Span] = (),
    hosts: Collection[int] = (),
) -> list[Proposal]:
    """The days of the window that most can do, the fewest who are away first, then the fewest unknown, then the
    earliest; none that overlap each other or those in `taken`, none on which one of `hosts` (places) is away."""
    found = []
    for days in runs(window, length, closed):
        if any(_overlap(days, other) for other in taken):
            continue
        words = [calendar.word(days) for calendar in calendars]
        away = tuple(place for place, word in enumerate(words) if word == Word.AWAY)
        unknown = tuple(place for place, word in enumerate(words) if word == Word.UNKNOWN)
        if not any(place in hosts for place in away):
            found.append(Proposal(days, away, unknown))
    found.sort(key=lambda row: (len(row.away), len(row.unknown), row.days))
    kept: list[Proposal] = []
    for row in found:
        if not any(_overlap(row.days, other.days) for other in kept):
            kept.append(row)
        if len(kept) == MOST_SHOWN:
            break
    return kept
