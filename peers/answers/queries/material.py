"""The question's own text around an answer: levels, roles, prompts, what it serves."""

from typing import NamedTuple

from django.core.cache import caches

from peers.frameworks.models import Question


# --- the question's own text -------------------------------------------------------------------------------
class LevelText(NamedTuple):
    level: int
    word: str
    text: str


class Material(NamedTuple):
    """What a published version says around a question."""

    levels: list[LevelText]
    roles: list[str]
    prompts: list[tuple[str, str]]
    caf: list[str]
    outcomes: list[str]


def material_for(question: Question) -> Material:
    """Kept in this process's memory for published versions, which never change."""
    version = question.framework_version
    if version.published_at is None:
        return _material(question)
    key = f"material:{version.pk}:{version.published_at.timestamp()}:{question.pk}"
    kept: Material | None = caches["local"].get(key)
    if kept is None:
        kept = _material(question)
        caches["local"].set(key, kept, timeout=None)
    return kept


def _material(question: Question) -> Material:
    texts = dict(question.levels.values_list("level", "text"))
    scale = question.framework_version.scale.all()
    return Material(
        [LevelText(row.level, row.word, texts.get(row.level, row.meaning)) for row in scale],
        [row.role for row in question.roles.all()],
        [(row.prompt, row.good) for row in question.evidence_prompts.all()],
        [str(row) for row in question.caf.all()],
        [row.title for row in question.outcomes.all()],
    )
