"""What is asked of every page that a journey passes: accessibility, title, width, console.

Faults are gathered, each with its page, and asserted at the end of a test, so that one run names them all.
"""

import re

from playwright.sync_api import Page

from tests.journeys.browser import AXE

NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 900}
# A page is checked again only when it has a kind of element that the same address did not show before.
SHAPES = """() => {
  const shapes = new Set();
  for (const e of document.body.querySelectorAll('*')) {
    const kind = [e.getAttribute('role'), e.getAttribute('type'), e.disabled, e.parentElement.tagName];
    shapes.add([e.tagName, e.className, ...kind].join('.'));
  }
  return [...shapes].sort().join('|');
}"""
RUN_AXE = """() => axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(
  (found) => found.violations.map((v) => v.id + ': ' + v.help + ' ' +
    v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + n.html.slice(0, 160) + ' [' +
      [...n.any, ...n.all, ...n.none].map((c) => c.message).join('; ').slice(0, 300) + ']').join(' // ')))"""
WIDEST = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return '';
  const scrolled = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(p).overflowX)) return true; return false; };
  const out = [...document.body.querySelectorAll('*')].filter(
    (e) => e.getBoundingClientRect().right > root.clientWidth + 0.1 && !scrolled(e));
  return root.scrollWidth + ' px: ' + out.slice(0, 3).map((e) => e.outerHTML.slice(0, 140)).join(' // ');
}"""


class Watch:
    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[tuple[str, str]] = set()
        self.axe = AXE.read_text()
        self.looked = self.checked = 0

    def follow(self, page: Page, who: str) -> None:
        """Note what the page's console says, faults of scripts, and parts that could not be loaded."""
        page.on("console", lambda said: self._console(who, page, said))
        page.on("pageerror", lambda error: self.fault(who, page, f"script: {error}"))
        page.on("response", lambda answer: self._response(who, page, answer))

    def fault(self, who: str, page: Page, words: str) -> None:
        line = f"{where(page)} ({who}): {words}"
        if line not in self.faults:
            self.faults.append(line)

    def _console(self, who: str, page: Page, said) -> None:
        # The browser says of every answer of 400 and above that it "failed to load"; _response looks at those.
        if said.type in ("error", "warning") and not said.text.startswith("Failed to load resource"):
            self.fault(who, page, f"console: {said.text}")

    def _response(self, who: str, page: Page, answer) -> None:
        if answer.status >= 500 or (answer.status >= 400 and answer.request.resource_type not in ("document", "fetch")):
            self.fault(who, page, f"{answer.status} for {answer.url}")

    def look(self, page: Page, who: str, scripts: bool = True) -> None:
        """All checks of the page as it stands now."""
        self.looked += 1
        self._title(page, who)
        if not scripts:
            return
        address = re.sub(r"\d+", "0", where(page))
        seen = (address, page.evaluate(SHAPES))
        if seen in self.seen:
            return
        self.seen.add(seen)
        self.checked += 1
        page.evaluate(self.axe)
        for violation in page.evaluate(RUN_AXE):
            self.fault(who, page, f"axe: {violation}")
        page.set_viewport_size(NARROW)
        if widest := page.evaluate(WIDEST):
            self.fault(who, page, f"scrolls sideways at {NARROW['width']} px: {widest}")
        page.set_viewport_size(WIDE)

    def _title(self, page: Page, who: str) -> None:
        headings = page.locator("h1").all_inner_texts()
        title = page.title().removeprefix("Error: ")
        if len(headings) != 1:
            self.fault(who, page, f"{len(headings)} h1")
        elif not title.startswith(" ".join(headings[0].split())):
            self.fault(who, page, f"the title is “{title}”, the h1 “{headings[0]}”")

    def none(self) -> None:
        assert not self.faults, "\n".join(["", *self.faults])


def where(page: Page) -> str:
    """The page's path, without host and query."""
    return re.sub(r"^\w+://[^/]+|\?.*$|#.*$", "", page.url)
