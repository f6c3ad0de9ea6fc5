"""What a PDF hides stays hidden in a marked copy, what it shows stays shown, and nothing of it lies over the mark."""

import io
from collections.abc import Callable

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageFilter

from cyber360.files.sandbox.programs import mark
from tests.cyber360.files.rendering import documents as make

LINES = ["Siân Okoro (Exampleshire)", "sian.okoro@example.org", "OFFICIAL-SENSITIVE"]
BLACK = b"0 g 100 400 300 100 re f"


def pdf(content: bytes = b"", then: Callable[[pikepdf.Pdf, pikepdf.Page], None] | None = None) -> bytes:
    made = pikepdf.open(io.BytesIO(make.pdf_of("Shown", content=content)))
    if then is not None:
        then(made, made.pages[0])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def picture(data: bytes) -> Image.Image:
    """As a reader sees it, notes and fields included."""
    with pdfium.PdfDocument(data) as opened:
        opened.init_forms()
        return opened[0].render(scale=1).to_pil().convert("L")


def words(data: bytes) -> str:
    with pdfium.PdfDocument(data) as opened:
        return opened[0].get_textpage().get_text_range()


def marked(data: bytes) -> bytes:
    return b"".join(mark.main(data, {"lines": LINES}))


def look(made: pikepdf.Pdf, content: bytes, box=(0, 0, 595, 842)) -> pikepdf.Object:
    return made.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=list(box), Resources=Dictionary())


def layer(made: pikepdf.Pdf, page: pikepdf.Page, *, is_on: bool) -> None:
    group = made.make_indirect(Dictionary(Type=Name.OCG, Name="Draft"))
    made.Root.OCProperties = Dictionary(
        OCGs=[group], D=Dictionary(BaseState=Name.ON, **{"ON" if is_on else "OFF": Array([group])})
    )
    page.obj.Resources.Properties = Dictionary(P0=group)


def note(made: pikepdf.Pdf, page: pikepdf.Page, flags: int, content: bytes = BLACK, **entries) -> None:
    box = [0, 0, 595, 842]
    row = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=box, F=flags, AP=Dictionary(N=look(made, content)))
    for name, value in entries.items():
        row[f"/{name}"] = value
    page.obj.Annots = Array([made.make_indirect(row)])


def field(made: pikepdf.Pdf, page: pikepdf.Page, flags: int) -> None:
    note(made, page, flags, Subtype=Name.Widget, FT=Name.Tx, T=pikepdf.String("pay"), V=pikepdf.String("secret pay"))
    made.Root.AcroForm = Dictionary(Fields=page.obj.Annots)


def full_image(made: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Words, and a scan of the page laid over them, as text recognition leaves it."""
    scan = made.make_stream(
        bytes([200]) * 100, Type=Name.XObject, Subtype=Name.Image, Width=10, Height=10, ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )  # fmt: skip
    page.obj.Resources.XObject = Dictionary(Scan=scan)
    page.contents_add(made.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q"))


HIDDEN, PRINTED = 2, 4
IN_LAYER = b"/OC /P0 BDC BT /F1 30 Tf 100 400 Td (Layered) Tj ET " + BLACK + b" EMC"
WHITE = b"1 g BT /F1 30 Tf 100 400 Td (White) Tj ET 0 g"
UNSEEN = b"BT 3 Tr /F1 30 Tf 100 400 Td (Unseen) Tj 0 Tr ET"
CASES = {
    "a layer that is off": pdf(IN_LAYER, lambda made, page: layer(made, page, is_on=False)),
    "a layer that is on": pdf(IN_LAYER, lambda made, page: layer(made, page, is_on=True)),
    "white words on white": pdf(WHITE),
    "words that are not painted": pdf(UNSEEN),
    "words behind a scan": pdf(BLACK, full_image),
    "words outside the page": pdf(b"BT /F1 30 Tf 100 2000 Td (Outside) Tj ET"),
    "words cut away": pdf(b"q 0 0 1 1 re W n BT /F1 30 Tf 100 400 Td (Clipped) Tj ET Q"),
    "a note": pdf(b"", lambda made, page: note(made, page, PRINTED)),
    "a note that is hidden": pdf(b"", lambda made, page: note(made, page, HIDDEN)),
    "a field": pdf(b"", lambda made, page: field(made, page, PRINTED)),
    "a field that is hidden": pdf(b"", lambda made, page: field(made, page, HIDDEN)),
}
DARK = {"a layer that is on", "a note", "a field"}


@pytest.mark.parametrize("case", CASES)
def test_beside_the_mark_a_page_looks_as_before_and_the_mark_lies_on_top(case):
    given = CASES[case]
    made = marked(given)
    before, after = picture(given), picture(made)
    assert (before.getpixel((250, 392)) < 50) == (case in DARK)
    blank = picture(marked(pdf(b"", _empty)))
    where = blank.point(lambda value: 255 * (value < 254))
    beside = ImageChops.subtract(
        ImageChops.difference(before, after).point(lambda value: 255 * (value > 3)),
        where.filter(ImageFilter.MaxFilter(5)),
    )
    assert beside.histogram()[255] == 0
    inner = where.filter(ImageFilter.MinFilter(3))
    drawn = ImageChops.multiply(ImageChops.difference(before, after).point(lambda value: 255 * (value > 8)), inner)
    assert drawn.histogram()[255] > 0.9 * inner.histogram()[255]
    assert "Shown" in words(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        [page] = opened.pages
        assert "/Annots" not in page.obj
        stream = page.obj.Contents.read_bytes()
        [over] = names(page, lambda opacity: opacity > 0.2)
        assert stream.rfind(f"{over} gs".encode()) > stream.rfind(b"/OC ")


def names(page: pikepdf.Page, are: Callable[[float], bool]) -> set[str]:
    """Those under which the page draws marks that hide so much of what lies below."""
    return {name for name, state in page.obj.Resources.ExtGState.items() if are(float(state.ca))}


def _empty(made: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = made.make_stream(b"")


def test_the_words_that_a_page_does_not_show_are_the_documents_own_and_stay():
    """A mark neither reveals nor takes away: the council is told before what its file holds (`docs/files.md`)."""
    for case in CASES:
        made = marked(CASES[case])
        assert words(made) == words(CASES[case]), case


def test_no_layer_can_be_switched_off_with_the_mark_in_it():
    given = CASES["a layer that is off"]
    with pikepdf.open(io.BytesIO(marked(given))) as made:
        depth, marks, ours = 0, 0, names(made.pages[0], bool)
        for instruction in pikepdf.parse_content_stream(made.pages[0]):
            name, operands = str(instruction.operator), list(instruction.operands)
            depth += (name in {"BDC", "BMC"} and operands[0] == Name.OC) or (depth and name in {"BDC", "BMC"}) or 0
            depth -= bool(depth and name == "EMC")
            if name == "gs" and str(operands[0]) in ours:
                marks += 1
                assert depth == 0
        assert marks > 2
