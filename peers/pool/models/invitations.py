"""Asking somebody to apply to the pool, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PoolInvitation(models.Model):
    """One invitation to apply, from the mail to the decision. `reason` is for coordinators alone.

    Open until it is withdrawn or decided; a person has one open invitation in a programme.
    """

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="pool_invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pool_invitations")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    approved = models.BooleanField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "user"],
                condition=Q(withdrawn_at=None, decided_at=None),
                name="one_open_pool_invitation",
                violation_error_message=_("This person is invited already."),
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, approved=None)
                | Q(decided_at__isnull=False, approved__isnull=False, applied_at__isnull=False),
                name="pool_application_is_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(decided_at=None, applied_at=None),
                name="pool_invitation_withdrawn_before_applying",
            ),
            models.CheckConstraint(
                condition=~Q(approved=False) | ~Q(reason=""), name="turning_down_has_a_reason",
                violation_error_message=_("Give the reason. Only coordinators read it."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user}"

    @property
    def owner_id(self) -> int:
        return self.user_id

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None and self.decided_at is None
