"""Doorbells of the room. No sweeper disposes of anything: it plans, warns and asks."""

from django.core.cache import cache
from django.utils import timezone

from cyber360.accounts.erasing import forget_last_addresses
from cyber360.files.key_copies import keep_copy
from cyber360.jobs.models import Job
from cyber360.jobs.services import enqueue, handler, sweeper

from . import services
from .queries.information import MAKE
from .services.certificates import RENDER
from .services.information_person import person_members

NIGHT = 2  # the hour, UK time, from which the day's planning is asked for
PLAN = "records.plan"


@sweeper
def follow_the_dates() -> None:
    """About once a minute: the team's last day follows the visit, a hold keeps the host in, a waiting run goes on."""
    services.keep_team_access()
    services.keep_host_access()
    services.go_on_when_retired()


@sweeper
def ask_for_planning() -> None:
    """Once a day: the key names the day, so asking again gives the same job."""
    now = timezone.localtime()
    if now.hour >= NIGHT and cache.add(f"{PLAN}:{now:%Y-%m-%d}", 1, 3600):
        enqueue(kind=PLAN, key=f"{PLAN}:{now:%Y-%m-%d}", payload={})


@handler(PLAN)
def plan(job: Job) -> dict[str, int]:
    keep_copy()
    return {"runs": services.plan_runs(timezone.localdate())}


@handler(services.DISPOSE)
def dispose(job: Job) -> dict:
    return services.dispose(run_id=job.payload["run"], show=job.show)


@handler(RENDER)
def render(job: Job) -> dict:
    return services.make_pdf(certificate_id=job.payload["certificate"], show=job.show)


@handler(MAKE)
def make_information(job: Job) -> dict:
    return services.make_information(export_id=job.payload["export"], show=job.show, about_person=person_members)


@sweeper
def end_information() -> None:
    services.end_information()


@sweeper
def forget_erased() -> None:
    """The last mail to somebody who was erased keeps its address only until it is sent."""
    forget_last_addresses()
