"""`make screenshots`: the main pages of the demo, seat by seat, at 1280 and 375 px, into build/screenshots.

The product runs on data of its own in a temporary folder. `SEATS=host,peer` limits the run to seats whose heading
on the demo page begins so. Ends with 1 when a page answers with an error or scrolls sideways.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from run import ROOT, answers

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
SIZES = {"1280": {"width": 1280, "height": 900}, "375": {"width": 375, "height": 800}}
TARGET = ROOT / "build" / "screenshots"
STARTS_WITHIN = 300  # seconds: the demo programme is told once
PARTS = "nav[aria-label='Parts of this challenge'] a"
# The first thing that a list of the page leads to: a question, a request, a conversation, a finding.
FIRST_INSIDE = "main table :is(th, td) a, main .c360-card a, main .c360-plain-list a"
PEOPLE_PER_SEAT = 4


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), "")
    if not found:
        sys.exit("Chromium is not installed. Type: sudo apt-get install chromium (or set CHROMIUM to the program)")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def product() -> Iterator[str]:
    """The product with its demo on a free port; its address. Raises SystemExit when it does not start."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="cyber360-shots-"))
    address = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "VAR_DIR": str(folder), "DEMO": "1", "SITE_URL": address}
    child = subprocess.Popen([sys.executable, "tools/run.py"], cwd=ROOT, env={**os.environ, **settings})
    try:
        wait_until_up(child, address)
        yield address
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_up(child: subprocess.Popen, address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while answers(address, "/healthz") != 200:
        if child.poll() is not None or time.monotonic() > deadline:
            sys.exit("The product did not start.")
        time.sleep(0.5)


@dataclass
class Camera:
    browser: object
    address: str
    faults: list[str] = field(default_factory=list)
    menus: set[str] = field(default_factory=set)
    taken: int = 0

    def people(self) -> dict[str, list[tuple[str, str]]]:
        """Heading of the demo page -> [(name, sentence), ...]."""
        page = self.browser.new_page()
        page.goto(f"{self.address}/demo/")
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in page.locator("main li:has(button)").all():
            heading = row.locator("xpath=preceding::h2[1]").inner_text()
            name = row.get_by_role("button").inner_text()
            groups.setdefault(heading, []).append((name, row.inner_text().removeprefix(name).strip()))
        self.shoot(page, "0-open", "demo")
        page.goto(f"{self.address}/account/login/")
        self.shoot(page, "0-open", "sign-in")
        page.close()
        return groups

    def sign_in(self, name: str):
        context = self.browser.new_context(viewport=SIZES["1280"])
        page = context.new_page()
        page.goto(f"{self.address}/demo/")
        page.get_by_role("button", name=name, exact=True).first.click()
        page.wait_for_load_state()
        return page

    def shoot(self, page, seat: str, name: str) -> None:
        for width, size in SIZES.items():
            page.set_viewport_size(size)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                self.faults.append(f"{page.url} scrolls sideways at {width} px")
            place = TARGET / width / seat / f"{name}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=place, full_page=True)
        self.taken += 1

    def visit(self, page, address: str, seat: str, name: str) -> None:
        answer = page.goto(address)
        if answer is None or answer.status >= 400:
            self.faults.append(f"{address}: {answer and answer.status}")
        self.shoot(page, seat, name)

    def walk(self, name: str, seat: str) -> None:
        """The person's first page, what the navigation offers that was not taken before, their first challenge."""
        page = self.sign_in(name)
        prefix = slug(name)
        self.shoot(page, seat, f"{prefix}-home")
        for label, address in links(page, "nav[aria-label=Main] a"):
            if address not in self.menus:
                self.menus.add(address)
                self.visit(page, address, seat, f"menu-{slug(label)}")
        page.goto(f"{self.address}/challenges/")
        if found := links(page, "main th a, main .c360-card a"):
            page.goto(found[0][1])
            for number, (label, address) in enumerate(links(page, PARTS)):
                self.visit(page, address, seat, f"{prefix}-{number}-{slug(label)}")
                if inside := links(page, FIRST_INSIDE):
                    self.visit(page, inside[0][1], seat, f"{prefix}-{number}-{slug(label)}-one")
        page.context.close()


def links(page, selector: str) -> list[tuple[str, str]]:
    return [(link.inner_text().strip(), link.evaluate("(a) => a.href")) for link in page.locator(selector).all()]


def slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def main() -> int:
    from playwright.sync_api import sync_playwright

    wanted = [word.strip().lower() for word in os.environ.get("SEATS", "").split(",") if word.strip()]
    shutil.rmtree(TARGET, ignore_errors=True)
    with product() as address, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium(), args=FLAGS)
        camera = Camera(browser, address)
        for seat, people in camera.people().items():
            if wanted and not any(seat.lower().startswith(word) for word in wanted):
                continue
            for name, sentence in people[:PEOPLE_PER_SEAT]:
                print(f"{seat}: {name}. {sentence}", flush=True)
                camera.walk(name, slug(seat))
        browser.close()
    print(f"{camera.taken} pages, each at {' and '.join(SIZES)} px, are in {TARGET.relative_to(ROOT)}")
    print(*camera.faults, sep="\n")
    return 1 if camera.faults else 0


if __name__ == "__main__":
    sys.exit(main())
