"""Doorbells: the weekly reminder of actions that are due."""

from django.utils import timezone

from cyber360.jobs.services import sweeper

from .services import queue_reminders


@sweeper
def remind_of_actions() -> None:
    """Asked about once a minute; the key of each mail keeps it to one a week."""
    queue_reminders(today=timezone.localdate())
