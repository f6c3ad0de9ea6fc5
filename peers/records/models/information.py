"""Copies of what is held, made to answer a request for information: about a challenge, or about one person."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waits")
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Not made")
    GONE = "gone", _("Deleted")


OPEN_EXPORTS = (ExportState.WAITING, ExportState.MAKING)


class InformationExport(models.Model):
    """One copy, of a challenge or about a person, never both. Only who asked for it may take it.

    `parts` names what was wished for (keys of the room's parts; unused about a person). `files` and `size` count the
    members of the archive and its bytes. `making` is the id of the stored file a job is writing, so that the bytes of
    one that was killed are found. The bytes are deleted after `ends_on`; the row stays as the record of who took what.
    """

    challenge = models.ForeignKey(
        "peers.Challenge", models.PROTECT, null=True, blank=True, related_name="information_exports"
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="exports_about"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="information_exports")
    seat = models.CharField(max_length=20)
    reference = models.CharField(_("reference of the request"), max_length=80, blank=True)
    parts = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    words = models.CharField(max_length=300, blank=True)
    making = models.UUIDField(default=uuid.uuid4, editable=False)
    stored_file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    files = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    times_taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["state", "ends_on"], name="information_state_ends")]
        constraints = [
            models.CheckConstraint(
                condition=Q(challenge__isnull=False, about__isnull=True)
                | Q(challenge__isnull=True, about__isnull=False),
                name="information_of_challenge_or_person",
            ),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="information_state_known"),
            models.UniqueConstraint(
                fields=["challenge", "asked_by"],
                condition=Q(state__in=["waiting", "making"], challenge__isnull=False),
                name="one_open_export_of_challenge",
            ),
            models.UniqueConstraint(
                fields=["about", "asked_by"],
                condition=Q(state__in=["waiting", "making"], about__isnull=False),
                name="one_open_export_about_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (Q(stored_file__isnull=False, made_at__isnull=False, ends_on__isnull=False, files__gte=1)),
                name="information_ready_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(Exact(Length("sha256"), 64)), name="information_hash_is_whole"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(words=""), name="information_refused_with_words"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True) | Q(made_at__gte=F("asked_at")), name="information_made_after_asked"
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, times_taken=0) | Q(taken_at__isnull=False, times_taken__gte=1),
                name="information_taken_is_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"Information export {self.pk}"

    def get_absolute_url(self) -> str:
        if self.challenge is not None:
            return reverse("records:information_export", args=[self.challenge.ref, self.pk])
        return reverse("records:person_export", args=[self.pk])

    @property
    def owner_id(self) -> int:
        """Who asked for it; nobody else may take it."""
        return self.asked_by_id

    @property
    def is_own(self) -> bool:
        """Somebody's copy of what is held about themselves."""
        return self.about_id is not None and self.about_id == self.asked_by_id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_EXPORTS

    @property
    def is_ready(self) -> bool:
        return self.state == ExportState.READY
