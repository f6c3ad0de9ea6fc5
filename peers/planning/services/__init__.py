"""Writing of planning, by subject."""

from .conflicts import check_conflicts, set_rule, settle_notice
from .dates import (
    add_host_days,
    add_option,
    answer_dates,
    ask_for_dates,
    choose_option,
    remove_host_days,
    withdraw_option,
)
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
    "add_host_days",
    "add_option",
    "add_pair",
    "agree_team",
    "answer_dates",
    "answer_invitation",
    "ask_for_dates",
    "check_conflicts",
    "choose_option",
    "come_back",
    "expire_invitations",
    "invite_many",
    "invite_peer",
    "object_to",
    "placement_accepted",
    "propose_peer",
    "propose_team",
    "remind_peer",
    "remove_host_days",
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
    "withdraw_option",
]
