"""Doorbells: once a year each peer is asked whether their profile is still right."""

from django.utils import timezone

from cyber360.jobs.models import Job
from cyber360.jobs.services import enqueue, handler, sweeper

from .services import ask_for_confirmation

KIND = "pool.confirm"
FIRST_HOUR = 7


@sweeper
def ring_for_confirmations() -> None:
    """Asked about once a minute; the key keeps it to one job a day, from seven in the morning."""
    now = timezone.localtime()
    if now.hour >= FIRST_HOUR:
        enqueue(kind=KIND, key=f"{KIND}:{now.date()}", payload={"day": now.date().isoformat()})


@handler(KIND)
def confirmations(job: Job) -> dict[str, int]:
    return {"asked": ask_for_confirmation(today=timezone.localdate())}
