"""Doorbells of the room."""

from cyber360.jobs.services import sweeper

from .services import calendars


# --- calendars ------------------------------------------------------------------------------------
@sweeper
def keep_calendars() -> None:
    """Asked about once a minute: what was given out follows what is true, and moves of a visit are told."""
    calendars.bring_up_to_date()
    calendars.forget_cancelled()
