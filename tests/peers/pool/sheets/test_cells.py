"""Characters that nobody sees, and signs that a spreadsheet runs."""

import pytest

from cyber360.ui.cells import safe_cell
from peers.pool.sheets import cells
from peers.pool.sheets.rows import parse

HEADER = "email,full_name,brings"
UNSEEN = [
    chr(code)
    for code in (0x202E, 0x2066, 0x200E, 0x200B, 0x2060, 0xAD, 0xFEFF, 0x2028, 0x2029, 0x00, 0x7F, 0x85, 0xE0041)
]


@pytest.mark.parametrize("mark", UNSEEN, ids=lambda mark: f"{ord(mark):04X}")
@pytest.mark.parametrize("lines", [False, True])
def test_a_hidden_character_is_refused_and_named(mark, lines):
    with pytest.raises(ValueError, match=rf"hidden character \(U\+{ord(mark):04X}\)"):
        cells.text(f"Ada{mark}Example", longest=80, lines=lines)


@pytest.mark.parametrize("mark", [mark for mark in UNSEEN if mark != "\x00"], ids=lambda mark: f"{ord(mark):04X}")
def test_the_file_says_on_which_line_and_in_which_column(mark):
    raw = f"{HEADER}\na@example.org,Ada,\nb@example.org,B{mark}o,\nc@example.org,Cy,words{mark}words\n".encode()
    found = parse(raw)
    assert [(row.line, row.column) for row in found.problems] == [(3, "full_name"), (4, "brings")]
    assert [line for line, _values in found.rows] == [2]


def test_lines_and_tabs_only_where_lines_are_allowed():
    assert cells.text("one\r\n\ttwo\rthree", longest=80, lines=True) == "one\n\ttwo\nthree"
    for broken in ("one\ntwo", "one\ttwo", "one\rtwo"):
        with pytest.raises(ValueError, match="a line break or a tab"):
            cells.text(broken, longest=80)


@pytest.mark.parametrize("name", ["مهدی‌زاده", "ශ්‍රී"])
def test_names_that_are_spelt_with_joiners_are_taken(name):
    assert {"\u200c", "\u200d"} & set(name)
    assert cells.text(name, longest=80) == name


@pytest.mark.parametrize("mark", ["\u200c", "\u200d"])
def test_no_joiner_hides_in_an_address(mark):
    with pytest.raises(ValueError, match="hidden character"):
        cells.email(f"ada@exam{mark}ple.org")


@pytest.mark.parametrize("formula", ["=1+1", "＝1+1", "＋1", "﹣1", "＠SUM", "⁺1"])
def test_what_an_export_made_text_is_read_as_it_was(formula):
    with pytest.raises(ValueError, match="formula"):
        cells.text(formula, longest=80)
    assert cells.text(str(safe_cell(formula)), longest=80) == formula
