"""What a team must be, what a choice costs, and which two people go well together: rules as editable data."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LARGEST_TEAM = 8
HIGHEST_WEIGHT = 100


class CostTerm(models.TextChoices):
    """The values are the fields of `season.problem.Weights`, in the order in which a coordinator reads them."""

    TRAVEL = "travel", _("Distance")
    TRAVEL_DAY = "travel_day", _("A long journey")
    OTHER_KIND = "other_kind", _("Another type of council")
    PAST = "past", _("Earlier visits")
    SECOND_VISIT = "second_visit", _("Second visit of a season")
    THIRD_VISIT = "third_visit", _("Third visit of a season and each after it")
    COVERED_ONCE = "covered_once", _("Theme that only one person knows")
    SAME_PARTY = "same_party", _("Two members of one party")
    GOOD_PAIR = "good_pair", _("Two who go well together")
    BAD_PAIR = "bad_pair", _("Two who are better kept apart")
    NO_WELSH = "no_welsh", _("Nobody who speaks Welsh")
    WEEK_LATER = "week_later", _("A later week")
    PARTY_SHARE = "party_share", _("Balance of parties over the season")


class CostWeight(models.Model):
    """How many points a term counts in one programme; a term without a row keeps its default. 0 takes it away."""

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="cost_weights")
    term = models.CharField(max_length=16, choices=CostTerm)
    weight = models.PositiveSmallIntegerField(_("points"), validators=[MaxValueValidator(HIGHEST_WEIGHT)])
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "term"], name="one_weight_per_term"),
            models.CheckConstraint(condition=Q(term__in=CostTerm.values), name="cost_term_known"),
            models.CheckConstraint(condition=Q(weight__range=(0, HIGHEST_WEIGHT)), name="cost_weight_in_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_term_display()}: {self.weight}"


class TeamShape(models.Model):
    """What a team of a programme must be. The leads, members and specialists are the fewest, and may be one person."""

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="team_shapes")
    title = models.CharField(_("name of the shape"), max_length=80)
    is_default = models.BooleanField(_("used where a challenge names no other"), default=False)
    size = models.PositiveSmallIntegerField(
        _("people on the team"), default=4, validators=[MinValueValidator(2), MaxValueValidator(LARGEST_TEAM)]
    )
    leads = models.PositiveSmallIntegerField(_("at least so many who can lead"), default=1)
    members = models.PositiveSmallIntegerField(_("at least so many member peers"), default=1)
    specialists = models.PositiveSmallIntegerField(_("at least so many cyber specialists"), default=1)
    per_council = models.PositiveSmallIntegerField(
        _("at most so many from one council"), default=1, validators=[MinValueValidator(1)]
    )
    cover_themes = models.BooleanField(_("somebody on the team knows each theme in scope"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-is_default", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "title"],
                name="one_shape_per_title",
                violation_error_message=_("There is a shape of this name already."),
            ),
            models.UniqueConstraint(fields=["programme"], condition=Q(is_default=True), name="one_default_shape"),
            models.CheckConstraint(condition=Q(size__range=(2, LARGEST_TEAM)), name="shape_size_in_reason"),
            models.CheckConstraint(
                # Member peers and specialists are different people; either may be the one who leads.
                condition=Q(leads__lte=F("size")) & Q(members__lte=F("size") - F("specialists")),
                name="shape_fits_its_size",
                violation_error_message=_("The team is too small for so many leads, members and specialists."),
            ),
            models.CheckConstraint(
                condition=Q(per_council__gte=1) & Q(per_council__lte=F("size")), name="shape_per_council_in_reason",
                violation_error_message=_("At most so many from one council: from 1 to the size of the team."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class ChallengeNeeds(models.Model):
    """What one challenge asks of its team beside the themes in scope. Without a row the default shape counts."""

    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="needs")
    shape = models.ForeignKey(TeamShape, models.PROTECT, related_name="used_by", null=True, blank=True)
    size = models.PositiveSmallIntegerField(
        _("people on the team"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(LARGEST_TEAM)],
    )
    welsh_wanted = models.BooleanField(_("somebody on the team should speak Welsh"), default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "challenge needs"
        constraints = [
            models.CheckConstraint(
                condition=Q(size=None) | Q(size__range=(2, LARGEST_TEAM)), name="needs_size_in_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: what the team needs"


class PreferredPair(models.Model):
    """Two people of the pool, the lower id first, who go well together or are better kept apart. For coordinators."""

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="preferred_pairs")
    first = models.ForeignKey("peers.PeerProfile", models.CASCADE, related_name="pairs_after")
    second = models.ForeignKey("peers.PeerProfile", models.CASCADE, related_name="pairs_before")
    better_together = models.BooleanField(default=True)
    words = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        ordering = ["programme", "first__user__full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "first", "second"],
                name="one_entry_per_pair",
                violation_error_message=_("These two are on the list already."),
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="pair_of_two_in_order",
                violation_error_message=_("Choose two different people."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} + {self.second}"
