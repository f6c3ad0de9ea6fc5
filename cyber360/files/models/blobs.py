"""Encrypted bytes of our own beside the files."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from .files import blob_path


class BlobKind(models.TextChoices):
    WORDS = "words", _("The words of a file")
    PAGE = "page", _("A picture of a page")
    PART = "part", _("A part of an upload")
    INDEX = "index", _("A search index")


class Blob(models.Model):
    """Encrypted bytes that we made beside the files: words, page pictures, parts of uploads, a search index.

    `owner` is the id of the stored file or upload that it belongs to, empty for one of the whole scope; `number`
    counts from 0. `size` is that of the plain bytes. The row's own id is the place in the store, so replacing means a
    new row in the same transaction (`blobs.write_blob`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=60, db_index=True)
    kind = models.CharField(max_length=8, choices=BlobKind)
    owner = models.UUIDField(null=True, blank=True, db_index=True)
    number = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "owner", "number"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "kind", "owner", "number"], name="one_blob_per_place"),
            models.UniqueConstraint(
                fields=["scope", "kind", "number"],
                condition=models.Q(owner__isnull=True),
                name="one_blob_per_place_of_scope",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=BlobKind.values), name="blob_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.owner or self.scope}"

    @property
    def path(self) -> str:
        return blob_path(self.pk)
