"""Draws `options["lines"]` into the content of every page of a PDF, and answers with the new PDF.

The words stand in the page's own content, not in an annotation that a viewer can hide or delete: between its parts
faintly, and once more on top of everything. There is one stream for both, so that whoever cuts it out cuts out the
page, and whoever cuts off its end leaves the marks between. Nothing is named alike in two copies, so that no ready-made
replacement takes them all out. This deters and does not prevent: who knows the format can still write a program that
finds what was drawn. The page's structure for reading aloud stays as it was. `options["copy"]` is the id of the copy,
if it has one.
"""

import io
import math
import string
from collections.abc import Container, Iterator
from random import SystemRandom
from typing import Any

import pikepdf

from .between import POINTS, Work, marked_between
from .letters import UNIT, Letters

PIECE = 256 * 1024
LEVELS = 50  # of groups of pages
Line = tuple[bytes, float]  # of `Letters.shapes`
_DEGREES = 30
_LOT = SystemRandom()
_OVER, _BETWEEN = 0.22, 0.1  # how much of what lies below they hide


class Unreadable(Exception):
    """What was made is not the whole document."""


class States:
    """The two ways to draw a mark, under names that are drawn by lot for each page's resources."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._over, self._between = _state(pdf, _OVER), _state(pdf, _BETWEEN)
        self._known: dict[tuple[int, int], list[str]] = {}

    def added(self, resources: pikepdf.Dictionary) -> list[bytes]:
        """Puts them there; the name for what lies over the page, and one for each mark between its parts."""
        place = resources.objgen
        if place not in self._known or not resources.is_indirect:
            held = dict(resources.get("/ExtGState", {}))
            names: list[str] = []
            for _one in range(1 + POINTS):
                names.append(_name_by_lot({*held, *names}))
            new = {name: self._between if number else self._over for number, name in enumerate(names)}
            resources["/ExtGState"] = pikepdf.Dictionary({**held, **new})
            self._known[place] = names  # pages that share their resources share the names too
        return [name.encode() for name in self._known[place]]


def main(data: bytes, options: dict) -> Iterator[bytes]:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        del data
        count = len(pdf.pages)
        _flatten(pdf)
        pdf.remove_unreferenced_resources()
        states = States(pdf)
        letters = Letters()
        lines = [letters.shapes(line) for line in options["lines"]]
        work = Work()
        for page in pdf.pages:
            _mark(pdf, page, lines, states, work)
        if options.get("copy"):
            _name(pdf, options["copy"])
        pdf.save(
            out,
            encryption=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,  # it would load a reader of XML for a number that nobody asks for
        )
    _require_whole(out, count)
    with out.getbuffer() as made:
        for start in range(0, len(made), PIECE):
            yield bytes(made[start : start + PIECE])


def _require_whole(made: io.BytesIO, count: int) -> None:
    """A document that had to be put together again may lose its beginning when it is written. Raises Unreadable."""
    with pikepdf.open(made, attempt_recovery=False) as again:
        if not count or len(again.pages) != count:
            raise Unreadable
    made.seek(0)


def _name_by_lot(taken: Container[str]) -> str:
    """As a `/Name` that is not taken."""
    while True:
        name = "/" + "".join(_LOT.choices(string.ascii_letters, k=_LOT.randint(3, 6)))
        if name not in taken:
            return name


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


def _state(pdf: pikepdf.Pdf, opacity: float) -> pikepdf.Object:
    """Whatever the page has set before it is drawn there."""
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.ExtGState, ca=opacity, CA=opacity, BM=pikepdf.Name.Normal, SMask=pikepdf.Name("/None"),
            op=False, OP=False,
        )
    )  # fmt: skip


def _mark(pdf: pikepdf.Pdf, page: pikepdf.Page, lines: list[Line], states: States, work: Work) -> None:
    places = list(_places(page, lines))
    page.obj.Resources = _own_resources(page)
    closings = _closings(page)
    page.contents_coalesce()
    data = page.Contents.read_bytes() if "/Contents" in page.obj else b""
    if closings == b"":
        over, *names = states.added(page.obj.Resources)
        some = places[:: max(1, len(places) // POINTS)][:POINTS]
        between = [_artifact(name, [place], lines) for name, place in zip(names, some, strict=False)]
        old = marked_between(page, data, between, work)
    else:
        form = _form(pdf, page, data + b"\n" + (closings or b""))
        name = _name_by_lot(())
        page.obj.Resources = pikepdf.Dictionary({"/XObject": pikepdf.Dictionary({name: form})})
        over, *_names = states.added(page.obj.Resources)
        old = b"%b Do" % name.encode()
    page.obj.Contents = pdf.make_stream(b"q\n" + old + b"\nQ\n" + _artifact(over, places, lines))


def _own_resources(page: pikepdf.Page) -> pikepdf.Dictionary:
    """One that stands in the page, or in its group, is copied: other pages may hold the same."""
    found = _inherited(page, "/Resources")
    if found is None:
        return pikepdf.Dictionary()
    return found if found.is_indirect else pikepdf.Dictionary(dict(found))


def _form(pdf: pikepdf.Pdf, page: pikepdf.Page, data: bytes) -> pikepdf.Object:
    """The page's content as a form: its settings end with it, whatever it left open."""
    form = pdf.make_stream(
        data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=page.mediabox, Resources=page.obj.Resources
    )
    if "/Group" in page.obj:
        form.Group = page.obj.Group
    return form


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


def _places(page: pikepdf.Page, lines: list[Line]) -> Iterator[bytes]:
    """Where each block of lines begins across the visible part of the page: what `cm` takes."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    left, right, bottom, top = min(left, right), max(left, right), min(bottom, top), max(bottom, top)
    height = max(7.0, max(right - left, top - bottom) / 60)
    angle, scale = math.radians(_DEGREES + int(_inherited(page, "/Rotate") or 0)), height / UNIT
    cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
    across = max((width for _shapes, width in lines), default=0.0) * height + 4 * height
    down = (len(lines) + 6) * height * 1.3
    for row in range(min(40, math.ceil((top - bottom) / down) + 1)):
        for column in range(min(40, math.ceil((right - left) / across) + 1)):
            x = left + height + (column - (row % 2) * 0.4) * across
            yield b"%.4f %.4f %.4f %.4f %.2f %.2f" % (cosine, sine, -sine, cosine, x, bottom + height * 2 + row * down)


_TAGS = (b"/Artifact BMC", b"/Artifact <</Type /Pagination>> BDC", b"/Artifact <</Type /Background>> BDC")
_GREYS = (b"0.25 g", b".25 g", b"0.25 0.25 0.25 rg")


def _artifact(state: bytes, places: list[bytes], lines: list[Line]) -> bytes:
    """The lines at these places, as an artifact, which is left out when the page is read aloud.

    A line is drawn at all places before the next one, so that what repeats stands close together and is packed well.
    What may stand in any order stands in one that is drawn by lot.
    """
    tag, grey, state = _LOT.choice(_TAGS), _LOT.choice(_GREYS), b"%b gs" % state
    looks = b" ".join(_LOT.choice([(state, grey), (grey, state)]))
    before, after = _LOT.choice([(b"%b q" % tag, b"Q EMC"), (b"q %b" % tag, b"EMC Q")])
    parts = [b"%b %b" % (before, looks)]
    for number, (shapes, _width) in enumerate(lines):
        below = round(-number * 1.3 * UNIT)
        parts += [b"q %b cm 1 0 0 1 0 %d cm %b Q" % (place, below, shapes) for place in places]
    return b"\n".join([*parts, after + b"\n"])
