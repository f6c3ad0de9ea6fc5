"""Who has read what, and when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .items import EvidenceItem, EvidenceVersion


class ReadingReceipt(models.Model):
    """The first time that a person took a version, or followed a link (then `version` is empty)."""

    class Kind(models.TextChoices):
        DOWNLOAD = "download", _("Downloaded")
        LINK = "link", _("Opened the link")

    item = models.ForeignKey(EvidenceItem, models.CASCADE, related_name="receipts")
    version = models.ForeignKey(EvidenceVersion, models.CASCADE, null=True, blank=True, related_name="receipts")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seat = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.DOWNLOAD)
    first_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["first_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "version", "kind"], condition=Q(version__isnull=False), name="one_receipt_per_version"
            ),
            models.UniqueConstraint(
                fields=["reader", "item", "kind"], condition=Q(version__isnull=True), name="one_receipt_per_link"
            ),
            models.CheckConstraint(
                condition=Q(kind="download", version__isnull=False) | Q(kind="link", version__isnull=True),
                name="receipt_of_file_or_link",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} > {self.item_id}"
