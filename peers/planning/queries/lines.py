"""Reading lines of invitations: for coordinators only."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from peers.challenges.models import Challenge
from peers.planning.models import SHOWN_TO_HOST, InvitationLine, LineState, Placement, PlacementState, TeamRole

from .team import WORKING_ROLES


class RoleLine(NamedTuple):
    """A role that somebody waits in or that has a line already; `line` is None where none was ever started."""

    role: str
    label: str
    line: InvitationLine | None
    waiting: int = 0

    @property
    def words(self) -> str:
        return line_words(self.line, self.waiting) if self.line else ""


def line_words(line: InvitationLine, waiting: int) -> str:
    """The state of the line; one that ended with people `waiting` in it ended because its places are filled."""
    if line.state == LineState.EMPTY and waiting:
        return _("Ended: its places are filled")
    return line.get_state_display()


def waiting_in(line: InvitationLine) -> int:
    """How many in the line have not been asked."""
    rows = line.challenge.placements.filter(role=line.role, state=PlacementState.PROPOSED, line_place__isnull=False)
    return rows.count()


def lines_of(challenge: Challenge, placements: Sequence[Placement], *, known: bool = True) -> list[RoleLine]:
    """In the order of roles; one query, or none where no line is `known`."""
    rows = InvitationLine.objects.filter(challenge=challenge) if known else ()
    lines = {row.role: row for row in rows}
    waiting = [row for row in placements if row.state == PlacementState.PROPOSED]
    placed = Counter(row.role for row in waiting if row.line_place is not None)
    listed = {row.role for row in waiting}
    return [
        RoleLine(role.value, str(role.label), lines.get(role.value), placed[role.value])
        for role in TeamRole
        if role in listed or role.value in lines
    ]


def role_to_fill(placements: Sequence[Placement], past: Sequence[Placement], size: int) -> str:
    """The role in which somebody last said no or let the day pass and a place is free, lead peer first; "" for none.

    Taken are the places of those who were asked or said yes; `size` is that of the whole team. One place is kept for
    the lead peer.
    """
    taken = Counter(row.role for row in placements if row.state in SHOWN_TO_HOST)
    lead = taken[TeamRole.LEAD_PEER]
    free = {
        TeamRole.LEAD_PEER: lead == 0,
        TeamRole.PEER: taken[TeamRole.PEER] + max(1, lead) < size,
        TeamRole.OBSERVER: taken[TeamRole.OBSERVER] == 0,
    }
    gone = {row.role for row in past if row.state in (PlacementState.DECLINED, PlacementState.EXPIRED)}
    return next((role.value for role in TeamRole if role in gone and free[role]), "")


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
