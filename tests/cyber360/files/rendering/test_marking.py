"""The reader's name across pictures and PDFs: to be seen on every page, and not to be taken away by a click."""

import io
import itertools
import json
import re
import time

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageFilter

from cyber360.files.cipher import DamagedFile
from cyber360.files.rendering import NoPreview, drawing, marked_pdf, marked_picture, page_picture
from cyber360.files.sandbox import run
from cyber360.files.sandbox.programs.letters import Letters
from cyber360.files.storage import vault
from tests.cyber360.files.conftest import picture
from tests.cyber360.files.rendering import documents as make

LINES = ["Siân Okoro (Exampleshire)", "Sunday 22 November 2026, 21:50", "OFFICIAL-SENSITIVE"]


@pytest.fixture
def kept_pdf(keep):
    return lambda data: keep(data, "plan.pdf", media_type="application/pdf")


def opened(png: bytes, mode: str = "RGB") -> Image.Image:
    return Image.open(io.BytesIO(png), formats=["PNG"]).convert(mode)


def changed(before: Image.Image, after: Image.Image) -> Image.Image:
    """White where the two differ."""
    return ImageChops.difference(before.convert("L"), after.convert("L")).point(lambda value: 255 * (value > 12))


def share(where: Image.Image) -> float:
    """How much of it is white."""
    return where.histogram()[255] / (where.width * where.height)


def quarters(where: Image.Image) -> list[float]:
    across, down = where.width // 2, where.height // 2
    corners = itertools.product((0, across), (0, down))
    return [share(where.crop((left, top, left + across, top + down))) for left, top in corners]


# --- pictures -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (30, 60, 140), (128, 128, 128)])
def test_the_mark_is_seen_in_every_quarter_and_lets_the_page_through(ground):
    out = io.BytesIO()
    Image.new("RGB", (1131, 1600), ground).save(out, "PNG")
    before = opened(out.getvalue())
    after = opened(marked_picture(out.getvalue(), LINES))
    assert after.size == before.size
    assert all(0.01 < part < 0.4 for part in quarters(changed(before, after)))
    assert max(value for _low, value in ImageChops.difference(before, after).getextrema()) < 110


def test_other_lines_other_picture(kept_pdf):
    page = page_picture(kept_pdf(make.pdf_of("Plan")), 1)
    assert marked_picture(page, LINES) == marked_picture(page, list(LINES))
    assert marked_picture(page, LINES) != marked_picture(page, ["Somebody else", *LINES[1:]])


@pytest.mark.parametrize("size", [(1, 1), (1600, 3), (40, 1600)])
def test_odd_sizes_are_marked_without_a_fault(size):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    assert opened(marked_picture(out.getvalue(), LINES)).size == size


def test_a_machine_without_fonts_writes_names_without_accents(monkeypatch):
    monkeypatch.setattr(drawing, "_FONTS", ())
    drawing._font.cache_clear()
    drawing._overlay.cache_clear()
    page = picture(size=(600, 600))
    assert marked_picture(page, ["Siân"]) == marked_picture(page, ["Sian"]) != page
    drawing._font.cache_clear()
    drawing._overlay.cache_clear()


@pytest.mark.slow
def test_it_is_quick_enough_for_a_web_process(kept_pdf):
    page = page_picture(kept_pdf(make.pdf_of("Plan")), 1)
    marked_picture(page, LINES)  # loads Pillow and the font
    taken = []
    for _time in range(5):
        begun = time.perf_counter()
        marked_picture(page, LINES)
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.25  # 0.035 s on a quiet machine


# --- PDFs ---------------------------------------------------------------------------------------------
def marked(stored, lines=LINES) -> bytes:
    return b"".join(marked_pdf(stored, lines))


OVER = 0.2  # what is drawn over the page hides more than this of it, what is between its parts less


def names_of(page: pikepdf.Page) -> tuple[set[bytes], set[bytes]]:
    """The names under which this page draws its marks: over it, and between its parts."""
    states = page.obj.Resources.ExtGState.items()
    over = {name.encode() for name, state in states if float(state.ca) > OVER}
    return over, {name.encode() for name, _state in states} - over


def marks_of(page: pikepdf.Page) -> tuple[int, int]:
    data = page.obj.Contents.read_bytes()
    over, between = (sum(data.count(name + b" gs") for name in names) for names in names_of(page))
    return over, between


def words(data: bytes) -> str:
    return run("words", pieces=[data], size=len(data), options={"kind": "pdf"}).decode()


def pictures(keep, *documents: bytes) -> list[Image.Image]:
    return [opened(page_picture(keep(data, "x.pdf", media_type="application/pdf"), 1)) for data in documents]


CUT_OFF = b"0 0 1 1 re W n"  # clips what follows to a corner
DOCUMENTS = {
    "plain": make.pdf_of("First", "Second", "Third"),
    "turned": make.pdf_of("First", rotate=90),
    "wide": make.pdf_of("First", size=(1600, 400)),
    "tiny": make.pdf_of("First", size=(60, 60)),
    "leaves settings open": make.pdf_of("First", content=b"q 0.1 0 0 0.1 0 0 cm q"),
    "closes too many": make.pdf_of("First", content=b"Q Q " + CUT_OFF),
    "clips": make.pdf_of("First", "Second", content=CUT_OFF),
    "protected against changes": make.pdf_of("First", encryption=pikepdf.Encryption(owner="o", user="")),
    "leaves a hidden layer open": make.pdf_of("First", content=b"/OC /P0 BDC"),
    "leaves unseen text open": make.pdf_of("First", content=b"BT 3 Tr"),
    "in object streams": make.pdf_of("First", object_stream_mode=pikepdf.ObjectStreamMode.generate),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_every_page_of_a_pdf_carries_the_lines(keep, kept_pdf, case):
    given = DOCUMENTS[case]
    made = marked(kept_pdf(given))
    with pikepdf.open(io.BytesIO(made)) as after, pikepdf.open(io.BytesIO(given)) as before:
        assert len(after.pages) == len(before.pages)
        assert not after.is_encrypted
        assert all("/Annots" not in page.obj for page in after.pages)
        assert all(marks_of(page)[0] == 1 for page in after.pages)
    assert json.loads(words(made))["pages"] == json.loads(words(given))["pages"]
    if case != "tiny":
        [first, second] = pictures(keep, given, made)
        assert first.size == second.size
        assert all(part > 0.005 for part in quarters(changed(first, second)))


def test_a_note_across_the_whole_page_does_not_cover_the_lines(keep, kept_pdf):
    made = pikepdf.open(io.BytesIO(make.pdf_of("First")))
    page = made.pages[0]
    look = made.make_stream(b"1 g 0 0 2000 2000 re f")
    look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 2000, 2000]
    look.Resources = pikepdf.Dictionary()
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[0, 0, 2000, 2000], F=4)
    note.AP = pikepdf.Dictionary(N=look)
    page.obj.Annots = [made.make_indirect(note)]
    out = io.BytesIO()
    made.save(out)
    [first, second] = pictures(keep, out.getvalue(), marked(kept_pdf(out.getvalue())))
    assert all(part > 0.005 for part in quarters(changed(first, second)))


def test_whoever_copies_the_words_or_has_them_read_gets_the_documents_own(kept_pdf):
    """The mark is shapes, tagged as an artifact: it neither mixes with the sentences nor is it a word to search for."""
    made = marked(kept_pdf(DOCUMENTS["plain"]))
    assert json.loads(words(made))["pages"] == json.loads(words(DOCUMENTS["plain"]))["pages"]
    with pikepdf.open(io.BytesIO(made)) as opened_pdf:
        data = opened_pdf.pages[0].obj.Contents.read_bytes()
    assert len(re.findall(rb"/Artifact (BMC|<<[^>]*>> BDC)", data)) == data.count(b"EMC") >= 2


def test_the_structure_for_reading_aloud_is_kept(kept_pdf):
    """What the tags point at stays in the page's own stream, by its numbers."""
    given = pikepdf.open(io.BytesIO(make.pdf_of("Plan", content=b"/P <</MCID 0>> BDC BT /F1 9 Tf (Aims) Tj ET EMC")))
    paragraph = given.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.P, K=0, Pg=given.pages[0].obj))
    given.Root.StructTreeRoot = pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=[paragraph])
    given.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    given.pages[0].obj.StructParents = 0
    out = io.BytesIO()
    given.save(out)
    with pikepdf.open(io.BytesIO(marked(kept_pdf(out.getvalue())))) as made:
        assert made.Root.StructTreeRoot.K[0].Pg.objgen == made.pages[0].obj.objgen
        data = made.pages[0].obj.Contents.read_bytes()
        assert re.search(rb"/P << ?/MCID 0 ?>> BDC", data)
        assert (made.pages[0].obj.StructParents, bool(made.Root.MarkInfo.Marked)) == (0, True)


def cut(data: bytes, keep: slice) -> bytes:
    """The document with every page's stream cut by its lines."""
    with pikepdf.open(io.BytesIO(data)) as made:
        for page in made.pages:
            lines = page.obj.Contents.read_bytes().split(b"\n")
            page.obj.Contents = made.make_stream(b"\n".join(lines[keep]))
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()


def test_cutting_off_the_end_of_a_page_leaves_marks_and_cutting_the_stream_takes_the_page(keep, kept_pdf):
    text = b" ".join(b"BT /F1 9 Tf 1 0 0 1 300 %d Tm (Line) Tj ET" % place for place in range(60, 800, 20))
    given = make.pdf_of("First", content=text)
    made = marked(kept_pdf(given))
    with pikepdf.open(io.BytesIO(made)) as after:
        [page] = after.pages
        assert isinstance(page.obj.Contents, pikepdf.Stream)
        assert "/XObject" not in page.obj.Resources
        lines = page.obj.Contents.read_bytes().split(b"\n")
        [name], names = names_of(page)
    over = next(number for number, line in enumerate(lines) if name + b" gs" in line)
    [before, without_end, without_stream] = pictures(keep, given, cut(made, slice(0, over)), cut(made, slice(0, 0)))
    assert share(changed(before, without_end)) > 0.005
    assert share(changed(without_stream, Image.new("RGB", without_stream.size, "white"))) == 0
    between = b"\n".join(lines[:over])
    places = sorted(between.index(name + b" gs") for name in names)
    assert len(places) == 8
    assert places[0] < between.index(b"(Line)") < places[-1]


def test_marks_between_stand_where_they_would_stand_on_an_empty_page(keep, kept_pdf):
    """Whatever the page has set before: its own scale, a mirror, settings within settings."""
    drawn = b"0.5 0 0 -0.5 0 842 cm 10 10 5 5 re f q 2 0 0 2 30 30 cm 0 0 1 1 re f Q q 3 3 2 2 re f Q 1 1 1 1 re f"
    [empty, other] = (
        cut(marked(kept_pdf(make.pdf_of(" ", content=content))), slice(0, -8))
        for content in (b"", b"q " + drawn + b" Q")
    )
    [first, second] = pictures(keep, empty, other)
    white = Image.new("RGB", first.size, "white")
    stray = ImageChops.subtract(changed(second, white), changed(first, white).filter(ImageFilter.MaxFilter(5)))
    assert share(changed(second, white)) > 0.005
    assert share(stray) < 0.001  # the little squares themselves


def test_pages_that_share_what_they_draw_are_marked_once_each(kept_pdf):
    """One dictionary of fonts and one stream for two pages: a mark on one must not pile up on the other."""
    shared = pikepdf.open(io.BytesIO(make.pdf_of("Same")))
    shared.pages.append(shared.pages[0])
    out = io.BytesIO()
    shared.save(out)
    with pikepdf.open(io.BytesIO(marked(kept_pdf(out.getvalue())))) as made:
        assert [marks_of(page)[0] for page in made.pages] == [1, 1]


def test_nothing_is_named_alike_in_two_copies_or_on_two_pages(kept_pdf):
    stored = kept_pdf(DOCUMENTS["plain"])
    names: list[bytes] = []
    for _copy in range(2):
        with pikepdf.open(io.BytesIO(marked(stored))) as made:
            for page in made.pages:
                over, between = names_of(page)
                names += [*over, *between]
                assert marks_of(page) == (1, len(places_between(page)))
    assert len(set(names)) > 0.9 * len(names) >= 6
    assert not any(re.search(rb"mark", name, re.IGNORECASE) for name in names)


def places_between(page: pikepdf.Page) -> list[bytes]:
    data = page.obj.Contents.read_bytes()
    return [name for name in names_of(page)[1] if name + b" gs" in data]


def test_fonts_that_pages_inherit_are_kept(kept_pdf):
    given = pikepdf.open(io.BytesIO(make.pdf_of("Plan", "More")))
    given.Root.Pages.Resources = given.pages[0].obj.Resources
    for page in given.pages:
        del page.obj.Resources
    out = io.BytesIO()
    given.save(out)
    assert "Plan" in words(out.getvalue())
    told = json.loads(words(marked(kept_pdf(out.getvalue()))))["pages"]
    assert ["Plan" in told[0], "More" in told[1]] == [True, True]


def test_names_that_the_font_cannot_write_lose_their_accents():
    letters = Letters()
    assert letters.shapes("Siân (Ŵyn) Łukasz")[0] == letters.shapes("Siân (Wyn) Lukasz")[0]
    assert letters.shapes("Sia\u0302n") == letters.shapes("Siân") != letters.shapes("Sian")
    assert letters.shapes("王") == letters.shapes("?")
    assert letters.shapes("") == (letters.shapes("  ")[0], 0.0) == (b"", 0.0)


def test_the_id_of_the_copy_stands_in_what_the_document_says_of_itself(kept_pdf):
    given = pikepdf.open(io.BytesIO(make.pdf_of("Plan")))
    with given.open_metadata() as known:
        known["dc:title"] = "Incident plan"
    out = io.BytesIO()
    given.save(out)
    given.Root.Metadata = given.make_stream(b"<x:xmpmeta broken", Type=pikepdf.Name.Metadata)
    broken = io.BytesIO()
    given.save(broken, fix_metadata_version=False)
    for data, title in ((out.getvalue(), "Incident plan"), (broken.getvalue(), None), (DOCUMENTS["plain"], None)):
        with pikepdf.open(io.BytesIO(b"".join(marked_pdf(kept_pdf(data), LINES, "7KQM4TRA")))) as made:
            said = made.open_metadata()
            assert (str(made.docinfo["/CopyId"]), said["dc:identifier"]) == ("7KQM4TRA", "7KQM4TRA")
            assert title is None or said["dc:title"] == title


def test_a_copy_is_not_much_larger_or_slower_for_its_marks(kept_pdf):
    given = make.pdf_of(*["Page"] * 30)
    begun = time.perf_counter()
    made = marked(kept_pdf(given))
    assert len(made) - len(given) < 30 * 40_000  # 15 KB a page
    assert time.perf_counter() - begun < 8  # 0.6 s on a quiet machine


def test_a_signed_pdf_is_marked_too(kept_pdf):
    made = pikepdf.open(io.BytesIO(make.pdf_of("Agreed")))
    value = pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite"), Contents=b"\0" * 99)
    field = pikepdf.Dictionary(
        FT=pikepdf.Name.Sig, T="Signature", V=value, Subtype=pikepdf.Name.Widget, Rect=[0, 0, 0, 0]
    )
    made.Root.AcroForm = pikepdf.Dictionary(Fields=[made.make_indirect(field)], SigFlags=3)
    out = io.BytesIO()
    made.save(out)
    with pikepdf.open(io.BytesIO(marked(kept_pdf(out.getvalue())))) as copy:
        assert marks_of(copy.pages[0])[0] == 1


def test_it_comes_in_pieces(kept_pdf):
    noise = bytes(range(256)) * 8000
    made = pikepdf.open(io.BytesIO(make.pdf_of("Plan")))
    made.Root.Noise = made.make_stream(noise)
    out = io.BytesIO()
    made.save(out, compress_streams=False)
    pieces = list(marked_pdf(kept_pdf(out.getvalue()), LINES))
    assert b"".join(pieces).startswith(b"%PDF-")
    assert max(map(len, pieces)) <= 256 * 1024


@pytest.mark.parametrize("part", [-60, 0.5])
def test_a_document_that_was_cut_off_has_no_marked_copy(kept_pdf, part):
    """Its reader puts it together again, but what it would write nobody can open."""
    given = DOCUMENTS["plain"]
    data = given[:part] if isinstance(part, int) else given[: int(len(given) * part)]
    with pikepdf.open(io.BytesIO(data)) as put_together:
        assert len(put_together.pages)
    with pytest.raises(NoPreview, match="damaged or too complex"):
        marked_pdf(kept_pdf(data), LINES)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 broken", make.pdf_of("x", encryption=pikepdf.Encryption(owner="o", user="u"))]
)
def test_what_cannot_be_opened_says_so_before_the_first_piece(kept_pdf, data):
    with pytest.raises(NoPreview, match="damaged or too complex"):
        marked_pdf(kept_pdf(data), LINES)


def test_a_damaged_original_is_no_marked_copy(kept_pdf):
    stored = kept_pdf(DOCUMENTS["plain"])
    with vault().write(stored.path) as out:
        out.write(b"x" * 2000)
    with pytest.raises(DamagedFile):
        marked_pdf(stored, LINES)


def test_only_pdfs(keep):
    with pytest.raises(NoPreview):
        marked_pdf(keep(picture(), "a.png", media_type="image/png"), LINES)
