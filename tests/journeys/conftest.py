"""A browser for the journeys, and the house they walk through."""

import pytest

from tests.journeys.browser import FLAGS, chromium, missing


@pytest.fixture(scope="package")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")
    if lack := missing():
        pytest.skip(lack)
    with playwright.sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def house(browser, live_server, tmp_path, mailoutbox):
    from tests.journeys.house import House  # noqa: PLC0415 - needs playwright, which may be missing

    opened = House(browser=browser, url=live_server.url, folder=tmp_path)
    yield opened
    # pytest shows this with a test that failed.
    print(*opened.watch.faults, *opened.standing(), sep="\n")
    opened.close()
