"""Reading the host's objection: for the host and the coordinator, and for nobody else."""

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.planning.models import ObjectionState, TeamObjection


def open_objection(challenge: Challenge) -> TeamObjection | None:
    """For services that must wait for it; nothing of it may reach a page from here."""
    return TeamObjection.objects.filter(challenge=challenge, state=ObjectionState.OPEN).first()


def objection_shown_to(user: User, challenge: Challenge) -> TeamObjection | None:
    """The objection for a page that others read as well: None for whoever may not know of it."""
    if not may(user, Act.TEAM_OBJECTION_READ, challenge):
        return None
    rows = TeamObjection.objects.select_related(
        "placement__profile__user", "placement__profile__council", "objected_by"
    )
    return rows.filter(challenge=challenge).first()


def get_objection(user: User, challenge: Challenge) -> TeamObjection:
    """The objection of a challenge. Raises NoSeat where there is none, as for whoever may not know of it."""
    require(user, Act.TEAM_OBJECTION_READ, challenge)
    row = objection_shown_to(user, challenge)
    if row is None:
        raise NoSeat
    return row
