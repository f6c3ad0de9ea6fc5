"""What differs between two versions, in the order of the newer one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peers.frameworks.importer.schema import Document, Question

NAMES = {
    "title": gettext_lazy("Title"),
    "question": gettext_lazy("Question"),
    "why": gettext_lazy("Why we ask"),
    "guidance": gettext_lazy("Guidance"),
    "who": gettext_lazy("Who should answer"),
    "required": gettext_lazy("Required"),
    "evidence": gettext_lazy("Evidence"),
    "caf": gettext_lazy("CAF outcomes"),
    "outcomes": gettext_lazy("Outcomes"),
    "theme": gettext_lazy("Theme"),
    "purpose": gettext_lazy("Purpose"),
}


@dataclass(frozen=True)
class Change:
    """`kind`: added, removed, changed. `fields`: (name, before, after) of what changed."""

    kind: str
    code: str
    title: str
    fields: tuple[tuple[str, str, str], ...] = ()


def compare(old: Document, new: Document) -> dict[str, list[Change]]:
    """Changes under the keys scale, themes, questions; a theme or question is known by its code."""
    return {
        "scale": _changes(_scale(old), _scale(new)),
        "themes": _changes(_themes(old), _themes(new)),
        "questions": _changes(_questions(old), _questions(new)),
    }


def _changes(old: Mapping[str, dict[str, str]], new: Mapping[str, dict[str, str]]) -> list[Change]:
    found = []
    for code, facts in new.items():
        if code not in old:
            found.append(Change("added", code, facts["title"]))
            continue
        fields = tuple(
            (str(NAMES.get(name, name)), old[code].get(name, ""), facts.get(name, ""))
            for name in {**facts, **old[code]}
            if old[code].get(name, "") != facts.get(name, "")
        )
        if fields:
            found.append(Change("changed", code, facts["title"], fields))
    return found + [Change("removed", code, facts["title"]) for code, facts in old.items() if code not in new]


def _scale(document: Document) -> dict[str, dict[str, str]]:
    meaning = _("Meaning")
    return {str(row.level): {"title": row.word, meaning: row.meaning} for row in document.scale}


def _themes(document: Document) -> dict[str, dict[str, str]]:
    return {theme.code: {"title": theme.title, "purpose": theme.purpose} for theme in document.themes}


def _questions(document: Document) -> dict[str, dict[str, str]]:
    return {
        question.code: _facts(question) | {"theme": f"{theme.code} {theme.title}"}
        for theme in document.themes
        for question in theme.questions
    }


def _facts(question: Question) -> dict[str, str]:
    facts: dict[str, Any] = {
        "title": question.title,
        "question": question.question,
        "why": question.why or "",
        "guidance": question.guidance or "",
        "who": ", ".join(question.who),
        "required": _("Yes") if question.required else _("No"),
        "evidence": "\n".join(f"{row.prompt} ({row.kind}): {row.good or ''}" for row in question.evidence),
        "caf": "\n".join(f"{version}: {', '.join(sorted(ids))}" for version, ids in sorted(question.caf.items())),
        "outcomes": ", ".join(sorted(question.outcomes)),
    }
    levels = {_("Level %(level)s") % {"level": level}: text for level, text in question.levels.by_level().items()}
    return facts | levels
