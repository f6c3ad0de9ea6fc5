"""What the team found: drafted, linked to its sources, agreed or dropped; and the feedback presentation."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

HEADLINE_WORDS = 20
NARRATIVE_WORDS = 150


class FindingType(models.TextChoices):
    STRENGTH = "strength", _("Strength")
    CONSIDERATION = "consideration", _("Area for consideration")
    RECOMMENDATION = "recommendation", _("Recommendation")
    QUICK_WIN = "quick_win", _("Quick win")
    QUESTION = "question", _("Question for the council")
    GOOD_PRACTICE = "good_practice", _("Good practice to share")


class FindingState(models.TextChoices):
    CAPTURED = "captured", _("Captured")
    GROUPED = "grouped", _("Grouped")
    WORDED = "worded", _("Worded")
    AGREED = "agreed", _("Agreed")
    DROPPED = "dropped", _("Dropped")


class Urgency(models.TextChoices):
    NOW = "now", _("Within 1 month")
    SOON = "soon", _("Within 3 months")
    YEAR = "year", _("Within a year")


class Finding(models.Model):
    """One finding. A recommendation also says for whom and how soon; its number is given on agreement."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="findings")
    theme = models.ForeignKey("peers.Theme", models.PROTECT, related_name="+")
    kind = models.CharField(_("type"), max_length=14, choices=FindingType)
    headline = models.CharField(_("headline"), max_length=240)
    narrative = models.TextField(_("what we saw and why it matters"), max_length=2500, blank=True)
    confidence = models.CharField(
        _("confidence"), max_length=6, blank=True,
        choices=[("low", _("Low")), ("medium", _("Medium")), ("high", _("High"))],
    )  # fmt: skip
    owner_suggestion = models.CharField(_("for which role"), max_length=120, blank=True)
    urgency = models.CharField(_("how soon"), max_length=4, choices=Urgency, blank=True)
    caf_outcome = models.ForeignKey("peers.CafOutcome", models.PROTECT, null=True, blank=True, related_name="+")
    sensitive = models.BooleanField(_("only for the host's own annex"), default=False)
    state = models.CharField(max_length=8, choices=FindingState, default=FindingState.CAPTURED)
    drop_reason = models.CharField(_("reason"), max_length=400, blank=True)
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    questions = models.ManyToManyField("peers.Question", blank=True, related_name="+")
    evidence = models.ManyToManyField("peers.EvidenceItem", blank=True, related_name="+")
    conversations = models.ManyToManyField("peers.Conversation", blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["theme__place", "kind", "pk"]
        indexes = [models.Index(fields=["challenge", "state"], name="finding_challenge_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=FindingState.DROPPED) | ~Q(drop_reason=""), name="dropped_finding_has_reason"
            ),
            models.UniqueConstraint(
                fields=["challenge", "number"], condition=Q(number__isnull=False), name="one_recommendation_number"
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class FindingVersion(models.Model):
    """What a finding said before a change, so that its history stays."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="history")
    headline = models.CharField(max_length=240)
    narrative = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=FindingState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.headline}"


class Feedback(models.Model):
    """The presentation to the host: when, and which roles heard it."""

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="feedback")
    held_on = models.DateField(_("held on"))
    attendee_roles = models.TextField(_("roles of those present"), max_length=2000)
    notes = models.TextField(_("what was said in reply"), max_length=4000, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"Feedback on {self.challenge}"
