"""Reading the rules of pairing: weights, team shapes, what a challenge needs, pairs."""

from dataclasses import asdict, replace

from django.db.models import QuerySet

from peers.challenges.models import Challenge, Programme
from peers.planning.models import LARGEST_TEAM, ChallengeNeeds, CostWeight, PreferredPair, TeamShape
from peers.planning.pairing.facts import Shape
from peers.planning.season.problem import Weights

# What counts in a programme that has made no shape of its own.
STANDARD = Shape(size=4)


def weights_of(programme: Programme) -> Weights:
    """The programme's weights; a term that nobody has changed keeps its default. One query."""
    rows = CostWeight.objects.filter(programme=programme).values_list("term", "weight")
    return Weights.from_mapping(dict(rows))


def weights_by_term(programme: Programme) -> dict[str, int]:
    return asdict(weights_of(programme))


def shapes_of(programme: Programme) -> QuerySet[TeamShape]:
    return TeamShape.objects.filter(programme=programme)


def as_shape(row: TeamShape) -> Shape:
    return Shape(
        size=row.size,
        leads=row.leads,
        members=row.members,
        specialists=row.specialists,
        per_council=row.per_council,
        cover_themes=row.cover_themes,
        title=row.title,
    )


def fitted(shape: Shape, least: int, most: int, size: int | None = None) -> Shape:
    """The shape with the size that the challenge asks for (`size`), else its own brought within least and most.

    Never fewer people than the roles of the shape need.
    """
    wanted = size or min(max(shape.size, least), most)
    wanted = min(max(wanted, shape.leads, shape.members + shape.specialists), LARGEST_TEAM)
    return replace(shape, size=wanted)


def needs_of(challenge: Challenge) -> ChallengeNeeds:
    """What the challenge asks of its team; a row that is not saved where nobody has said anything."""
    found = ChallengeNeeds.objects.select_related("shape").filter(challenge=challenge).first()
    return found or ChallengeNeeds(challenge=challenge)


def shape_of(challenge: Challenge) -> Shape:
    """What the challenge's team must be. Two queries."""
    needs = needs_of(challenge)
    row = needs.shape or shapes_of(challenge.programme).filter(is_default=True).first()
    shape = as_shape(row) if row else STANDARD
    return fitted(shape, challenge.team_min, challenge.team_max, needs.size)


def pairs_of(programme: Programme) -> QuerySet[PreferredPair]:
    return PreferredPair.objects.filter(programme=programme).select_related(
        "first__user", "first__council", "second__user", "second__council"
    )
