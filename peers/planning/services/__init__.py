"""Writing of planning, by subject."""

from .shapes import add_pair, remove_pair, remove_shape, save_shape, set_needs, set_weights
from .shortlist import propose_team
from .team import agree_team, answer_invitation, invite_peer, placement_accepted, propose_peer, remove_peer

__all__ = [
    "add_pair",
    "agree_team",
    "answer_invitation",
    "invite_peer",
    "placement_accepted",
    "propose_peer",
    "propose_team",
    "remove_pair",
    "remove_peer",
    "remove_shape",
    "save_shape",
    "set_needs",
    "set_weights",
]
