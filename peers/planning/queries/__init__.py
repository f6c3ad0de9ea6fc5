"""Reading of planning, by subject."""

from .conflicts import bars_for, conflicts_for, conflicts_of
from .facts import people_facts
from .shapes import needs_of, pairs_of, shape_of, shapes_of, weights_of
from .team import (
    COORDINATOR,
    WORKING_ROLES,
    Candidate,
    agreement_in_force,
    candidate_rows,
    candidates,
    get_placement,
    invitations_of,
    is_complete,
    missing_team,
    off_the_list,
    own_invitation,
    tasks_for,
    team_hash,
    team_list,
    team_shown_to,
)

__all__ = [
    "COORDINATOR",
    "WORKING_ROLES",
    "Candidate",
    "agreement_in_force",
    "bars_for",
    "candidate_rows",
    "candidates",
    "conflicts_for",
    "conflicts_of",
    "get_placement",
    "invitations_of",
    "is_complete",
    "missing_team",
    "needs_of",
    "off_the_list",
    "own_invitation",
    "pairs_of",
    "people_facts",
    "shape_of",
    "shapes_of",
    "tasks_for",
    "team_hash",
    "team_list",
    "team_shown_to",
    "weights_of",
]
