"""The council's self-assessment: one answer a question, who has it in hand, and what was written before."""

from collections.abc import Iterable

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from peers.challenges.models import Challenge
from peers.frameworks.models import HIGHEST, LOWEST, Question

TEXT_LIMIT = 20_000

# What counts as answered: a level, or a word that the question does not apply here, and the reason.
ANSWERED = (Q(level__isnull=False) | Q(not_applicable=True)) & ~Q(text="")


class AppendOnly(models.QuerySet):
    def update(self, **fields):
        raise TypeError("What was written before is never changed.")


class AnswerQuerySet(models.QuerySet):
    def answered(self):
        return self.filter(ANSWERED)

    def unanswered(self):
        return self.exclude(ANSWERED)


class Answer(models.Model):
    """The host's answer to one question of one challenge; it exists, empty, from the start of preparation.

    `in_scope` is False when the challenge's themes were changed after the row was made: the text is kept, unread.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    in_scope = models.BooleanField(default=True)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True, validators=[MaxValueValidator(HIGHEST)])
    not_applicable = models.BooleanField(_("does not apply to this council"), default=False)
    text = models.TextField(_("why"), blank=True, validators=[MaxLengthValidator(TEXT_LIMIT)])
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    # Set by queries and services for the page that asked, never stored.
    held_by: "list[Assignment]"
    mine: "Assignment"
    voided_sign_off = False

    class Meta:
        ordering = ["question__theme__place", "question__theme_id", "question__place", "question_id"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "question"], name="one_answer_per_question"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(LOWEST, HIGHEST)), name="answer_level_in_range"
            ),
            models.CheckConstraint(
                condition=Q(not_applicable=False) | Q(level__isnull=True), name="answer_level_or_not_applicable"
            ),
        ]

    def __str__(self) -> str:
        return str(self.question)

    def get_absolute_url(self) -> str:
        return reverse("answers:question", args=[self.challenge.ref, self.question.code])

    @property
    def is_answered(self) -> bool:
        return (self.level is not None or self.not_applicable) and bool(self.text)

    @property
    def is_started(self) -> bool:
        return self.level is not None or self.not_applicable or bool(self.text)

    @property
    def may_be_finished(self) -> bool:
        """Nothing is missing: answered, or left empty where a question may be left out."""
        return self.is_answered or not (self.is_started or self.question.required)

    def handed_to(self) -> frozenset[int]:
        """Ids of the people it was handed to; one query, none after `know_handed_to`."""
        if "_handed_to" not in self.__dict__:
            rows = Assignment.objects.filter(challenge_id=self.challenge_id, question_id=self.question_id)
            self.know_handed_to(rows.values_list("person_id", flat=True))
        return self._handed_to

    def know_handed_to(self, person_ids: Iterable[int]) -> None:
        """Lists fetch the assignments of all their answers at once and leave them here."""
        self._handed_to = frozenset(person_ids)


class AnswerVersion(models.Model):
    """What an answer said before it was changed. Append only."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField(null=True)
    not_applicable = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["answer", "-number"]
        constraints = [models.UniqueConstraint(fields=["answer", "number"], name="answer_version_once")]

    def __str__(self) -> str:
        return f"{self.answer_id} version {self.number}"


class Assignment(models.Model):
    """A question in the hands of one person."""

    class State(models.TextChoices):
        OPEN = "open", _("With them")
        DONE = "done", _("Done")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="assignments")
    question = models.ForeignKey(Question, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    handed_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    has_seat: bool  # set by queries that ask whether the person can still open the question

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["person", "state"], name="assignment_person_state")]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "question", "person"], name="handed_to_a_person_once"),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True) | Q(state="done", done_at__isnull=False),
                name="assignment_done_has_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.question)

    @property
    def owner_id(self) -> int:
        return self.person_id

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    def handed_to(self) -> frozenset[int]:
        return frozenset([self.person_id])

    def is_overdue(self, day) -> bool:
        return not self.is_done and self.due_on is not None and self.due_on < day


class AnswerComment(models.Model):
    """A working remark beside an answer, for the host lead and the sponsor.

    `with_contributors` widens it, on purpose and remark by remark, to the people who hold the question.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(_("remark"), validators=[MaxLengthValidator(4000)])
    with_contributors = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_comment_says_something")]

    def __str__(self) -> str:
        return _now("Remark on %(question)s") % {"question": self.answer}


class PositionStatement(models.Model):
    """Where the council stands, in its own words, for the team to read first."""

    challenge = models.OneToOneField(Challenge, models.CASCADE, related_name="position_statement")
    text = models.TextField(_("position statement"), blank=True, validators=[MaxLengthValidator(TEXT_LIMIT)])
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(null=True, blank=True)

    voided_sign_off = False

    def __str__(self) -> str:
        return _now("Position statement")


class PositionVersion(models.Model):
    """What the position statement said before. Append only."""

    position = models.ForeignKey(PositionStatement, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(null=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["position", "-number"]
        constraints = [models.UniqueConstraint(fields=["position", "number"], name="position_version_once")]

    def __str__(self) -> str:
        return f"{self.position_id} version {self.number}"


class SelfAssessmentSignOff(models.Model):
    """The sponsor's word that the answers are the council's. `answers_hash`: SHA-256 over what was signed.

    An answer changed afterwards voids it; the row stays.
    """

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="self_assessment_sign_offs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("full name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120)
    declaration = models.TextField()
    at = models.DateTimeField()
    answers_hash = models.CharField(max_length=64)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(voided_at__isnull=True), name="one_standing_sign_off"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(job_title=""), name="sign_off_says_who"),
        ]

    def __str__(self) -> str:
        return _now("Sign-off of the self-assessment")
