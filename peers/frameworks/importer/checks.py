"""From bytes to a checked document: shape first (schema), then meaning (codes, levels, mappings)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from peers.frameworks.importer.loader import Loaded, load
from peers.frameworks.importer.problems import Path, Problem, path_words
from peers.frameworks.importer.schema import Document, Question

MOST_PROBLEMS = 200


@dataclass
class Checked:
    """`document` is None when anything is wrong."""

    document: Document | None = None
    problems: list[Problem] = field(default_factory=list)


def check(raw: bytes, *, caf: Mapping[str, Collection[str]]) -> Checked:
    """`caf`: version of the Cyber Assessment Framework to the ids of its outcomes. Never raises on bad input."""
    loaded = load(raw)
    problems = list(loaded.problems)
    document = None
    if loaded.data is not None or not problems:
        try:
            document = Document.model_validate(loaded.data)
        except ValidationError as error:
            problems += _shape_problems(loaded, error)
        else:
            problems += [
                Problem(loaded.line_of(path), path_words(path), words) for path, words in _meaning(document, caf)
            ]
    problems = sorted(set(problems))[:MOST_PROBLEMS]
    return Checked(None if problems else document, problems)


# --- shape -----------------------------------------------------------------------------------------
def _shape_problems(loaded: Loaded, error: ValidationError) -> Iterator[Problem]:
    for item in error.errors(include_url=False):
        path = tuple(step for step in item["loc"] if step != "[key]")
        if item["type"] == "missing" and path:
            yield Problem(loaded.line_of(path[:-1]), path_words(path), _("This is missing. Add it."))
        else:
            yield Problem(loaded.line_of(path), path_words(path), _shape_words(item))


def _shape_words(item: Mapping[str, Any]) -> str:
    limits: dict[str, Any] = item.get("ctx", {})
    sentences = {
        "string_type": _("Text is wanted here. Put the value in quotes."),
        "string_too_short": _("This is empty. Write something or remove the line."),
        "string_too_long": _("The text is too long; the most is %(most)s characters.")
        % {"most": limits.get("max_length", "")},
        "string_pattern_mismatch": _("A code is wanted here: letters, digits, hyphens, full stops; no spaces."),
        "bool_type": _("Write true or false."),
        "int_type": _("A whole number is wanted here."),
        "greater_than_equal": _("The lowest level is 0."),
        "less_than_equal": _("The highest level is 4."),
        "list_type": _("A list is wanted here: lines that begin with “- ”."),
        "dict_type": _("Pairs “name: value” are wanted here."),
        "model_type": _("Pairs “name: value” are wanted here."),
        "model_attributes_type": _("Pairs “name: value” are wanted here."),
        "extra_forbidden": _("This name is not known here. Look at its spelling and at how far it is indented."),
        "too_short": _("The list is too short; at least %(least)s are wanted.")
        % {"least": limits.get("min_length", 1)},
        "too_long": _("The list is too long; the most is %(most)s.") % {"most": limits.get("max_length", "")},
        "literal_error": _("Write one of: %(expected)s.")
        % {"expected": str(limits.get("expected", "")).replace(" or ", ", ")},
    }
    return sentences.get(item["type"], item["msg"])


# --- meaning ---------------------------------------------------------------------------------------
Found = Iterator[tuple[Path, str]]


def _meaning(document: Document, caf: Mapping[str, Collection[str]]) -> Found:
    yield from _twice((("scale", i, "level"), level.level) for i, level in enumerate(document.scale))
    yield from _twice((("scale", i, "word"), level.word) for i, level in enumerate(document.scale))
    yield from _twice((("outcomes", i, "code"), row.code) for i, row in enumerate(document.outcomes))
    yield from _twice((("themes", i, "code"), theme.code) for i, theme in enumerate(document.themes))
    yield from _twice((("themes", i, "title"), theme.title) for i, theme in enumerate(document.themes))
    questions = [
        (("themes", i, "questions", j), question)
        for i, theme in enumerate(document.themes)
        for j, question in enumerate(theme.questions)
    ]
    yield from _twice(((*path, "code"), question.code) for path, question in questions)
    outcomes = {row.code for row in document.outcomes}
    for path, question in questions:
        yield from _question(path, question, outcomes, caf)


def _twice(pairs: Iterable[tuple[Path, Any]]) -> Found:
    seen: dict[Any, Path] = {}
    for path, value in pairs:
        first = seen.setdefault(value, path)
        if first != path:
            words = _("“%(value)s” stands at %(place)s already. Choose another or remove one.")
            yield path, words % {"value": str(value)[:60], "place": path_words(first)}


def _question(path: Path, question: Question, outcomes: set[str], caf: Mapping[str, Collection[str]]) -> Found:
    yield from _twice(((*path, "levels", str(level)), text) for level, text in question.levels.by_level().items())
    yield from _twice(((*path, "who", i), role) for i, role in enumerate(question.who))
    yield from _twice(((*path, "evidence", i, "prompt"), row.prompt) for i, row in enumerate(question.evidence))
    yield from _twice(((*path, "outcomes", i), code) for i, code in enumerate(question.outcomes))
    for i, code in enumerate(question.outcomes):
        if code not in outcomes:
            words = _("No outcome has the code “%(code)s”. The codes stand under “outcomes” at the top of the file.")
            yield (*path, "outcomes", i), words % {"code": code}
    for version, ids in question.caf.items():
        yield from _caf((*path, "caf", version), version, ids, caf)


def _caf(path: Path, version: str, ids: list[str], caf: Mapping[str, Collection[str]]) -> Found:
    if version not in caf:
        words = _("CAF %(version)s is not known here. Known: %(known)s. Write the version in quotes.")
        yield path, words % {"version": version, "known": ", ".join(sorted(caf)) or _("none")}
        return
    yield from _twice(((*path, i), outcome) for i, outcome in enumerate(ids))
    for i, outcome in enumerate(ids):
        if outcome not in caf[version]:
            words = _("CAF %(version)s has no outcome “%(code)s”. Ids look like A1.a and differ between versions.")
            yield (*path, i), words % {"version": version, "code": outcome[:20]}
