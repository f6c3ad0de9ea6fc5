from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from peers.access import CHALLENGE_SEATS, PROGRAMME_SEATS, SeatName
from peers.stages import Stage

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _permissions(names: set[SeatName]) -> "list[tuple[str, str | _StrPromise]]":
    return [(name.value, str(name.label)) for name in SeatName if name in names]


# --- seats -------------------------------------------------------------------------------------
class SeatQuerySet(models.QuerySet):
    def in_force(self, day: date) -> Self:
        """Seats that have begun and not ended on `day`."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


class SeatManager(UserObjectPermissionManager):
    def get_queryset(self) -> SeatQuerySet:
        return SeatQuerySet(self.model, using=self._db)

    def in_force(self, day: date) -> SeatQuerySet:
        return self.get_queryset().in_force(day)


class SeatBase(UserObjectPermissionBase):
    """A django-guardian grant with a beginning and an end: the only thing that gives a right."""

    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[SeatManager] = SeatManager()

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True

    @property
    def name(self) -> SeatName:
        return SeatName(self.permission.codename)

    def is_in_force(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class Programme(models.Model):
    """What coordinators run: a set of challenges with their pool of peers."""

    title = models.CharField(max_length=120, unique=True)
    ref_prefix = models.CharField(max_length=12, default="C360")
    access_days_after_close = models.PositiveSmallIntegerField(default=30)

    class Meta:
        permissions = _permissions(PROGRAMME_SEATS)

    def __str__(self) -> str:
        return self.title


class ProgrammeSeat(SeatBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="programme_seats")
    permission = models.ForeignKey(Permission, models.CASCADE, related_name="+")
    content_object = models.ForeignKey(Programme, models.CASCADE, related_name="seats")

    class Meta(SeatBase.Meta):
        pass


# --- deadlines ---------------------------------------------------------------------------------
class DeadlineProfile(models.Model):
    """When each stage is due, counted from the visit. Editable data."""

    title = models.CharField(max_length=120, unique=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_profile")
        ]

    def __str__(self) -> str:
        return self.title


class DeadlineLine(models.Model):
    class Anchor(models.TextChoices):
        REGISTERED = "registered", _("the day of registration")
        VISIT_FIRST = "visit_first", _("the first day of the visit")
        VISIT_LAST = "visit_last", _("the last day of the visit")

    profile = models.ForeignKey(DeadlineProfile, models.CASCADE, related_name="lines")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    anchor = models.CharField(max_length=12, choices=Anchor.choices)
    days = models.SmallIntegerField(help_text=_("Negative: before."))
    working_days = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "stage"], name="one_deadline_per_stage")]

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_stage_display()} {self.days:+d}"


# --- the challenge -------------------------------------------------------------------------------
class Challenge(models.Model):
    class EvidencePolicy(models.TextChoices):
        BOTH = "both", _("Files and links")
        FILES = "files", _("Files only")
        LINKS = "links", _("Links only")

    class DownloadPolicy(models.TextChoices):
        PAGE = "page", _("Read in the page only")
        MARKED = "marked", _("PDF copies that carry the reader's name; other kinds in the page only")
        ORIGINALS = "originals", _("The files as they were given")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="challenges")
    ref = models.CharField(_("reference"), max_length=20, unique=True)
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="challenges")
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.INTEREST)
    stage_since = models.DateTimeField(default=timezone.now)
    registered_on = models.DateField(default=timezone.localdate)
    interest_note = models.TextField(_("what the council hopes for"), blank=True, max_length=4000)

    focus = models.TextField(_("focus"), blank=True, max_length=4000)
    framework_version = models.ForeignKey(
        "peers.FrameworkVersion", models.PROTECT, null=True, blank=True, related_name="challenges"
    )
    themes = models.ManyToManyField("peers.Theme", blank=True, related_name="challenges")
    window_first = models.DateField(_("visit window opens"), null=True, blank=True)
    window_last = models.DateField(_("visit window closes"), null=True, blank=True)
    team_min = models.PositiveSmallIntegerField(
        _("smallest team"), default=3, validators=[MinValueValidator(2), MaxValueValidator(6)]
    )
    team_max = models.PositiveSmallIntegerField(
        _("largest team"), default=4, validators=[MinValueValidator(2), MaxValueValidator(8)]
    )
    team_wishes = models.TextField(_("what the team should bring"), blank=True, max_length=2000)

    visit_first_day = models.DateField(_("first day of the visit"), null=True, blank=True)
    visit_last_day = models.DateField(_("last day of the visit"), null=True, blank=True)
    visit_place = models.CharField(_("where the visit takes place"), max_length=200, blank=True)
    deadline_profile = models.ForeignKey(DeadlineProfile, models.PROTECT, null=True, blank=True, related_name="+")
    evidence_policy = models.CharField(max_length=5, choices=EvidencePolicy.choices, default=EvidencePolicy.BOTH)
    download_policy = models.CharField(max_length=9, choices=DownloadPolicy, default=DownloadPolicy.MARKED)
    team_reads_until = models.DateField(null=True, blank=True, editable=False)
    evidence_disposed_at = models.DateTimeField(null=True, blank=True, editable=False)

    on_hold_since = models.DateField(null=True, blank=True)
    hold_reason = models.CharField(max_length=400, blank=True)
    pack_locked_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["ref"]
        permissions = _permissions(CHALLENGE_SEATS)
        indexes = [models.Index(fields=["programme", "stage"], name="challenge_programme_stage")]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage]), name="challenge_stage_known"
            ),
            models.CheckConstraint(condition=Q(team_min__lte=F("team_max")), name="challenge_team_min_max"),
            models.CheckConstraint(
                condition=Q(visit_first_day=None, visit_last_day=None) | Q(visit_last_day__gte=F("visit_first_day")),
                name="challenge_visit_days",
            ),
            models.CheckConstraint(
                condition=Q(window_first=None, window_last=None) | Q(window_last__gte=F("window_first")),
                name="challenge_visit_window",
            ),
            models.CheckConstraint(
                condition=Q(on_hold_since=None, hold_reason="") | (Q(on_hold_since__isnull=False) & ~Q(hold_reason="")),
                name="challenge_hold_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def scope(self) -> str:
        """The name under which the audit trail and the vault keep this challenge."""
        return f"challenge:{self.pk}"

    @property
    def record_scope(self) -> str:
        """The name under which the vault keeps what outlives the evidence: reports, agreements, certificates."""
        return f"record:{self.pk}"

    @property
    def lets_download(self) -> bool:
        """Whether readers from outside the council may take anything away at all."""
        return self.download_policy != self.DownloadPolicy.PAGE

    @property
    def title(self) -> str:
        return f"{self.council.name} {self.ref}"

    @property
    def stage_name(self) -> Stage:
        return Stage(self.stage)

    def get_absolute_url(self) -> str:
        return reverse("overview:challenge", args=[self.ref])


class Seat(SeatBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="challenge_seats")
    permission = models.ForeignKey(Permission, models.CASCADE, related_name="+")
    content_object = models.ForeignKey(Challenge, models.CASCADE, related_name="seats")

    class Meta(SeatBase.Meta):
        pass

    @property
    def challenge(self) -> Challenge:
        return self.content_object


class StageChange(models.Model):
    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(max_length=20, choices=Stage.choices)
    to_stage = models.CharField(max_length=20, choices=Stage.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(from_stage=F("to_stage")), name="stage_change_changes")]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.from_stage} to {self.to_stage}"


class KeyDate(models.Model):
    """A stage's due day on one challenge: computed from the profile, or pinned by hand with a reason."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="key_dates")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    due_on = models.DateField()
    pinned = models.BooleanField(default=False)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "stage"], name="one_key_date_per_stage"),
            models.CheckConstraint(condition=Q(pinned=False) | ~Q(reason=""), name="pinned_date_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge} {self.stage} {self.due_on}"
