"""Taking evidence over from the council's earlier challenges."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.challenges.models import Challenge

from .items import EvidenceItem


class Reuse(models.Model):
    """One item of an earlier challenge, asked for here. A link comes over at once, a file by a job.

    `source` goes empty when the earlier evidence is disposed of; `item` is what it became here. `reason` is the
    sentence for the council when it could not be taken over.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being taken over")
        DONE = "done", _("Taken over")
        STOPPED = "stopped", _("Not taken over")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="evidence_reuses")
    source = models.ForeignKey(EvidenceItem, models.SET_NULL, null=True, blank=True, related_name="reuses")
    item = models.OneToOneField(EvidenceItem, models.CASCADE, null=True, blank=True, related_name="reuse")
    title = models.CharField(max_length=200)
    still_true = models.CharField(max_length=400)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=400, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "source"], condition=Q(source__isnull=False), name="evidence_taken_over_once"
            ),
            models.CheckConstraint(
                condition=Q(state="done", item__isnull=False, reason="")
                | Q(state="waiting", item__isnull=True, reason="")
                | Q(state="stopped", item__isnull=True) & ~Q(reason=""),
                name="evidence_reuse_state_fits",
            ),
            models.CheckConstraint(condition=~Q(still_true=""), name="evidence_reuse_says_still_true"),
        ]

    def __str__(self) -> str:
        return self.title
