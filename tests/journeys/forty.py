"""Forty real documents of a council, of ten kinds, made afresh: what a host has lying about for a whole pack."""

import csv
import email.message
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw
from weasyprint import HTML

SUBJECTS = (
    "Board paper", "Training record", "Exercise report", "Supplier register", "Incident log", "Induction slides",
    "Audit committee minutes", "Asset list", "Policy on passwords", "Survey of staff",
)  # fmt: skip
KIND = (".pdf", ".docx", ".xlsx", ".pptx", ".txt", ".csv", ".eml", ".png", ".pdf", ".docx")
COUNT = 40


def documents(folder: Path) -> list[Path]:
    """Each with a word of its own, `kittiwake<number>`, by which a search finds it alone (pictures have no words)."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(COUNT):
        subject, ending = SUBJECTS[number // 4 % len(SUBJECTS)], KIND[number % len(KIND)]
        place = folder / f"{subject} {number + 1:02}{ending}"
        MAKERS[ending](place, subject, f"kittiwake{number + 1:02}")
        made.append(place)
    return made


def _sentences(subject: str, word: str) -> list[str]:
    return [
        f"{subject} of Northmere Council.",
        f"The committee looked at this in March and filed it under {word}.",
        "Managers talk about near misses at every team meeting; nobody is blamed for a report.",
    ]


def _pdf(place: Path, subject: str, word: str) -> None:
    pages = "".join(
        f'<section style="break-after: page"><h1>{subject}, part {part}</h1>'
        + "".join(f"<p>{line}</p>" for line in _sentences(subject, word if part == 2 else "nothing else"))
        + "</section>"
        for part in (1, 2, 3)
    )
    HTML(string=f"<html lang='en-GB'><title>{subject}</title><body>{pages}</body></html>").write_pdf(place)


def _docx(place: Path, subject: str, word: str) -> None:
    paper = docx.Document()
    paper.add_heading(subject, 1)
    for line in _sentences(subject, word):
        paper.add_paragraph(line)
    paper.save(place)


def _xlsx(place: Path, subject: str, word: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Summary"
    sheet.append(["Service", "People", "Filed under"])
    sheet.append([subject, 41, word])
    book.create_sheet("Notes").append(_sentences(subject, word))
    book.save(place)


def _pptx(place: Path, subject: str, word: str) -> None:
    show = pptx.Presentation()
    for line in _sentences(subject, word):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = subject, line
    show.save(place)


def _txt(place: Path, subject: str, word: str) -> None:
    place.write_text("\n".join(_sentences(subject, word)), encoding="utf-8")


def _csv(place: Path, subject: str, word: str) -> None:
    with place.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["Subject", "Filed under"], [subject, word]])


def _eml(place: Path, subject: str, word: str) -> None:
    letter = email.message.EmailMessage()
    letter["From"], letter["To"] = "clerk@northmere.example.org", "board@northmere.example.org"
    letter["Subject"] = subject
    letter.set_content("\n".join(_sentences(subject, word)))
    place.write_bytes(letter.as_bytes())


def _png(place: Path, subject: str, word: str) -> None:
    picture = Image.new("RGB", (900, 600), "white")
    ImageDraw.Draw(picture).text((40, 40), f"{subject}\n{word}", fill="black")
    picture.save(place)


MAKERS: dict[str, Callable[[Path, str, str], None]] = {
    ".pdf": _pdf, ".docx": _docx, ".xlsx": _xlsx, ".pptx": _pptx,
    ".txt": _txt, ".csv": _csv, ".eml": _eml, ".png": _png,
}  # fmt: skip
