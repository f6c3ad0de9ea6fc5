"""What the council does with the report: a response to each recommendation, actions, progress, and the follow-up."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ActionPlan(models.Model):
    challenge = models.OneToOneField("peers.Challenge", models.CASCADE, related_name="action_plan")
    opened_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"Action plan of {self.challenge}"


class Response(models.Model):
    """The council's answer to one recommendation of the issued report. Its words are the issued ones, kept here."""

    class Answer(models.TextChoices):
        ACCEPT = "accept", _("Accepted")
        IN_PART = "in_part", _("Accepted in part")
        NOT_ACCEPTED = "not_accepted", _("Not accepted")

    plan = models.ForeignKey(ActionPlan, models.CASCADE, related_name="responses")
    finding = models.ForeignKey("peers.Finding", models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    recommendation = models.CharField(max_length=240)
    narrative = models.TextField(blank=True)
    answer = models.CharField(_("response"), max_length=12, choices=Answer, blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_response_per_number"),
            models.UniqueConstraint(fields=["plan", "finding"], name="one_response_per_recommendation"),
            models.CheckConstraint(
                condition=Q(answer__in=["", "accept"]) | ~Q(reason=""), name="response_not_in_full_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.recommendation}"

    @property
    def challenge(self):
        return self.plan.challenge


class Action(models.Model):
    class Priority(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", _("Not started")
        ON_TRACK = "on_track", _("On track")
        AT_RISK = "at_risk", _("At risk")
        COMPLETE = "complete", _("Complete")
        TRANSFERRED = "transferred", _("Moved to business as usual")
        NOT_PROCEEDING = "not_proceeding", _("Not going ahead")

    class YesNo(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNSURE = "unsure", _("Not sure")

    response = models.ForeignKey(Response, models.CASCADE, related_name="actions")
    title = models.CharField(_("action"), max_length=300)
    lead_officer = models.CharField(_("who leads it (role)"), max_length=120)
    portfolio_holder = models.CharField(_("portfolio holder"), max_length=120, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"))
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.MEDIUM)
    cost_band = models.CharField(_("cost"), max_length=60, blank=True)
    resources_secured = models.CharField(_("resources secured"), max_length=6, choices=YesNo, default=YesNo.UNSURE)
    budget_approved = models.CharField(_("budget approved"), max_length=6, choices=YesNo, default=YesNo.UNSURE)
    success_measure = models.CharField(_("how you will know it worked"), max_length=400)
    dependencies = models.CharField(_("depends on"), max_length=400, blank=True)
    status = models.CharField(_("status"), max_length=14, choices=Status, default=Status.NOT_STARTED)
    completion_evidence = models.CharField(_("what shows that it is done"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["status", "due_on"], name="action_status_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on__gte=F("starts_on")), name="action_days_in_order"
            )
        ]

    DONE = frozenset({Status.COMPLETE, Status.TRANSFERRED, Status.NOT_PROCEEDING})

    def __str__(self) -> str:
        return self.title

    @property
    def challenge(self):
        return self.response.plan.challenge

    def is_overdue(self, on) -> bool:
        return self.status not in self.DONE and self.due_on < on


class ProgressNote(models.Model):
    action = models.ForeignKey(Action, models.CASCADE, related_name="notes")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=14, choices=Action.Status)
    text = models.TextField(_("progress"), max_length=2000)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.text[:60]}"


class CheckIn(models.Model):
    """The 6-month check-in and the 10-12 month progress review. `summary` is what was heard."""

    class Kind(models.TextChoices):
        SIX_MONTHS = "six_months", _("6-month check-in")
        REVIEW = "review", _("Progress review")
        CLOSING = "closing", _("Closing survey")

    challenge = models.ForeignKey("peers.Challenge", models.CASCADE, related_name="check_ins")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    held_on = models.DateField(_("held on"))
    attendee_roles = models.TextField(_("roles of those present"), max_length=2000)
    summary = models.TextField(_("what was heard"), max_length=8000)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["held_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["challenge", "kind"], name="one_check_in_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.challenge}"


class ReviewScore(models.Model):
    """The level of one question at the progress review, beside the agreed one of the visit."""

    check_in = models.ForeignKey(CheckIn, models.CASCADE, related_name="scores")
    question = models.ForeignKey("peers.Question", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    comment = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["question__theme__place", "question__place"]
        constraints = [
            models.UniqueConstraint(fields=["check_in", "question"], name="one_review_score_per_question"),
            models.CheckConstraint(condition=Q(level__range=(0, 4)), name="review_level_in_range"),
        ]

    def __str__(self) -> str:
        return f"Review score {self.pk}"
