"""Real small files for the demo's evidence: what a council would have at hand, made without any office program."""

import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from xml.sax.saxutils import escape

import openpyxl
import pikepdf
from openpyxl.styles import Font
from PIL import Image, ImageDraw

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
LINES_ON_A_PAGE = 40
LINE_LENGTH = 88


def make_file(kind: str, title: str, lines: list) -> bytes:
    """`kind`: docx, pdf, txt, eml (lines of text), xlsx (rows, the first a heading), png (pairs: word, number).

    A line "---" in a PDF begins a page.
    """
    return MAKERS[kind](title, lines)


def _docx(title: str, lines: list[str]) -> bytes:
    paragraphs = [f'<w:p><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{escape(title)}</w:t></w:r></w:p>']
    paragraphs += [f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines]
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{WORD}">'
        f"<w:body>{''.join(paragraphs)}</w:body></w:document>"
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", document)
    return out.getvalue()


def _xlsx(title: str, rows: list[list]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _pdf(title: str, lines: list[str]) -> bytes:
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )  # fmt: skip
    for shown in _pages([title, "", *lines]):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(_page(shown))
    with pdf.open_metadata() as meta:
        meta["dc:title"] = title
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def _pages(lines: list[str]) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    for line in lines:
        if line == "---" or len(pages[-1]) >= LINES_ON_A_PAGE:
            pages.append([])
        if line != "---":
            pages[-1] += _wrapped(line)
    return pages


def _wrapped(line: str) -> list[str]:
    pieces, rest = [], line
    while len(rest) > LINE_LENGTH:
        cut = rest.rfind(" ", 0, LINE_LENGTH)
        pieces.append(rest[:cut])
        rest = rest[cut + 1 :]
    return [*pieces, rest]


def _page(lines: list[str]) -> bytes:
    shown = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
    return "\n".join(["BT /F1 11 Tf 56 780 Td 17 TL", *(f"({line}) Tj T*" for line in shown), "ET"]).encode(
        "cp1252", "replace"
    )


def _txt(title: str, lines: list[str]) -> bytes:
    return "\n".join([title, "", *lines, ""]).encode()


def _eml(title: str, lines: list[str]) -> bytes:
    """The message carries no date of its own, so that the same lines are the same bytes on every day."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "Communications <news@council.example.org>", "All staff <everybody@council.example.org>"
    mail["Subject"] = title
    mail.set_content("\n\n".join(lines))
    return mail.as_bytes()


def _png(title: str, bars: list[list]) -> bytes:
    image = Image.new("RGB", (720, 90 + 46 * len(bars)), "white")
    draw = ImageDraw.Draw(image)
    draw.text((24, 20), title, fill="black", font_size=20)
    most = max(number for _word, number in bars) or 1
    for place, (word, number) in enumerate(bars):
        top = 66 + 46 * place
        draw.text((24, top + 6), word, fill="black", font_size=16)
        draw.rectangle((240, top, 240 + int(400 * number / most), top + 28), fill="#1d70b8")
        draw.text((252 + int(400 * number / most), top + 6), str(number), fill="black", font_size=16)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


MAKERS: dict[str, Callable[[str, list], bytes]] = {
    "docx": _docx, "xlsx": _xlsx, "pdf": _pdf, "txt": _txt, "eml": _eml, "png": _png,
}  # fmt: skip
