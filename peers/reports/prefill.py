"""What the sections of a new draft begin with: plain values in, Markdown out. No database."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from peers.agreements.rendering import escape

# What a section's text may name in double braces, and what stands there in the end.
NAMES = {
    "council": _("the council's short name"),
    "council_full_name": _("the council's full name"),
    "council_kind": _("what kind of council it is, and where"),
    "reference": _("the challenge's reference"),
    "focus": _("what the council wants looked at"),
    "themes": _("the themes in scope"),
    "visit_dates": _("the days of the visit"),
    "feedback_sentence": _("a sentence on the feedback presentation"),
    "recommendation_count": _("the number of recommendations, in words"),
    "strengths": _("a list: the first three strengths"),
    "considerations": _("a list: the first three areas for consideration"),
    "first_steps": _("a list: the first three recommendations"),
}
LISTS = frozenset({"strengths", "considerations", "first_steps"})
_NAMED = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def unknown_names(text: str) -> list[str]:
    """Names in double braces that mean nothing here, in order, each once."""
    return list(dict.fromkeys(name for name in _NAMED.findall(text) if name not in NAMES))


def fill(text: str, values: Mapping[str, str | Sequence[str]]) -> str:
    """The values in their places. They are plain text: a mark-up character in one is shown, not obeyed."""

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        if value is None:
            return match.group(0)
        return escape(value) if isinstance(value, str) else "\n".join(f"- {escape(item)}" for item in value)

    return _NAMED.sub(value_of, text.replace("\r\n", "\n")).strip()
