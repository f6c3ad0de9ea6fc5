"""No cell of an export is run by the spreadsheet that opens it."""

import datetime

import pytest

from cyber360.ui.cells import safe_cell


@pytest.mark.parametrize("text", [
    "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\rword", "\tword",
    " =1+1", "\u00a0=1+1", "\u3000＝1", "\n=1", "  \t-1",
    "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "﹢1", "﹣1", "﹫x", "⁼1", "⁺1", "⩵1", " ＝1+1",
    "=\u0338",
])  # fmt: skip
def test_a_formula_becomes_text_that_shows_what_was_there(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [
    "", " ", "Ada", " Ada", "1+1", "a=b", "'=1", "Ａda", "©", "½", 3, -3, 1.5, None, datetime.date(2027, 3, 3),
])  # fmt: skip
def test_all_else_stays_as_it_is(value):
    assert safe_cell(value) == value
    assert type(safe_cell(value)) is type(value)
