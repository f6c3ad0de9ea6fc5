"""The PDF's tags on six pages with tables over page ends, a chart, links, and running headers and footers."""

import io
import time

import pikepdf
import pytest
from django.template.loader import render_to_string
from pikepdf import Name

from cyber360.ui.pdf import PdfFailure, render_pdf
from cyber360.ui.pdf_tags import mend
from tests.cyber360.ui.urls import sample_drawings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("platform_pages")]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000"
    "000049454e44ae426082"
)


def rows(count: int) -> str:
    return "".join(
        f"<tr><th>Question {n}</th><td>Level {n % 5}</td><td>Some words about it</td></tr>" for n in range(count)
    )


def sample() -> str:
    charts = "".join(render_to_string("ui/charts/drawing.svg", {"drawing": item}) for item in sample_drawings()[:3])
    table = "<table><caption>Levels</caption><thead><tr><th>Question</th><th>Level</th><th>Why</th></tr></thead><tbody>"
    return f"""<html lang="cy"><head><title>Another title</title><link rel="stylesheet" href="package:base.css"></head>
    <body>
    <p class="pdf-marking">OFFICIAL-SENSITIVE</p><h1>Northmoor: report</h1><p><a href="#two">Part two</a>,
    <a href="https://example.org/">elsewhere</a></p><img src="asset:dot.png" alt="A dot">
    <img src="https://example.org/x.png" alt="from the network"><img src="file:///etc/hostname" alt="from a path">
    {charts}<h2>One</h2>{table}{rows(90)}</tbody></table><h2 id="two">Two</h2>{table}{rows(90)}</tbody></table>
    <table><tr><th>Day</th><th>Hour</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>"""


@pytest.fixture(scope="module")
def made() -> bytes:
    return render_pdf(sample(), title="Report on Northmoor", lang="en-GB", assets={"dot.png": PIXEL})


@pytest.fixture
def pdf(made):
    with pikepdf.open(io.BytesIO(made)) as document:
        yield document


def elements(item, path=()):
    """(element, the kinds above it) of the whole tree."""
    if isinstance(item, pikepdf.Array):
        for kid in item:
            yield from elements(kid, path)
    elif isinstance(item, pikepdf.Dictionary) and "/S" in item:
        yield item, path
        yield from elements(item.get("/K", pikepdf.Array()), (*path, str(item.S)))


def of_kind(pdf, kind):
    return [(item, path) for item, path in elements(pdf.Root.StructTreeRoot.K) if Name(kind) == item.S]


def test_it_says_its_title_and_language(pdf):
    assert len(pdf.pages) >= 6
    assert str(pdf.Root.Lang) == "en-GB"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    assert str(pdf.docinfo["/Title"]) == "Report on Northmoor"
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Report on Northmoor"
        assert metadata["pdfuaid:part"] == "1"


def test_every_table_heading_has_its_scope(pdf):
    heads = of_kind(pdf, "/TH")
    assert len(heads) > 180
    scopes = {(path[-2], str(item.A.Scope)) for item, path in heads}
    assert scopes == {("/THead", "/Column"), ("/TBody", "/Row"), ("/TBody", "/Column")}


def test_charts_and_pictures_have_their_words(pdf):
    words = {str(item.Alt) for item, _path in of_kind(pdf, "/Figure")}
    assert {drawing.title for drawing in sample_drawings()[:3]} <= words
    assert "A dot" in words


def test_headings_are_in_order(pdf):
    kinds = [str(item.S) for item, _path in elements(pdf.Root.StructTreeRoot.K) if str(item.S) in ("/H1", "/H2", "/H3")]
    assert kinds == ["/H1", "/H2", "/H2"]


def test_running_headers_are_artifacts_and_all_other_text_is_reached(pdf):
    reached = set()

    def walk(item, page=None):
        if isinstance(item, pikepdf.Array):
            for kid in item:
                walk(kid, page)
        elif isinstance(item, int):
            reached.add((page.objgen, int(item)))
        elif isinstance(item, pikepdf.Dictionary) and "/S" in item:
            walk(item.get("/K", pikepdf.Array()), item.get("/Pg", page))

    walk(pdf.Root.StructTreeRoot.K)
    for page in pdf.pages:
        pagination = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "BDC" and "/MCID" in operands[1]:
                assert (page.objgen, int(operands[1].MCID)) in reached
            pagination += str(operator) == "BDC" and operands[0] == Name.Artifact
        assert pagination >= 3  # two markings and the page number


def test_links_print_and_fonts_are_inside(pdf):
    notes = [note for page in pdf.pages for note in page.get("/Annots", [])]
    assert len(notes) == 2
    assert all(int(note.F) & 4 for note in notes)
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
            assert "Liberation" in str(descriptor.FontName)


def test_file_is_sound(pdf):
    assert pdf.check_pdf_syntax() == []


def test_nothing_comes_from_network_or_disk(made):
    with pikepdf.open(io.BytesIO(made)) as document:
        pictures = {name for page in document.pages for name in page.get_images()}
    assert len(pictures) == 1


def test_same_input_same_bytes(made):
    assert render_pdf(sample(), title="Report on Northmoor", lang="en-GB", assets={"dot.png": PIXEL}) == made


def test_mending_twice_changes_nothing_more(made):
    once = mend(io.BytesIO(made), title="Report on Northmoor", lang="en-GB")
    assert mend(io.BytesIO(once), title="Report on Northmoor", lang="en-GB") == once


def test_too_little_memory_is_told_as_such():
    with pytest.raises(PdfFailure) as failure:
        render_pdf(f"<table>{rows(20_000)}</table>", title="x", memory_bytes=400_000_000)
    assert failure.value.reason == "memory"


def test_too_little_time_is_told_as_such():
    begun = time.monotonic()
    with pytest.raises(PdfFailure) as failure:
        render_pdf(sample(), title="x", seconds=0.3)
    assert failure.value.reason == "time"
    assert time.monotonic() - begun < 5


def test_child_sees_nothing_of_this_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "must not travel")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    assert render_pdf("<p>Text</p>", title="x").startswith(b"%PDF-")
