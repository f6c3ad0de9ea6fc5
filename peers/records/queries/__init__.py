"""Reading what is kept until when, what is due, and what is held."""

from .due import DEFAULTS, anchor_day, due_day, periods_of
from .facts import facts_of, files_that_stay, has_asked
from .information import PARTS, exports_of, get_export, get_person_export, job_of_export
from .lists import (
    KeptLine,
    certificates_for,
    countings_for,
    due_rows,
    get_certificate,
    get_period,
    get_run,
    hold_of,
    kept_lines,
    may_await,
    settings_periods,
    tasks_for,
)

__all__ = [
    "DEFAULTS",
    "PARTS",
    "KeptLine",
    "anchor_day",
    "certificates_for",
    "countings_for",
    "due_day",
    "due_rows",
    "exports_of",
    "facts_of",
    "files_that_stay",
    "get_certificate",
    "get_export",
    "get_period",
    "get_person_export",
    "get_run",
    "has_asked",
    "hold_of",
    "job_of_export",
    "kept_lines",
    "may_await",
    "periods_of",
    "settings_periods",
    "tasks_for",
]
