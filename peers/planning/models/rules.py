"""The rules that say what speaks against a pair of peer and council, and the conflicts that came up later."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.planning.pairing.conflicts import FIXED, WINDOWED, ConflictKind, Strength

from .placements import Placement

if TYPE_CHECKING:
    from peers.challenges.models import Challenge

MOST_MONTHS = 240
# Sorted: a set has no order, and a constraint that changes its order looks like a change of the schema.
KINDS = [kind.value for kind in ConflictKind]
ALWAYS_BARS, WITH_MONTHS = sorted(kind.value for kind in FIXED), sorted(kind.value for kind in WINDOWED)


class ConflictRule(models.Model):
    """How one kind of conflict counts here. A kind without a row counts as `conflicts.DEFAULTS` says.

    `months`: how far back, or how far apart, the kind looks; only kinds in `conflicts.WINDOWED` have it.
    """

    kind = models.CharField(max_length=20, unique=True, choices=[(kind.value, kind.value) for kind in ConflictKind])
    strength = models.CharField(
        _("strength"), max_length=5, choices=[(strength.value, strength.value) for strength in Strength]
    )
    months = models.PositiveSmallIntegerField(
        _("months"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)]
    )
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="conflict_rule_kind_known"),
            models.CheckConstraint(
                condition=Q(strength__in=[strength.value for strength in Strength]), name="conflict_rule_strength_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=ALWAYS_BARS) | Q(strength=Strength.BARS.value),
                name="own_council_always_bars",
            ),
            models.CheckConstraint(
                condition=Q(months=None) | Q(kind__in=WITH_MONTHS, months__range=(1, MOST_MONTHS)),
                name="conflict_rule_months_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.strength}"


class NoticeState(models.TextChoices):
    OPEN = "open", _("To settle")
    KEPT = "kept", _("Kept, with a reason")
    TAKEN_OFF = "taken_off", _("Taken off the team")
    GONE = "gone", _("No longer true")


class ConflictNotice(models.Model):
    """A conflict that came up after the invitation: a new job, a merger, another visit. Raised once for each cause.

    Only coordinators read it. `key` is the conflict's own; `sentence` what was true on the day it was raised.
    """

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    strength = models.CharField(max_length=5)
    sentence = models.CharField(max_length=600)
    source = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=NoticeState, default=NoticeState.OPEN)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["state"], name="conflict_notice_state")]
        constraints = [
            models.UniqueConstraint(fields=["placement", "key"], name="one_notice_per_conflict"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="conflict_notice_state_known"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="conflict_notice_kind_known"),
            models.CheckConstraint(
                condition=~Q(state=NoticeState.KEPT) | (~Q(reason="") & Q(strength=Strength.WARNS.value)),
                name="only_a_warning_is_kept_and_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.OPEN, settled_at=None) | Q(settled_at__isnull=False),
                name="a_settled_notice_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement}: {self.kind}"

    @property
    def challenge(self) -> "Challenge":
        return self.placement.challenge

    @property
    def bars(self) -> bool:
        return self.strength == Strength.BARS
