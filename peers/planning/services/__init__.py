"""Writing of planning, by subject."""

from .team import agree_team, answer_invitation, invite_peer, placement_accepted, propose_peer, remove_peer

__all__ = [
    "agree_team",
    "answer_invitation",
    "invite_peer",
    "placement_accepted",
    "propose_peer",
    "remove_peer",
]
