"""Tags of pairing."""

from django import template

from peers.access import HOST, seats_on
from peers.planning.queries.history import invitations_through_time

register = template.Library()


@register.inclusion_tag("planning/_history.html", takes_context=True)
def invitation_history(context, profile) -> dict:
    """`{% invitation_history profile %}`: all that was asked of a peer and what came of it. For coordinators alone."""
    return {"rows": invitations_through_time(context["request"].user, profile)}


@register.simple_tag
def is_host(user, challenge) -> bool:
    """`{% is_host user challenge as host %}`: whether the person reads as host, for words that address the council."""
    return bool(seats_on(user, challenge) & HOST)
