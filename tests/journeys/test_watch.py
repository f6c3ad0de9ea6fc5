"""The watch itself: it finds what it is for, so that its silence on a journey means something."""

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from tests.journeys.watch import Watch

pytestmark = pytest.mark.browser

FAULTY = """<!DOCTYPE html><html><head><title>Another name</title></head><body>
<main><h1>Questions</h1><h4>Too deep</h4><img src="data:,"><div style="width: 900px">wide</div>
<p style="color: #ccc; background: #fff">pale words</p><button aria-pressed="perhaps"></button></main>
<script>console.error("said aloud")</script></body></html>"""


def test_the_watch_finds_faults(browser):
    context = browser.new_context()
    page = context.new_page()
    watch = Watch()
    watch.follow(page, "nobody")
    page.set_content(FAULTY)
    watch.look(page, "nobody")
    said = "\n".join(watch.faults)
    context.close()
    for rule in (
        "html-has-lang",
        "image-alt",
        "color-contrast",
        "button-name",
        "heading-order",
        "aria-valid-attr-value",
    ):
        assert rule in said, rule
    for words in ("scrolls sideways", "the title is “Another name”", "console: said aloud"):
        assert words in said, words
    with pytest.raises(AssertionError, match="image-alt"):
        watch.none()
