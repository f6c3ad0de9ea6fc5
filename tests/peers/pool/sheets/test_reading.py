"""Files that are hostile, or not files of peers at all: refused quickly, in words."""

import time
from collections.abc import Callable

import pytest

from peers.pool.sheets.reading import MAX_COLUMNS, MAX_ROWS, Sheet, read_sheet

KNOWN = ("email", "full_name")


def read(raw: bytes, known=KNOWN) -> Sheet:
    return read_sheet(raw, required=["email"], known=known)


def timed(work: Callable[[], Sheet]) -> tuple[Sheet, float]:
    started = time.process_time()
    return work(), time.process_time() - started


@pytest.mark.parametrize("header", [
    b",".join(b"c%d" % number for number in range(200_000)),
    b",".join([b"email"] * 200_000),
    b"email" + b"," * 2_000_000,
], ids=["different", "the same", "without names"])  # fmt: skip
def test_too_many_columns_are_refused_at_once(header):
    sheet, seconds = timed(lambda: read(header + b"\na@example.org"))
    assert [(row.line, row.column) for row in sheet.problems] == [(1, "")]
    assert f"columns; the most is {MAX_COLUMNS}" in sheet.problems[0].message
    assert seconds < 1


def test_as_many_columns_as_are_allowed_are_read():
    names = [f"c{number}" for number in range(MAX_COLUMNS - 1)]
    header = ",".join(["email", *names])
    assert read(header.encode(), known=["email", *names]).problems == []
    assert "the most is" in read(f"{header},email".encode(), known=["email", *names]).problems[0].message


def test_a_column_that_stands_twice_is_named_once():
    sheet = read(b"email,full_name,email,email,,\n")
    assert [row.column for row in sheet.problems] == ["a column without a name", "email"]


def test_bad_lines_count_towards_the_most():
    sheet, seconds = timed(lambda: read(b"email,full_name\n" + b"a\n" * 400_000))
    assert len(sheet.problems) == MAX_ROWS + 1
    assert sheet.problems[-1].line == MAX_ROWS + 2
    assert f"more than {MAX_ROWS} people" in sheet.problems[-1].message
    assert seconds < 1


def test_blank_lines_do_not_count():
    line = b"a@example.org,Ada\n"
    sheet = read(b"email,full_name\n" + b",\n\n" * 10_000 + line * MAX_ROWS + b",\n" * 10_000)
    assert (len(sheet.rows), sheet.problems) == (MAX_ROWS, [])
    assert read(b"email,full_name\n" + line * (MAX_ROWS + 1)).problems[0].line == MAX_ROWS + 2


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e"])
def test_a_line_ends_only_where_a_spreadsheet_ends_it(mark):
    sheet = read(f"email,full_name\na@example.org,Ada{mark}B\nb@example.org,Bo\n".encode())
    assert sheet.problems == []
    assert [(line, row["full_name"]) for line, row in sheet.rows] == [(2, f"Ada{mark}B"), (3, "Bo")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_end_of_line_is_understood(end):
    text = end.join(["email,full_name", 'a@example.org,"Ada', 'B"', "b@example.org,Bo"])
    assert [line for line, _row in read(text.encode()).rows] == [2, 4]
