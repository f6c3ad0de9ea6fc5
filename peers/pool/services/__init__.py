"""Writing the pool, by subject."""

from .away import add_blackout, remove_blackout
from .people import edit_profile, note_first_answer, register_peer, set_state
from .ties import declare_interest, withdraw_interest

__all__ = [
    "add_blackout",
    "declare_interest",
    "edit_profile",
    "note_first_answer",
    "register_peer",
    "remove_blackout",
    "set_state",
    "withdraw_interest",
]
