"""Questionnaires in versions. A version that is published, with all its parts, never changes again.

To make a published version (in a test too): create it as a draft, add the parts, then set the state.
"""

from collections.abc import Iterable
from typing import cast

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cyber360.exceptions import NotNow

LOWEST, HIGHEST = 0, 4
LEVELS = tuple(range(LOWEST, HIGHEST + 1))

code_format = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", _("A code has letters, digits, full stops, hyphens and underscores only.")
)


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class Framework(models.Model):
    """A questionnaire under one `code`, whatever its versions."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["title", "code"]

    def __str__(self) -> str:
        return self.title


class FrameworkVersion(models.Model):
    """One version. `sha256` is that of the file it was imported from, `source` the file's name.

    `title` is this version's own; blank means that of the framework.
    """

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20, validators=[code_format])
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    language = models.CharField(max_length=10, default="en-GB")
    about = models.TextField(blank=True)
    credit = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["framework__title", "-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "version"], name="framework_version_once"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, published_at__isnull=True)
                | Q(state__in=[State.PUBLISHED, State.RETIRED]),
                name="draft_has_no_publication_date",
            ),
        ]

    # What may still change once a version is published: its state, nothing that anybody reads.
    STATE_FIELDS = frozenset({"state", "published_at", "retired_at"})

    def __str__(self) -> str:
        return f"{self.title or self.framework.title} {self.version}"

    def save(self, *args, **kwargs) -> None:
        self._refuse_change_of_frozen_text()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("frameworks:version", args=[self.framework.code, self.version])

    def delete(self, *args, **kwargs):
        refuse_frozen([self.pk])
        return super().delete(*args, **kwargs)

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED

    def _refuse_change_of_frozen_text(self) -> None:
        """Raises NotNow when the stored version is not a draft and a field that people read would change."""
        if self.pk is None:
            return
        kept = [f.attname for f in self._meta.concrete_fields if f.name not in self.STATE_FIELDS]
        stored = FrameworkVersion.objects.filter(pk=self.pk).values("state", *kept).first()
        if stored is None or stored["state"] == State.DRAFT:
            return
        if self.state == State.DRAFT or any(stored[name] != getattr(self, name) for name in kept):
            raise NotNow(frozen_words())


def frozen_words() -> str:
    return gettext("This version is published, so it no longer changes. Make a new version instead.")


def refuse_frozen(version_ids: Iterable[int | None]) -> None:
    """Raises NotNow when one of the versions is not a draft."""
    wanted = {pk for pk in version_ids if pk is not None}
    if wanted and FrameworkVersion.objects.filter(pk__in=wanted).exclude(state=State.DRAFT).exists():
        raise NotNow(frozen_words())


class PartQuerySet(models.QuerySet):
    """The bulk ways to write are closed for published versions as well."""

    def _refuse_frozen(self) -> None:
        path = f"{cast(type[Part], self.model).version_path}__state"
        if self.order_by().exclude(**{path: State.DRAFT}).exists():
            raise NotNow(frozen_words())

    def update(self, **kwargs) -> int:
        self._refuse_frozen()
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self):
        self._refuse_frozen()
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        refuse_frozen({obj.frozen_by() for obj in objs})
        return super().bulk_create(objs, *args, **kwargs)


class Part(models.Model):
    """A row of a version. `version_path` leads from it to the version."""

    version_path = "framework_version"

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        refuse_frozen([self.frozen_by()])
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        refuse_frozen([self.frozen_by()])
        return super().delete(*args, **kwargs)

    def frozen_by(self) -> int | None:
        """The id of the version that the row belongs to."""
        row = self
        *steps, last = self.version_path.split("__")
        for step in steps:
            row = getattr(row, step)
        return getattr(row, f"{last}_id")


def level_in_range(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(level__range=(LOWEST, HIGHEST)), name=name)


class ScaleLevel(Part):
    framework_version = models.ForeignKey(FrameworkVersion, models.CASCADE, related_name="scale")
    level = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=40)
    meaning = models.TextField()

    class Meta:
        ordering = ["framework_version", "level"]
        constraints = [
            models.UniqueConstraint(fields=["framework_version", "level"], name="scale_level_once"),
            models.UniqueConstraint(fields=["framework_version", "word"], name="scale_word_once"),
            level_in_range("scale_level_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.word}"


class DigitalOutcome(Part):
    """An outcome of digitalisation that questions serve."""

    framework_version = models.ForeignKey(FrameworkVersion, models.CASCADE, related_name="outcomes")
    code = models.CharField(max_length=60, validators=[code_format])
    title = models.CharField(max_length=120)

    class Meta:
        ordering = ["framework_version", "title"]
        constraints = [models.UniqueConstraint(fields=["framework_version", "code"], name="digital_outcome_once")]

    def __str__(self) -> str:
        return self.title


class CafOutcome(models.Model):
    """A contributing outcome of NCSC's Cyber Assessment Framework: id and title only.

    Ids of two CAF versions never stand for each other: A2.b changed its meaning between 3.2 and 4.0.
    """

    version = models.CharField(max_length=10)
    objective = models.CharField(max_length=2)
    objective_title = models.CharField(max_length=120, blank=True)
    principle = models.CharField(max_length=4)
    principle_title = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=8)
    title = models.CharField(max_length=120)

    class Meta:
        ordering = ["version", "objective", "principle", "code"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="caf_outcome_once")]

    def __str__(self) -> str:
        return f"CAF {self.version} {self.code} {self.title}"


class Theme(Part):
    framework_version = models.ForeignKey(FrameworkVersion, models.CASCADE, related_name="themes")
    code = models.CharField(max_length=20, validators=[code_format])
    title = models.CharField(max_length=120)
    purpose = models.TextField()
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["framework_version", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["framework_version", "code"], name="theme_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Question(Part):
    """`framework_version` repeats the theme's, so that the database itself keeps codes unique in a version."""

    framework_version = models.ForeignKey(FrameworkVersion, models.CASCADE, related_name="questions", editable=False)
    theme = models.ForeignKey(Theme, models.CASCADE, related_name="questions")
    code = models.CharField(max_length=20, validators=[code_format])
    title = models.CharField(max_length=160)
    wording = models.TextField()
    why = models.TextField(blank=True)
    guidance = models.TextField(blank=True)
    required = models.BooleanField(default=True)
    place = models.PositiveSmallIntegerField(default=0)
    caf = models.ManyToManyField(CafOutcome, through="QuestionCaf", related_name="questions")
    outcomes = models.ManyToManyField(DigitalOutcome, through="QuestionOutcome", related_name="questions")

    class Meta:
        ordering = ["theme__place", "theme_id", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["framework_version", "code"], name="question_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def frozen_by(self) -> int | None:
        if self.framework_version_id is None and self.theme_id is not None:
            self.framework_version_id = self.theme.framework_version_id
        return self.framework_version_id

    def full_clean(self, *args, **kwargs) -> None:
        self.frozen_by()
        super().full_clean(*args, **kwargs)

    def clean(self) -> None:
        if self.theme_id and self.theme.framework_version_id != self.framework_version_id:
            raise ValidationError(gettext("A question and its theme belong to the same version."))


class QuestionPart(Part):
    version_path = "question__framework_version"

    class Meta:
        abstract = True


class QuestionRole(QuestionPart):
    """Who should answer: a role, never a person."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=120)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["question", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "role"], name="question_role_once")]

    def __str__(self) -> str:
        return self.role


class LevelDescriptor(QuestionPart):
    """What an outsider would see at `level`, written for this question."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["question", "level"]
        constraints = [
            models.UniqueConstraint(fields=["question", "level"], name="descriptor_level_once"),
            level_in_range("descriptor_level_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.text[:60]}"


class EvidenceKind(models.TextChoices):
    COMMUNICATION = "communication", _("Communication")
    DATA = "data", _("Data")
    DOCUMENT = "document", _("Document")
    MINUTES = "minutes", _("Minutes")
    PLAN = "plan", _("Plan")
    RECORD = "record", _("Record")


class EvidencePrompt(QuestionPart):
    """What to ask for, and what a good one shows."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="evidence_prompts")
    prompt = models.CharField(max_length=300)
    good = models.TextField(blank=True)
    kind = models.CharField(max_length=20, choices=EvidenceKind, default=EvidenceKind.DOCUMENT)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["question", "place", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "prompt"], name="evidence_prompt_once")]

    def __str__(self) -> str:
        return self.prompt


class QuestionCaf(QuestionPart):
    question = models.ForeignKey(Question, models.CASCADE, related_name="caf_links")
    outcome = models.ForeignKey(CafOutcome, models.PROTECT, related_name="question_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "outcome"], name="question_caf_once")]

    def __str__(self) -> str:
        return f"{self.question_id} > {self.outcome_id}"


class QuestionOutcome(QuestionPart):
    question = models.ForeignKey(Question, models.CASCADE, related_name="outcome_links")
    outcome = models.ForeignKey(DigitalOutcome, models.CASCADE, related_name="question_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "outcome"], name="question_outcome_once")]

    def __str__(self) -> str:
        return f"{self.question_id} > {self.outcome_id}"
