"""Files kept in the vault: what was given, what our checks say of it. The bytes lie encrypted in `storage`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 150


class VaultKey(models.Model):
    """The key of one scope, wrapped by the master `master_id`. Deleting the row is the first half of shredding."""

    scope = models.CharField(max_length=60, unique=True)
    wrapped = models.BinaryField()
    master_id = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.scope


class State(models.TextChoices):
    RECEIVING = "receiving", _("Receiving")
    STORED = "stored", _("Stored")
    GONE = "gone", _("Gone")


class Verdict(models.TextChoices):
    PENDING = "pending", _("Being checked")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Infected")
    ERROR = "error", _("Could not be checked")
    TOO_BIG = "too_big", _("Too big for the virus scanner")
    NOT_SCANNED = "not_scanned", _("Not scanned for viruses")


class StoredFile(models.Model):
    """One file as it was given, encrypted at rest under the key of its `scope`.

    `media_type` comes from our own check of the content, never from the browser; `size` and `sha256`
    are those of the plain bytes. `refusal` is the plain sentence for the owner when the content was refused;
    such a file keeps its row (so that the page can say why) while its bytes are deleted. `held_for` names the kinds
    of its unanswered concerns, with a space between them (`concerns.py` keeps it in step with the rows of `Concern`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=NAME_LENGTH)
    media_type = models.CharField(max_length=100, blank=True)
    extension = models.CharField(max_length=10, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVING)
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.PENDING)
    verdict_detail = models.CharField(max_length=200, blank=True)
    scanner_version = models.CharField(max_length=200, blank=True)
    signatures_on = models.DateField(null=True, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    refusal = models.TextField(blank=True)
    notes = models.JSONField(default=list, blank=True)
    held_for = models.CharField(max_length=80, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="stored_files"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["uploaded_at", "pk"]
        indexes = [models.Index(fields=["scope", "state"], name="stored_file_scope_state")]
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=0), name="stored_file_size_not_negative"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="stored_file_state_known"),
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="stored_file_verdict_known"),
            models.CheckConstraint(
                condition=models.Q(state=State.RECEIVING) | models.Q(Exact(Length("sha256"), 64)),
                name="stored_file_has_its_hash",
            ),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(scope=""), name="stored_file_is_named"),
            models.CheckConstraint(
                condition=~models.Q(verdict=Verdict.CLEAN) | models.Q(scanned_at__isnull=False),
                name="stored_file_clean_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where the ciphertext lies in the vault storage; random, so that a listing of the storage tells nothing."""
        return blob_path(self.pk)

    @property
    def has_open_concern(self) -> bool:
        """It looks as if it held what must not be here, and nobody has answered yet. In SQL: `~Q(held_for="")`."""
        return bool(self.held_for)

    @property
    def is_readable(self) -> bool:
        """True while the bytes are there and nothing harmful was found in them; the owner's rules come on top."""
        return self.state == State.STORED and self.verdict != Verdict.INFECTED and not self.refusal


def blob_path(file_id: uuid.UUID) -> str:
    """`<first two hex digits>/<uuid>`."""
    return f"{str(file_id)[:2]}/{file_id}"
