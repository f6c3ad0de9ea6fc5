"""Who is asked to join a challenge's team, what they answered, and the host's agreement to the team."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TeamRole(models.TextChoices):
    """The values are those of `peers.access.SeatName`: the seat that acceptance gives."""

    LEAD_PEER = "lead_peer", _("Lead peer")
    PEER = "peer", _("Peer")
    OBSERVER = "observer", _("Observer")


class PlacementState(models.TextChoices):
    PROPOSED = "proposed", _("On the list")
    INVITED = "invited", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Did not answer in time")
    REMOVED = "removed", _("Taken off")


ACTIVE_STATES = (PlacementState.PROPOSED, PlacementState.INVITED, PlacementState.ACCEPTED)
# What a host may know of: those asked and those who said yes.
SHOWN_TO_HOST = (PlacementState.INVITED, PlacementState.ACCEPTED)


class Placement(models.Model):
    """One peer on one challenge's list, from proposal to answer.

    `reason` is why a warning was overridden at the invitation; `answer_reason` is the peer's own reason to decline.
    Neither ever reaches the host.
    """

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="placements")
    profile = models.ForeignKey("peers.PeerProfile", models.PROTECT, related_name="placements")
    role = models.CharField(_("role on the team"), max_length=10, choices=TeamRole, default=TeamRole.PEER)
    state = models.CharField(max_length=8, choices=PlacementState, default=PlacementState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    # Keys of the conflicts that the coordinator knew of when they invited: a new one stops the acceptance.
    known_conflicts = models.JSONField(default=list, blank=True)
    message = models.TextField(_("a few words to the peer"), max_length=1000, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_reason = models.CharField(_("reason"), max_length=400, blank=True)
    declared_none = models.BooleanField(default=False)
    reminded_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    # The place in the line of this role (`InvitationLine`); None for those who are not in it.
    line_place = models.PositiveSmallIntegerField(_("place in the line"), null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_reason = models.CharField(_("reason"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["challenge", "role", "pk"]
        indexes = [models.Index(fields=["profile", "state"], name="placement_profile_state")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlacementState.values), name="placement_state_known"),
            models.CheckConstraint(condition=Q(role__in=TeamRole.values), name="placement_role_known"),
            models.UniqueConstraint(
                fields=["challenge", "profile"],
                condition=Q(state__in=ACTIVE_STATES),
                name="one_active_placement",
                violation_error_message=_("This peer is already on the list."),
            ),
            models.UniqueConstraint(
                fields=["challenge"],
                condition=Q(role=TeamRole.LEAD_PEER, state__in=SHOWN_TO_HOST),
                name="one_lead_peer_asked",
                violation_error_message=_("There is already a lead peer who has been asked. Take them off first."),
            ),
            models.UniqueConstraint(
                fields=["challenge", "role", "line_place"],
                condition=Q(state=PlacementState.PROPOSED, line_place__isnull=False),
                name="one_peer_per_place_in_line",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.INVITED) | Q(invited_at__isnull=False, answer_by__isnull=False),
                name="invitation_has_its_dates",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PlacementState.ACCEPTED, PlacementState.DECLINED])
                | Q(invited_at__isnull=False, answered_at__isnull=False),
                name="answer_has_its_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.DECLINED) | ~Q(answer_reason=""), name="declining_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.EXPIRED)
                | Q(invited_at__isnull=False, answer_by__isnull=False, expired_at__isnull=False),
                name="expiry_has_its_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.REMOVED) | Q(~Q(removed_reason=""), removed_at__isnull=False),
                name="taking_off_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} ({self.get_role_display()})"

    def get_absolute_url(self) -> str:
        return reverse("planning:invitation", args=[self.pk])

    @property
    def owner_id(self) -> int:
        return self.profile.user_id

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES


class TeamAgreement(models.Model):
    """The host's yes to one team. `team_hash` names who was in it; a change of the team voids it."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="team_agreements")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    team_hash = models.CharField(max_length=64)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(voided_at=None), name="one_team_agreement_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: team agreed"
