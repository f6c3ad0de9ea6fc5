"""Forty documents as a council has them, of seven kinds, made afresh from invented words: plain data out of a seed."""

import csv
import email.message
import io
from collections.abc import Callable, Iterator
from random import Random

import docx
import openpyxl
import pptx
from weasyprint import HTML

from .words import text

PAGES, SENTENCES = 50, 30  # a page of about 450 words
Pages = list[str]


def documents(rng: Random) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each, `COUNT` in all."""
    for ending, (count, made) in KINDS.items():
        for number in range(count):
            pages = [text(rng, SENTENCES) for _page in range(PAGES)]
            yield f"{ending} paper {number + 1}.{ending}", made(pages)


def first_words(rng: Random) -> str:
    """Two words that the first of them holds."""
    return " ".join(text(rng, SENTENCES).split()[10:12])


def _pdf(pages: Pages) -> bytes:
    body = "".join(f"<p style='break-after: page'>{page}</p>" for page in pages)
    made = HTML(string=f"<html lang='en-GB'><title>Paper</title><body>{body}</body></html>").write_pdf()
    assert made is not None
    return made


def _docx(pages: Pages) -> bytes:
    paper = docx.Document()
    for page in pages:
        paper.add_paragraph(page)
    return _saved(paper)


def _xlsx(pages: Pages) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for number in range(0, len(pages), 10):
        sheet = book.create_sheet(f"Sheet {number}")
        for page in pages[number : number + 10]:
            for line in page.split(". "):
                sheet.append([number, line])
    return _saved(book)


def _pptx(pages: Pages) -> bytes:
    show = pptx.Presentation()
    for page in pages:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = page[:40], page
    return _saved(show)


def _txt(pages: Pages) -> bytes:
    return "\n\n".join(pages).encode()


def _csv(pages: Pages) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([number, line] for number, page in enumerate(pages) for line in page.split(". "))
    return out.getvalue().encode()


def _eml(pages: Pages) -> bytes:
    letter = email.message.EmailMessage()
    letter["From"], letter["To"] = "clerk@example.org", "board@example.org"
    letter["Subject"] = pages[0][:40]
    letter.set_content("\n\n".join(pages))
    return letter.as_bytes()


def _saved(paper) -> bytes:
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


KINDS: dict[str, tuple[int, Callable[[Pages], bytes]]] = {
    "docx": (10, _docx),
    "pdf": (8, _pdf),
    "xlsx": (6, _xlsx),
    "pptx": (6, _pptx),
    "txt": (4, _txt),
    "csv": (3, _csv),
    "eml": (3, _eml),
}
COUNT = sum(count for count, _made in KINDS.values())
