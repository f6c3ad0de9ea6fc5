"""The host's one objection to one person on the team, which neither peers nor the challenge manager ever see."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .placements import Placement


class ObjectionState(models.TextChoices):
    OPEN = "open", _("With the coordinator")
    TAKEN_OFF = "taken_off", _("The person is no longer on the team")
    KEPT = "kept", _("The person stays on the team")


class TeamObjection(models.Model):
    """Once a challenge. `explanation` is what the coordinator tells the host when the person stays."""

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="team_objection")
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="objections")
    reason = models.TextField(_("reason"), max_length=1000)
    objected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    objected_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=ObjectionState, default=ObjectionState.OPEN)
    explanation = models.TextField(_("explanation to the host"), max_length=1000, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-objected_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ObjectionState.values), name="objection_state_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="objection_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state=ObjectionState.KEPT) | ~Q(explanation=""), name="keeping_is_explained"
            ),
            models.CheckConstraint(
                condition=Q(state=ObjectionState.OPEN, settled_at=None)
                | (~Q(state=ObjectionState.OPEN) & Q(settled_at__isnull=False)),
                name="settled_objection_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        # The audit trail keeps this as its label: it names neither the person nor the reason.
        return str(_("Objection of the host"))

    @property
    def is_open(self) -> bool:
        return self.state == ObjectionState.OPEN
