"""What a report costs: our way to a PDF beside WeasyPrint's own, and a page while two of them are made."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

import pikepdf
from django.conf import settings

from cyber360.ui import pdf

from .serving import Client, serving, summary, timed
from .visits import cookie_of, measured_challenge, pages, standing
from .words import HEADLINES, text

PAGES = 20
TIMES, PAGE_TIMES = 3, 60
STYLE = Path(pdf.__file__).parent / "pdf_assets" / "base.css"
# WeasyPrint alone, in a process that says how long the call itself took.
PLAIN = """
import os, sys, time
from weasyprint import HTML
os.nice(10)  # as kind to the pages as our own way
begun = time.perf_counter()
HTML(string=sys.stdin.read()).write_pdf(pdf_variant="pdf/ua-1")
print(time.perf_counter() - begun)
"""


def sample(sections: int) -> str:
    """A report of headings, paragraphs and tables; the same number of sections gives the same document."""
    rng = Random(1)  # noqa: S311 - invented words
    parts = [_section(rng, number) for number in range(1, sections + 1)]
    head = f"<title>Sample report</title><style>{STYLE.read_text()}</style>"
    body = f"<h1>Sample report</h1>{''.join(parts)}"
    return f'<!DOCTYPE html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'


def _section(rng: Random, number: int) -> str:
    cells = (
        f"<tr><th scope=row>{n}</th><td>{rng.choice(HEADLINES)}</td><td>{text(rng, 1)}</td></tr>" for n in range(6)
    )
    head = "<thead><tr><th scope=col>No.<th scope=col>Finding<th scope=col>Why</tr></thead>"
    table = f"<table>{head}{''.join(cells)}</table>"
    paragraphs = "".join(f"<p>{text(rng, 6)}</p>" for _n in range(3))
    return f"<h2>{number}. {rng.choice(HEADLINES)}</h2>{paragraphs}{table}"


def twenty_pages() -> str:
    """The sample cut so that it has 20 pages."""
    sections, made = PAGES, 0
    for _try in range(4):
        made = _pages_of(ours(sample(sections)))
        if made == PAGES:
            break
        sections = max(1, round(sections * PAGES / made))
    return sample(sections)


def ours(html: str) -> bytes:
    return pdf.render_pdf(html, title="Sample report")


def _pages_of(made: bytes) -> int:
    path = Path(settings.VAR_DIR) / "sample.pdf"
    path.write_bytes(made)
    with pikepdf.open(path) as document:
        return len(document.pages)


def _plain_seconds(html: str) -> float:
    command = [sys.executable, "-c", PLAIN]
    done = subprocess.run(command, input=html, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def _our_seconds(html: str) -> float:
    begun = time.perf_counter()
    ours(html)
    return time.perf_counter() - begun


def measure_report() -> dict[str, float]:
    """Both ways in turn, so that they meet the same load; then a page with and without two renderings beside it."""
    html = twenty_pages()
    pairs = [(_our_seconds(html), _plain_seconds(html)) for _n in range(TIMES)]
    figures = {
        "report.20_pages.seconds": median(our for our, _plain in pairs),
        "report.20_pages.ratio_weasyprint": median(our / plain for our, plain in pairs),
    }
    return figures | {"report.page_slowdown_while_rendering": _slowdown(html)}


def _slowdown(html: str) -> float:
    challenge = measured_challenge()
    page = pages(challenge)[0]
    with serving(Path(settings.BASE_DIR), os.environ) as server, standing(challenge, page.stage):
        client = Client(server.port, cookie_of(challenge, page.seat))
        usual = summary(timed(lambda: client.get(page.path), times=PAGE_TIMES, warm=10))
        with rendering(html, at_once=2):
            busy = summary(timed(lambda: client.get(page.path), times=PAGE_TIMES, warm=10))
    return busy.p50 / usual.p50


@contextmanager
def rendering(html: str, *, at_once: int) -> Iterator[None]:
    """That many documents being made, one after the other, in processes of their own as the job worker does."""
    going = True

    def keep_making() -> None:
        while going:
            ours(html)

    with ThreadPoolExecutor(at_once) as pool:
        makers = [pool.submit(keep_making) for _n in range(at_once)]
        try:
            time.sleep(0.5)
            yield
        finally:
            going = False
        for maker in makers:
            maker.result()
