"""What stops a disposal until somebody lifts it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """While one is in force nothing of the challenge is disposed of, and the host's access does not end by itself.

    `seats` keeps the last days that were taken off host seats: [[seat id, "2027-05-01"], ...].
    """

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="legal_holds")
    reason = models.CharField(_("reason"), max_length=400)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(_("why it is lifted"), max_length=400, blank=True)
    seats = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(lifted_at__isnull=True), name="one_legal_hold_in_force"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lift_reason="")
                | (Q(lifted_at__gte=F("since")) & ~Q(lift_reason="")),
                name="legal_hold_lifted_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold {self.pk}"

    @property
    def bare_reason(self) -> str:
        """The reason for the middle of a line: without a stop of its own."""
        return self.reason.rstrip(" .")

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None
