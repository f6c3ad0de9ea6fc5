"""Pictures of pages, made once in the sandbox and kept encrypted."""

import io

import pytest
from PIL import Image

from cyber360.files.models import Blob, BlobKind, Verdict
from cyber360.files.rendering import NoPreview, make_pages, page_count, page_picture, pages_in_document, preview_kind
from cyber360.files.sandbox.programs import pages as program
from tests.cyber360.files.conftest import pdf, picture
from tests.cyber360.files.rendering import documents as make


@pytest.fixture
def plan(keep):
    return keep(pdf(lambda made: made.add_blank_page(page_size=(300, 100))), "plan.pdf", media_type="application/pdf")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["PNG"])


def test_each_page_becomes_a_picture_no_longer_than_the_limit(plan):
    assert make_pages(plan) == page_count(plan) == pages_in_document(plan) == 2
    assert opened(page_picture(plan, 1)).size == (800, 800)
    assert opened(page_picture(plan, 2)).size == (1200, 400)


def test_they_are_made_once(plan):
    make_pages(plan)
    before = set(Blob.objects.values_list("pk", flat=True))
    assert make_pages(plan) == 2
    assert set(Blob.objects.values_list("pk", flat=True)) == before
    assert Blob.objects.filter(kind=BlobKind.PAGE).count() == 3


def test_a_page_that_is_not_there_is_no_preview(plan):
    for number in (0, 3, -1):
        with pytest.raises(NoPreview, match="no such page"):
            page_picture(plan, number)


def test_a_photograph_loses_what_its_camera_wrote(keep):
    given = Image.new("RGB", (40, 20), "navy")
    exif = given.getexif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Sam Okoro"
    out = io.BytesIO()
    given.save(out, "JPEG", exif=exif)
    stored = keep(out.getvalue(), "door.jpg", media_type="image/jpeg")
    data = page_picture(stored, 1)
    assert b"Camera of Sam Okoro" in out.getvalue()
    assert b"Camera" not in data
    assert opened(data).size == (20, 40)
    assert dict(opened(data).getexif()) == {}


def test_what_is_see_through_is_shown_on_white(keep):
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    stored = keep(out.getvalue(), "door.png", media_type="image/png")
    assert opened(page_picture(stored, 1)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "shown"),
    [
        ("CMYK", (0, 255, 255, 0), "JPEG", (254, 0, 0)),
        ("I;16", 65_535, "PNG", (255, 255, 255)),
        ("I;16", 0, "PNG", (0, 0, 0)),
        ("1", 1, "PNG", (255, 255, 255)),
        ("LA", (0, 128), "PNG", (127, 127, 127)),
        ("P", 0, "PNG", (0, 0, 0)),
    ],
)
def test_pictures_of_every_make_keep_their_colours(keep, mode, colour, kind, shown):
    out = io.BytesIO()
    Image.new(mode, (10, 10), colour).save(out, kind)
    stored = keep(out.getvalue(), f"a.{kind.lower()}", media_type="image/png")
    seen = opened(page_picture(stored, 1)).convert("RGB").getpixel((5, 5))
    assert max(abs(one - other) for one, other in zip(seen, shown, strict=True)) < 6


def test_a_document_that_takes_long_shows_the_pages_that_were_ready(monkeypatch):
    monkeypatch.setattr(program, "ENOUGH_CPU_SECONDS", 10**6)  # of the whole process, which here has done other work
    answer = program.main(make.pdf_of("one", "two", "three"), {"kind": "pdf", "pages": 50})
    assert len(list(answer)) == 4
    monkeypatch.setattr(program, "ENOUGH_CPU_SECONDS", 0)
    assert len(list(program.main(make.pdf_of("one", "two", "three"), {"kind": "pdf", "pages": 50}))) == 2


def test_a_file_that_is_infected_or_gone_is_not_shown(keep):
    infected = keep(picture(), "a.png", media_type="image/png", verdict=Verdict.INFECTED)
    with pytest.raises(NoPreview, match="virus"):
        make_pages(infected)
    assert not Blob.objects.exists()


@pytest.mark.parametrize(
    ("name", "kind"), [("a.pdf", "pages"), ("a.jpeg", "pages"), ("a.docx", "words"), ("a.eml", "words"), ("a.zip", "")]
)
def test_the_kind_of_preview_follows_the_type(keep, name, kind):
    assert preview_kind(keep(b"x", name)) == kind


def test_what_was_never_checked_has_no_preview(keep):
    assert preview_kind(keep(b"x", "a.pdf", media_type="")) == ""
