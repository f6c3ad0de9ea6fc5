"""Scores: each peer's own, private until the reveal, and the one that the team agrees."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Score(models.Model):
    """One peer's view of one question. `level` 0-4; None with `not_explored`, or while not scored yet."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="scores")
    question = models.ForeignKey("peers.Question", models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    not_explored = models.BooleanField(_("not explored"), default=False)
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    comment = models.TextField(_("comment"), max_length=4000, blank=True)
    evidence = models.ManyToManyField("peers.EvidenceItem", blank=True, related_name="+")
    conversations = models.ManyToManyField("peers.Conversation", blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["question__theme__place", "question__place", "owner__full_name"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "question", "owner"], name="one_score_per_peer_and_question"),
            models.CheckConstraint(condition=Q(level=None) | Q(level__range=(0, 4)), name="score_level_in_range"),
            models.CheckConstraint(condition=Q(not_explored=False) | Q(level=None), name="score_explored_or_level"),
        ]

    def __str__(self) -> str:
        return f"Score {self.pk}"

    @property
    def is_given(self) -> bool:
        return self.level is not None or self.not_explored


class ScoreSubmission(models.Model):
    """A peer's scores are in: from now to the reveal they stand as they are."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="score_submissions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "owner"], name="one_submission_per_peer")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.challenge}"


class AgreedScore(models.Model):
    """What the team agreed on one question, with its reason; never an average. `dissent` keeps another view."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="agreed_scores")
    question = models.ForeignKey("peers.Question", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    not_explored = models.BooleanField(_("not explored"), default=False)
    reason = models.TextField(_("reason"), max_length=4000)
    dissent = models.TextField(_("dissent"), max_length=2000, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    agreed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["question__theme__place", "question__place"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "question"], name="one_agreed_score_per_question"),
            models.CheckConstraint(
                condition=Q(level__range=(0, 4), not_explored=False) | Q(level=None, not_explored=True),
                name="agreed_level_or_not_explored",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="agreed_score_has_reason"),
        ]

    def __str__(self) -> str:
        return f"Agreed score {self.pk}"
