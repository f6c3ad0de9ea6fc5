"""Reading what is kept until when, what is due, and what is held."""

from .due import DEFAULTS, anchor_day, due_day, periods_of
from .facts import facts_of, files_that_stay
from .lists import (
    KeptLine,
    countings_for,
    due_rows,
    get_certificate,
    get_period,
    get_run,
    hold_of,
    kept_lines,
    settings_periods,
    tasks_for,
)

__all__ = [
    "DEFAULTS",
    "KeptLine",
    "anchor_day",
    "countings_for",
    "due_day",
    "due_rows",
    "facts_of",
    "files_that_stay",
    "get_certificate",
    "get_period",
    "get_run",
    "hold_of",
    "kept_lines",
    "periods_of",
    "settings_periods",
    "tasks_for",
]
