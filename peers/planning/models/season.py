"""The plan of a season: what is asked for, what was found, what became of it.

A plan is stored, never promised to be computed again: weights, terms and reasons are kept as they were then.
"""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

WORKING_WEEK = 5


def monday(day: date) -> None:
    """Raises ValidationError for any other day of the week."""
    if day.weekday() != 0:
        raise ValidationError(_("A week of a plan begins on a Monday."))


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Not asked for yet")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Being worked out")
    DONE = "done", _("Ready")
    STOPPED = "stopped", _("Stopped, best kept")
    IMPOSSIBLE = "impossible", _("Not possible as asked")
    FAILED = "failed", _("Not worked out")


UNDER_WAY = (PlanState.QUEUED, PlanState.RUNNING)
# States in which a plan may hold visits that can be accepted.
READY = (PlanState.DONE, PlanState.STOPPED)


class SeasonPlan(models.Model):
    """`cost` and `bound` are in the units of the weights; the bound is one of the whole problem.

    `weights`, `costs`, `reasons` and `remarks` are frozen copies, never queried: the weights and what the plan costs
    by the name of each term; why it is impossible as {"text", "would_do"}; sentences on what has changed since.
    """

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="season_plans")
    title = models.CharField(_("name of the plan"), max_length=80)
    first_week = models.DateField(_("first week"), validators=[monday])
    weeks = models.PositiveSmallIntegerField(
        _("number of weeks"), default=26, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    per_week = models.PositiveSmallIntegerField(
        _("most visits in a week"), default=4, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    spacing = models.PositiveSmallIntegerField(
        _("weeks between two visits of a peer"), default=3, validators=[MinValueValidator(1), MaxValueValidator(26)]
    )
    seconds = models.PositiveSmallIntegerField(
        _("longest time to search, in seconds"), default=60, validators=[MinValueValidator(5), MaxValueValidator(600)]
    )
    visit_weekday = models.PositiveSmallIntegerField(_("first day of a visit"), default=1)
    visit_days = models.PositiveSmallIntegerField(
        _("days of a visit"), default=3, validators=[MinValueValidator(1), MaxValueValidator(WORKING_WEEK)]
    )
    with_warnings = models.BooleanField(_("use people with a warning"), default=False)
    weights = models.JSONField(default=dict, blank=True)
    challenges = models.ManyToManyField("peers.Challenge", related_name="season_plans")
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="later_plans")

    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    phase = models.CharField(max_length=12, blank=True)
    cost = models.IntegerField(null=True, blank=True)
    bound = models.IntegerField(null=True, blank=True)
    costs = models.JSONField(default=dict, blank=True)
    seconds_used = models.FloatField(default=0)
    reasons = models.JSONField(default=list, blank=True)
    remarks = models.JSONField(default=list, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField(null=True, blank=True)
    run = models.PositiveIntegerField(default=0)
    stop_asked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["programme", "state"], name="season_plan_state")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlanState.values), name="season_state_known"),
            models.CheckConstraint(condition=~Q(title=""), name="season_has_a_name"),
            models.CheckConstraint(condition=Q(weeks__gte=1, weeks__lte=60), name="season_weeks_in_range"),
            models.CheckConstraint(condition=Q(per_week__gte=1, spacing__gte=1), name="season_limits_in_range"),
            models.CheckConstraint(condition=Q(seconds__gte=5, seconds__lte=600), name="season_seconds_in_range"),
            models.CheckConstraint(
                condition=Q(visit_days__gte=1) & Q(visit_weekday__lte=WORKING_WEEK - F("visit_days")),
                name="season_visit_in_one_week",
                violation_error_message=_("The visit must end on a Friday at the latest. Choose fewer days."),
            ),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(bound=None) | Q(bound__lte=F("cost")), name="season_bound_below_cost"
            ),
            models.CheckConstraint(condition=~Q(based_on=F("id")), name="season_based_on_another"),
            models.CheckConstraint(
                condition=Q(state=PlanState.DRAFT) | Q(requested_at__isnull=False), name="season_was_asked_for"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[PlanState.DRAFT, *UNDER_WAY]) | Q(finished_at__isnull=False),
                name="season_has_its_end",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("planning:season_plan", args=[self.pk])

    @property
    def mondays(self) -> list[date]:
        return [self.first_week + timedelta(weeks=number) for number in range(self.weeks)]

    @property
    def last_day(self) -> date:
        """The Sunday of the last week."""
        return self.first_week + timedelta(weeks=self.weeks, days=-1)

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_ready(self) -> bool:
        return self.state in READY

    @property
    def job_key(self) -> str:
        return f"season:{self.pk}:{self.run}"

    def visit_on(self, week: date) -> tuple[date, date]:
        """First and last day of a visit in the week that begins on `week`."""
        first = week + timedelta(days=self.visit_weekday)
        return first, first + timedelta(days=self.visit_days - 1)


class PlanVisitState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    LEFT = "left", _("Left out")


class PlanVisit(models.Model):
    """One challenge's week and team in a plan. Frozen: `terms` as rows of {"name", "amount", "facts"}, `words` on the
    team as sentences.

    `moved` says against the plan this one is based on: {"week": old Monday, "joined": [...], "gone": [...]}.
    """

    plan = models.ForeignKey(SeasonPlan, models.CASCADE, related_name="visits")
    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="plan_visits")
    week = models.DateField(_("week"), validators=[monday])
    state = models.CharField(max_length=8, choices=PlanVisitState, default=PlanVisitState.PROPOSED)
    terms = models.JSONField(default=list, blank=True)
    words = models.JSONField(default=list, blank=True)
    moved = models.JSONField(default=dict, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["week", "challenge__ref"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "challenge"], name="one_visit_per_plan_and_challenge"),
            models.CheckConstraint(condition=Q(state__in=PlanVisitState.values), name="plan_visit_state_known"),
            models.CheckConstraint(
                condition=Q(state=PlanVisitState.PROPOSED, decided_at=None)
                | (~Q(state=PlanVisitState.PROPOSED) & Q(decided_at__isnull=False)),
                name="plan_visit_decision_has_its_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.week}"


class PlanSeat(models.Model):
    """One person on a planned team. `reasons` and `warnings` are the words of the day on which the plan was made."""

    class Role(models.TextChoices):
        LEAD_PEER = "lead_peer", _("Lead peer")
        PEER = "peer", _("Peer")

    visit = models.ForeignKey(PlanVisit, models.CASCADE, related_name="seats")
    profile = models.ForeignKey("peers.PeerProfile", models.CASCADE, related_name="plan_seats")
    role = models.CharField(max_length=10, choices=Role, default=Role.PEER)
    km = models.PositiveIntegerField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(default=0)
    terms = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    warnings = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["visit", "role", "profile__user__full_name"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "profile"], name="plan_seat_once"),
            models.CheckConstraint(condition=Q(role__in=["lead_peer", "peer"]), name="plan_seat_role_known"),
            models.UniqueConstraint(fields=["visit"], condition=Q(role="lead_peer"), name="one_lead_in_a_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.profile} ({self.get_role_display()})"


class PlanPin(models.Model):
    """What the coordinator holds fixed: this person, this week, or not this person."""

    class Kind(models.TextChoices):
        PERSON = "person", _("This person")
        WEEK = "week", _("This week")
        NOT_PERSON = "not_person", _("Not this person")

    plan = models.ForeignKey(SeasonPlan, models.CASCADE, related_name="pins")
    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="plan_pins")
    kind = models.CharField(max_length=10, choices=Kind)
    profile = models.ForeignKey("peers.PeerProfile", models.CASCADE, null=True, blank=True, related_name="+")
    week = models.DateField(null=True, blank=True, validators=[monday])

    class Meta:
        ordering = ["challenge__ref", "kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="week", profile=None, week__isnull=False)
                | Q(kind__in=["person", "not_person"], profile__isnull=False, week=None),
                name="pin_holds_one_thing",
            ),
            models.UniqueConstraint(
                fields=["plan", "challenge", "profile"], condition=Q(profile__isnull=False), name="one_pin_per_person"
            ),
            models.UniqueConstraint(
                fields=["plan", "challenge"], condition=Q(kind="week"), name="one_week_pin_per_challenge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge}: {self.get_kind_display()} {self.profile or self.week}"


class PlanProgress(models.Model):
    """How good the plan was at one second of one run; the picture of the search."""

    plan = models.ForeignKey(SeasonPlan, models.CASCADE, related_name="progress")
    second = models.PositiveSmallIntegerField()
    cost = models.IntegerField(null=True, blank=True)
    bound = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["second"]
        constraints = [models.UniqueConstraint(fields=["plan", "second"], name="one_progress_per_second")]

    def __str__(self) -> str:
        return f"{self.plan} {self.second} s"


class PlanClosed(models.Model):
    """Days without visits as they stood when the plan was made; the coordinator may say that they do not count.

    `nation` is empty where they close both. `added`: by hand, for this plan alone.
    """

    plan = models.ForeignKey(SeasonPlan, models.CASCADE, related_name="closed_days")
    title = models.CharField(max_length=80)
    nation = models.CharField(max_length=10, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    counts = models.BooleanField(default=True)
    added = models.BooleanField(default=False)

    class Meta:
        ordering = ["first_day", "title"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="plan_closed_in_order"),
            models.UniqueConstraint(
                fields=["plan", "title", "nation", "first_day", "last_day"], name="plan_closed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.first_day} to {self.last_day}"


class ClosedPeriod(models.Model):
    """Days on which the programme sends nobody out, besides those that are computed; both ends included."""

    programme = models.ForeignKey("peers.Programme", models.CASCADE, related_name="closed_periods")
    title = models.CharField(_("what for"), max_length=80)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        ordering = ["first_day", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="closed_period_in_order",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(condition=~Q(title=""), name="closed_period_has_a_name"),
            models.UniqueConstraint(
                fields=["programme", "title", "first_day"],
                name="closed_period_once",
                violation_error_message=_("This period is on the list already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.first_day} to {self.last_day}"
