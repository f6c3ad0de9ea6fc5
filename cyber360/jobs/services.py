"""Asking for a job, and ringing the worker for it."""

import logging

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from cyber360.audit.guard import guard
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.jobs.models import Job, State
from cyber360.jobs.registry import NotYet, handler, sweeper

__all__ = ["NotYet", "enqueue", "handler", "ring", "run_again", "sweeper"]
logger = logging.getLogger(__name__)


@transaction.atomic
def enqueue(
    *, kind: str, key: str, payload: dict, by: AbstractBaseUser | None = None, scope: str = "", again: bool = False
) -> Job:
    """Ask for one job, in the caller's transaction; the worker hears of it once that commits.

    `key` names the work ("report:17:v3"): the same key gives the same job. `again` starts it afresh,
    with the new payload, when it is done or stopped.
    """
    job, created = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload, "by_id": _pk(by), "scope": scope}
    )
    if not created and again:
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.is_finished:
            _reset(job, payload=payload, by_id=_pk(by))
            created = True
    if created:
        _ring_on_commit(job.pk)
    return job


@transaction.atomic
def run_again(*, job: Job, by: AbstractBaseUser) -> Job:
    """Start a stopped job afresh, with its own payload. Raises NotNow for a job in any other state."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    seat = guard(by, "job.retry")
    if job.state != State.STOPPED:
        raise NotNow(_("Only a stopped job can be run again."))
    _reset(job, payload=job.payload, by_id=job.by_id)
    record(act="job.retry", by=by, seat=seat, obj=job, label=job.kind, detail={"key": job.key})
    _ring_on_commit(job.pk)
    return job


def _pk(person: AbstractBaseUser | None) -> int | None:
    return None if person is None else person.pk


def _reset(job: Job, *, payload: dict, by_id: int | None) -> None:
    job.payload, job.by_id = payload, by_id
    job.state, job.attempts, job.percent, job.words, job.error, job.result = State.QUEUED, 0, 0, "", "", None
    job.lease_until = job.not_before = job.started_at = job.finished_at = job.rung_at = None
    job.created_at = timezone.now()
    job.save()


def _ring_on_commit(job_id: int) -> None:
    # A function, not a partial: Django names the callback when a robust one goes wrong. Robust, because a queue that
    # cannot be reached must not break the request that asked; the sweep rings later.
    transaction.on_commit(lambda: ring(job_id), robust=True)


def ring(job_id: int) -> None:
    """Put the doorbell on the queue. Losing one does no harm: the sweep rings again."""
    Job.objects.filter(pk=job_id).update(rung_at=timezone.now())
    async_task("cyber360.jobs.worker.run", job_id, task_name=f"job-{job_id}")
