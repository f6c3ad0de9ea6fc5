"""Reading lines of invitations: for coordinators only."""

from collections.abc import Sequence
from typing import NamedTuple

from peers.challenges.models import Challenge
from peers.planning.models import SHOWN_TO_HOST, InvitationLine, LineState, Placement, PlacementState, TeamRole

from .team import WORKING_ROLES


class RoleLine(NamedTuple):
    """A role that somebody waits in or that has a line already; `line` is None where none was ever started."""

    role: str
    label: str
    line: InvitationLine | None


def lines_of(challenge: Challenge, placements: Sequence[Placement]) -> list[RoleLine]:
    """In the order of roles; one query."""
    known = {row.role: row for row in InvitationLine.objects.filter(challenge=challenge)}
    waiting = {row.role for row in placements if row.state == PlacementState.PROPOSED}
    return [
        RoleLine(role.value, str(role.label), known.get(role.value))
        for role in TeamRole
        if role in waiting or role.value in known
    ]


def line_runs(placement: Placement) -> bool:
    """Whether taking this person off would make the next in the line be invited."""
    lines = InvitationLine.objects.filter(
        challenge=placement.challenge_id, role=placement.role, state=LineState.RUNNING
    )
    return placement.state in SHOWN_TO_HOST and lines.exists()


def is_full(placement: Placement) -> bool:
    """Whether one more invitation would make the team larger than its largest, if everybody said yes."""
    rows = placement.challenge.placements.filter(state__in=SHOWN_TO_HOST, role__in=WORKING_ROLES)
    return placement.role in WORKING_ROLES and rows.exclude(pk=placement.pk).count() >= placement.challenge.team_max
