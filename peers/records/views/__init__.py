"""Pages of the room."""

from .challenge import (
    ask,
    certificate,
    certificate_pdf,
    hold_lift,
    hold_set,
    room,
    run,
    run_approve,
    run_put_off,
)
from .programme import due, master_key, period, periods

__all__ = [
    "ask",
    "certificate",
    "certificate_pdf",
    "due",
    "hold_lift",
    "hold_set",
    "master_key",
    "period",
    "periods",
    "room",
    "run",
    "run_approve",
    "run_put_off",
]
