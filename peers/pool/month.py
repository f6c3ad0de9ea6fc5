"""A month as weeks of days, and sums of periods. Plain data."""

import datetime
from calendar import Calendar
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import holidays

ONE_DAY = datetime.timedelta(days=1)
SUBDIVISION = {"England": "ENG", "Wales": "WLS"}
FIRST_YEAR, LAST_YEAR = 2000, 2099
Period = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class Day:
    """What the calendar tells of one day. `away` is "", "hand" or "ics"; `visits` are references of challenges."""

    date: datetime.date
    away: str = ""
    visits: tuple[str, ...] = ()
    holiday: str = ""
    outside: bool = False
    past: bool = False

    @property
    def iso(self) -> str:
        return self.date.isoformat()


@dataclass(frozen=True)
class Month:
    """Weeks from Monday to Sunday; None stands for a day of another month."""

    first: datetime.date
    weeks: list[list[Day | None]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> datetime.date | None:
        """The first day of the month before; None where the calendar ends."""
        return (self.first - ONE_DAY).replace(day=1) if (self.first.year, self.first.month) > (FIRST_YEAR, 1) else None

    @property
    def after(self) -> datetime.date | None:
        return last_day(self.first) + ONE_DAY if (self.first.year, self.first.month) < (LAST_YEAR, 12) else None

    def days(self) -> Iterator[Day]:
        return (day for week in self.weeks for day in week if day is not None)


def first_of(key: str, today: datetime.date) -> datetime.date:
    """The first day of the month "2027-03"; of today's month when the key is none that can be shown."""
    year, _dash, month = key.partition("-")
    numbers = key.isascii() and len(key) == 7 and year.isdigit() and month.isdigit()
    if numbers and FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12:
        return datetime.date(int(year), int(month), 1)
    return today.replace(day=1)


def last_day(first: datetime.date) -> datetime.date:
    return (first + datetime.timedelta(days=31)).replace(day=1) - ONE_DAY


def weeks_of(first: datetime.date) -> list[list[datetime.date | None]]:
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return [[day if day.month == first.month else None for day in week] for week in weeks]


@lru_cache(maxsize=64)
def bank_holidays(nation: str, year: int) -> dict[datetime.date, str]:
    """Bank holidays with their names (source: the `holidays` package)."""
    return dict(holidays.country_holidays("GB", subdiv=SUBDIVISION.get(nation, "ENG"), years=year))


# --- sums of periods ------------------------------------------------------------------------------
def joined(days: Iterable[datetime.date]) -> list[Period]:
    """The days as periods of days that follow each other, in order."""
    periods: list[Period] = []
    for day in sorted(set(days)):
        if periods and periods[-1][1] + ONE_DAY == day:
            periods[-1] = (periods[-1][0], day)
        else:
            periods.append((day, day))
    return periods


def without(period: Period, days: Collection[datetime.date]) -> list[Period]:
    """What is left of the period once the days are taken out."""
    first, last = period
    left = []
    for day in sorted(day for day in set(days) if first <= day <= last):
        if first < day:
            left.append((first, day - ONE_DAY))
        first = day + ONE_DAY
    return [*left, (first, last)] if first <= last else left


def all_days(periods: Iterable[Period]) -> int:
    """How many days, each period counted whole."""
    return sum((last - first).days + 1 for first, last in periods)
