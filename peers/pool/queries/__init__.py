"""Reading the pool, by subject."""

from .applications import (
    applications_for,
    decisions_of,
    is_to_apply,
    own_pool_invitation,
    pool_invitation_for_coordinator,
    pool_invitations_for,
)
from .confirmation import is_asked, is_unanswered
from .days import Visit, days_by_year, free_on, last_deployments, next_free, visits_of, weekdays
from .lists import PoolRow, Training, pool_list, pool_rows, regions_of, training_of
from .people import (
    ASKABLE,
    askable,
    coordinators_of,
    homes_of,
    interests_of,
    own_profile,
    pool_of,
    profile_for_coordinator,
    programmes_of,
)
from .tasks import PoolTask, pool_tasks_for

__all__ = [
    "ASKABLE",
    "PoolRow",
    "PoolTask",
    "Training",
    "Visit",
    "applications_for",
    "askable",
    "coordinators_of",
    "days_by_year",
    "decisions_of",
    "free_on",
    "homes_of",
    "interests_of",
    "is_asked",
    "is_to_apply",
    "is_unanswered",
    "last_deployments",
    "next_free",
    "own_pool_invitation",
    "own_profile",
    "pool_invitation_for_coordinator",
    "pool_invitations_for",
    "pool_list",
    "pool_of",
    "pool_rows",
    "pool_tasks_for",
    "profile_for_coordinator",
    "programmes_of",
    "regions_of",
    "training_of",
    "visits_of",
    "weekdays",
]
