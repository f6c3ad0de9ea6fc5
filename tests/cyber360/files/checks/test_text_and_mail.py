import csv
import io
import random

import pytest

from cyber360.exceptions import BadInput
from cyber360.files.checks import Checked, Glance, text
from cyber360.files.checks.base import Refused
from tests.cyber360.files.conftest import check, mail, outlook_mail


def refused(name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        check(name, data)
    return refusal.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["notes.txt", "table.csv"])
def test_known_encodings_are_accepted(name, encoding):
    assert check(name, "Café, £5\r\n".encode(encoding)).notes == []


def test_a_letter_across_two_pieces_is_read_whole():
    assert check("notes.txt", b"a" * (1024 * 1024 - 1) + "é".encode()).notes == []


@pytest.mark.parametrize(
    "data",
    [
        b"a\x00b",
        b"\xff\xfea",
        "no mark".encode("utf-16-le"),
        b"\x81\x8d\x8f",
        b"\x01\x02\x03\x04 text",
        b"a" * 99 + b"\x81",
    ],
)
def test_what_is_not_text_is_refused(data):
    assert "not plain text" in refused("notes.txt", data)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><p>x",
        b"  \r\n<HTML>",
        b"\xef\xbb\xbf<script>alert(1)</script>",
        "<html>".encode("utf-16"),
        b'<?xml version="1.0"?><svg/>',
        b"<?php phpinfo();",
        b"%PDF-1.7 x",
        b"{\\rtf1 x}",
    ],
)
@pytest.mark.parametrize("name", ["notes.txt", "table.csv"])
def test_another_format_called_text_is_refused(name, data):
    assert "web page, a program or another format" in refused(name, data)


def test_cells_that_begin_like_a_formula_are_noted():
    note = ["contains cells that begin like a formula"]
    for cell in ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3+cmd"):
        assert check("table.csv", f'name,"{cell}"\n'.encode()).notes == note
    assert check("table.csv", b"name,-3,+44 20,-1.5%,=\n"[:-2] + b"\n").notes == []


ATOMS = [
    "=", "+", "-", "@", "\t", "\x01", '"', '""', ",", ",", "\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "1",
    "2.5", "%", "£", " ", "a", "é", "1,5", '"-5\n"', '"-5%\n"', "=x", '"=x"', "--", "\xa0",
]  # fmt: skip


def test_all_cells_at_once_are_judged_as_one_by_one(monkeypatch):
    """Nasty tables, in pieces that end anywhere."""
    dice, seen = random.Random(3), set()
    for _n in range(1500):
        monkeypatch.setattr(text, "PIECE", dice.choice([16, 4000]))
        table = "a," * 300 + "".join(dice.choice(ATOMS) for _m in range(dice.randint(1, 12)))
        rows = csv.reader(table.splitlines(keepends=True))
        formula = any(cell.startswith(text._FORMULA) and not text._NUMBER.match(cell) for row in rows for cell in row)
        try:
            found = bool(text.check_csv(io.BytesIO(table.encode("utf-16"))))
        except Refused:  # too many control marks in a piece
            continue
        assert found == formula, table
        seen.add(found)
    assert seen == {True, False}


def glanced(data: bytes, size: int) -> Checked | None:
    glance = Glance("notes.txt")
    for start in range(0, len(data), size):
        glance.take(data[start : start + size])
    return glance.checked()


PLAIN = b"An honest line of words.\n" * 400


@pytest.mark.parametrize("data", [PLAIN, PLAIN + "Café".encode(), PLAIN + "é".encode() * 9000])
@pytest.mark.parametrize("size", [5001, 8192, 10**6])
def test_plain_text_is_proved_while_it_comes_in(data, size):
    assert glanced(data, size) == check("notes.txt", data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:4000],
        PLAIN + b"\x81",
        PLAIN + "é".encode()[:1],
        PLAIN + b"\x01",
        PLAIN + b"\x00",
        b"<!DOCTYPE html>" + PLAIN,
        b"%PDF-1.7" + PLAIN,
        b"MIME-Version: 1.0\n" + PLAIN,
        b"\xef\xbb\xbf<script>" + PLAIN,
        PLAIN.decode().encode("utf-16"),
        PLAIN + "Café".encode("cp1252"),
    ],
)
@pytest.mark.parametrize("size", [1, 5001, 10**6])
def test_whatever_is_not_certain_is_left_to_the_check(data, size):
    assert glanced(data, size) is None


def test_only_plain_text_is_glanced_at():
    glance = Glance("table.csv")
    glance.take(PLAIN)
    assert glance.checked() is None


def test_rows_without_end_are_refused():
    assert "200,000 characters" in refused("table.csv", b"a" * 300_000)
    assert "cannot be read" in refused("table.csv", b'"' + b"a\n" * 100_000)


def test_a_mail_with_a_document_is_noted_and_one_with_a_program_refused():
    assert check("agreed.eml", mail()).notes == []
    assert check("agreed.eml", mail("plan.docx")).notes == ["1 attachment"]
    assert "program or script is attached" in refused("agreed.eml", mail("invoice.pdf.exe"))
    assert "program or script is attached" in refused("agreed.eml", mail("long " * 20 + "name.js"))


@pytest.mark.parametrize(
    "header",
    [
        b'Content-Disposition: attachment; filename="=?utf-8?b?cnVuLmV4ZQ==?="',
        b"Content-Type: application/octet-stream;\n name=run.exe",
        b"Content-Disposition: attachment; filename*=utf-8''run%2Eexe",
    ],
)
def test_a_programs_name_is_found_however_it_is_written(header):
    data = (
        b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + header + b"\n\ny\n--x--\n"
    )
    assert "program or script is attached" in refused("agreed.eml", data)


def test_a_mail_may_hold_nul_in_its_body_but_not_in_its_head():
    assert check("agreed.eml", mail() + b"\x00").notes == []
    assert "not a saved mail" in refused("agreed.eml", mail().replace(b"Plan", b"Pl\x00an"))


@pytest.mark.parametrize("data", [b"", b"just a text", b"Subject: x\n\nno sender", b"\n\nFrom: a\nTo: b"])
def test_what_is_not_a_mail_is_refused(data):
    assert "not a saved mail" in refused("agreed.eml", data)


def test_an_outlook_mail_counts_its_attachments():
    assert check("agreed.msg", outlook_mail()).notes == ["1 attachment"]


def test_an_old_word_file_called_msg_is_refused():
    assert "not a saved mail" in refused("agreed.msg", outlook_mail("Root Entry", "WordDocument", "1Table"))


def test_a_directory_that_runs_in_a_circle_ends():
    data = bytearray(outlook_mail())
    data[512 + 4 : 512 + 8] = (1).to_bytes(4, "little")
    assert "damaged" in refused("agreed.msg", bytes(data))


@pytest.mark.parametrize("place", [26, 28, 30, 48, 76])
def test_a_spoilt_outlook_header_is_refused(place):
    data = bytearray(outlook_mail())
    data[place : place + 2] = b"\x77\x77"
    with pytest.raises(BadInput):
        check("agreed.msg", bytes(data))
