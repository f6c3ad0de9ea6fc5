"""Documents that are small and ask for far more than they are: each ends soon, with an answer or with a sentence."""

import io
import time
import zipfile
from contextlib import suppress

import pytest

from cyber360.files.models import Blob, BlobKind
from cyber360.files.rendering import (
    NoPreview,
    make_pages,
    marked_pdf,
    page_picture,
    pages,
    pages_in_document,
    words_are_cut,
    words_of,
)
from cyber360.files.sandbox import SandboxFailed
from cyber360.files.storage import vault
from tests.cyber360.files.conftest import members_of, pdf, picture, zipped
from tests.cyber360.files.rendering import documents as make

DTD = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"""


@pytest.fixture
def kept(keep):
    return lambda data, name: keep(data, name, media_type="checked/type")


def with_text(document: bytes) -> bytes:
    return zipped({**members_of(make.flowing(1)), "word/document.xml": document})


def test_a_page_the_size_of_a_house_is_drawn_small(kept):
    stored = kept(make.pdf_of("x", size=(14_400, 14_400)), "a.pdf")
    assert make_pages(stored) == 1
    assert len(page_picture(stored, 1)) < 200_000


def test_a_page_of_hardly_any_height_is_drawn(kept):
    stored = kept(make.pdf_of("x", size=(14_400, 3)), "a.pdf")
    assert make_pages(stored) == 1


def test_a_picture_of_900_megapixels_in_a_hundred_kilobytes_is_not_unpacked(kept):
    data = make.one_bit_png(30_000, 30_000)
    assert len(data) < 150_000
    begun = time.monotonic()
    with pytest.raises(NoPreview, match="too complex"):
        make_pages(kept(data, "a.png"))
    assert time.monotonic() - begun < 20


def test_entities_are_not_unfolded_and_nothing_is_fetched(kept):
    for document in (DTD, OUTSIDE):
        with pytest.raises(NoPreview, match="too complex"):
            words_of(kept(with_text(document), "a.docx"))


def test_a_member_that_is_longer_than_it_says_is_no_preview(kept):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members_of(make.flowing(1)).items():
            container.writestr(name, data if name != "word/document.xml" else b"<a>" + b" " * 70_000_000)
    with pytest.raises(NoPreview):
        words_of(kept(out.getvalue(), "a.docx"))


@pytest.mark.slow
def test_a_document_of_millions_of_paragraphs_is_read_until_the_limit(kept):
    document = members_of(make.flowing(1))["word/document.xml"]
    data = with_text(document.replace(b"</w:body>", b"<w:p/>" * 6_000_000 + b"</w:body>"))
    assert len(data) < 100_000
    stored = kept(data, "a.docx")
    assert words_of(stored)[0].startswith("Paragraph 0:")
    assert words_are_cut(stored)


@pytest.mark.slow
def test_a_sheet_of_too_many_rows_is_read_until_the_limit(kept):
    sheet = "<row><c><v>7</v></c></row>" * 30_000
    members = members_of(make.register())
    members["xl/worksheets/sheet1.xml"] = f"<worksheet><sheetData>{sheet}</sheetData></worksheet>".encode()
    stored = kept(zipped(members), "a.xlsx")
    assert sum(page.count("7") for page in words_of(stored)) == 20_000
    assert words_are_cut(stored)
    assert words_of(stored)[-1].startswith("Owners")


@pytest.mark.slow
def test_of_thousands_of_pages_the_first_are_shown(kept):
    stored = kept(make.pdf_of(*["x"] * 2000), "a.pdf")
    assert (make_pages(stored), pages_in_document(stored)) == (50, 2000)
    assert len(words_of(stored)) == 500
    assert words_are_cut(stored)
    assert sum(map(len, marked_pdf(stored, ["Sam"]))) > 0


@pytest.mark.slow
def test_millions_of_drawing_operators_end_in_a_sentence_or_a_picture(kept):
    stored = kept(make.pdf_of("x", content=b"0 0 m 9 9 l S " * 3_000_000), "a.pdf")
    begun = time.monotonic()
    with suppress(NoPreview):
        assert make_pages(stored) == 1
    assert time.monotonic() - begun < 40


# --- pages: failures, damage and answers that are none --------------------------------------------------
def test_a_document_that_breaks_its_reader_is_tried_twice_and_never_again(kept, monkeypatch):
    stored, asked = kept(pdf(), "a.pdf"), []

    def ended(*_given, **_options):
        asked.append(1)
        raise SandboxFailed("limit")

    monkeypatch.setattr(pages, "stream", ended)
    for _time in range(4):
        with pytest.raises(NoPreview):
            make_pages(stored)
    assert len(asked) == 2


def test_a_reader_that_dies_between_two_pages_leaves_none(kept, monkeypatch):
    stored, honest = kept(make.pdf_of("one", "two"), "a.pdf"), pages.stream

    def cut(*given, **options):
        data = b"".join(honest(*given, **options))
        yield data[: len(data) - 100]
        raise SandboxFailed("crash")

    monkeypatch.setattr(pages, "stream", cut)
    with pytest.raises(NoPreview):
        make_pages(stored)
    assert not Blob.objects.filter(kind=BlobKind.PAGE, number__gt=0).exists()
    monkeypatch.undo()
    assert make_pages(stored) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0\0\1",
        b"\0\0\0\1\0\0\0\4abcd",
        b"\0\0\0\1\xff\xff\xff\xff",
        b"\0\0\0\1\0\0\0\4ab",
        b"\0\0\0\1" + len(picture("JPEG")).to_bytes(4, "big") + picture("JPEG"),
        b"\0\0\0\1" + len(picture(size=(2000, 9))).to_bytes(4, "big") + picture(size=(2000, 9)),
        b"\0\0\0\1" + len(picture(dpi=(9, 9))).to_bytes(4, "big") + picture(dpi=(9, 9)),
    ],
    ids=["nothing", "no page", "no picture", "endless", "cut", "another kind", "too wide", "with more than points"],
)
def test_an_answer_that_is_no_picture_of_ours_is_not_kept(kept, monkeypatch, answer):
    monkeypatch.setattr(pages, "stream", lambda *_given, **_options: iter([answer] if answer else []))
    with pytest.raises(NoPreview):
        make_pages(kept(pdf(), "a.pdf"))
    assert not Blob.objects.filter(kind=BlobKind.PAGE, number__gt=0).exists()


def test_a_damaged_page_is_made_again(kept):
    stored = kept(make.pdf_of("one", "two"), "a.pdf")
    before = page_picture(stored, 2)
    for number in (0, 2):
        with vault().write(Blob.objects.get(kind=BlobKind.PAGE, number=number).path) as out:
            out.write(b"x" * 500)
        assert page_picture(stored, 2) == before
        assert make_pages(stored) == 2


def test_a_page_that_went_missing_is_made_again(kept):
    stored = kept(make.pdf_of("one", "two"), "a.pdf")
    make_pages(stored)
    Blob.objects.filter(kind=BlobKind.PAGE, number=2).delete()
    assert make_pages(stored) == 2
    assert Blob.objects.filter(kind=BlobKind.PAGE).count() == 3


def test_no_plain_byte_reaches_the_disk(kept, vault_dir, tmp_path, monkeypatch):
    """Neither the document, nor its words, nor its pictures: only what is encrypted lies anywhere we write."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    data = make.pdf_of("the council has no plan")
    stored = kept(data, "a.pdf")
    words_of(stored)
    picture_of_it = page_picture(stored, 1)
    b"".join(marked_pdf(stored, ["Sam"]))
    lying = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(lying) == 4  # the file, its words, its page and the list of pages
    for secret in (b"has no plan", data[:40], picture_of_it[:40], b"\x89PNG", b"%PDF"):
        assert not any(secret in content for content in lying)


def test_a_page_costs_few_questions_to_the_database(kept, django_assert_max_num_queries):
    stored = kept(make.pdf_of(*["x"] * 12), "a.pdf")
    make_pages(stored)
    with django_assert_max_num_queries(3):
        page_picture(stored, 12)
    with django_assert_max_num_queries(4):
        make_pages(stored)
