"""Documents as the usual programs write them, and some that are hostile on purpose."""

import datetime as dt
import io
import struct
import zlib

import docx
import openpyxl
import pikepdf
import pptx
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK

from tests.cyber360.files.conftest import open_document, saved

TEXT = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
OFFICE = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
TABLE = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
DRAW = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'


def pdf_of(*texts: str, content: bytes = b"", size=(595, 842), rotate: int = 0, **saving) -> bytes:
    """A PDF with one page for each text, written in Helvetica; `content` comes before it on every page."""
    made = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for text in texts:
        made.add_blank_page(page_size=size)
        page = made.pages[-1].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = made.make_stream(content + f" BT /F1 18 Tf 20 20 Td ({text}) Tj ET".encode("cp1252"))
        page.Rotate = rotate
    out = io.BytesIO()
    made.save(out, **saving)
    return out.getvalue()


def plan() -> bytes:
    """Three pages: one break of a page, one of a section; a header, a table and a tab."""
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "OFFICIAL-SENSITIVE"
    made.add_paragraph("Incident plan").add_run().add_break(WD_BREAK.PAGE)
    made.add_paragraph("Who is called\tSam Okoro")
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Café", "£5"
    made.add_section(WD_SECTION.NEW_PAGE)
    made.add_paragraph("Last part")
    return saved(made)


def flowing(paragraphs: int = 120) -> bytes:
    made = docx.Document()
    for number in range(paragraphs):
        made.add_paragraph(f"Paragraph {number}: " + "what was agreed and who does it. " * 3)
    return saved(made)


def register() -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Assets"
    first.append(["Name", "Bought", "Count", "In use"])
    first.append(["Laptop", dt.date(2025, 4, 1), 12, True])
    first["A3"] = "=SUM(C2:C2)"
    book.create_sheet("Empty")
    book.create_sheet("Owners").append(["Sam Okoro", dt.datetime(2026, 1, 2, 13, 30)])  # noqa: DTZ001
    return saved(book)


def talk() -> bytes:
    made = pptx.Presentation()
    for title, notes in (("Where we are", "Do not read aloud"), ("What comes next", "")):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"Points of {title}"
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    slides = made.slides._sldIdLst
    slides.append(slides[0])  # the order is that of the presentation, not of the names of its parts
    return saved(made)


def _body(inside: str) -> bytes:
    return (
        f"<office:document-content {OFFICE} {TEXT} {TABLE} {DRAW}><office:body>{inside}</office:body>"
        "</office:document-content>"
    ).encode()


def open_text() -> bytes:
    inside = (
        "<office:text><text:tracked-changes><text:p>taken out</text:p></text:tracked-changes>"
        '<text:h>Plan</text:h><text:p>One<text:s text:c="2"/>two<text:tab/>three</text:p>'
        "<text:p><text:soft-page-break/>Café</text:p></office:text>"
    )
    styles = f"<office:s {OFFICE} {TEXT}><x:header xmlns:x='y'><text:p>OFFICIAL</text:p></x:header></office:s>"
    return open_document("text", **{"content.xml": _body(inside), "styles.xml": styles.encode()})


def open_sheet() -> bytes:
    def table(name: str, *cells: str) -> str:
        inner = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f'<table:table table:name="{name}"><table:table-row>{inner}</table:table-row></table:table>'

    return open_document(
        "spreadsheet", **{"content.xml": _body(table("Assets", "Laptop", "12") + table("Owners", "Sam"))}
    )


def open_talk() -> bytes:
    pages = "".join(f'<draw:page draw:name="p{n}"><text:p>Slide {n}</text:p></draw:page>' for n in (1, 2))
    return open_document("presentation", **{"content.xml": _body(pages)})


def outlook(**properties: str) -> bytes:
    """A compound file (version 3) with text properties at its top and one attachment "budget.xlsx"."""
    texts = {f"__substg1.0_{number}001F": text.encode("utf-16-le") for number, text in properties.items()}
    entries = [("Root Entry", 5, 1, b"")]
    names = [*texts, "__attach_version1.0_#00000000"]
    for place, name in enumerate(names, start=1):
        entries.append(
            (name, 2 if name in texts else 1, place + 1 if place < len(names) else None, texts.get(name, b""))
        )
    entries.append(("__substg1.0_3707001F", 2, None, "budget.xlsx".encode("utf-16-le")))
    mini = b"".join(data.ljust(-(-len(data) // 64) * 64, b"\0") for *_rest, data in entries)
    return _compound(entries, mini)


def _compound(entries: list[tuple], mini: bytes) -> bytes:
    """Sectors: 0 the table, 1 the mini table, then the directory, then the mini stream."""
    directory, start, chains = b"", 0, []
    for number, (name, kind, following, data) in enumerate(entries):
        attachment = name.startswith("__attach")
        child = 1 if number == 0 else len(entries) - 1 if attachment else 0xFFFFFFFF
        right = following if number and following else 0xFFFFFFFF
        raw = name.encode("utf-16-le") + b"\0\0"
        sectors = -(-len(data) // 64)
        place, size = (start, len(data)) if number else (0, len(mini))
        directory += raw.ljust(64, b"\0") + struct.pack("<HBB3L", len(raw), kind, 1, 0xFFFFFFFF, right, child)
        directory += bytes(36) + struct.pack("<LQ", place, size)
        chains += [*range(start + 1, start + sectors), 0xFFFFFFFE] if sectors else []
        start += sectors
    directory += bytes(-len(directory) % 512)
    mini += bytes(-len(mini) % 512)
    after = 2 + len(directory) // 512
    directory = bytearray(directory)
    struct.pack_into("<L", directory, 116, after)
    table = [
        0xFFFFFFFD,
        0xFFFFFFFE,
        *range(3, after),
        0xFFFFFFFE,
        *range(after + 1, after + len(mini) // 512),
        0xFFFFFFFE,
    ]
    head = bytearray(512)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<5H", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<8L", head, 44, 1, 2, 0, 4096, 1, 1, 0xFFFFFFFE, 0)
    struct.pack_into("<109L", head, 76, 0, *[0xFFFFFFFF] * 108)

    def sector(numbers: list[int]) -> bytes:
        return struct.pack("<128L", *numbers, *[0xFFFFFFFF] * (128 - len(numbers)))

    return bytes(head) + sector(table) + sector(chains) + bytes(directory) + mini


def one_bit_png(width: int, height: int) -> bytes:
    """A few kilobytes that unpack to the whole of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    line = bytes(1 + width // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line * 100) for _some in range(height // 100)) + packer.flush()
    head = struct.pack("!2L5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
