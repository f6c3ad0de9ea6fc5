"""Texts: placeholders, harmless values, harmless HTML; and the templates that ship."""

import re

import pytest
from django.conf import settings

from peers.agreements.models import DocumentKind
from peers.agreements.rendering import PLACEHOLDERS, fill, to_html, unknown_placeholders

SHIPPED = settings.BASE_DIR / "fixtures" / "agreements"


def test_values_are_put_in_and_never_looked_at_again():
    assert fill("For {{ council }} and {{nobody}}.", {"council": "{{focus}} *x*", "focus": "no"}) == (
        "For {{focus}} \\*x\\* and {{nobody}}.\n"
    )


def test_template_language_is_not_obeyed():
    body = "{% load x %} {{ council.delete }} {{ settings.SECRET_KEY }}"
    assert fill(body, {"council": "Northmere"}) == body + "\n"
    assert unknown_placeholders(body) == ["council.delete", "settings.SECRET_KEY"]


@pytest.mark.parametrize(
    "nasty",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "<img src=x onerror=y>",
    ],
)
def test_nothing_harmful_comes_out(nasty):
    html = to_html(nasty)
    assert not re.search(r"<(script|img)|href=\"javascript", html)


def test_headings_lists_and_tables_are_dressed():
    html = to_html("# One\n\n## Two\n\n- a\n\n| A | B |\n|---|---|\n| 1 | 2 |\n")
    assert '<h2 class="govuk-heading-m">One</h2>' in html
    assert '<h2 class="govuk-heading-m">Two</h2>' in html
    assert '<ul class="govuk-list govuk-list--bullet">' in html
    assert html.count('scope="col"') == 2


@pytest.mark.parametrize("kind", DocumentKind.values)
def test_what_ships_is_whole(kind):
    text = (SHIPPED / f"{kind}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert unknown_placeholders(text) == []
    assert len(text) > 1500
    assert not re.search(r"inspector|non-compliant|audit finding|rationale|\bTODO\b", text, re.IGNORECASE)


def test_every_placeholder_is_used_by_something_that_ships():
    texts = " ".join(path.read_text(encoding="utf-8") for path in SHIPPED.glob("*.md"))
    assert {name for name in PLACEHOLDERS if f"{{{{{name}}}}}" not in texts} == set()


def test_no_absolute_confidence_is_promised():
    text = (SHIPPED / "confidentiality.md").read_text(encoding="utf-8")
    assert "No confidentiality is absolute" in text
    assert "Freedom of Information Act 2000" in text
