"""Reading questionnaires."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from peers.frameworks.importer.compare import Change, compare
from peers.frameworks.importer.schema import FORMAT, Document
from peers.frameworks.models import (
    CafOutcome,
    DigitalOutcome,
    EvidencePrompt,
    FrameworkVersion,
    LevelDescriptor,
    Question,
    QuestionCaf,
    QuestionOutcome,
    QuestionRole,
    ScaleLevel,
    State,
    Theme,
)


def versions_with_counts() -> QuerySet[FrameworkVersion]:
    """All versions, with `theme_count` and `question_count`; newest first within a questionnaire."""
    return (
        FrameworkVersion.objects.select_related("framework")
        .annotate(theme_count=Count("themes", distinct=True), question_count=Count("questions", distinct=True))
        .order_by("framework__title", "framework_id", "-created_at", "-pk")
    )


def published_versions() -> QuerySet[FrameworkVersion]:
    """What a challenge may pin."""
    return FrameworkVersion.objects.select_related("framework").filter(state=State.PUBLISHED)


def get_version(code: str, version: str) -> FrameworkVersion:
    """Raises FrameworkVersion.DoesNotExist."""
    return FrameworkVersion.objects.select_related("framework").get(framework__code=code, version=version)


def scale_of(version: FrameworkVersion) -> list[ScaleLevel]:
    """The five levels, lowest first."""
    return list(version.scale.order_by("level"))


def questions_of(version: FrameworkVersion, themes: Iterable[Theme] | None = None) -> QuerySet[Question]:
    """The version's questions in order with all they consist of, in six queries whatever their number.

    `themes` narrows to those in scope; None means all.
    """
    questions = Question.objects.filter(framework_version=version)
    if themes is not None:
        questions = questions.filter(theme__in=themes)
    return (
        questions.select_related("theme")
        .prefetch_related(
            Prefetch("levels", LevelDescriptor.objects.order_by("level")),
            Prefetch("roles", QuestionRole.objects.order_by("place", "pk")),
            Prefetch("evidence_prompts", EvidencePrompt.objects.order_by("place", "pk")),
            Prefetch("caf", CafOutcome.objects.order_by("version", "code")),
            Prefetch("outcomes", DigitalOutcome.objects.order_by("title")),
        )
        .order_by("theme__place", "theme_id", "place", "pk")
    )


def themes_of(version: FrameworkVersion) -> QuerySet[Theme]:
    """Themes in order, their questions prefetched without their parts: a tree."""
    questions = Question.objects.order_by("place", "pk")
    return version.themes.prefetch_related(Prefetch("questions", questions)).order_by("place", "pk")


def question_beside(question: Question) -> tuple[Question | None, Question | None]:
    """The question before and the one after, in the order of the version."""
    ordered = list(
        Question.objects.filter(framework_version_id=question.framework_version_id)
        .order_by("theme__place", "theme_id", "place", "pk")
        .only("code", "title", "theme_id", "framework_version_id")
    )
    at = [row.pk for row in ordered].index(question.pk)
    return (ordered[at - 1] if at else None, ordered[at + 1] if at + 1 < len(ordered) else None)


def caf_codes() -> dict[str, set[str]]:
    """Version of the Cyber Assessment Framework to the ids of its outcomes."""
    codes: dict[str, set[str]] = {}
    for version, code in CafOutcome.objects.values_list("version", "code"):
        codes.setdefault(version, set()).add(code)
    return codes


def find_same_file(sha256: str) -> FrameworkVersion | None:
    return FrameworkVersion.objects.select_related("framework").filter(sha256=sha256).first()


def find_stored(code: str, version: str) -> FrameworkVersion | None:
    stored = Q(framework__code=code, version=version)
    return FrameworkVersion.objects.select_related("framework").filter(stored).first()


@dataclass(frozen=True)
class Counts:
    """What a checked file holds, shown before it is imported."""

    themes: int
    questions: int
    required: int
    prompts: int
    mapped: int


def counts_of(document: Document) -> Counts:
    questions = [question for theme in document.themes for question in theme.questions]
    return Counts(
        themes=len(document.themes),
        questions=len(questions),
        required=sum(question.required for question in questions),
        prompts=sum(len(question.evidence) for question in questions),
        mapped=sum(bool(question.caf) for question in questions),
    )


# --- as a document ---------------------------------------------------------------------------------
def document_of(version: FrameworkVersion) -> Document:
    """The version as plain data, equal to the file it was imported from."""
    themes: dict[int, dict[str, Any]] = {
        theme.pk: {"code": theme.code, "title": theme.title, "purpose": theme.purpose, "questions": []}
        for theme in version.themes.order_by("place", "pk")
    }
    # Links in the order of the file, so that what was imported comes out equal.
    parts = (
        Prefetch("levels", LevelDescriptor.objects.order_by("level")),
        Prefetch("roles", QuestionRole.objects.order_by("place", "pk")),
        Prefetch("evidence_prompts", EvidencePrompt.objects.order_by("place", "pk")),
        Prefetch("caf_links", QuestionCaf.objects.select_related("outcome").order_by("pk")),
        Prefetch("outcome_links", QuestionOutcome.objects.select_related("outcome").order_by("pk")),
    )
    for question in questions_of(version).prefetch_related(None).prefetch_related(*parts):
        themes[question.theme_id]["questions"].append(_question(question))
    return Document.model_validate(
        {
            "format": FORMAT,
            "code": version.framework.code,
            "title": version.title or version.framework.title,
            "version": version.version,
            "language": version.language,
            "about": version.about or None,
            "credit": version.credit or None,
            "scale": [{"level": row.level, "word": row.word, "meaning": row.meaning} for row in scale_of(version)],
            "outcomes": [{"code": row.code, "title": row.title} for row in version.outcomes.order_by("pk")],
            "themes": list(themes.values()),
        }
    )


def _question(question: Question) -> dict[str, Any]:
    caf: dict[str, list[str]] = {}
    for link in question.caf_links.all():
        caf.setdefault(link.outcome.version, []).append(link.outcome.code)
    return {
        "code": question.code,
        "title": question.title,
        "question": question.wording,
        "why": question.why or None,
        "guidance": question.guidance or None,
        "who": [row.role for row in question.roles.all()],
        "required": question.required,
        "levels": {str(row.level): row.text for row in question.levels.all()},
        "evidence": [
            {"prompt": row.prompt, "good": row.good or None, "kind": row.kind}
            for row in question.evidence_prompts.all()
        ],
        "caf": caf,
        "outcomes": [link.outcome.code for link in question.outcome_links.all()],
    }


def changes_between(old: FrameworkVersion, new: FrameworkVersion) -> dict[str, list[Change]]:
    return compare(document_of(old), document_of(new))
