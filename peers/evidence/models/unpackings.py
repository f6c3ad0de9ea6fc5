"""Archives on their way to become items: how far, and what was left out and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cyber360.files.models import NAME_LENGTH, StoredFile
from peers.challenges.models import Challenge

from .requests import EvidenceRequest


class Unpacking(models.Model):
    """One zip. Its files become items one by one; the zip itself is deleted at the end.

    `words` is what was said for all its files (marking, shows, source, dates, question ids), as JSON. `left_out` is a
    list of `[name, reason]`, names cleaned. `total` counts the files in the zip, `added` those that are items now.
    `refusal` says why nothing at all was unpacked, or why it ended early. `once` is the mark against sending twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be unpacked")
        UNPACKING = "unpacking", _("Being unpacked")
        DONE = "done", _("Unpacked")
        REFUSED = "refused", _("Not unpacked")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="unpackings")
    request = models.ForeignKey(EvidenceRequest, models.SET_NULL, null=True, blank=True, related_name="unpackings")
    stored_file = models.OneToOneField(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="unpacking", editable=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    words = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=list, blank=True)
    refusal = models.TextField(blank=True)
    once = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        indexes = [models.Index(fields=["challenge", "begun_at"], name="unpacking_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "unpacking", "done", "refused"]), name="unpacking_state_known"
            ),
            models.CheckConstraint(condition=Q(added__lte=F("total")), name="unpacking_adds_what_is_there"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "refused"], ended_at__isnull=False)
                | Q(state__in=["waiting", "unpacking"], ended_at__isnull=True),
                name="unpacking_ends_once",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="unpacking_refused_has_reason"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence:unpacking", args=[self.challenge.ref, self.pk])

    @property
    def is_ended(self) -> bool:
        return self.state in (self.State.DONE, self.State.REFUSED)

    @property
    def job_key(self) -> str:
        return f"evidence.unpack:{self.pk}"

    @property
    def done(self) -> int:
        """Files of the zip that were looked at."""
        return self.added + len(self.left_out)

    def handed_to(self) -> list[int]:
        return self.request.handed_to() if self.request is not None else []
