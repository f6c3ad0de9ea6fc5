"""How long each kind of record is kept: data of the programme, with what it said before."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class Kind(models.TextChoices):
    TEAM_ACCESS = "team_access", _("The team's access to the evidence")
    NOTES = "notes", _("The team's raw notes")
    EVIDENCE = "evidence", _("Evidence")
    REPORT = "report", _("Report and action plan")
    AUDIT = "audit", _("Audit record")
    ACCOUNTS = "accounts", _("Accounts that nobody uses")


class CountedFrom(models.TextChoices):
    VISIT_END = "visit_end", _("the last day of the visit")
    REPORT_ISSUED = "report_issued", _("the day the report was issued")
    CLOSED = "closed", _("the day the challenge ended")
    LAST_SIGN_IN = "last_sign_in", _("the last sign-in")


# What a run of ours disposes of; the others are shown with their day and done by hand.
DISPOSED = (Kind.NOTES, Kind.EVIDENCE)
BY_HAND = (Kind.REPORT, Kind.AUDIT, Kind.ACCOUNTS)


class RetentionPeriod(models.Model):
    """One kind's period on one programme. The two warnings go out so many days before the day of disposal."""

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="retention_periods")
    kind = models.CharField(max_length=12, choices=Kind)
    days = models.PositiveIntegerField(_("days"), validators=[MaxValueValidator(36_500)])
    counted_from = models.CharField(_("counted from"), max_length=14, choices=CountedFrom)
    reason = models.CharField(_("why so long"), max_length=400)
    first_warning = models.PositiveSmallIntegerField(_("first warning, days before"), default=30)
    second_warning = models.PositiveSmallIntegerField(_("second warning, days before"), default=7)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "kind"], name="one_period_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="retention_kind_known"),
            models.CheckConstraint(condition=Q(counted_from__in=CountedFrom.values), name="retention_counted_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="retention_has_reason"),
            models.CheckConstraint(
                condition=Q(first_warning__gt=F("second_warning"), second_warning__gte=1),
                name="two_warnings_in_order",
                violation_error_message=_("The first warning comes before the second, the second before the day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.days}"

    @property
    def length(self) -> str:
        """`180 days`, or `about 6 years` where the days make whole years, leap days or not."""
        years = round(self.days / 365.25)
        if years and 365 * years <= self.days <= 366 * years and abs(self.days - 365.25 * years) <= 2:
            return ngettext("about %(years)d year", "about %(years)d years", years) % {"years": years}
        return ngettext("%(days)d day", "%(days)d days", self.days) % {"days": self.days}


class RetentionChange(models.Model):
    """What a period said in one version, kept when it changes."""

    period = models.ForeignKey(RetentionPeriod, models.CASCADE, related_name="changes")
    version = models.PositiveIntegerField()
    days = models.PositiveIntegerField()
    counted_from = models.CharField(max_length=14, choices=CountedFrom)
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["period", "-version"]
        constraints = [models.UniqueConstraint(fields=["period", "version"], name="one_change_per_version")]

    def __str__(self) -> str:
        return f"{self.period_id}: version {self.version}"
