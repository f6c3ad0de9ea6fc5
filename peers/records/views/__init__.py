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
from .information import information, information_archive, information_export
from .person import own_information, person_archive, person_export, person_information
from .person_rights import people, person, person_correct, person_erase
from .programme import due, master_key, period, periods

__all__ = [
    "ask",
    "certificate",
    "certificate_pdf",
    "due",
    "hold_lift",
    "hold_set",
    "information",
    "information_archive",
    "information_export",
    "master_key",
    "own_information",
    "people",
    "period",
    "periods",
    "person",
    "person_archive",
    "person_correct",
    "person_erase",
    "person_export",
    "person_information",
    "room",
    "run",
    "run_approve",
    "run_put_off",
]
