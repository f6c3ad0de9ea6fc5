"""Files that large C libraries read, in a process of their own."""

import struct
import zlib

import pikepdf
import pytest
from PIL import Image

from cyber360.exceptions import BadInput, NotNow
from cyber360.files.checks import child
from cyber360.files.sandbox import SandboxFailed
from tests.cyber360.files.conftest import check, pdf, picture


def refused(name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        check(name, data)
    return refusal.value.message


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def address() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org")


def on_page(made, events) -> None:
    made.pages[0].obj.AA = made.make_indirect(pikepdf.Dictionary(events))


HOSTILE = {
    "address when opened": (lambda made: made.Root.__setitem__("/OpenAction", address()), "opens a web address"),
    "address on its own object": (
        lambda made: made.Root.__setitem__("/OpenAction", made.make_indirect(address())),
        "opens a web address by itself",
    ),
    "address after another action": (
        lambda made: made.Root.__setitem__(
            "/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.LastPage, Next=[address()])
        ),
        "opens a web address",
    ),
    "address when a page is shown": (lambda made: on_page(made, {"/O": address()}), "opens a web address"),
    "address when the document is closed": (
        lambda made: made.Root.__setitem__("/AA", pikepdf.Dictionary({"/WC": made.make_indirect(address())})),
        "opens a web address",
    ),
    "script when opened": (lambda made: made.Root.__setitem__("/OpenAction", script()), "scripts"),
    "script on its own object": (
        lambda made: made.Root.__setitem__("/OpenAction", made.make_indirect(script())),
        "scripts",
    ),
    "script deep in arrays": (
        lambda made: made.Root.__setitem__("/AA", pikepdf.Array([pikepdf.Array([pikepdf.Dictionary(A=script())])])),
        "scripts",
    ),
    "launch": (
        lambda made: made.Root.__setitem__("/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")),
        "starts other programs",
    ),
    "sends itself": (
        lambda made: made.Root.__setitem__("/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F="http://x")),
        "starts other programs",
    ),
    "opens another file": (
        lambda made: made.Root.__setitem__("/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.GoToR, F="other.pdf")),
        "starts other programs",
    ),
    "embedded": (lambda made: made.attachments.__setitem__("x.exe", b"MZ"), "embedded"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_active_content_is_refused(case):
    change, sentence = HOSTILE[case]
    assert sentence in refused("plan.pdf", pdf(change))


def test_active_content_packed_in_an_object_stream_is_refused():
    data = pdf(HOSTILE["script on its own object"][0], object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in data
    assert "scripts" in refused("plan.pdf", data)


def test_a_password_is_refused_and_protection_against_changes_is_noted():
    locked = pdf(encryption=pikepdf.Encryption(owner="o", user="u"))
    assert "protected by a password" in refused("plan.pdf", locked)
    assert check("plan.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user=""))).notes == [
        "is protected against changes"
    ]


def test_links_several_pages_and_a_first_view_are_fine():
    def linked(made):
        made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Link,
            Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org"),
        )
        made.pages[0].Annots = pikepdf.Array([made.make_indirect(link)])
        made.add_blank_page()

    assert check("plan.pdf", pdf(linked)).notes == []


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"x" * 500, b"MZ %PDF-1.7"])
def test_a_broken_pdf_is_refused(data):
    assert "damaged" in refused("plan.pdf", data)


def pages(made: pikepdf.Pdf) -> None:
    for _page in range(3):
        made.add_blank_page()
    made.Root.Lang = "en-GB"


KINDS = {
    "with a table": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "with packed objects": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "for the web": {"linearize": True},
}


@pytest.mark.parametrize(("kind", "lost"), [*((kind, 0.5) for kind in KINDS), ("with a table", 60)])
def test_a_pdf_that_was_cut_off_is_refused(kind, lost):
    """Though its reader puts it together again: of what the table named, nobody knows what is missing."""
    data = pdf(pages, **KINDS[kind])
    end = -lost if lost > 1 else int(len(data) * lost)
    assert "This PDF is damaged or cut off. Save it again and send it anew." in refused("plan.pdf", data[:end])


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_with_small_faults_is_accepted_and_says_so(kind):
    """As programs write them every day: bytes after the end, a table that is not where it should be."""
    data = pdf(pages, **KINDS[kind])
    assert check("plan.pdf", data + b"\r\n" * 100).notes == []
    assert check("plan.pdf", data.rstrip().removesuffix(b"%%EOF")).notes == []
    moved = data.replace(b"startxref\n", b"startxref\n1")
    for repaired in (data + b"<html>sent by a gateway</html>\n" * 100, moved):
        assert check("plan.pdf", repaired).notes == ["is slightly damaged but can be read"]


def test_a_pdf_written_without_a_table_is_accepted():
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    parts += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>"]
    objects = "".join(f"{number} 0 obj{part}endobj\n" for number, part in enumerate(parts, start=1))
    data = f"%PDF-1.4\n{objects}trailer<</Root 1 0 R>>\n%%EOF".encode()
    assert check("plan.pdf", data).notes == ["is slightly damaged but can be read"]


def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked():
    assert "40 megapixels" in refused("wall.png", bomb(30_000, 30_000))


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size far beyond its few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!L", len(data)) + kind + data + struct.pack("!L", zlib.crc32(kind + data))

    head = struct.pack("!2L5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_moving_picture_is_refused():
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("navy", "white")]
    data = picture(size=(9, 9), save_all=True, append_images=frames)
    assert "single picture" in refused("film.png", data)


def test_a_picture_cut_or_spoilt_is_refused():
    data = picture("JPEG", (300, 300))
    assert "damaged" in refused("door.jpg", data[: len(data) // 2])
    spoilt = bytearray(picture(size=(300, 300)))
    spoilt[60] ^= 255
    assert "damaged" in refused("door.png", bytes(spoilt))


@pytest.mark.parametrize("word", ["limit", "crash", "time", "output"])
def test_every_other_end_of_the_reader_refuses(monkeypatch, word):
    def ended(*_given, **_options):
        raise SandboxFailed(word)

    monkeypatch.setattr(child, "run", ended)
    assert "too complex" in refused("plan.pdf", pdf())


@pytest.mark.parametrize("answer", [b"no json", b"[]", b'{"refusal": "unknown", "notes": []}', b'{"refusal": ""}', b""])
def test_an_answer_that_is_none_of_ours_refuses(monkeypatch, answer):
    monkeypatch.setattr(child, "run", lambda *_given, **_options: answer)
    assert "too complex" in refused("plan.pdf", pdf())


def test_without_a_sandbox_nothing_is_read_and_the_file_is_not_blamed(settings):
    settings.PRODUCTION, settings.FILES_SANDBOX = True, "no-such-rung"
    with pytest.raises(NotNow, match="nowhere safe to read them"):
        check("plan.pdf", pdf())
