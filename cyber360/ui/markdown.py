"""Markdown to HTML that is safe to show: no raw HTML, no scripts, links of this site or https only."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "br", "hr",
         "table", "thead", "tbody", "tr", "th", "td", "div"}  # fmt: skip
_CLASSES = {
    "p": "govuk-body", "h2": "govuk-heading-m", "h3": "govuk-heading-s", "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number", "a": "govuk-link", "table": "govuk-table", "th": "govuk-table__header",
    "td": "govuk-table__cell", "tr": "govuk-table__row", "blockquote": "govuk-inset-text",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class"}, "a": {"href", "class"}, "th": {"scope", "class"},
    "div": {"class", "tabindex", "role", "aria-label"},
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(text: str) -> SafeString:
    """The text as GOV.UK-styled HTML. A level-1 heading becomes level 2: the page has its own `h1`."""
    tokens = _parser.parse(text)
    for token in tokens:
        _style(token)
        for child in token.children or []:
            _style(child)
    html = _parser.renderer.render(_boxed(tokens), _parser.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "mailto"}, link_rel=None)
    return mark_safe(clean)  # noqa: S308 - cleaned on the line above


def _boxed(tokens: list[Token]) -> list[Token]:
    """Every table in a box of its own that scrolls sideways, also by keyboard, so that the page never does."""
    found = []
    for token in tokens:
        if token.type == "table_open":
            about = {"class": "c360-scroll", "tabindex": "0", "role": "region", "aria-label": _("Table")}
            found.append(Token("box_open", "div", 1, attrs=about, block=True))
        found.append(token)
        if token.type == "table_close":
            found.append(Token("box_close", "div", -1, block=True))
    return found


def _style(token) -> None:
    if token.tag == "h1":
        token.tag = "h2"
    if token.nesting == 1 and token.tag in _CLASSES:
        token.attrSet("class", _CLASSES[token.tag])
    if token.nesting == 1 and token.tag == "th":
        token.attrSet("scope", "col")
