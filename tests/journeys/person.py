"""A person at a browser: finds things by what they are called, as somebody with a screen or a screen reader does."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Response, expect

from tests.journeys.watch import WIDE, Watch

expect.set_options(timeout=20_000)


class Person:
    """One person with a browser of their own. Every page that opens is looked at by the watch."""

    def __init__(self, *, name: str, browser, url: str, watch: Watch, scripts: bool = True) -> None:
        self.name, self.url, self.watch, self.scripts = name, url, watch, scripts
        self.context: BrowserContext = browser.new_context(
            viewport=WIDE, java_script_enabled=scripts, locale="en-GB", accept_downloads=True
        )
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        watch.follow(self.page, name)

    # --- ways in ---------------------------------------------------------------------------------
    def sign_in_as(self, user) -> None:
        """A session as sign-in leaves it, without the form."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.context.add_cookies([{**cookie, "url": self.url}])

    # --- going about -----------------------------------------------------------------------------
    def open(self, path: str, status: int = 200) -> Response:
        answer = self.page.goto(path if path.startswith("http") else self.url + path)
        assert answer is not None
        assert answer.status == status, f"{self.name} got {answer.status} at {path}: {self.text()[:600]}"
        self.look()
        return answer

    def look(self) -> None:
        self.watch.look(self.page, self.name, self.scripts)

    def follow(self, name: str, within: str = "main", *, part: bool = False) -> None:
        """Press a link (`part`: its name begins so)."""
        self._go(self._named(self.page.locator(within), "link", name, part))

    def tab(self, name: str) -> None:
        tabs = self.page.get_by_role("navigation", name="Parts of this challenge")
        self._go(tabs.get_by_role("link", name=name, exact=True))

    def menu(self, name: str) -> None:
        """One of the service's own pages, from its navigation."""
        self._go(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True))

    def press(self, name: str, *, part: bool = False, status: int = 200) -> None:
        """Press a button and wait for the page that answers."""
        answer = self._go(self._named(self.page.locator("main"), "button", name, part))
        assert answer is None or answer.status == status, (
            f"{self.name} got {answer.status} after “{name}”: {self.text()[:900]}"
        )

    def press_empty(self, name: str) -> None:
        """Send a form with nothing filled in: the page says what is missing, in a list at the top."""
        self._go(self._named(self.page.locator("main"), "button", name, False))
        expect(self.page.get_by_role("heading", name="There is a problem")).to_be_visible()

    def _go(self, control: Locator) -> Response | None:
        with self.page.expect_navigation() as moved:
            control.click()
        self.look()
        return moved.value

    def _named(self, place: Locator, role: str, name: str, part: bool) -> Locator:
        # Words that only a screen reader hears are set apart by a space.
        words = re.compile("^" + re.escape(name).replace(":", r"\s*:") + ("" if part else "$"))
        found = place.get_by_role(role, name=words)
        if role == "link":  # a link that looks like a button says that it is one
            found = found.or_(place.get_by_role("button", name=words).and_(place.locator("a")))
        return found.first if part else found

    # --- filling in --------------------------------------------------------------------------------
    def labelled(self, label: str, within: Locator | None = None) -> Locator:
        optional = re.compile(rf"^\s*{re.escape(label)}( \(optional\))?\s*$")
        return (within or self.page.locator("main")).get_by_label(optional)

    def fill(self, label: str, text: str) -> None:
        self.labelled(label).fill(text)

    def pick(self, label: str, option: str) -> None:
        """An option of a list, by the beginning of its words, else by a part of them."""
        select = self.labelled(label)
        texts = select.locator("option").all_inner_texts()
        words = next((text for text in texts if text.startswith(option)), None)
        words = words or next((text for text in texts if option in text), option)
        select.select_option(label=words)

    def choose(self, label: str, group: str = "") -> None:
        """A radio, by the beginning of its label."""
        self._in(group).get_by_role("radio", name=re.compile(rf"^{re.escape(label)}")).check()

    def tick(self, label: str, group: str = "") -> None:
        self._in(group).get_by_role("checkbox", name=re.compile(rf"^{re.escape(label)}")).check()

    def _in(self, group: str) -> Locator:
        if not group:
            return self.page.locator("main")
        return self.page.get_by_role("group", name=re.compile(rf"^{re.escape(group)}")).first

    def date(self, group: str, day: date) -> None:
        place = self._in(group)
        for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            place.get_by_label(label, exact=True).fill(str(value))

    def unfold(self, words: str) -> None:
        """Open a part of the page that is folded away."""
        self.page.locator("main summary").get_by_text(words).click()

    def attach(self, label: str, paths: Iterable[Path]) -> None:
        self.labelled(label).set_input_files([str(path) for path in paths])

    # --- reading -----------------------------------------------------------------------------------
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def sees(self, words: str | re.Pattern) -> None:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()

    def sees_not(self, words: str) -> None:
        expect(self.page.locator("main").get_by_text(words)).to_have_count(0)

    def is_done(self, words: str = "") -> None:
        """The banner that says what happened."""
        expect(self.page.get_by_role("alert").filter(has_text=words).first).to_be_visible()

    def download(self, name: str, folder: Path, *, part: bool = True) -> Path:
        with self.page.expect_download() as coming:
            self._named(self.page.locator("main"), "link", name, part).click()
        place = folder / coming.value.suggested_filename
        coming.value.save_as(place)
        return place

    def leave(self) -> None:
        self.context.close()
