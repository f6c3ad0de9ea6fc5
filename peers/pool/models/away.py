"""When a peer cannot come."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .people import PeerProfile


class Source(models.TextChoices):
    HAND = "hand", _("Noted by hand")
    ICS = "ics", _("From a calendar file")


class BlackoutPeriod(models.Model):
    """Days on which the peer cannot be asked, both ends included.

    Days from a calendar file hold no words, and go when the next file is taken.
    """

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="blackouts")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    words = models.CharField(_("what for"), max_length=120, blank=True)
    source = models.CharField(max_length=4, choices=Source, default=Source.HAND)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="blackout_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(fields=["profile", "source", "first_day", "last_day"], name="blackout_once"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="blackout_source_known"),
            models.CheckConstraint(condition=Q(source=Source.HAND) | Q(words=""), name="days_of_a_file_have_no_words"),
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.first_day} to {self.last_day}"

    @property
    def owner_id(self) -> int:
        return self.profile.user_id
