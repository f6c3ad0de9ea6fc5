"""A person in the pool and what they bring."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.councils.models import Kind


class Role(models.TextChoices):
    OFFICER = "officer", _("Officer peer")
    MEMBER = "member", _("Member peer")
    SPECIALIST = "specialist", _("Cyber specialist")


class State(models.TextChoices):
    INVITED = "invited", _("Invited")
    APPLIED = "applied", _("Applied")
    ACTIVE = "active", _("Active")
    RESTING = "resting", _("Resting")
    LEFT = "left", _("Left the pool")
    TURNED_DOWN = "turned_down", _("Turned down")


class Seniority(models.TextChoices):
    """The first five are for officers and specialists, the others for councillors."""

    CHIEF_EXECUTIVE = "chief_executive", _("Chief executive")
    DIRECTOR = "director", _("Director")
    HEAD_OF_SERVICE = "head_of_service", _("Head of service")
    MANAGER = "manager", _("Manager")
    PRACTITIONER = "practitioner", _("Practitioner or adviser")
    LEADER = "leader", _("Leader or elected mayor")
    CABINET = "cabinet", _("Cabinet member")
    CHAIR = "chair", _("Chair of a committee")
    COUNCILLOR = "councillor", _("Councillor")


MEMBER_SENIORITY = (Seniority.LEADER, Seniority.CABINET, Seniority.CHAIR, Seniority.COUNCILLOR)


def seniority_fits(seniority: str, role: str) -> bool:
    """Whether a person of this kind can hold the office; "" (not said) fits everybody."""
    return not seniority or (seniority in MEMBER_SENIORITY) == (role == Role.MEMBER)


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


class Size(models.TextChoices):
    """How many people live in a council's area."""

    SMALL = "small", _("under 120,000 people")
    MEDIUM = "medium", _("120,000 to 300,000 people")
    LARGE = "large", _("over 300,000 people")

    @classmethod
    def of(cls, population: int | None) -> "Size | None":
        """The size of a council with so many residents; None when nobody has counted them."""
        if population is None:
            return None
        return cls.SMALL if population < 120_000 else cls.MEDIUM if population <= 300_000 else cls.LARGE


class PeerProfile(models.Model):
    """One person in the pool. `council` is the council they work or are elected in today (its past: `homes`).

    `access_needs` are for the person and coordinators alone. `confirmed_on` is the day on which the person last
    said that all this is right; `asked_to_confirm_on` the day on which they were last asked.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="peer_profile")
    council = models.ForeignKey("peers.Council", models.PROTECT, related_name="peers", verbose_name=_("home council"))
    role = models.CharField(_("kind of peer"), max_length=12, choices=Role)
    seniority = models.CharField(_("seniority"), max_length=16, choices=Seniority, blank=True)
    can_lead = models.BooleanField(_("can lead a team"), default=False)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    party = models.CharField(_("party"), max_length=60, blank=True)
    biography = models.TextField(_("what I bring"), max_length=1500, blank=True)
    welsh_speaker = models.BooleanField(_("speaks Welsh"), default=False)
    remote_ok = models.BooleanField(_("can take part by video"), default=True)
    travel_km = models.PositiveSmallIntegerField(
        _("furthest I travel, in kilometres"), default=150, validators=[MaxValueValidator(900)]
    )
    access_needs = models.TextField(_("access needs"), max_length=600, blank=True)
    training_done_on = models.DateField(_("peer training done on"), null=True, blank=True)
    training_expires_on = models.DateField(_("peer training lasts until"), null=True, blank=True)
    days_offered = models.PositiveSmallIntegerField(
        _("days offered a year"), default=6, validators=[MaxValueValidator(60)]
    )
    most_visits = models.PositiveSmallIntegerField(
        _("most visits in a season"), default=2, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    available_from = models.DateField(_("available from"), null=True, blank=True)
    available_until = models.DateField(_("available until"), null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.INVITED)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    registered_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    asked_to_confirm_on = models.DateField(null=True, blank=True)
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
                condition=Q(seniority="")
                | Q(role=Role.MEMBER, seniority__in=MEMBER_SENIORITY)
                | Q(~Q(role=Role.MEMBER), seniority__in=[s for s in Seniority if s not in MEMBER_SENIORITY]),
                name="peer_seniority_fits_role",
                violation_error_message=_("This seniority does not go with this kind of peer."),
            ),
            models.CheckConstraint(
                condition=Q(available_from=None)
                | Q(available_until=None)
                | Q(available_until__gte=F("available_from")),
                name="peer_available_in_order",
                violation_error_message=_("The last available day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(training_expires_on=None)
                | Q(training_done_on__isnull=False, training_expires_on__gte=F("training_done_on")),
                name="peer_training_in_order",
                violation_error_message=_("The training cannot end before the day on which it was done."),
            ),
            models.CheckConstraint(condition=Q(most_visits__range=(1, 12)), name="peer_visits_in_reason"),
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


class Experience(models.Model):
    """One kind and size of council that the peer knows from inside."""

    profile = models.ForeignKey(PeerProfile, models.CASCADE, related_name="experience")
    council_kind = models.CharField(max_length=24, choices=Kind)
    size = models.CharField(max_length=6, choices=Size)

    class Meta:
        ordering = ["council_kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "council_kind", "size"], name="one_experience_per_kind"),
            models.CheckConstraint(condition=Q(council_kind__in=Kind.values), name="experience_kind_known"),
            models.CheckConstraint(condition=Q(size__in=Size.values), name="experience_size_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_council_kind_display()}, {self.get_size_display()}"
