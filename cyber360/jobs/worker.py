"""What the queue calls: the doorbell of one job, the heartbeat and the sweep. Each may be called at any time."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.exceptions import TimeoutException

from cyber360.exceptions import ExpectedError
from cyber360.jobs import registry
from cyber360.jobs.models import Heartbeat, Job, State
from cyber360.jobs.services import ring

logger = logging.getLogger(__name__)
# A doorbell that nobody heard for this long is rung again; shorter would only make a long queue longer.
UNHEARD = timedelta(seconds=20)


def run(job_id: int) -> None:
    """Do the job if it is due and nobody else does it; otherwise nothing."""
    beat()
    registry.discover()
    job = claim(job_id)
    if job is None:
        return
    with _kept_lease(job):
        _do(job)
    beat()


def claim(job_id: int) -> Job | None:
    """Take the job by compare-and-set, counting the attempt before its work begins. None when it is not to be run.

    The count stands first so that a job which kills its worker uses up its attempts all the same.
    """
    now = timezone.now()
    stop_exhausted(now, Q(pk=job_id))
    taken = (
        Job.objects.filter(_due(now), pk=job_id, attempts__lt=F("max_attempts"))
        .filter(Q(state=State.RUNNING) | Q(not_before=None) | Q(not_before__lte=now))
        .update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
            percent=0,
            words="",
        )
    )
    return Job.objects.get(pk=job_id) if taken else None


def _due(now: datetime) -> Q:
    return Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now)


def stop_exhausted(now: datetime, which: Q) -> int:
    """Stop the jobs whose worker died at their last attempt; the number stopped."""
    return Job.objects.filter(which, state=State.RUNNING, lease_until__lt=now, attempts__gte=F("max_attempts")).update(
        state=State.STOPPED,
        finished_at=now,
        lease_until=None,
        error=_("The worker stopped in the middle of this job each time it was tried. It will not be tried again."),
    )


def _do(job: Job) -> None:
    try:
        function = registry.HANDLERS[job.kind]
    except KeyError:
        logger.error("job %s: no handler for %s", job.pk, job.kind)
        _finish(job, state=State.STOPPED, error=_("This kind of job is not known here: %(kind)s.") % {"kind": job.kind})
        return
    try:
        result = function(job)
    except registry.NotYet as wait:
        _put_back(job, wait)
    except ExpectedError as failure:  # it says what is wrong, and trying again would not mend it
        _finish(job, state=State.STOPPED, error=failure.message[:300])
    except (Exception, TimeoutException) as failure:  # the boundary: any failure must reach the row, none may be lost
        logger.exception("job %s (%s) attempt %s failed", job.pk, job.kind, job.attempts)
        _retry(job, failure)
    else:
        logger.info("job %s (%s) done", job.pk, job.kind)
        _finish(job, state=State.DONE, result=result, percent=100, error="")


def _retry(job: Job, failure: BaseException) -> None:
    """Back in the queue with a growing pause, or stopped. Only the failure's kind is kept: its text may be content."""
    named = {"name": type(failure).__name__, "number": job.pk, "times": job.attempts}
    if job.attempts >= job.max_attempts:
        error = _(
            "Tried %(times)s times and stopped (%(name)s). The details are in the worker's log under job %(number)s."
        )
        _finish(job, state=State.STOPPED, error=error % named)
        return
    pause = timedelta(seconds=settings.JOB_BACK_OFF_SECONDS * job.attempts**2)
    error = _("Attempt %(times)s went wrong (%(name)s). It is tried again shortly.")
    _held_by(job).update(
        state=State.QUEUED,
        not_before=timezone.now() + pause,
        lease_until=None,
        rung_at=None,
        error=error % named,
    )


def _put_back(job: Job, wait: registry.NotYet) -> None:
    """Back in the queue as it was. The attempt was counted before, so one that dies in place of asking still counts.

    Its number is given out again; nobody writes under it any more, since only the run that holds it puts it back.
    """
    _held_by(job).update(
        state=State.QUEUED,
        attempts=F("attempts") - 1,
        not_before=timezone.now() + timedelta(seconds=wait.seconds),
        lease_until=None,
        rung_at=None,
        started_at=None,
        words=wait.words[:200],
        error="",
    )


def _finish(job: Job, **fields) -> None:
    _held_by(job).update(finished_at=timezone.now(), lease_until=None, **fields)


def _held_by(job: Job) -> models.QuerySet[Job]:
    """The row as long as this attempt still holds it: a run that lost its lease no longer writes."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)


@contextmanager
def _kept_lease(job: Job) -> Iterator[None]:
    """Renew the lease while the handler runs, so that a short lease (a quick recovery) allows a long job."""
    if connection.in_atomic_block:  # inline jobs: nobody else could take it before the transaction ends
        yield
        return
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(settings.JOB_LEASE_SECONDS / 3):
                _renew(job)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(job: Job) -> None:
    try:
        _held_by(job).update(lease_until=timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS))
        beat()
    except DatabaseError:  # a locked database must not end the renewals: the next one comes before the lease runs out
        logger.exception("job %s: the lease was not renewed", job.pk)


def beat() -> None:
    """Say that a worker process takes things off the queue."""
    now = timezone.now()
    if not Heartbeat.objects.filter(name="worker").update(at=now):
        Heartbeat.objects.get_or_create(name="worker", defaults={"at": now})


def sweep() -> int:
    """Ring for the jobs that nobody heard or whose worker died, then call the registered sweepers; jobs rung."""
    beat()
    registry.discover()
    rung = ring_unheard()
    for function in registry.SWEEPERS:
        try:
            function()
        except Exception:  # one sweeper's failure must not keep the others from their turn
            logger.exception("sweeper %s failed", function.__qualname__)
    return rung


def ring_unheard(unheard: timedelta = UNHEARD) -> int:
    """Ring again for due jobs whose last doorbell is `unheard` old; the number rung."""
    now = timezone.now()
    stop_exhausted(now, Q())
    waiting = (
        Job.objects.filter(_due(now))
        .filter(Q(state=State.RUNNING) | Q(not_before=None) | Q(not_before__lte=now))
        .filter(Q(rung_at=None) | Q(rung_at__lt=now - unheard) | Q(state=State.RUNNING, rung_at__lt=F("lease_until")))
    )
    rung = 0
    for job_id, rung_at in waiting.values_list("pk", "rung_at")[:500]:
        with transaction.atomic():
            if Job.objects.filter(pk=job_id, rung_at=rung_at).update(rung_at=now):
                ring(job_id)
                rung += 1
    return rung
