"""When a council can be visited, the dates that are looked at, and who can come on them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HostDays(models.Model):
    """Days on which the host can be visited, or cannot (council and cabinet days); both ends included.

    A challenge with days that are possible can be visited on these alone, less those that are not.
    """

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="host_days")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    possible = models.BooleanField(default=False)
    words = models.CharField(_("what for"), max_length=120, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "host days"
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="host_days_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=["challenge", "first_day", "last_day"],
                name="host_days_once",
                violation_error_message=_("These days are on the list already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.first_day} to {self.last_day}"


class DateOption(models.Model):
    """Days on which the visit could be. At most one option of a challenge is chosen."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="date_options")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    put_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    put_at = models.DateTimeField(default=timezone.now)
    chosen_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="date_option_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(
                fields=["challenge", "first_day", "last_day"],
                condition=Q(withdrawn_at=None),
                name="date_option_once",
                violation_error_message=_("These days are looked at already."),
            ),
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(chosen_at__isnull=False), name="one_chosen_date_option"
            ),
            models.CheckConstraint(
                condition=Q(chosen_at=None) | Q(withdrawn_at=None), name="chosen_date_option_is_not_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.first_day} to {self.last_day}"


class DateAnswerWord(models.TextChoices):
    YES = "yes", _("I can")
    BADLY = "badly", _("It would suit me badly")
    NO = "no", _("I cannot")


class DateAnswer(models.Model):
    """One person's own word on one option. It counts before anything the calendar says."""

    option = models.ForeignKey(DateOption, models.CASCADE, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="date_answers")
    answer = models.CharField(max_length=5, choices=DateAnswerWord)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["option", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["option", "user"], name="one_date_answer"),
            models.CheckConstraint(condition=Q(answer__in=DateAnswerWord.values), name="date_answer_known"),
        ]

    def __str__(self) -> str:
        return f"{self.option}: {self.get_answer_display()}"

    @property
    def owner_id(self) -> int:
        return self.user_id

    @property
    def challenge(self) -> models.Model:
        return self.option.challenge
