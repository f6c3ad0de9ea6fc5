"""Files that are two things at once, or one thing under the name of another: made here, refused by their structure."""

import email.message
import gzip
import io
import itertools
import tarfile
import zipfile

import pikepdf
import pytest

from cyber360.exceptions import BadInput
from cyber360.files.checks import TYPES, refuse_extension
from cyber360.files.sensitive import KEEPASS
from tests.cyber360.files.conftest import (
    check,
    mail,
    members_of,
    open_document,
    pdf,
    picture,
    sheet,
    with_members,
    word,
    zipped,
)

PROGRAM = b"MZ\x90\x00\x03" + bytes(60) + b"PE\x00\x00L\x01" + b"This program cannot be run in DOS mode." + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
SHELL = b"#!/bin/sh\nrm -rf /\n"
HTML = b"<html><script>fetch('/admin')</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def refused(name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        check(name, data)
    return refusal.value.message


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("plan.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


# --- one thing under the name of another ---------------------------------------------------------------
OTHERS = {
    "program": PROGRAM,
    "elf": ELF,
    "html": HTML,
    "svg": SVG,
    "gzip": gzip.compress(b"x" * 1000),
    "tar": tarred(),
    "zip": zipped({"plan.txt": b"abc"}),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "ole": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "kdbx": KEEPASS[2] + bytes(100),
    "shortcut": b"\x4c\x00\x00\x00\x01\x14\x02\x00" + bytes(100),
    "gif": b"GIF89a" + bytes(100),
    "rtf": b"{\\rtf1\\object\\objdata 0105}",
    "empty": b"",
}


@pytest.mark.parametrize("extension", [one for one in TYPES if one not in {"txt", "csv"}])
@pytest.mark.parametrize("other", OTHERS)
def test_another_format_under_an_accepted_name(other, extension):
    assert refused(f"plan.{extension}", OTHERS[other])


@pytest.mark.parametrize("other", [one for one in OTHERS if one != "empty"])
@pytest.mark.parametrize("name", ["notes.txt", "table.csv"])
def test_another_format_called_text(other, name):
    assert refused(name, OTHERS[other])


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"<img src=x onerror=alert(1)>", b"<a href='data:x'>y</a>",
                                  b"<math><mtext></math>", b"begin 644 tool.exe\nM35I0\n"])  # fmt: skip
def test_markup_and_packed_programs_called_text(data):
    assert "another format" in refused("notes.txt", data)


def test_a_mail_called_text():
    assert "saved mail" in refused("notes.txt", mail("tool.exe"))


# --- two things at once -----------------------------------------------------------------------------------
def test_pdf_and_zip_at_once():
    both = pdf() + zipped({"tool.exe": PROGRAM})
    assert zipfile.is_zipfile(io.BytesIO(both))
    for extension in ("docx", "xlsx", "odt"):
        assert refused(f"plan.{extension}", both)


def test_zip_before_pdf_is_no_pdf():
    assert refused("plan.pdf", zipped({"tool.exe": PROGRAM}) + pdf())


def test_a_document_that_is_also_another_document():
    word_and_sheet = zipped({**members_of(word()), **members_of(sheet())})
    document = open_document("text", **{"word/document.xml": b"<x/>"})
    assert refused("plan.docx", document)
    assert refused("plan.odt", word())
    # One that has the parts of both is what its main part says, and nothing else.
    kinds = set()
    for extension in ("docx", "xlsx", "pptx", "odt"):
        try:
            check(f"plan.{extension}", word_and_sheet)
        except BadInput:
            continue
        kinds.add(extension)
    assert len(kinds) == 1


def test_picture_and_page_at_once_is_only_ever_a_picture():
    both = picture("PNG") + HTML
    assert check("door.png", both).media_type == "image/png"
    for name in ("door.txt", "door.pdf", "door.docx"):
        assert refused(name, both)
    jpeg_with_page = picture("JPEG", comment=HTML)
    assert check("door.jpg", jpeg_with_page).media_type == "image/jpeg"
    assert refused("door.png", jpeg_with_page)


def test_gif_and_script_at_once():
    both = b"GIF89a/*" + bytes(10) + b"*/=1;alert(1)"
    for name in ("a.png", "a.jpg", "a.txt"):
        assert refused(name, both)


# --- archives in archives ------------------------------------------------------------------------------------
def test_archives_in_archives_are_neither_unpacked_nor_accepted():
    nested = b"abc"
    for depth in range(60):
        nested = zipped({f"{depth}.zip": nested})
    with pytest.raises(BadInput, match="Unpack"):
        refuse_extension("papers.zip")
    for extension in ("docx", "odt"):
        assert refused(f"plan.{extension}", nested)


def test_a_document_may_carry_an_archive_only_within_the_limits():
    small = with_members(word(), members={"word/embeddings/papers.zip": zipped({"a.txt": b"abc"})})
    assert "contains embedded objects" in check("plan.docx", small).notes
    large = with_members(word(), members={"word/embeddings/papers.zip": bytes(61 * 1024 * 1024)})
    assert "unpacks to far more" in refused("plan.docx", large)


def test_a_bomb_of_entities_is_refused():
    names = "abcdefghi"
    entities = "".join(f'<!ENTITY {name} "{("&" + before + ";") * 10}">' for before, name in itertools.pairwise(names))
    lol = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{entities}]><x>&i;</x>'.encode()
    for name in ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"):
        assert "declare entities" in refused("plan.docx", with_members(word(), members={name: lol}))
    assert refused("plan.odt", open_document("text", **{"META-INF/manifest.xml": lol}))


def test_an_entity_that_reads_a_file_of_ours_is_refused():
    reading = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Types>&f;</Types>'
    assert "declare entities" in refused("plan.docx", with_members(word(), members={"[Content_Types].xml": reading}))


# --- protected ones: say so and ask ------------------------------------------------------------------------
def test_an_encrypted_office_file_is_asked_for_without_its_password():
    """Word wraps a protected DOCX into a compound file with the streams EncryptionInfo and EncryptedPackage."""
    wrapped = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
    for name in ("plan.docx", "assets.xlsx", "talk.pptx"):
        assert "protected by a password" in refused(name, wrapped)


def test_an_encrypted_pdf_is_asked_for_without_its_password():
    locked = pdf(encryption=pikepdf.Encryption(owner="o", user="u", R=6))
    assert "Save it without a password" in refused("plan.pdf", locked)


# --- mails with attachments ----------------------------------------------------------------------------------
def with_attachment(data: bytes, name: str, kind: str = "application/octet-stream") -> bytes:
    message = email.message_from_bytes(mail(), policy=email.policy.default)
    main, sub = kind.split("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


@pytest.mark.parametrize("name", ["tool.exe", "run.js", "macro.vbs", "page.hta", "disk.iso", "plan.pdf.scr", "a.LNK"])
def test_a_mail_with_a_program(name):
    assert "program or script is attached" in refused("agreed.eml", with_attachment(PROGRAM, name))


@pytest.mark.parametrize("name", ["papers.zip", "papers.7z", "papers.tar.gz", "papers.RAR"])
def test_a_mail_with_an_archive(name):
    assert "archive is attached" in refused("agreed.eml", with_attachment(zipped({"a": b"b"}), name))


@pytest.mark.parametrize("name", ["team.kdbx", "server.pfx", "host.ppk", "id.pem"])
def test_a_mail_with_a_key_or_a_password_store(name):
    assert "key or a password store is attached" in refused("agreed.eml", with_attachment(b"x", name))


def test_a_program_in_a_mail_in_a_mail_in_a_mail():
    inner = email.message_from_bytes(with_attachment(PROGRAM, "tool.exe"), policy=email.policy.default)
    for _depth in range(3):
        outer = email.message_from_bytes(mail(), policy=email.policy.default)
        outer.add_attachment(inner)
        inner = outer
    assert "program or script is attached" in refused("agreed.eml", inner.as_bytes())


def test_a_mail_with_a_paper_is_noted():
    assert check("agreed.eml", with_attachment(pdf(), "plan.pdf", "application/pdf")).notes == ["1 attachment"]


@pytest.mark.parametrize("name", ["vault.kdbx", "old.kdb", "server.pfx", "key.ppk", "id.pem", "export.1pux"])
def test_keys_and_password_stores_are_refused_by_name_with_their_own_advice(name):
    with pytest.raises(BadInput, match="how they are kept instead"):
        refuse_extension(name)
