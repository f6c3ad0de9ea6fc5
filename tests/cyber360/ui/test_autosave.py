"""Text on its way to the server, in a real browser: it is saved, kept while offline, and never overwritten."""

import pytest

from tests.cyber360.ui import urls
from tests.journeys.browser import FLAGS, chromium, missing

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("platform_pages")]


@pytest.fixture(scope="module")
def browser():
    if lack := missing():
        pytest.skip(lack)
    with playwright.sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser, live_server):
    urls.SAVED.clear()
    context = browser.new_context()
    tab = context.new_page()
    tab.problems = []
    tab.on("console", lambda said: tab.problems.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: tab.problems.append(str(error)))
    tab.goto(f"{live_server.url}/sample/")
    yield tab
    context.close()


def says(page, words: str) -> None:
    playwright.expect(page.locator("[data-autosave-state]")).to_have_text(words, timeout=5000)


def test_text_is_saved_while_the_person_goes_on_typing(page):
    page.locator("#id_why").press_sequentially("We ask", delay=20)
    says(page, "Saved 10:42")
    assert urls.SAVED == ["We ask"]
    assert page.input_value("#id_version") == "4"
    assert page.evaluate("document.activeElement.id") == "id_why"
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.locator("#id_why").press_sequentially(" more", delay=20)
    playwright.expect(page.locator("#id_version")).to_have_value("5")
    assert urls.SAVED[-1] == "We ask more"
    assert page.problems == []


def test_text_survives_a_lost_connection(page):
    page.context.set_offline(True)
    page.fill("#id_why", "Written in a basement")
    says(page, "Kept on this device, not sent yet")
    page.context.set_offline(False)
    says(page, "Saved 10:42")
    assert urls.SAVED == ["Written in a basement"]


def test_text_of_a_closed_page_comes_back_into_the_form(page, monkeypatch):
    monkeypatch.setattr(urls, "IS_DOWN", True)
    page.fill("#id_why", "And then the page was closed")
    says(page, "Kept on this device, not sent yet")
    address = page.url
    page.goto("about:blank")
    page.wait_for_timeout(300)  # what a page sends while it is left arrives
    monkeypatch.setattr(urls, "IS_DOWN", False)
    page.goto(address)
    says(page, "Saved 10:42")
    assert page.input_value("#id_why") == "And then the page was closed"
    assert urls.SAVED == ["And then the page was closed"]


def test_text_written_on_an_older_version_is_shown_and_not_sent(page, monkeypatch):
    monkeypatch.setattr(urls, "IS_DOWN", True)
    page.fill("#id_why", "Older <b>words</b>")
    says(page, "Kept on this device, not sent yet")
    page.evaluate(
        "() => { for (const key of Object.keys(localStorage)) {"
        " localStorage[key.replace(/:3$/, ':2')] = localStorage[key]; localStorage.removeItem(key); } }"
    )
    address = page.url
    page.goto("about:blank")
    page.wait_for_timeout(300)  # what a page sends while it is left arrives
    monkeypatch.setattr(urls, "IS_DOWN", False)
    page.goto(address)
    playwright.expect(page.locator("[data-autosave-clash]")).to_contain_text("Older <b>words</b>")
    assert page.input_value("#id_why") == ""
    page.click("button:has-text('Remove this copy')")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert urls.SAVED == []


def test_a_clash_shows_both_and_stops(page):
    page.fill("#id_why", "clash")
    says(page, "Somebody else saved meanwhile. Both texts are shown; nothing is lost")
    assert "A colleague saved this." in page.inner_text("[data-autosave-clash]")
    assert page.input_value("#id_why") == "clash"
    assert page.evaluate("Object.keys(localStorage).length") == 1


def test_a_refusal_says_so_and_keeps_the_text(page):
    page.fill("#id_why", "refuse")
    says(page, "Not saved. Send the form to see why; your text is kept on this device")
    assert page.evaluate("Object.keys(localStorage).length") == 1


def test_page_works_under_its_policy_and_the_button_still_sends(page):
    assert page.evaluate("document.body.className").split()[-2:] == ["js-enabled", "govuk-frontend-supported"]
    assert page.evaluate("typeof htmx") == "object"
    page.click("button:has-text('Save answer')")
    assert page.locator(".govuk-error-summary").is_visible()
    assert page.problems == []
