"""Office files and what hides in them: bombs, macros, links outwards, broken containers."""

import io
import stat
import struct
import zipfile

import docx
import pytest

from cyber360.exceptions import BadInput
from tests.cyber360.files.conftest import (
    check,
    members_of,
    open_document,
    sheet,
    slides,
    with_members,
    word,
    zipped,
)

MEGABYTE = 1024 * 1024


def refused(name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        check(name, data)
    return refusal.value.message


def raw_zip(*members: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for info, data in members:
            container.writestr(info, data)
    return out.getvalue()


def also(data: bytes, name: str, content: bytes = b"x", change=lambda info: None) -> bytes:
    """An office file with one more member, whose entry `change` may spoil."""
    info = zipfile.ZipInfo(name)
    change(info)
    return raw_zip(*((zipfile.ZipInfo(old), kept) for old, kept in members_of(data).items()), (info, content))


def test_a_bomb_is_refused_by_its_directory():
    bomb = with_members(word(), members={"word/media/image1.png": bytes(61 * MEGABYTE)})
    assert len(bomb) < MEGABYTE
    assert "unpacks to far more" in refused("bomb.docx", bomb)


def test_a_high_ratio_is_refused_although_small():
    assert "unpacks to far more" in refused(
        "bomb.xlsx", with_members(sheet(), members={"xl/x.bin": bytes(2 * MEGABYTE)})
    )


def test_many_members_together_are_refused():
    stored = zipped({f"word/media/{number}": b"" for number in range(3001)})
    assert "unpacks to far more" in refused("many.docx", stored)


def test_a_main_part_longer_than_its_limit_is_refused():
    types = members_of(word())["[Content_Types].xml"]
    padded = types.replace(b"</Types>", b"<!--" + bytes(range(97, 123)) * 170_000 + b"--></Types>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container:
        for name, data in {**members_of(word()), "[Content_Types].xml": padded}.items():
            container.writestr(name, data)
    assert "unpacks to far more" in refused("long.docx", out.getvalue())


@pytest.mark.parametrize("name", ["../../outside.xml", "/etc/passwd", "word/../../x", "C:/x", "..\\x"])
def test_a_member_that_leaves_the_container_is_refused(name):
    assert "damaged" in refused("plan.docx", also(word(), name))


def test_a_link_among_the_members_is_refused():
    def link(info):
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert "damaged" in refused("plan.docx", also(word(), "word/link", b"/etc/passwd", link))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused():
    assert "damaged" in refused("plan.docx", also(word(), "word/document.xml"))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method):
    assert "damaged" in refused("plan.docx", zipped(members_of(word()), method))


def test_a_protected_member_is_refused_with_advice():
    data = bytearray(word())
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    assert "protected by a password" in refused("plan.docx", bytes(data))


def test_an_old_or_protected_office_file_under_the_new_name_is_refused_with_advice():
    assert "protected by a password or in an old" in refused(
        "plan.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    )


def test_something_before_the_container_is_refused():
    assert "not what the name says" in refused("plan.docx", b"MZ" + word())


def test_something_behind_the_container_is_refused():
    assert "damaged" in refused("plan.docx", word() + b"\0" * 30)


def test_a_directory_with_a_false_count_is_refused():
    data = bytearray(word())
    struct.pack_into("<2H", data, len(data) - 14, 4000, 4000)
    assert "unpacks to far more" in refused("plan.docx", bytes(data))


@pytest.mark.parametrize(
    "xml",
    [
        b"not xml",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Types>&b;</Types>',
        b'<?xml version="1.0" encoding="no-such"?><Types/>',
        b"",
    ],
)
def test_a_broken_or_declaring_xml_is_refused(xml):
    words = refused("plan.docx", with_members(word(), members={"[Content_Types].xml": xml}))
    assert ("declare entities" if b"<!DOCTYPE" in xml else "damaged") in words


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "word/activeX/activeX1.xml", "xl/macrosheets/sheet1.xml"])
def test_active_parts_are_refused(name):
    assert "contains macros" in refused("plan.docx", with_members(word(), members={name: b"x"}))


def test_a_macro_file_renamed_to_docx_is_refused():
    types = members_of(word())["[Content_Types].xml"]
    macro = types.replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert macro != types
    assert "contains macros" in refused("plan.docx", with_members(word(), members={"[Content_Types].xml": macro}))


def with_link(kind: str, target: str, data: bytes = b"") -> bytes:
    document = docx.Document()
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    document.part.relate_to(target, office + kind, is_external=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_template_from_elsewhere_is_refused():
    assert "loads a template" in refused("plan.docx", with_link("attachedTemplate", "https://example.org/t.dotm"))


def test_an_object_loaded_from_elsewhere_is_refused():
    assert "loads content from elsewhere" in refused("plan.docx", with_link("oleObject", "https://example.org/x.hta"))


def test_what_points_outside_is_noted_and_accepted():
    assert check("plan.docx", with_link("image", "https://example.org/a.png")).notes == ["refers to pictures elsewhere"]
    assert check("plan.docx", with_link("oleObject", "file:///x.xlsx")).notes == ["refers to content elsewhere"]
    assert check("plan.docx", with_link("hyperlink", "https://example.org/")).notes == []


def test_embedded_objects_and_other_workbooks_are_noted():
    assert check("talk.pptx", with_members(slides(), members={"ppt/embeddings/a.xlsx": b"x"})).notes == [
        "contains embedded objects"
    ]
    other = {"xl/externalLinks/externalLink1.xml": b"<x/>"}
    assert check("assets.xlsx", with_members(sheet(), members=other)).notes == ["refers to other workbooks"]


def test_open_document_macros_and_passwords_are_refused():
    assert "contains macros" in refused("plan.odt", open_document("text", **{"Basic/Standard/Module1.xml": b"x"}))
    assert "contains macros" in refused("plan.odt", open_document("text", **{"Scripts/python/a.py": b"x"}))
    assert check("plan.odt", open_document("text", **{"Basic/script-lc.xml": b"x"})).notes == []
    manifest = (
        b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:encryption-data/></m:manifest>'
    )
    assert "password" in refused("plan.odt", open_document("text", **{"META-INF/manifest.xml": manifest}))


def test_open_document_embedded_objects_are_noted():
    assert check("plan.ods", open_document("spreadsheet", **{"Object 1/content.xml": b"x"})).notes == [
        "contains embedded objects"
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_document_type_in_any_inner_part_is_refused(codec):
    xml = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(codec)
    assert "declare entities" in refused("plan.docx", with_members(word(), members={"word/document.xml": xml}))
