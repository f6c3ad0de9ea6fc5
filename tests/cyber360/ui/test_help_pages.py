"""The help pages: served to anybody, safe to show, in the words of the house, with links that lead somewhere."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cyber360.ui import help_pages
from cyber360.ui.markdown import render_markdown

FOLDER = Path(settings.BASE_DIR) / "docs" / "help"
SLUGS = sorted(path.stem for path in FOLDER.glob("*.md"))
# What the seats and the footer need, whatever else is there.
NEEDED = {
    "accessibility", "administrator", "contributor", "coordinator", "credits", "framework-editor", "host-lead",
    "host-sponsor", "information", "observer", "peer", "privacy", "status", "words",
}  # fmt: skip
BANNED = re.compile(r"inspector|non-compliant|audit finding|pass or fail|interviewee", re.IGNORECASE)
LONGEST = 110  # lines of one page, host-lead's being the longest

pytestmark = pytest.mark.django_db


def body_of(page: str) -> str:
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def test_every_page_that_is_needed_is_there():
    assert NEEDED - set(SLUGS) == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_opens_without_signing_in_under_its_own_title(client: Client, slug: str):
    title = (FOLDER / f"{slug}.md").read_text().splitlines()[0]
    assert title.startswith("# ")
    answer = client.get(reverse("help:page", args=[slug]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", text) == [title.removeprefix("# ")]
    assert f"<title>{title.removeprefix('# ')}" in text


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_speaks_the_words_of_the_house(slug: str):
    text = (FOLDER / f"{slug}.md").read_text()
    assert BANNED.findall(text) == []
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_of_the_source_is_left_raw(client: Client, slug: str):
    """Headings do not leave out a step, tables have become tables, and no mark of Markdown is shown."""
    body = body_of(client.get(reverse("help:page", args=[slug])).content.decode())
    levels = [int(level) for level in re.findall(r"<h(\d)", body)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    shown = re.sub(r"<code>.*?</code>|<[^>]+>", "", body)
    assert re.findall(r"\*\*|^\s*\||^#+ |&lt;/?[a-z]+", shown, re.MULTILINE) == []


def test_raw_html_does_not_survive():
    html = render_markdown('<script>alert(1)</script>\n\n<b onclick="x()">bold</b> [go](javascript:alert) <img src=x>')
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"<b\b", html)
    assert 'href="javascript' not in html


def test_a_table_scrolls_in_a_box_of_its_own_that_the_keyboard_reaches():
    html = render_markdown("Before\n\n| Who | What |\n| --- | --- |\n| Host | Answers |\n\nAfter")
    box = re.search(r"<div([^>]*)>\s*<table.*?</table>\s*</div>", html, re.DOTALL)
    assert sorted(re.findall(r'[\w-]+="[^"]*"', box[1])) == [
        'aria-label="Table"', 'class="c360-scroll"', 'role="region"', 'tabindex="0"',
    ]  # fmt: skip
    assert html.count("<div") == html.count("</div>") == 1
    assert "<div" not in render_markdown("Text and\n\n- a list")


def test_an_attribute_written_by_hand_does_not_survive():
    assert "<div" not in render_markdown('<div class="c360-scroll" role="alert" tabindex="5">boo</div>')


@pytest.mark.parametrize("slug", ["nothing-like-this", "privacy-2", "README"])
def test_page_that_is_not_there_is_not_found(client: Client, slug: str):
    assert client.get(f"/help/{slug}/").status_code == 404


@pytest.mark.parametrize("address", ["/help/../running/", "/help/..%2Frunning/", "/help/%2e%2e%2frunning/"])
def test_no_other_file_can_be_reached(client: Client, address: str):
    assert client.get(address).status_code == 404


def test_index_lists_every_page_once(client: Client):
    body = body_of(client.get(reverse("help:index")).content.decode())
    linked = re.findall(r'href="(/help/[^"]+)"', body)
    assert sorted(linked) == [reverse("help:page", args=[slug]) for slug in SLUGS]
    assert all(page.title in body for page in help_pages.pages().values())


def test_footer_links_lead_to_pages(client: Client):
    text = client.get(reverse("help:index")).content.decode()
    links = re.findall(r'href="([^"]+)"', text.split("<footer", 1)[1])
    assert len(links) >= 5
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("slug", SLUGS)
def test_links_of_a_page_lead_to_pages(client: Client, slug: str):
    body = body_of(client.get(reverse("help:page", args=[slug])).content.decode())
    links = [link for link in re.findall(r'href="([^"]+)"', body) if not link.startswith(("https://", "mailto:"))]
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code == 404} == {}
