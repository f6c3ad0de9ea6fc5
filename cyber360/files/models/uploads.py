"""Uploads that come in pieces and may be resumed (tus 1.0)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .files import NAME_LENGTH, StoredFile


class UploadState(models.TextChoices):
    RECEIVING = "receiving", _("Being received")
    FINISHING = "finishing", _("Received, being checked")
    DONE = "done", _("Kept")
    REFUSED = "refused", _("Not kept")
    EXPIRED = "expired", _("Not continued for a day")


class Upload(models.Model):
    """A file on its way in. Its bytes lie in PART blobs that it owns, numbered from 0, until `stored_file` is made.

    `size` is what was announced and `offset` what is safe in the store, both in plain bytes. `target` says what the
    file is for: `{"kind": <name under which a room registered>, ...}`. `fingerprint` tells one file of one person from
    another, `metadata` is what the client sent, as it sent it. `held_by` names the request that is writing, until
    `held_until`; `making` is the id of the stored file that the finishing job is writing. `refusal` is the sentence
    that says why nothing was kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=NAME_LENGTH)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    target = models.JSONField(default=dict)
    metadata = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.RECEIVING)
    refusal = models.TextField(blank=True)
    stored_file = models.OneToOneField(StoredFile, models.SET_NULL, null=True, blank=True, related_name="upload")
    held_by = models.UUIDField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    making = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["state", "touched_at"], name="upload_state_touched")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "fingerprint"], condition=Q(state="receiving"), name="one_open_upload_per_file"
            ),
            models.CheckConstraint(condition=Q(state__in=UploadState.values), name="upload_state_known"),
            models.CheckConstraint(condition=Q(size__gte=1), name="upload_has_a_size"),
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size"),
            models.CheckConstraint(
                condition=~Q(state__in=["finishing", "done"]) | Q(offset=F("size")), name="upload_whole_when_finished"
            ),
            models.CheckConstraint(
                condition=Q(stored_file__isnull=True) | Q(state="done"), name="upload_file_only_when_done"
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="upload_refused_with_words",
            ),
            models.CheckConstraint(
                condition=Q(held_by__isnull=True, held_until__isnull=True)
                | Q(held_by__isnull=False, held_until__isnull=False, state="receiving"),
                name="upload_held_while_receiving",
            ),
            models.CheckConstraint(
                condition=Q(making__isnull=True) | Q(state="finishing"), name="upload_made_while_finishing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def is_open(self) -> bool:
        """True while more of it may come."""
        return self.state == UploadState.RECEIVING

    @property
    def percent(self) -> int:
        """How much of it is safe in the store, 0 to 100."""
        return self.offset * 100 // self.size
