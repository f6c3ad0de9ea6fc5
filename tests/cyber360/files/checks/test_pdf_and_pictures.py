"""Files that large C libraries read, in a process of their own."""

import json
import os
import resource
import struct
import subprocess
import sys
import zlib

import pikepdf
import pytest
from PIL import Image

from cyber360.exceptions import BadInput
from cyber360.files.checks import child
from tests.cyber360.files.conftest import check, pdf, picture


def refused(name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        check(name, data)
    return refusal.value.message


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


HOSTILE = {
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


def test_links_and_several_pages_are_fine():
    def linked(made):
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


def test_a_hanging_reader_is_ended(monkeypatch, tmp_path):
    script = tmp_path / "hang.py"
    script.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(child, "_SCRIPT", script)
    monkeypatch.setattr(child, "SECONDS", 0.5)
    assert "too complex" in refused("plan.pdf", pdf())


@pytest.mark.parametrize("ending", ["import os; os.abort()", "raise SystemExit(3)", "print('no json')", ""])
def test_every_other_end_of_the_reader_refuses(monkeypatch, tmp_path, ending):
    script = tmp_path / "end.py"
    script.write_text(f"import sys\nsys.stdin.buffer.read()\n{ending}\n")
    monkeypatch.setattr(child, "_SCRIPT", script)
    assert "too complex" in refused("plan.pdf", pdf())


def test_the_reader_runs_within_its_limits():
    """Asked of a real child: our limits hold there, and the secrets of the environment are not in it."""
    program = (
        "import json, os, resource, sys\n"
        f"sys.path.insert(0, {str(child._SCRIPT.parent)!r})\n"
        "import parser_process\n"
        "parser_process.limit_process(1000)\n"
        "names = ('AS', 'CPU', 'FSIZE', 'NOFILE', 'NPROC', 'CORE')\n"
        "print(json.dumps([resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[0] for n in names]))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, env={}, check=True)
    assert json.loads(done.stdout) == [512 * 1024 * 1024 + 3000, 20, 0, 24, 0, 0]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
    assert os.environ["SECRET_KEY"]
