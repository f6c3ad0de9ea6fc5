"""Draws `options["lines"]` into the content of every page of a PDF, and answers with the new PDF.

The words stand in the page's own content, not in an annotation that a viewer can hide or delete.
"""

import io
import math
import unicodedata
from collections.abc import Iterator
from typing import Any

import pikepdf

PIECE = 256 * 1024
LEVELS = 50  # of groups of pages
_DEGREES = 30
_OPACITY = 0.28
_FONT, _STATE = pikepdf.Name("/MarkFont"), pikepdf.Name("/MarkState")


def main(data: bytes, options: dict) -> Iterator[bytes]:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        del data
        _flatten(pdf)
        resources = pikepdf.Dictionary(Font={str(_FONT): _font(pdf)}, ExtGState={str(_STATE): _state(pdf)})
        lines = [_written(line) for line in options["lines"]]
        for page in pdf.pages:
            _mark(pdf, page, lines, resources)
        if options.get("copy"):
            _name(pdf, options["copy"])
        pdf.remove_unreferenced_resources()
        pdf.save(
            out,
            encryption=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,  # it would load a reader of XML for a number that nobody asks for
        )
    with out.getbuffer() as made:
        for start in range(0, len(made), PIECE):
            yield bytes(made[start : start + PIECE])


_DC = '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">%s</rdf:Description>'
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_XMP_ENDS = b"</rdf:RDF>"


def _name(pdf: pikepdf.Pdf, copy: str) -> None:
    """The id of the copy in both places where a document says what it is. `copy` is letters and digits."""
    pdf.docinfo["/CopyId"] = copy
    known = _known_xmp(pdf)
    said = (_DC % f"<dc:identifier>{copy}</dc:identifier>").encode()
    before, end, after = known.rpartition(_XMP_ENDS)
    pdf.Root.Metadata = pdf.make_stream(
        before + said + end + after, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
    )


def _known_xmp(pdf: pikepdf.Pdf) -> bytes:
    """What the document says already, without an identifier of its own; an empty packet when that cannot be read."""
    try:
        data = pdf.Root.Metadata.read_bytes()
    except (AttributeError, TypeError, ValueError, pikepdf.PdfError):
        data = b""
    is_plain = data.count(_XMP_ENDS) == 1 and b"dc:identifier" not in data
    return data if is_plain else _XMP.encode()


def _flatten(pdf: pikepdf.Pdf) -> None:
    """What notes and fields show becomes content, because viewers draw them above it and so above the mark."""
    pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        links = [note for note in page.obj.get("/Annots", []) if note.get("/Subtype") == pikepdf.Name.Link]
        if "/Annots" in page.obj:
            del page.obj["/Annots"]
        if links:
            page.obj.Annots = pikepdf.Array(links)
        for link in links:
            for look in ("/AP", "/MK"):
                if look in link:
                    del link[look]


def _font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
    )


def _state(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=_OPACITY, CA=_OPACITY, BM=pikepdf.Name.Normal)
    )


def _written(line: str) -> bytes:
    """In the letters that every viewer's Helvetica has: the others lose their accents or become a question mark."""
    letters = []
    for letter in line:
        plain = letter.encode("cp1252", "ignore")
        letters.append(plain or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore") or b"?")
    text = b"".join(letters)
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _mark(pdf: pikepdf.Pdf, page: pikepdf.Page, lines: list[bytes], resources: pikepdf.Dictionary) -> None:
    mark = _operators(page, lines)
    page.obj.Resources = _inherited(page, "/Resources") or pikepdf.Dictionary()
    closings = _closings(page)
    if closings == b"":
        page.contents_coalesce()
        old = page.Contents.read_bytes() if "/Contents" in page.obj else b""
        own = page.obj.Resources
        for kind in ("/Font", "/ExtGState"):
            own[kind] = pikepdf.Dictionary({**dict(own.get(kind, {})), **dict(resources[kind])})
    else:
        # Inside a form its settings end with it, whatever it left open.
        if closings:
            page.contents_coalesce()
            page.obj.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n" + closings)
        form = page.as_form_xobject()
        old = b"/Marked Do"
        page.obj.Resources = pikepdf.Dictionary(
            {**dict(resources.items()), "/XObject": pikepdf.Dictionary({"/Marked": form})}
        )
    page.obj.Contents = pdf.make_stream(b"q\n" + old + b"\nQ\n" + mark)


def _inherited(page: pikepdf.Page, name: str) -> Any:
    """What the page says, or else the nearest of the groups that it belongs to; None when nobody does."""
    place: Any = page.obj
    for _level in range(LEVELS):
        if name in place:
            return place[name]
        if "/Parent" not in place:
            break
        place = place["/Parent"]
    return None


_OPENS = {"q": b"Q", "BT": b"ET", "BMC": b"EMC", "BDC": b"EMC"}


def _closings(page: pikepdf.Page) -> bytes | None:
    """The operators that close what the content leaves open; None when it closes what it never opened.

    An open setting, text or hidden layer would bend, clip or hide what comes after it.
    """
    still_open: list[bytes] = []
    for instruction in pikepdf.parse_content_stream(page, operators="q Q BT ET BMC BDC EMC"):
        name = str(instruction.operator)
        if name in _OPENS:
            still_open.append(_OPENS[name])
        elif name.encode() in still_open:
            # Layers may cross the edges of settings and text, so each kind is counted for itself.
            still_open.reverse()
            still_open.remove(name.encode())
            still_open.reverse()
        else:
            return None
    return b" ".join(reversed(still_open))


def _operators(page: pikepdf.Page, lines: list[bytes]) -> bytes:
    """Rows of the lines across the visible part of the page, as an artifact that reading aloud leaves out."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    left, right, bottom, top = min(left, right), max(left, right), min(bottom, top), max(bottom, top)
    height = max(7.0, max(right - left, top - bottom) / 60)
    angle = math.radians(_DEGREES + int(_inherited(page, "/Rotate") or 0))
    across, down = max(map(len, lines), default=0) * height * 0.6 + 4 * height, (len(lines) + 6) * height * 1.3
    parts = [b"/Artifact BMC q /MarkState gs 0.25 g BT /MarkFont %.2f Tf %.2f TL" % (height, height * 1.3)]
    for row in range(min(40, math.ceil((top - bottom) / down) + 1)):
        for column in range(min(40, math.ceil((right - left) / across) + 1)):
            x = left + height + (column - (row % 2) * 0.4) * across
            y = bottom + height * 2 + row * down
            parts.append(_placed(x, y, angle, lines))
    return b"\n".join([*parts, b"ET Q EMC\n"])


def _placed(x: float, y: float, angle: float, lines: list[bytes]) -> bytes:
    cosine, sine = math.cos(angle), math.sin(angle)
    shown = b" ".join(b"(%s) Tj T*" % line for line in lines)
    return b"%.4f %.4f %.4f %.4f %.2f %.2f Tm %s" % (cosine, sine, -sine, cosine, x, y, shown)
