"""A line of peers for one role of one team: who is asked next when somebody says no or lets the day pass."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .placements import TeamRole


class LineState(models.TextChoices):
    RUNNING = "running", _("Asking in order")
    STOPPED = "stopped", _("Stopped by a coordinator")
    AGAINST = "against", _("Stopped: something speaks against the next in the line")
    EMPTY = "empty", _("Ended: nobody is left in the line")
    ORPHANED = "orphaned", _("Stopped: whoever started it is no coordinator any more")


class InvitationLine(models.Model):
    """`wanted` places of `role` are kept asked or filled; the places in the line stand on `Placement.line_place`.

    `days`: how long each has to answer. Invitations from the line are sent in the name of `started_by`.
    """

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="invitation_lines")
    role = models.CharField(_("role on the team"), max_length=10, choices=TeamRole)
    wanted = models.PositiveSmallIntegerField(_("places to fill"), default=1, validators=[MaxValueValidator(8)])
    days = models.PositiveSmallIntegerField(
        _("days to answer"), default=10, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    message = models.TextField(_("a few words to the peers"), max_length=1000, blank=True)
    state = models.CharField(max_length=8, choices=LineState, default=LineState.RUNNING)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["challenge", "role"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "role"], name="one_line_per_role"),
            models.CheckConstraint(condition=Q(role__in=TeamRole.values), name="line_role_known"),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="line_state_known"),
            models.CheckConstraint(condition=Q(days__range=(1, 60)), name="line_days_in_bounds"),
            models.CheckConstraint(
                condition=Q(wanted__range=(1, 8)) & (~Q(role=TeamRole.LEAD_PEER) | Q(wanted=1)),
                name="line_places_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.get_role_display()}"

    @property
    def is_running(self) -> bool:
        return self.state == LineState.RUNNING
