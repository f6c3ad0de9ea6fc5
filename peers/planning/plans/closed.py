"""Days on which no visit should be: the weeks before local elections, August, Christmas and bank holidays.

Plain data, computed for any year. Sources: local elections are held on the first Thursday in May (Representation of
the People Act 1983, section 37), and councils keep their pre-election period for the six weeks before; bank holidays
are those of the `holidays` package.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _

from peers.challenges.calendar.working_days import bank_holidays

Period = tuple[str, date, date]
WORKING_DAYS_NEEDED = 3  # a week with fewer left is closed


def first_thursday_of_may(year: int) -> date:
    first = date(year, 5, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7)


def closed_days(nation: str, first: date, last: date) -> list[Period]:
    """(title, first day, last day) of every closed period that touches `first` to `last`, in order of time."""
    found: list[Period] = []
    for year in range(first.year - 1, last.year + 1):
        found += _periods(nation, year)
    return sorted(
        (period for period in found if period[1] <= last and period[2] >= first), key=lambda period: period[1:]
    )


def _periods(nation: str, year: int) -> Iterator[Period]:
    polling = first_thursday_of_may(year)
    words = {"year": year}
    yield _("Pre-election period %(year)s") % words, polling - timedelta(weeks=6), polling
    yield _("August %(year)s") % words, date(year, 8, 1), date(year, 8, 31)
    yield _("Christmas %(year)s") % words, date(year, 12, 20), date(year + 1, 1, 3)
    for day in sorted(bank_holidays(nation, year)):
        if day.weekday() < 5 and not (day.month, day.day) >= (12, 20) and (day.month, day.day) > (1, 3):
            yield _("Bank holiday"), day, day


def days_of(periods: Iterable[Period]) -> frozenset[date]:
    """Every day of the periods, both ends included."""
    return frozenset(
        first + timedelta(days=number) for _title, first, last in periods for number in range((last - first).days + 1)
    )


def is_open(monday: date, closed: Collection[date], weekday: int, days: int) -> bool:
    """Whether a visit of `days` days from `weekday` (0 is Monday) can be in the week that begins on `monday`.

    Not when a day of the visit is closed, nor when fewer than three working days of the week are left.
    """
    week = [monday + timedelta(days=number) for number in range(5)]
    left = [day for day in week if day not in closed]
    return len(left) >= WORKING_DAYS_NEEDED and not any(day in closed for day in week[weekday : weekday + days])
