"""What ties a peer to councils: their home council through the years, and what they or a coordinator declared."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import PeerProfile


class HomeCouncil(models.Model):
    """Where a peer worked or was elected, and when; both days included, blank ends are open.

    The open row says the same as `PeerProfile.council`. A closed one makes the council a former employer.
    """

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="homes")
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="homes_of_peers")
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = [F("ends_on").desc(nulls_first=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="home_council_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=["profile"], condition=Q(ends_on=None), name="one_home_council",
                violation_error_message=_("A peer has one home council at a time."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.profile}: {self.council.name}"

    @property
    def owner_id(self) -> int:
        return self.profile.user_id


class Interest(models.Model):
    """A tie between a peer and a council. What a coordinator enters is `pinned`: the peer cannot take it back.

    `bars`: the coordinator says that nobody may override it, whatever the rule of its kind.
    """

    class Kind(models.TextChoices):
        EMPLOYER = "employer", _("Works there now")
        FORMER_EMPLOYER = "former_employer", _("Worked there before")
        SUPPLIER = "supplier", _("Supplies it, or works for a supplier")
        FAMILY = "family", _("Family or close friend")
        PARTNERSHIP = "partnership", _("Shared service or partnership")
        OTHER = "other", _("Something else")

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="interests")
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="declared_interests")
    kind = models.CharField(_("what ties you"), max_length=16, choices=Kind)
    words = models.CharField(_("in a few words"), max_length=400, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)
    pinned = models.BooleanField(default=False)
    bars = models.BooleanField(
        _("nobody may override this"), default=False, help_text=_("The peer cannot be asked for this council.")
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["council__name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["employer", "former_employer", "supplier", "family",
                                                         "partnership", "other"]), name="interest_kind_known"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="interest_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(condition=Q(pinned=False) | Q(withdrawn_at=None), name="pinned_interest_stays"),
            models.CheckConstraint(condition=Q(bars=False) | Q(pinned=True), name="only_a_pinned_interest_bars"),
            models.UniqueConstraint(
                fields=["profile", "council", "kind"], condition=Q(withdrawn_at=None), name="interest_declared_once",
                violation_error_message=_("This interest is already declared."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_kind_display()}, {self.council.name}"

    @property
    def owner_id(self) -> int:
        return self.profile.user_id

    def covers(self, day) -> bool:
        """Whether the tie is in force on `day`; blank ends are open."""
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or self.ends_on >= day)
