"""Reading of planning, by subject."""

from .conflicts import bars_for, conflicts_for, conflicts_of
from .dates import date_tasks
from .doubts import against_for
from .facts import people_facts
from .history import Invited, invitations_through_time
from .lines import is_full, line_runs, lines_of, role_to_fill
from .notices import (
    get_notice,
    news_of,
    open_notices,
    touched_by,
    waiting_matters,
    watched,
)
from .objections import get_objection, objection_shown_to, open_objection
from .rules import kind_words, rule_rows
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
    own_invitation,
    places_of,
    tasks_for,
    team_hash,
    team_list,
    team_shown_to,
)

__all__ = [
    "COORDINATOR",
    "WORKING_ROLES",
    "Candidate",
    "Invited",
    "against_for",
    "agreement_in_force",
    "bars_for",
    "candidate_rows",
    "candidates",
    "conflicts_for",
    "conflicts_of",
    "date_tasks",
    "get_notice",
    "get_objection",
    "get_placement",
    "invitations_of",
    "invitations_through_time",
    "is_complete",
    "is_full",
    "kind_words",
    "line_runs",
    "lines_of",
    "missing_team",
    "needs_of",
    "news_of",
    "objection_shown_to",
    "open_notices",
    "open_objection",
    "own_invitation",
    "pairs_of",
    "people_facts",
    "places_of",
    "role_to_fill",
    "rule_rows",
    "shape_of",
    "shapes_of",
    "tasks_for",
    "team_hash",
    "team_list",
    "team_shown_to",
    "touched_by",
    "waiting_matters",
    "watched",
    "weights_of",
]
