"""From a shortlist onto the team list."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.planning.models import ACTIVE_STATES, Placement, TeamRole
from peers.pool.models import PeerProfile

from .team import propose_peer

MOST_AT_ONCE = 8


@transaction.atomic
def propose_team(
    *, challenge: Challenge, by: User, profiles: Sequence[PeerProfile], lead: PeerProfile | None = None
) -> list[Placement]:
    """Put these people on the list, all or nobody; who is on it already stays as they are. Nobody is told.

    `lead` goes on it as lead peer where there is none yet. Raises BadInput when somebody cannot be asked.
    """
    row = lock_challenge(challenge)
    require(by, Act.TEAM_PROPOSE, row)
    if not 0 < len(profiles) <= MOST_AT_ONCE:
        raise BadInput(_("Choose one to %(most)s people.") % {"most": MOST_AT_ONCE})
    active = row.placements.filter(state__in=ACTIVE_STATES)
    listed = {placement.profile_id: placement for placement in active}
    has_lead = any(placement.role == TeamRole.LEAD_PEER for placement in listed.values())
    placed = []
    for profile in profiles:
        if profile.pk in listed:
            placed.append(listed[profile.pk])
            continue
        leads = not has_lead and lead is not None and lead.pk == profile.pk
        role = TeamRole.LEAD_PEER if leads else TeamRole.PEER
        placed.append(propose_peer(challenge=row, profile=profile, role=role, by=by))
    return placed
