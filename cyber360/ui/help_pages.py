"""The help pages: the Markdown files of docs/help, served to anybody, signed in or not."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from .markdown import render_markdown


class HelpPage(NamedTuple):
    slug: str
    title: str
    text: str


@lru_cache(maxsize=1)
def pages() -> dict[str, HelpPage]:
    """Every help page by slug; its first line is its title. Read once: the files come with the release."""
    found = {}
    for path in sorted((Path(settings.BASE_DIR) / "docs" / "help").glob("*.md")):
        first, _newline, rest = path.read_text().partition("\n")
        found[path.stem] = HelpPage(path.stem, first.lstrip("# ").strip(), rest)
    return found


def index(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/help_index.html", {"pages": pages().values()})


def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in pages():
        raise Http404
    found = pages()[slug]
    return render(request, "ui/help_page.html", {"page": found, "html": render_markdown(found.text)})
