"""Reading the pool, by subject."""

from .days import Visit, free_on, next_free, visits_of, weekdays
from .lists import PoolRow, pool_list, pool_rows, regions_of
from .people import (
    ASKABLE,
    askable,
    history_of,
    interests_of,
    own_profile,
    pool_of,
    profile_for_coordinator,
    programmes_of,
)

__all__ = [
    "ASKABLE",
    "PoolRow",
    "Visit",
    "askable",
    "free_on",
    "history_of",
    "interests_of",
    "next_free",
    "own_profile",
    "pool_list",
    "pool_of",
    "pool_rows",
    "profile_for_coordinator",
    "programmes_of",
    "regions_of",
    "visits_of",
    "weekdays",
]
