"""The pages of planning, by subject."""

from .dates import dates, dates_add, dates_ask, dates_choose, dates_withdraw, host_days, host_days_remove, my_dates
from .shapes import needs, pair_remove, pairs, shape, shape_remove, shapes, weights
from .shortlist import shortlist, shortlist_add
from .team import agree, invitation, invitations, invite, propose, remove, team

__all__ = [
    "agree",
    "dates",
    "dates_add",
    "dates_ask",
    "dates_choose",
    "dates_withdraw",
    "host_days",
    "host_days_remove",
    "invitation",
    "invitations",
    "invite",
    "my_dates",
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
