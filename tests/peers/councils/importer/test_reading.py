"""Bytes to rows: encodings, headers, shapes."""

import pytest

from peers.councils.importer.reading import MAX_BYTES, read_sheet

COLUMNS = {"required": ["code", "name"], "known": ["code", "name", "region"]}


def read(raw: bytes):
    return read_sheet(raw, **COLUMNS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_reads_utf8_with_and_without_a_mark(encoding):
    sheet = read("code,name\nE1,Ynys Môn\n".encode(encoding))
    assert (sheet.rows, sheet.note, sheet.problems) == ([(2, {"code": "E1", "name": "Ynys Môn"})], "", [])


def test_reads_windows_1252_and_says_so():
    sheet = read("code,name\nE1,Ynys Môn – island\n".encode("cp1252"))
    assert sheet.rows == [(2, {"code": "E1", "name": "Ynys Môn – island"})]
    assert "Windows-1252" in sheet.note


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        ("code,name\nE1,x\n".encode("utf-16"), 0, "CSV UTF-8"),
        (b"code,name\nE1,\x00\n", 0, "CSV UTF-8"),
        (b"code,name\nE1,\x81\xff\n", 0, "Line 2"),
        (b"x" * (MAX_BYTES + 1), 0, "larger than 5 MB"),
        (b"code,name\nE1\n", 2, "1 cells and the first line has 2"),
        (b"code,name\nE1,a,b\n", 2, "3 cells"),
        (b'code,name\nE1,"open\nE2,b\n', 2, "never closed"),
        (b"code\nE1\n", 1, "missing"),
        (b"code,name,colour\nE1,a,b\n", 1, "not known"),
        (b"code,name,name\nE1,a,b\n", 1, "twice"),
        (b"", 1, "missing"),
    ],
)
def test_says_what_is_wrong_with_the_file(raw, line, words):
    problem = read(raw).problems[0]
    assert problem.line == line
    assert words in problem.message


def test_a_quoted_cell_over_two_lines_does_not_shift_the_numbers():
    sheet = read(b'code,name\nE1,"a\nb"\n\nE2,c\n')
    assert [line for line, _row in sheet.rows] == [2, 5]


def test_header_may_be_in_capitals_and_spaced():
    assert read(b" Code , NAME\nE1,a\n").rows == [(2, {"code": "E1", "name": "a"})]
