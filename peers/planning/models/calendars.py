"""A person's own calendar feed, and what was last given out about each thing in it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.stages import Stage

VISIT = "visit"
THINGS = (VISIT, *(stage.value for stage in Stage))


class EntryState(models.TextChoices):
    TENTATIVE = "tentative", _("Asked, not answered")
    CONFIRMED = "confirmed", _("Confirmed")
    CANCELLED = "cancelled", _("Cancelled")


def new_uid() -> str:
    """A name that no other calendar gives; it tells nothing of what it names."""
    return f"{uuid.uuid4()}@cyber360"


class CalendarFeed(models.Model):
    """A secret address under which a calendar program reads its owner's dates. Only the secret's SHA-256 is kept."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(revoked_at=None), name="one_feed_a_person"),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("made_at")), name="feed_made_then_revoked"
            ),
        ]

    def __str__(self) -> str:
        return str(_("Calendar feed"))

    def get_absolute_url(self) -> str:
        return reverse("planning:calendar")


class CalendarEntry(models.Model):
    """What one person's calendar was last told about one thing of one challenge; both days included.

    `thing` is the visit, or the stage whose due day it is. `sequence` rises with every change of days or state, and
    never falls while the row is kept: calendar programs ignore what is older than what they know.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_entries")
    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="calendar_entries")
    thing = models.CharField(max_length=20, default=VISIT)
    uid = models.CharField(max_length=60, unique=True, default=new_uid)
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=9, choices=EntryState)
    path = models.CharField(max_length=200)
    sequence = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["first_day", "pk"]
        indexes = [models.Index(fields=["state", "changed_at"], name="calendar_entry_state_changed")]
        constraints = [
            models.UniqueConstraint(fields=["person", "challenge", "thing"], name="one_entry_a_person_and_thing"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="calendar_entry_in_order"),
            models.CheckConstraint(condition=Q(state__in=EntryState.values), name="calendar_entry_state_known"),
            models.CheckConstraint(condition=Q(thing__in=THINGS), name="calendar_entry_thing_known"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.thing}"

    @property
    def owner_id(self) -> int:
        return self.person_id
