"""Reading jobs: one job for a page that waits, lists and health for the administrator."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from cyber360.jobs.models import Heartbeat, Job, State


def job_for(key: str) -> Job | None:
    """The job of a key, for `{% include "jobs/_progress.html" %}`."""
    return Job.objects.filter(key=key).first()


def jobs(*, state: str = "", kind: str = "") -> QuerySet[Job]:
    """All jobs, newest first; the administrator's list."""
    found = Job.objects.select_related("by").defer("payload", "result")
    if state in State.values:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found


def counts_by_state() -> dict[str, int]:
    """How many jobs are in each state."""
    counted = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in State.values}


def last_heartbeat() -> datetime | None:
    """When a worker last took something off the queue."""
    return Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()


def worker_is_silent(now: datetime | None = None) -> bool:
    """No worker was heard for long enough to call it stopped or frozen (a busy one beats as it renews its lease)."""
    at = last_heartbeat()
    quiet = timedelta(seconds=max(settings.WORKER_SILENCE_SECONDS * 4, 120))
    return at is None or at < (now or timezone.now()) - quiet


def worker() -> str:
    """For /readyz: "" when a worker takes things off the queue, else a sentence."""
    try:
        silent = worker_is_silent()
    except DatabaseError:
        return "The database does not answer."
    return f"No worker was heard since {last_heartbeat()}." if silent else ""


@dataclass(frozen=True)
class Health:
    """What /readyz answers and the Health page shows."""

    database: bool
    worker_silent: bool
    heartbeat: datetime | None
    waiting: int
    running: int
    stopped: int
    oldest_waiting: datetime | None

    @property
    def ready(self) -> bool:
        return self.database and not self.worker_silent


def health() -> Health:
    """The state of database, worker and queue; never raises for an absent database."""
    try:
        counted = counts_by_state()
        waiting = Job.objects.filter(state=State.QUEUED).aggregate(first=Min("created_at"))["first"]
        at, silent = last_heartbeat(), worker_is_silent()
    except DatabaseError:
        return Health(False, True, None, 0, 0, 0, None)
    return Health(True, silent, at, counted["queued"], counted["running"], counted["stopped"], waiting)
