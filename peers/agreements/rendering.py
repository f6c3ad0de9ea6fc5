"""From a template's Markdown to the text that is signed, and from that to HTML. Plain text in and out."""

import re
from collections.abc import Mapping

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

# What a template may name in double braces, and what stands there in the end.
PLACEHOLDERS = {
    "council": _("the council's short name"),
    "council_full_name": _("the council's full name"),
    "reference": _("the challenge's reference"),
    "programme": _("the programme's name"),
    "focus": _("what the council wants looked at"),
    "themes": _("the themes in scope"),
    "visit_dates": _("the days of the visit"),
    "visit_place": _("where the visit takes place"),
    "host_lead": _("the host lead's name"),
    "host_sponsor": _("the host sponsor's name"),
    "team_size": _("the size of the team"),
    "access_days": _("days after closing until access ends"),
    "peer_name": _("the peer's name (peer terms only)"),
    "issued_on": _("the day of issue"),
}
_NAMED = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")
_CLASSES = {
    "p": "govuk-body", "h2": "govuk-heading-m", "h3": "govuk-heading-s", "h4": "govuk-heading-s",
    "ul": "govuk-list govuk-list--bullet", "ol": "govuk-list govuk-list--number", "a": "govuk-link",
    "table": "govuk-table", "thead": "govuk-table__head", "tbody": "govuk-table__body", "tr": "govuk-table__row",
    "th": "govuk-table__header", "td": "govuk-table__cell", "blockquote": "govuk-inset-text",
}  # fmt: skip
_TAGS = {*_CLASSES, "strong", "em", "li", "br", "hr", "code"}
_SMALLEST = 4


def unknown_placeholders(body: str) -> list[str]:
    """Names in double braces that mean nothing here, in order, each once."""
    return list(dict.fromkeys(name for name in _NAMED.findall(body) if name not in PLACEHOLDERS))


def fill(body: str, values: Mapping[str, str]) -> str:
    """Put the values in. They are plain text: a mark-up character in one is shown, not obeyed.

    A value may hold braces; it is never looked at again. Unknown names stay as they are.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        return escape(str(values[name])) if name in values else match.group(0)

    return _NAMED.sub(value_of, body.replace("\r\n", "\n")).strip() + "\n"


def escape(text: str) -> str:
    """One line of plain text with its Markdown characters made harmless."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def to_html(body: str) -> SafeString:
    """GOV.UK-styled HTML of the Markdown: no raw HTML, no pictures; headings begin at h2, below the page's own."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(body)
    _dress(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    allowed = {tag: {"class"} for tag in _CLASSES} | {"a": {"href", "class"}, "th": {"class", "scope"}}
    clean = nh3.clean(html, tags=_TAGS, attributes=allowed, url_schemes={"https", "mailto"}, link_rel="noopener")
    return mark_safe(clean)  # noqa: S308 - cleaned in the line above


def _dress(tokens: list[Token]) -> None:
    for token in tokens:
        if token.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, _SMALLEST)}" if token.tag == "h1" else _capped(token.tag)
        if token.nesting == 1 and token.tag in _CLASSES:
            token.attrSet("class", _CLASSES[token.tag])
            if token.tag == "th":
                token.attrSet("scope", "col")
        _dress(token.children or [])


def _capped(tag: str) -> str:
    return f"h{min(int(tag[1]), _SMALLEST)}"
