"""Writing how long records are kept, what stops a disposal, and doing it."""

from .certificates import ask_for_pdf, make_pdf
from .deciding import approve_run, ask_sooner, put_off_run, soonest_day
from .disposing import DISPOSE, dispose, go_on_when_retired
from .holds import keep_host_access, lift_hold, scopes_under_hold, set_hold
from .information import ask_for_information, end_information, make_information, note_taken
from .periods import change_period
from .planning import keep_team_access, plan_runs

__all__ = [
    "DISPOSE",
    "approve_run",
    "ask_for_information",
    "ask_for_pdf",
    "ask_sooner",
    "change_period",
    "dispose",
    "end_information",
    "go_on_when_retired",
    "keep_host_access",
    "keep_team_access",
    "lift_hold",
    "make_information",
    "make_pdf",
    "note_taken",
    "plan_runs",
    "put_off_run",
    "scopes_under_hold",
    "set_hold",
    "soonest_day",
]
