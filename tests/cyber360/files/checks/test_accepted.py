"""Honest files of every type pass; the same bytes under another name do not; renamed programs never do."""

import contextlib

import pytest

from cyber360.exceptions import BadInput
from cyber360.files.checks import TYPES
from tests.cyber360.files.conftest import HONEST, check


def extension(name: str) -> str:
    return name.rpartition(".")[2].lower()


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_accepted_with_our_own_media_type(name):
    found = check(name, HONEST[name]())
    assert found.media_type == TYPES[extension(name)][0]
    assert found.extension == extension(name)


def test_every_accepted_type_has_an_honest_example():
    assert {extension(name) for name in HONEST} == set(TYPES)


def others() -> list[tuple[str, str]]:
    return list(_others())


def _others():
    for name in HONEST:
        for other in sorted(TYPES):
            same = {extension(name), other} <= {"jpg", "jpeg"} or extension(name) == other
            # A mail and a table are text.
            if not same and not (other in {"txt", "csv"} and extension(name) in {"txt", "csv", "eml"}):
                yield name, other


@pytest.mark.parametrize(("name", "other"), others())
def test_a_file_under_another_types_name_is_refused(name, other):
    with pytest.raises(BadInput, match="was not accepted"):
        check(f"renamed.{other}", HONEST[name]())


PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)


@pytest.mark.parametrize("extension", sorted(TYPES))
@pytest.mark.parametrize("data", [PROGRAM, ELF, bytes(1000), b"\xff" * 1000], ids=["exe", "elf", "zeros", "ones"])
def test_a_renamed_program_is_refused(extension, data):
    # 0xff is a letter in Windows-1252: a text of them is odd, but text.
    if data[0] == 0xFF and extension in {"txt", "csv"}:
        return
    with pytest.raises(BadInput, match="was not accepted"):
        check(f"invoice.{extension}", data)


@pytest.mark.parametrize("name", sorted(HONEST))
def test_every_cut_is_refused_or_harmless_and_never_a_crash(name):
    data = HONEST[name]()
    for size in (1, 8, len(data) // 3, len(data) // 2, len(data) - 1):
        with contextlib.suppress(BadInput):
            check(name, data[:size])


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("plan.doc", "Save it as DOCX or PDF."),
        ("plan.docm", "Save it without macros"),
        ("all.zip", "upload the files one by one"),
        ("page.html", "Print it to PDF"),
        ("drawing.svg", "Print it to PDF"),
        ("door.heic", "PNG or JPEG"),
        ("invoice.pdf.exe", "Programs and scripts are not accepted."),
        ("run.ps1", "Programs and scripts are not accepted."),
        ("film.mp4", "Link to where it is kept"),
        ("strange.xyz", "Save it as PDF, DOCX"),
        ("noextension", "Save it as PDF, DOCX"),
    ],
)
def test_a_refused_type_comes_with_advice(name, advice):
    with pytest.raises(BadInput) as refusal:
        check(name, b"anything")
    assert advice in refusal.value.message
    assert f"“{name}”" in refusal.value.message
