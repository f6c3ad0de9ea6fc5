"""Conflicts that came up after an invitation: what is new, what waits to be settled, what it touches."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, held_seats, require, seats_that_may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.planning.models import (
    ACTIVE_STATES,
    SHOWN_TO_HOST,
    ConflictNotice,
    NoticeState,
    ObjectionState,
    Placement,
    PlacementState,
    TeamObjection,
    TeamRole,
)
from peers.planning.pairing.conflicts import Conflict
from peers.stages import Stage

WITH_ALL = ("placement__challenge__council", "placement__challenge__programme", "placement__profile__user",
            "placement__profile__council")  # fmt: skip
# A cause between two places: two of one council, two visits of one person, two councils that visit each other.
MIRRORED = frozenset({"mate", "visit", "rest", "exchange"})
Others = Mapping[tuple[int, int], tuple[bool, list[str]]]


def news_of(placements: Sequence[Placement], found: Mapping[int, Sequence[Conflict]]) -> dict[int, list[Conflict]]:
    """What bars, or was not known when the peer was invited, by placement id; one query.

    A cause between two places is no news when the other of them was invited in the knowledge of it, nor is
    somebody of one's own council who only stands on the list.
    """
    others = _other_places(placements, found)
    return {row.pk: [one for one in found[row.pk] if one.bars or not _is_known(row, one, others)] for row in placements}


def _other_places(placements: Sequence[Placement], found: Mapping[int, Sequence[Conflict]]) -> Others:
    """(challenge, profile) -> (whether they were asked, what was known of them)."""
    keys = [one.key.partition(":") for row in placements for one in found[row.pk]]
    challenges = {row.challenge_id for row in placements}
    challenges |= {int(number) for cause, _sign, number in keys if cause == "exchange"}
    rows = Placement.objects.filter(
        Q(challenge__in=challenges) | Q(profile__in={row.profile_id for row in placements}),
        state__in=ACTIVE_STATES,
    ).values_list("challenge_id", "profile_id", "state", "known_conflicts")
    return {(challenge, profile): (state in SHOWN_TO_HOST, known) for challenge, profile, state, known in rows}


def _is_known(row: Placement, conflict: Conflict, others: Others) -> bool:
    cause, _sign, number = conflict.key.partition(":")
    if conflict.key in row.known_conflicts or cause not in MIRRORED:
        return conflict.key in row.known_conflicts
    if cause == "exchange":
        told = f"exchange:{row.challenge_id}"
        return any(told in known for (at, _who), (_asked, known) in others.items() if at == int(number))
    mate = cause == "mate"
    place = (row.challenge_id, int(number)) if mate else (int(number), row.profile_id)
    asked, known = others.get(place, (False, []))
    mine = row.profile_id if mate else row.challenge_id
    return (mate and not asked) or f"{cause}:{mine}" in known


# --- to settle ---------------------------------------------------------------------------------------
def watched() -> QuerySet[Placement]:
    """Those who have been asked or said yes, on challenges where a conflict can still be settled."""
    stages = [stage for stage in Stage if seats_that_may(Act.CONFLICT_SETTLE, stage)]
    rows = Placement.objects.filter(state__in=SHOWN_TO_HOST, challenge__stage__in=stages)
    return rows.select_related("challenge__council", "challenge__programme", "profile__user", "profile__council")


def open_notices(challenge: Challenge) -> list[ConflictNotice]:
    """For the coordinator's team page."""
    rows = ConflictNotice.objects.filter(placement__challenge=challenge, state=NoticeState.OPEN)
    return list(rows.select_related(*WITH_ALL))


def get_notice(user: User, ref: str, pk: int) -> ConflictNotice:
    row = ConflictNotice.objects.select_related(*WITH_ALL).filter(pk=pk, placement__challenge__ref=ref).first()
    if row is None:
        raise NoSeat
    require(user, Act.CONFLICT_SETTLE, row)
    return row


@dataclass(frozen=True)
class Touched:
    """What taking the person off would do to the team: `left` people asked or accepted, of at least `least`."""

    left: int
    least: int
    leads: bool

    @property
    def too_few(self) -> bool:
        return self.left < self.least


def touched_by(notice: ConflictNotice) -> Touched:
    row = notice.placement
    roles = row.challenge.placements.filter(state__in=SHOWN_TO_HOST).exclude(pk=row.pk).values_list("role", flat=True)
    left = sum(role in (TeamRole.LEAD_PEER, TeamRole.PEER) for role in roles)
    return Touched(left, row.challenge.team_min, row.role == TeamRole.LEAD_PEER)


class Matter(NamedTuple):
    """When the host's open objection came, the first open conflict came up and the first yes that waits was said; None
    where there is none."""

    challenge: Challenge
    objected_at: datetime.datetime | None
    noticed_at: datetime.datetime | None
    answered_at: datetime.datetime | None


def waiting_matters(user: User) -> list[Matter]:
    """Live challenges that the person coordinates in which something about the team waits to be settled; one query."""
    mine = [pk for pk, name in held_seats(user)["programme"] if name == SeatName.COORDINATOR]
    objections = TeamObjection.objects.filter(challenge=OuterRef("pk"), state=ObjectionState.OPEN)
    notices = ConflictNotice.objects.filter(placement__challenge=OuterRef("pk"), state=NoticeState.OPEN)
    # A yes after which something new came up, or one that came late, stands on the list again until it is decided.
    kept_waiting = Placement.objects.filter(
        challenge=OuterRef("pk"), state=PlacementState.PROPOSED, answered_at__isnull=False
    )
    rows = Challenge.objects.filter(programme__in=mine).exclude(stage__in=[Stage.CLOSED, Stage.WITHDRAWN])
    rows = rows.annotate(
        objected_at=Subquery(objections.values("objected_at")[:1]),
        noticed_at=Subquery(notices.order_by("raised_at").values("raised_at")[:1]),
        answered_at=Subquery(kept_waiting.order_by("answered_at").values("answered_at")[:1]),
    )
    waiting = rows.filter(
        Q(objected_at__isnull=False) | Q(noticed_at__isnull=False) | Q(answered_at__isnull=False)
    ).select_related("council", "programme")
    return [Matter(row, row.objected_at, row.noticed_at, row.answered_at) for row in waiting]
