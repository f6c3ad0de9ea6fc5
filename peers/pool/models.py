"""The pool: people from councils who give their time, what they bring, and what ties them."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OFFICER = "officer", _("Officer peer")
    MEMBER = "member", _("Member peer")
    SPECIALIST = "specialist", _("Cyber specialist")


class State(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    RESTING = "resting", _("Resting")
    LEFT = "left", _("Left the pool")


class SkillTheme(models.TextChoices):
    """The nine themes of Cyber 360 under which skills are kept, whatever framework a challenge uses."""

    T1 = "T1", _("Leadership and ownership")
    T2 = "T2", _("Governance, risk and scrutiny")
    T3 = "T3", _("Culture and behaviours")
    T4 = "T4", _("Skills, training and capacity")
    T5 = "T5", _("Services, assets and data")
    T6 = "T6", _("Suppliers and partnerships")
    T7 = "T7", _("Protecting and detecting (the management view)")
    T8 = "T8", _("Preparing, responding, recovering")
    T9 = "T9", _("Learning and collaboration")


class SkillLevel(models.TextChoices):
    SOME = "some", _("Some experience")
    STRONG = "strong", _("Strong")


class PeerProfile(models.Model):
    """One person in the pool. `council` is the council they work or are elected in today."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="peer_profile")
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="peers", verbose_name=_("home council"))
    role = models.CharField(_("kind of peer"), max_length=12, choices=Role)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    party = models.CharField(_("party"), max_length=60, blank=True)
    biography = models.TextField(_("what I bring"), max_length=1500, blank=True)
    welsh_speaker = models.BooleanField(_("speaks Welsh"), default=False)
    remote_ok = models.BooleanField(_("can take part by video"), default=True)
    travel_km = models.PositiveSmallIntegerField(
        _("furthest I travel, in kilometres"), default=150, validators=[MaxValueValidator(900)]
    )
    training_done_on = models.DateField(_("peer training done on"), null=True, blank=True)
    days_offered = models.PositiveSmallIntegerField(
        _("days offered a year"), default=6, validators=[MaxValueValidator(60)]
    )
    available_from = models.DateField(_("available from"), null=True, blank=True)
    available_until = models.DateField(_("available until"), null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.INVITED)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    registered_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["user__full_name", "pk"]
        indexes = [models.Index(fields=["state", "role"], name="peer_state_role")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="peer_role_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="peer_state_known"),
            models.CheckConstraint(
                condition=Q(party="") | Q(role=Role.MEMBER),
                name="peer_party_of_members_only",
                violation_error_message=_("Only a member peer has a party here."),
            ),
            models.CheckConstraint(
                condition=Q(available_from=None)
                | Q(available_until=None)
                | Q(available_until__gte=F("available_from")),
                name="peer_available_in_order",
                violation_error_message=_("The last available day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.user.full_name

    def get_absolute_url(self) -> str:
        return reverse("pool:peer", args=[self.pk])

    @property
    def owner_id(self) -> int:
        return self.user_id

    @property
    def first_line(self) -> str:
        """What a host reads of the biography: its first line."""
        return self.biography.strip().partition("\n")[0].strip()


class PeerSkill(models.Model):
    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="skills")
    theme_code = models.CharField(max_length=2, choices=SkillTheme)
    level = models.CharField(max_length=6, choices=SkillLevel)

    class Meta:
        ordering = ["theme_code"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "theme_code"], name="one_skill_per_theme"),
            models.CheckConstraint(condition=Q(theme_code__in=SkillTheme.values), name="skill_theme_known"),
            models.CheckConstraint(condition=Q(level__in=SkillLevel.values), name="skill_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_theme_code_display()}: {self.get_level_display()}"


class Interest(models.Model):
    """A tie between a peer and a council. What a coordinator enters is `pinned`: the peer cannot take it back."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", _("Works there now")
        FORMER_EMPLOYER = "former_employer", _("Worked there before")
        SUPPLIER = "supplier", _("Supplies it, or works for a supplier")
        FAMILY = "family", _("Family or close friend")
        PARTNERSHIP = "partnership", _("Shared service or partnership")
        OTHER = "other", _("Something else")

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="interests")
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="declared_interests")
    kind = models.CharField(_("what ties you"), max_length=16, choices=Kind)
    words = models.CharField(_("in a few words"), max_length=400, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)
    pinned = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["council__name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["employer", "former_employer", "supplier", "family",
                                                         "partnership", "other"]), name="interest_kind_known"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="interest_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(condition=Q(pinned=False) | Q(withdrawn_at=None), name="pinned_interest_stays"),
            models.UniqueConstraint(
                fields=["profile", "council", "kind"], condition=Q(withdrawn_at=None), name="interest_declared_once",
                violation_error_message=_("This interest is already declared."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_kind_display()}, {self.council.name}"

    @property
    def owner_id(self) -> int:
        return self.profile.user_id

    def covers(self, day) -> bool:
        """Whether the tie is in force on `day`; blank ends are open."""
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or self.ends_on >= day)


class BlackoutPeriod(models.Model):
    """Days on which the peer cannot be asked, both ends included."""

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="blackouts")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    words = models.CharField(_("what for"), max_length=120, blank=True)

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="blackout_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.UniqueConstraint(fields=["profile", "first_day", "last_day"], name="blackout_once"),
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.first_day} to {self.last_day}"

    @property
    def owner_id(self) -> int:
        return self.profile.user_id
