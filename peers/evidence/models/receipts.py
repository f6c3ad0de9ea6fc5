"""Who has read what, when and how often, and who took the whole pack away."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.challenges.models import Challenge

from .items import EvidenceItem, EvidenceVersion

# Letters and digits that nobody takes for another one on a faint print.
COPY_LETTERS, COPY_LENGTH = "34679ACDEFGHJKMNPQRTWXY", 8


def spaced(copy_id: str) -> str:
    """As it is drawn and shown: “7KQM-4TRA”."""
    return f"{copy_id[:4]}-{copy_id[4:]}" if copy_id else ""


class ReadingReceipt(models.Model):
    """One person's reading of one version in one way: when first, when last, how often.

    A link, and an item without a file, has no `version`. `last_at` is empty while it was read once. `pages` are the
    numbers of the pages that were looked at in the page, in the order in which they were first opened. `is_marked`
    says that what was downloaded last carried the reader's name. `copy_id` is drawn across every marked page and copy
    of this reader, version and way, and nobody else's: whoever finds a copy finds the reading.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("Looked at the item’s page")
        PREVIEWED = "previewed", _("Read in the page")
        DOWNLOAD = "download", _("Downloaded")
        LINK = "link", _("Opened the link")
        PACK = "pack", _("Took it with the whole pack")

        @property
        def words(self) -> str:
            """As it is told: copies for information requests hold several files as well, and leave the same kind."""
            return str(_("Took it in a copy of several files") if self.value == "pack" else self.label)

    item = models.ForeignKey(EvidenceItem, models.CASCADE, related_name="receipts")
    version = models.ForeignKey(EvidenceVersion, models.CASCADE, null=True, blank=True, related_name="receipts")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seat = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DOWNLOAD)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(null=True, blank=True)
    times = models.PositiveIntegerField(default=1)
    pages = models.JSONField(default=list, blank=True)
    is_marked = models.BooleanField(default=False)
    copy_id = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["first_at", "pk"]
        indexes = [models.Index(fields=["item", "kind", "first_at"], name="receipt_of_item")]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "version", "kind"], condition=Q(version__isnull=False), name="one_receipt_per_version"
            ),
            models.UniqueConstraint(
                fields=["reader", "item", "kind"], condition=Q(version__isnull=True), name="one_receipt_per_link"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["download", "previewed"], version__isnull=False)
                | Q(kind="link", version__isnull=True)
                | Q(kind__in=["opened", "pack"]),
                name="receipt_of_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(times=1, last_at__isnull=True)
                | Q(times__gt=1, last_at__isnull=False, last_at__gte=F("first_at")),
                name="receipt_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(is_marked=False) | Q(kind__in=["download", "pack"]), name="receipt_marked_is_taken"
            ),
            models.UniqueConstraint(fields=["copy_id"], condition=~Q(copy_id=""), name="one_reader_per_copy"),
            models.CheckConstraint(
                condition=Q(copy_id="") | Q(kind__in=["previewed", "download", "pack"]), name="receipt_copy_is_of_pages"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} > {self.item_id}"

    @property
    def latest(self) -> datetime:
        return self.last_at or self.first_at

    @property
    def how(self) -> str:
        return self.Kind(self.kind).words

    @property
    def copy(self) -> str:
        return spaced(self.copy_id)


class PackExport(models.Model):
    """One time that somebody took the whole pack as one archive.

    `files` and `size` (bytes) say what was to be sent when it began; `left_out` how many of them were not, because
    they were damaged or had stopped being safe. `finished_at` is empty when the archive did not reach its end.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="pack_exports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    seat = models.CharField(max_length=20)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    files = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="pack_export_times_in_order",
            ),
            models.CheckConstraint(condition=Q(left_out__lte=F("files")), name="pack_export_left_out_of_files"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.started_at:%Y-%m-%d %H:%M}"
