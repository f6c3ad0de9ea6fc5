"""The desk review's results and the visit: key lines of enquiry, the timetable of conversations, the team's notes."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReadingConfirmation(models.Model):
    """A peer says: I have read the pack."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="reading_confirmations")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["challenge", "owner"], name="one_reading_confirmation")]

    def __str__(self) -> str:
        return f"{self.owner} has read {self.challenge}"


class KeyLine(models.Model):
    """A key line of enquiry: what the team wants to find out in the conversations."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        DROPPED = "dropped", _("Dropped")

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="key_lines")
    theme = models.ForeignKey("peers.Theme", models.PROTECT, related_name="+")
    text = models.CharField(_("line of enquiry"), max_length=600)
    ask = models.CharField(_("who to ask"), max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["theme__place", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Conversation(models.Model):
    """One slot of the timetable. `starts_at` is kept in UTC and shown in UK time."""

    class Kind(models.TextChoices):
        CONVERSATION = "conversation", _("Conversation")
        TEAM = "team", _("Team session")
        CATCH_UP = "catch_up", _("Catch-up with the host")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Confirmed")
        HELD = "held", _("Held")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="conversations")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CONVERSATION)
    title = models.CharField(_("title"), max_length=160)
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), default=45, validators=[MinValueValidator(10), MaxValueValidator(480)]
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    video_link = models.URLField(_("video link"), max_length=500, blank=True)
    themes = models.ManyToManyField("peers.Theme", blank=True, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    state_reason = models.CharField(_("reason"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(10, 480)), name="conversation_length"),
            models.CheckConstraint(
                condition=~Q(state__in=["cancelled", "moved"]) | ~Q(state_reason=""),
                name="conversation_called_off_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class Attendee(models.Model):
    """Somebody of the host met in a conversation. Reports name the role, never the person."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="attendees")
    role = models.CharField(_("role"), max_length=120)
    name = models.CharField(_("name"), max_length=120, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.role


class ConversationPeer(models.Model):
    class Part(models.TextChoices):
        ASKS = "asks", _("Asks")
        NOTES = "notes", _("Takes notes")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="peers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    part = models.CharField(max_length=5, choices=Part, default=Part.ASKS)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="one_part_per_peer")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_part_display()}"


class TimetableConfirmation(models.Model):
    """The timetable as it stands is agreed; a later change voids it."""

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="timetable_confirmation")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Timetable of {self.challenge}"


class Note(models.Model):
    """One peer's note, from a conversation or from reading. Private to the team, never to the host."""

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="notes")
    conversation = models.ForeignKey(Conversation, models.SET_NULL, null=True, blank=True, related_name="notes")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField(_("note"), max_length=20000, blank=True)
    themes = models.ManyToManyField("peers.Theme", blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["challenge", "owner"], name="note_challenge_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "owner"],
                condition=Q(conversation__isnull=False),
                name="one_note_per_peer_and_conversation",
            )
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"
