from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class Job(models.Model):
    """Work that a web request must not wait for. The queue carries only the row's id.

    The row decides whether and how often the work runs, because the queue counts only the runs that
    report back: a job that kills its own worker would otherwise be started for ever.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict, blank=True)
    scope = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="job_state_lease"),
            models.Index(fields=["scope", "kind"], name="job_scope_kind"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="job_percent_up_to_100"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="job_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_finished(self) -> bool:
        return self.state in (State.DONE, State.STOPPED)

    def show(self, percent: int, words: str = "") -> None:
        """Tell the waiting page how far the work is (0 to 100, one sentence), and keep the lease.

        Written only while this run still holds the job, and at once: call it outside a transaction.
        """
        self.percent, self.words = max(0, min(100, percent)), words[:200]
        self.lease_until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        Job.objects.filter(pk=self.pk, state=State.RUNNING, attempts=self.attempts).update(
            percent=self.percent, words=self.words, lease_until=self.lease_until
        )


class Heartbeat(models.Model):
    """The last time a worker process really took something off the queue."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
