"""Tags of pairing, for pages that coordinators read."""

from django import template

from peers.planning.queries.shortlist import Fit
from peers.planning.queries.shortlist import next_best as find_next_best

register = template.Library()


@register.simple_tag
def next_best(challenge, role: str) -> Fit | None:
    """`{% next_best challenge "peer" as best %}`: who to ask next, or None. For coordinators alone."""
    return find_next_best(challenge, role)
