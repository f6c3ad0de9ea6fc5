"""Disposals: planned by a sweeper, warned of twice, approved by a coordinator, carried out by a job."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .periods import DISPOSED


class RunState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    WARNED = "warned", _("Announced")
    AWAITING = "awaiting", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    RUNNING = "running", _("Under way")
    WAITING_FOR_MASTER = "waiting_for_master", _("Waits for the change of the master key")
    DONE = "done", _("Done")
    PUT_OFF = "put_off", _("Put off")
    HELD = "held", _("Stopped by a legal hold")


# Before anything was destroyed, and after.
OPEN_STATES = (RunState.PLANNED, RunState.WARNED, RunState.AWAITING, RunState.PUT_OFF, RunState.HELD)
STARTED = (RunState.RUNNING, RunState.WAITING_FOR_MASTER)


class DisposalRun(models.Model):
    """One disposal of one kind on one challenge; there is never a second.

    `facts` is what the certificate will print, taken before the first thing goes, so that a run that was killed goes
    on with it. `asked_*`: the host wants it sooner. `due_on` moves with the dates until it was put off by hand.
    """

    challenge = models.ForeignKey("peers.Challenge", models.PROTECT, related_name="disposal_runs")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in DISPOSED])
    due_on = models.DateField(_("due"))
    state = models.CharField(max_length=18, choices=RunState, default=RunState.PLANNED)
    made_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_reason = models.CharField(_("why sooner"), max_length=400, blank=True)
    put_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    put_off_reason = models.CharField(_("reason"), max_length=400, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["state", "due_on"], name="disposal_state_due")]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "kind"], name="one_disposal_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in DISPOSED]), name="disposal_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="disposal_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "running", "waiting_for_master", "done"])
                | Q(approved_at__isnull=False),
                name="nothing_goes_unapproved",
            ),
            models.CheckConstraint(
                condition=~Q(state="put_off") | ~Q(put_off_reason=""), name="disposal_put_off_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, asked_reason="") | (Q(asked_at__isnull=False) & ~Q(asked_reason="")),
                name="disposal_asked_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False, destroyed_at__isnull=False),
                name="disposal_done_has_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.challenge}"

    def get_absolute_url(self) -> str:
        return reverse("records:run", args=[self.challenge.ref, self.pk])

    @property
    def is_open(self) -> bool:
        """Nothing is approved yet."""
        return self.state in OPEN_STATES

    @property
    def has_begun(self) -> bool:
        return self.state in STARTED or self.state == RunState.DONE


class DisposalWarning(models.Model):
    """One of the two warnings of a run, for one day of disposal: when it went out and to how many people."""

    run = models.ForeignKey(DisposalRun, models.CASCADE, related_name="warnings")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now)
    people = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number", "due_on"], name="one_warning_per_number_and_day"),
            models.CheckConstraint(condition=Q(number__in=[1, 2]), name="first_or_second_warning"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.number}"
