"""Doorbells of the room."""

from django.utils import timezone

from cyber360.jobs.models import Job
from cyber360.jobs.services import enqueue, handler, sweeper

from .season.run import in_child
from .services import calendars, conflicts, invitations, season, season_run

NIGHT = 3  # the hour, UK time, from which the day's look at conflicts is asked for


# --- calendars ------------------------------------------------------------------------------------
@sweeper
def keep_calendars() -> None:
    """Asked about once a minute: what was given out follows what is true, and moves of a visit are told."""
    calendars.bring_up_to_date()
    calendars.forget_cancelled()


# --- invitations and conflicts ----------------------------------------------------------------------
@sweeper
def let_invitations_run_out() -> None:
    invitations.expire_invitations()


@sweeper
def ask_for_conflicts() -> None:
    """Once a day: the key names the day, so asking again gives the same job."""
    now = timezone.localtime()
    if now.hour >= NIGHT:
        enqueue(kind=conflicts.CHECK, key=f"{conflicts.CHECK}:{now:%Y-%m-%d}", payload={})


@handler(conflicts.CHECK)
def check_conflicts(job: Job) -> dict[str, int]:
    return conflicts.check_conflicts()


# --- the season -------------------------------------------------------------------------------------
@handler(season.JOB)
def plan_season(job: Job) -> dict[str, str]:
    return season_run.work_out(plan_id=job.payload["plan"], run=job.payload["run"], show=job.show, solve=in_child)


@sweeper
def end_forsaken_plans() -> None:
    season_run.close_forsaken()
