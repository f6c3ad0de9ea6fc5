"""Writing the pool, by subject."""

from .applications import (
    apply_to_pool,
    approve_application,
    invite_to_pool,
    turn_down_application,
    withdraw_pool_invitation,
)
from .away import add_blackout, remove_blackout
from .confirmation import ask_for_confirmation, confirm_profile
from .importing import ImportReport, check_peers, import_peers, record_export, send_first_mail
from .people import edit_profile, note_first_answer, register_peer, set_state
from .ties import declare_interest, withdraw_interest

__all__ = [
    "ImportReport",
    "add_blackout",
    "apply_to_pool",
    "approve_application",
    "ask_for_confirmation",
    "check_peers",
    "confirm_profile",
    "declare_interest",
    "edit_profile",
    "import_peers",
    "invite_to_pool",
    "note_first_answer",
    "record_export",
    "register_peer",
    "remove_blackout",
    "send_first_mail",
    "set_state",
    "turn_down_application",
    "withdraw_interest",
    "withdraw_pool_invitation",
]
