"""What the checks of a file found, step by step, and what they hold it back for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .files import StoredFile


class Step(models.TextChoices):
    """In the order in which they are taken."""

    SIZE = "size", _("Size")
    NAME = "name", _("Name")
    CONTENT = "content", _("Content")
    ARCHIVE = "archive", _("Packed parts")
    SENSITIVE = "sensitive", _("What must not be held here")
    SCAN = "scan", _("Viruses")


class StepState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    PASSED = "passed", _("Passed")
    NOTED = "noted", _("Noted")
    HELD = "held", _("Held back")
    REFUSED = "refused", _("Refused")
    UNKNOWN = "unknown", _("Not known")


class ConcernKind(models.TextChoices):
    MARKING = "marking", _("a marking above OFFICIAL-SENSITIVE")
    PRIVATE_KEY = "private_key", _("a private key")
    PASSWORD_STORE = "password_store", _("passwords")
    RESIDENT_DATA = "resident_data", _("the numbers of many residents")


class CheckStep(models.Model):
    """What one step said of one file. `sentence` is for people and holds nothing of the content."""

    stored_file = models.ForeignKey(StoredFile, models.CASCADE, related_name="check_steps")
    step = models.CharField(max_length=10, choices=Step)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    sentence = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stored_file", "step"], name="one_row_per_check_step"),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="check_step_known"),
            models.CheckConstraint(condition=Q(state__in=StepState.values), name="check_step_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.state}"

    @property
    def place(self) -> int:
        """Its place in the order of the steps."""
        return Step.values.index(self.step)


class Concern(models.Model):
    """A file looks as if it held something that must not be here. Held back until somebody answers with a reason.

    `pages` are page numbers from 1 (at most 20), `count` how often it was found; never the content itself.
    """

    stored_file = models.ForeignKey(StoredFile, models.CASCADE, related_name="concerns")
    kind = models.CharField(max_length=16, choices=ConcernKind)
    count = models.PositiveIntegerField(default=1)
    pages = models.JSONField(default=list, blank=True)
    raised_at = models.DateTimeField()
    answer_reason = models.CharField(_("reason"), max_length=400, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stored_file", "kind"]
        indexes = [models.Index(fields=["answered_at", "raised_at"], name="concern_unanswered")]
        constraints = [
            models.UniqueConstraint(fields=["stored_file", "kind"], name="one_concern_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=ConcernKind.values), name="concern_kind_known"),
            models.CheckConstraint(condition=Q(count__gte=1), name="concern_counts_something"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer_reason="")
                | Q(answered_at__isnull=False) & ~Q(answer_reason=""),
                name="concern_answered_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.stored_file_id}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


class ScannerState(models.Model):
    """What the virus scanner last said of itself; one row. `failure` is empty while it answers."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    version = models.CharField(max_length=200, blank=True)
    signatures_on = models.DateField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_scanner_state")]

    def __str__(self) -> str:
        return self.version or self.failure
