"""The directory of councils. A council is a dated record: it begins, it may end, and others may follow it."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

gss_format = RegexValidator(r"^[A-Z][0-9]{8}\Z", _("A code is one capital letter and eight digits, such as E06000001."))


class Kind(models.TextChoices):
    COUNTY = "county", _("County council")
    DISTRICT = "district", _("District council")
    UNITARY = "unitary", _("Unitary council")
    ISLES_OF_SCILLY = "isles_of_scilly", _("Council of the Isles of Scilly")
    METROPOLITAN = "metropolitan_borough", _("Metropolitan borough")
    LONDON_BOROUGH = "london_borough", _("London borough")
    CITY_OF_LONDON = "city_of_london", _("City of London")
    WELSH_UNITARY = "welsh_unitary", _("Welsh council")
    COMBINED_AUTHORITY = "combined_authority", _("Combined authority")
    STRATEGIC_AUTHORITY = "strategic_authority", _("Strategic authority")


class Nation(models.TextChoices):
    ENGLAND = "England", _("England")
    WALES = "Wales", _("Wales")


class CouncilQuerySet(models.QuerySet["Council"]):
    def on(self, date: datetime.date) -> "CouncilQuerySet":
        """Councils that exist on `date`; a blank beginning is taken as long ago, `ends_on` is the last day."""
        begun = Q(starts_on__isnull=True) | Q(starts_on__lte=date)
        return self.filter(begun, Q(ends_on__isnull=True) | Q(ends_on__gte=date))

    def principal(self) -> "CouncilQuerySet":
        """Councils that can host a challenge: not the combined and strategic authorities."""
        return self.filter(is_principal=True)


class Council(models.Model):
    """One authority for the time it exists. `area_km2` is whole square kilometres, `population` a mid-2020 estimate.

    `former_gss_code` is an older code for the same council: most data before 2025 still uses it.
    """

    gss_code = models.CharField(_("GSS code"), max_length=9, unique=True, validators=[gss_format])
    former_gss_code = models.CharField(_("Former GSS code"), max_length=9, blank=True, validators=[gss_format])
    name = models.CharField(_("Name"), max_length=80)
    official_name = models.CharField(_("Full name"), max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(_("Type"), max_length=24, choices=Kind)
    is_principal = models.BooleanField(default=True)
    nation = models.CharField(_("Nation"), max_length=10, choices=Nation, default=Nation.ENGLAND)
    region = models.CharField(_("Region"), max_length=40, blank=True)
    starts_on = models.DateField(_("First day"), null=True, blank=True)
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, related_name="districts", null=True, blank=True)
    combined_authority = models.ForeignKey("self", models.PROTECT, related_name="members", null=True, blank=True)
    population = models.PositiveIntegerField(_("Population"), null=True, blank=True)
    area_km2 = models.PositiveIntegerField(_("Area in square kilometres"), null=True, blank=True)
    latitude = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    website = models.CharField(_("Website"), max_length=120, blank=True)
    rural_urban = models.CharField(_("Rural or urban"), max_length=40, blank=True)
    deprivation_quintile = models.PositiveSmallIntegerField(_("Deprivation fifth"), null=True, blank=True)
    leading_party = models.CharField(_("Party that leads the council"), max_length=60, blank=True)
    leading_since = models.DateField(_("Leads since"), null=True, blank=True)
    invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        ordering = ["name", "gss_code"]
        indexes = [
            models.Index(fields=["starts_on", "ends_on"], name="council_dates"),
            models.Index(fields=["nation", "region", "kind"], name="council_filters"),
            models.Index(fields=["former_gss_code"], name="council_former_code"),
            models.Index(fields=["name", "gss_code"], name="council_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="council_ends_after_it_begins",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="council_has_a_name"),
            models.CheckConstraint(condition=~Q(gss_code=""), name="council_has_a_code"),
            models.CheckConstraint(
                condition=Q(deprivation_quintile__isnull=True) | Q(deprivation_quintile__range=(1, 5)),
                name="council_deprivation_is_a_fifth",
            ),
            models.CheckConstraint(
                condition=Q(leading_since__isnull=True) | ~Q(leading_party=""),
                name="council_led_since_by_a_party",
                violation_error_message=_("Name the party that leads since this day."),
            ),
        ]

    def __str__(self) -> str:
        return self.official_name or self.name

    def get_absolute_url(self) -> str:
        return reverse("councils:council", args=[self.slug])

    def exists_on(self, date: datetime.date) -> bool:
        begun = self.starts_on is None or self.starts_on <= date
        return begun and (self.ends_on is None or self.ends_on >= date)

    @property
    def exists_today(self) -> bool:
        return self.exists_on(timezone.localdate())


class Relation(models.TextChoices):
    BOUNDARY = "boundary", _("Shares a boundary")
    BOUNDARY_DERIVED = "boundary_derived", _("Shares a boundary through its districts")
    SAME_AREA = "same_area", _("Serves the same area")


class CouncilNeighbour(models.Model):
    """An unordered pair, kept once with the lower code first. `km` lies between the two rough centres."""

    first = models.ForeignKey(Council, models.CASCADE, related_name="neighbours_after")
    second = models.ForeignKey(Council, models.CASCADE, related_name="neighbours_before")
    relation = models.CharField(max_length=20, choices=Relation, default=Relation.BOUNDARY)
    km = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        ordering = ["first__gss_code", "second__gss_code"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="neighbour_pair_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="neighbour_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"


class SuccessionState(models.TextChoices):
    IN_FORCE = "in_force", _("In force")
    ORDERED = "order_made", _("Not yet in force")


class CouncilSuccession(models.Model):
    """One council taking over from another `on` a day (the successor's first).

    A successor that has no code yet stands as `successor_name` alone.
    """

    predecessor = models.ForeignKey(Council, models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Council, models.CASCADE, related_name="successions_from", null=True, blank=True)
    successor_name = models.CharField(max_length=120, blank=True)
    on = models.DateField()
    state = models.CharField(max_length=12, choices=SuccessionState, default=SuccessionState.IN_FORCE)
    instrument = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["on", "predecessor__gss_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], condition=Q(successor__isnull=False), name="succession_once"
            ),
            models.UniqueConstraint(
                fields=["predecessor", "successor_name"],
                condition=Q(successor__isnull=True),
                name="succession_by_name_once",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=False) | ~Q(successor_name=""), name="succession_has_a_successor"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(predecessor=F("successor")), name="succession_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} > {self.successor or self.successor_name}"


class PartnershipKind(models.TextChoices):
    SHARED_IT = "shared_it", _("Shared IT service")
    SHARED_SERVICE = "shared_service", _("Another shared service")
    SHARED_LEADERSHIP = "shared_leadership", _("Shared chief executive or senior team")
    PARTNERSHIP = "partnership", _("Partnership")


class Partnership(models.Model):
    """Councils that run something together, for the time they do; both days included, blank ends are open.

    That at least two councils are in it is held by the service: no constraint reaches a many-to-many table.
    """

    title = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=20, choices=PartnershipKind, default=PartnershipKind.SHARED_IT)
    councils = models.ManyToManyField(Council, related_name="partnerships")
    starts_on = models.DateField(_("First day"), null=True, blank=True)
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    source = models.CharField(_("Where this is known from"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="partnership_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=PartnershipKind.values), name="partnership_kind_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="partnership_in_order",
                violation_error_message=_("The last day is before the first day."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("councils:partnership", args=[self.pk])

    def runs_on(self, date: datetime.date) -> bool:
        begun = self.starts_on is None or self.starts_on <= date
        return begun and (self.ends_on is None or self.ends_on >= date)
