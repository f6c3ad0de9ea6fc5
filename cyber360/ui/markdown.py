"""Markdown to HTML that is safe to show: no raw HTML, no scripts, links of this site or https only."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "br", "hr",
         "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
_CLASSES = {
    "p": "govuk-body", "h2": "govuk-heading-m", "h3": "govuk-heading-s", "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number", "a": "govuk-link", "table": "govuk-table", "th": "govuk-table__header",
    "td": "govuk-table__cell", "tr": "govuk-table__row", "blockquote": "govuk-inset-text",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(text: str) -> SafeString:
    """The text as GOV.UK-styled HTML. A level-1 heading becomes level 2: the page has its own `h1`."""
    tokens = _parser.parse(text)
    for token in tokens:
        _style(token)
        for child in token.children or []:
            _style(child)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"*": {"class"}, "a": {"href", "class"}, "th": {"scope", "class"}},
        url_schemes={"https", "mailto"}, link_rel=None,
    )  # fmt: skip
    return mark_safe(clean)  # noqa: S308 - cleaned on the line above


def _style(token) -> None:
    if token.tag == "h1":
        token.tag = "h2"
    if token.nesting == 1 and token.tag in _CLASSES:
        token.attrSet("class", _CLASSES[token.tag])
    if token.nesting == 1 and token.tag == "th":
        token.attrSet("scope", "col")
