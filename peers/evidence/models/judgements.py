"""What the team makes of the evidence as a whole, theme by theme. The host never reads it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.challenges.models import Challenge
from peers.frameworks.models import Theme


class Sufficiency(models.TextChoices):
    ENOUGH = "enough", _("Enough")
    PARTLY = "partly", _("Partly")
    NOT_ENOUGH = "not_enough", _("Not enough")
    CANNOT_SAY = "cannot_say", _("Cannot say")


# The four that assurers ask of a body of evidence.
QUALITIES = ("complete", "accurate", "relevant", "consistent")
WHY_LENGTH = 1000


def _said(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{name}__in": ["", *Sufficiency.values]}), name=f"judgement_{name}_known"
    )


class Judgement(models.Model):
    """The team's one view of the evidence of a theme: for each quality a word, empty while none is chosen, and a
    sentence. `version` as everywhere: a writer who began upon an older one is told."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="evidence_judgements")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    complete = models.CharField(max_length=10, choices=Sufficiency, blank=True)
    complete_why = models.TextField(blank=True, max_length=WHY_LENGTH)
    accurate = models.CharField(max_length=10, choices=Sufficiency, blank=True)
    accurate_why = models.TextField(blank=True, max_length=WHY_LENGTH)
    relevant = models.CharField(max_length=10, choices=Sufficiency, blank=True)
    relevant_why = models.TextField(blank=True, max_length=WHY_LENGTH)
    consistent = models.CharField(max_length=10, choices=Sufficiency, blank=True)
    consistent_why = models.TextField(blank=True, max_length=WHY_LENGTH)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["theme__place", "theme_id"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "theme"], name="one_judgement_per_theme"),
            *[_said(name) for name in QUALITIES],
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.theme_id}"

    @property
    def is_whole(self) -> bool:
        """Each of the four has its word."""
        return all(getattr(self, name) for name in QUALITIES)
