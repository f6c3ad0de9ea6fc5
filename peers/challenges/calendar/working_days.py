"""Working days: Monday to Friday without the bank holidays of the nation (source: the `holidays` package)."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

SUBDIVISION = {"England": "ENG", "Wales": "WLS"}


@lru_cache(maxsize=64)
def bank_holidays(nation: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=SUBDIVISION.get(nation, "ENG"), years=year))


def is_working_day(day: date, nation: str) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(nation, day.year)


def add_working_days(start: date, days: int, nation: str) -> date:
    """`days` working days after `start` (before it, when negative); 0 gives the first working day from `start` on."""
    step = timedelta(days=1 if days >= 0 else -1)
    day, left = start, abs(days)
    while left or not is_working_day(day, nation):
        day += step
        if left and is_working_day(day, nation):
            left -= 1
    return day
