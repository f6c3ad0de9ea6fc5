"""The pages of planning, by subject."""

from .shapes import needs, pair_remove, pairs, shape, shape_remove, shapes, weights
from .shortlist import shortlist, shortlist_add
from .team import agree, invitation, invitations, invite, propose, remove, team

__all__ = [
    "agree",
    "invitation",
    "invitations",
    "invite",
    "needs",
    "pair_remove",
    "pairs",
    "propose",
    "remove",
    "shape",
    "shape_remove",
    "shapes",
    "shortlist",
    "shortlist_add",
    "team",
    "weights",
]
