"""The figures of each part, measured inside the environment of one world."""

import html
import os
import re
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from peers.access import SeatName
from peers.answers.forms import chosen

from .serving import FIRST_PAGE, Client, Reply, Server, serving, summary, timed
from .visits import TOKEN, Page, cookie_of, measured_challenge, pages, standing

TIMES, WARM = 80, 12
Figures = dict[str, float]


def measure_pages() -> Figures:
    """`<page>.queries`, `.ms_p50`, `.ms_p95`, `.server_ms`, `.ratio_p50`, `.ratio_p95` for each main page."""
    challenge = measured_challenge()
    figures: Figures = {}
    with serving(Path(settings.BASE_DIR), os.environ) as server:
        for stage, group in groupby(pages(challenge), key=lambda page: page.stage):
            with standing(challenge, stage):
                for page in group:
                    client = Client(server.port, cookie_of(challenge, page.seat))
                    figures |= page_figures(page, client, Client(server.port))
    return figures


def page_figures(page: Page, client: Client, plain: Client) -> Figures:
    """The bare view is asked in turn with the page, so that both meet the same load of the machine."""
    ask = _saving(client, page) if page.saves else lambda: client.get(page.path)
    bare: list[Reply] = []

    def in_turn() -> Reply:
        bare.append(plain.get("/bench/bare/"))
        return ask()

    status = 302 if page.saves else 200
    found, base = summary(timed(in_turn, times=TIMES, warm=WARM, status=status)), summary(bare[WARM:])
    return {
        f"{page.name}.queries": found.queries,
        f"{page.name}.ms_p50": found.p50,
        f"{page.name}.server_ms": found.server_p50,
        f"{page.name}.ratio_p50": found.p50 / base.p50,
        f"{page.name}.ratio_p95": found.p95 / base.p50,
        f"{page.name}.kb": len(client.get(page.path).body) / 1024,
    }


def _saving(client: Client, page: Page):
    """Posts the answer with another word each time, upon the version that the last save made."""
    answer = page.saves
    assert answer is not None
    version = answer.version

    def save() -> Reply:
        nonlocal version
        words = f"{answer.text.rpartition(' (saved')[0] or answer.text} (saved {version})"
        data = {"csrfmiddlewaretoken": TOKEN, "version": version, "level": chosen(answer), "text": words}
        version += 1
        return client.post(page.path, urlencode(data))

    return save


def measure_web() -> Figures:
    """Start to first page in seconds (the best of three, the first of which fills caches), and idle memory in MiB."""
    started, mib = [], 0.0
    for _again in range(3):
        with serving(Path(settings.BASE_DIR), _product()) as server:
            started.append(server.started_in)
            mib = _after_a_page_each(server)
    return {"web.start_s": min(started), "web.idle_mib": mib}


def _product() -> dict[str, str]:
    """The product's own settings: nothing of the bench in the server."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "cyber360.settings"}


def _after_a_page_each(server: Server) -> float:
    for _n in range(16):  # new connections, so that both workers have served
        Client(server.port).get(FIRST_PAGE)
    return server.mib()


def measure_load() -> Figures:
    """The question page with everything that its head names, as a browser with an empty cache fetches it."""
    challenge = measured_challenge()
    page = next(page for page in pages(challenge) if page.name == "question")
    with serving(Path(settings.BASE_DIR), _product()) as server, standing(challenge, page.stage):
        client = Client(server.port, cookie_of(challenge, SeatName.HOST_LEAD))
        reply = client.get(page.path)
        sizes = {page.path: reply.size}
        for address in _assets(reply.body.decode()):
            sizes[address] = client.get(address).size
    return {"first_load.kb": sum(sizes.values()) / 1024, "first_load.requests": len(sizes)}


def _assets(page: str) -> list[str]:
    """Style sheets, scripts, icon and the import map's modules."""
    named = re.findall(r'<(?:link|script)\b[^>]*?\b(?:href|src)="([^"]+)"', page)
    mapped = [name for block in re.findall(r'type="importmap"[^>]*>(.*?)</script>', page, re.DOTALL)
              for name in re.findall(r'"(/[^"]+)"', block)]  # fmt: skip
    return list(dict.fromkeys(html.unescape(name) for name in (*named, *mapped) if name.startswith("/")))
