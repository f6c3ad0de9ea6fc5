"""What an issued report must be as a file: its text, bookmarks, tags, artifacts and pages."""

import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name


def elements(kids: object) -> Iterator[Dictionary]:
    """Every element of the tree of tags, in reading order."""
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid.get("/K", Array()))


def of_kind(pdf: pikepdf.Pdf, kind: str) -> list[Dictionary]:
    return [item for item in elements(pdf.Root.StructTreeRoot.K) if Name(kind) == item.S]


def check_report(paper: Path, *, council: str, words: str) -> None:
    with pikepdf.open(paper) as pdf:
        _check_frame(pdf, council)
        _check_bookmarks(pdf)
        _check_tags(pdf)
        _check_artifacts(pdf)
        pages = len(pdf.pages)
    assert 5 <= pages <= 40, pages
    _check_text(paper, council, words, pages)


def _check_frame(pdf: pikepdf.Pdf, council: str) -> None:
    assert str(pdf.Root.Lang) == "en-GB"
    assert council in str(pdf.docinfo["/Title"])
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    assert pdf.check_pdf_syntax() == []


def _check_bookmarks(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
        everything = titles + [kid.title for item in outline.root for kid in item.children]
    for wanted in ("Summary", "Key recommendations", "The peer team", "Findings by theme"):
        assert any(wanted in title for title in everything), (wanted, everything)


def _check_tags(pdf: pikepdf.Pdf) -> None:
    heads = of_kind(pdf, "/TH")
    assert heads
    assert {str(item.A.Scope) for item in heads} <= {"/Column", "/Row"}
    figures = of_kind(pdf, "/Figure")
    assert figures
    assert all(str(item.Alt).strip() for item in figures)
    kinds = [
        int(str(item.S)[2:]) for item in elements(pdf.Root.StructTreeRoot.K) if str(item.S) in ("/H1", "/H2", "/H3")
    ]
    assert kinds[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(kinds)), kinds


def _check_artifacts(pdf: pikepdf.Pdf) -> None:
    """Markings and page numbers are repeated on every page and are read by nobody's screen reader."""
    for number, page in enumerate(pdf.pages, 1):
        marked = [
            operands for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) in ("BDC", "BMC") and operands[0] == Name.Artifact
        ]  # fmt: skip
        assert marked, f"page {number}"


def _check_text(paper: Path, council: str, words: str, pages: int) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        return  # poppler-utils is not installed; the structure has been checked all the same
    text = subprocess.run([program, "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    flat = " ".join(text.split())
    for wanted in (
        council,
        words,
        "People tell the service desk early",
        "Exercise the loss of a main supplier",
        "Lena Marsh",
    ):
        assert wanted in flat, wanted
    for secret in (
        "Ada Moss",
        "Ben Reed",
        "Members ask about cyber risk",
        "Two shared passwords",
        "Posters in the lift",
    ):
        assert secret not in flat, secret
    assert text.count("OFFICIAL-SENSITIVE") >= 2 * (pages - 1)
