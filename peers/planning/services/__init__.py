"""Writing of planning, by subject."""

from .conflicts import check_conflicts, set_rule, settle_notice
from .invitations import (
    answer_invitation,
    come_back,
    expire_invitations,
    invite_many,
    invite_peer,
    placement_accepted,
    remind_peer,
)
from .lines import start_line, stop_line
from .objections import object_to, settle_objection
from .shapes import add_pair, remove_pair, remove_shape, save_shape, set_needs, set_weights
from .shortlist import propose_team
from .team import agree_team, propose_peer, remove_peer

__all__ = [
    "add_pair",
    "agree_team",
    "answer_invitation",
    "check_conflicts",
    "come_back",
    "expire_invitations",
    "invite_many",
    "invite_peer",
    "object_to",
    "placement_accepted",
    "propose_peer",
    "propose_team",
    "remind_peer",
    "remove_pair",
    "remove_peer",
    "remove_shape",
    "save_shape",
    "set_needs",
    "set_rule",
    "set_weights",
    "settle_notice",
    "settle_objection",
    "start_line",
    "stop_line",
]
