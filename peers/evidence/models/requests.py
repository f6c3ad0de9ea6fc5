"""What is asked of the host."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User
from peers.challenges.models import Challenge
from peers.frameworks.models import EvidenceKind, Question


class EvidenceRequest(models.Model):
    """One thing asked of the host. `good` says what a good answer shows; `reason` why there will be none."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("Met")
        NOT_HELD = "not_held", _("Not held")
        NOT_NEEDED = "not_needed", _("Not needed")

    SETTLED_WITHOUT = (State.NOT_HELD, State.NOT_NEEDED)

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="evidence_requests")
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, blank=True, related_name="evidence_requests", verbose_name=_("question")
    )
    prompt = models.CharField(_("what is asked for"), max_length=300)
    good = models.TextField(_("what a good one shows"), blank=True, max_length=4000)
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind, default=EvidenceKind.DOCUMENT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="evidence_requests",
        verbose_name=_("who looks for it"),
    )  # fmt: skip
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["due_on", "question__theme__place", "question__place", "pk"]
        indexes = [models.Index(fields=["challenge", "state", "due_on"], name="evidence_request_list")]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "question", "prompt"],
                name="evidence_asked_once",
                violation_error_message=_("This is already asked for."),
            ),
            models.UniqueConstraint(
                fields=["challenge", "prompt"],
                condition=Q(question__isnull=True),
                name="evidence_asked_once_without_question",
                violation_error_message=_("This is already asked for."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["not_held", "not_needed"]) | ~Q(reason=""), name="not_held_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "met", "not_held", "not_needed"]), name="evidence_request_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.prompt

    def get_absolute_url(self) -> str:
        return reverse("evidence:request", args=[self.challenge.ref, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def handed_to(self) -> list[int]:
        return [self.owner_id] if self.owner_id else []

    def may_be_reminded_by(self, user: User) -> bool:
        """Somebody else still looks for it."""
        return self.is_open and self.owner_id is not None and self.owner_id != user.pk

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < timezone.localdate()
