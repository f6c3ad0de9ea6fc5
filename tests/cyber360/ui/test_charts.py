"""Geometry by property, and one golden picture of each kind (golden/*.svg; UPDATE_GOLDEN=1 writes them anew)."""

import datetime
import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from cyber360.ui.charts import Bar, LevelPair, Part, dumbbell, radar, score_strip, status_bar, timeline
from cyber360.ui.charts.levels import across, spoke
from cyber360.ui.charts.marks import num, wrapped
from cyber360.ui.charts.progress import on_axis, shares
from tests.cyber360.ui.urls import sample_drawings

GOLDEN = Path(__file__).parent / "golden"
KINDS = ["dumbbell", "strip", "status", "timeline", "radar"]
level = st.one_of(st.none(), st.floats(0, 4))
days = st.dates(datetime.date(2026, 1, 1), datetime.date(2029, 12, 31))
svg = "{http://www.w3.org/2000/svg}"


def inside(drawing) -> bool:
    """Every mark but text lies on the paper."""
    for mark in drawing.marks:
        for name, value in mark.attrs.items():
            if name in ("x1", "x2", "cx") and not -0.01 <= float(value) <= drawing.width + 0.01:
                return False
            if name in ("y1", "y2", "cy") and not -0.01 <= float(value) <= drawing.height + 0.01:
                return False
    return True


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_higher_level_is_never_further_left(one, other):
    low, high = sorted((one, other))
    assert across(low, 0, 4, 10, 90) <= across(high, 0, 4, 10, 90)
    assert 10 <= across(one, 0, 4, 10, 90) <= 90


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8))
def test_shares_fill_the_bar_without_gaps(counts):
    pieces = shares(counts, 638)
    if sum(counts):
        assert pieces[0][0] == 0
        assert sum(width for _left, width in pieces) == pytest.approx(638)
    for (left, width), (following, _width) in pairwise(pieces):
        assert left + width == pytest.approx(following) or not sum(counts)


@given(days, days, days)
def test_days_keep_their_order_on_the_axis(one, two, three):
    first, day, last = sorted((one, two, three))
    assert 100 <= on_axis(day, first, last, 100, 500) <= 500
    assert on_axis(first, first, last, 100, 500) == 100


@given(st.integers(3, 14), st.floats(1, 200))
def test_spokes_have_their_length_and_the_first_points_up(of, length):
    for number in range(of):
        x, y = spoke(number, of, (0, 0), length)
        assert (x**2 + y**2) ** 0.5 == pytest.approx(length)
    assert spoke(0, of, (0, 0), length) == pytest.approx((0, -length), abs=1e-6)


@given(st.text(max_size=200), st.floats(20, 400))
def test_wrapped_text_keeps_to_its_room(words, width):
    rows = wrapped(words, width)
    assert len(rows) <= 2
    assert all(len(row) <= max(int(width / (14 * 0.52)), 4) for row in rows)


@given(st.floats(-1e6, 1e6))
def test_numbers_are_short_and_never_minus_nought(value):
    assert re.fullmatch(r"-?\d+(\.\d{1,2})?", num(value))
    assert num(value) != "-0"


@given(st.lists(st.tuples(level, level), max_size=10))
def test_dumbbell_stays_on_its_paper(pairs):
    rows = [LevelPair(f"Theme {n}", own, agreed) for n, (own, agreed) in enumerate(pairs)]
    assert inside(dumbbell(rows, levels=["a", "b", "c", "d", "e"], uid="x"))


@given(level, st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=9), level)
def test_score_strip_stays_on_its_paper_and_hides_who_gave_what(host, peers, agreed):
    strip = score_strip("Question", host=host, peers=peers, agreed=agreed, uid="x")
    assert inside(strip)
    assert strip == score_strip("Question", host=host, peers=list(reversed(peers)), agreed=agreed, uid="x")


@given(st.lists(st.tuples(days, days), max_size=8), days)
def test_timeline_stays_on_its_paper(spans, today):
    assert inside(timeline([Bar("Work", min(span), max(span)) for span in spans], uid="x", today=today))


def test_findings_are_said_in_words():
    a, b, c, d, e = sample_drawings()
    assert a.title == "Agreed level against the council's: lower in 1 of 3, higher in 1, equal in 1."
    assert b.title == "Question 3: the council 3; peers 1, 2, 2, 3; agreed 2."
    assert c.title == "14 actions: 7 done, 4 under way, 2 late, 1 not begun."
    assert d.title == "4 rows from 4 January 2027 to 15 April 2027."
    assert e.title.startswith("Agreed: highest in Recovery (3), lowest in Suppliers (1).")
    assert a.table.rows[3] == ["Recovery", "not scored", "3"]


def test_empty_charts_say_so():
    assert dumbbell([], levels=["a", "b"], uid="x").title == "No levels to compare yet."
    assert timeline([], uid="x").title == "Nothing is planned yet."
    assert status_bar([Part("done", 0)], what="actions", uid="x").title == "0 actions: 0 done."
    with pytest.raises(ValueError, match="three themes"):
        radar(["one", "two"], [], uid="x")


@pytest.mark.usefixtures("platform_pages")
@pytest.mark.parametrize("number", range(5))
def test_golden_pictures_and_their_rules(number):
    drawing = sample_drawings()[number]
    picture = render_to_string("ui/charts/drawing.svg", {"drawing": drawing}).strip() + "\n"
    file = GOLDEN / f"{KINDS[number]}.svg"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(picture, encoding="utf-8")
    assert picture == file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert "Arial" in root.get("font-family")
    assert [child.tag for child in root][:2] == [f"{svg}title", f"{svg}desc"]
    assert root[0].text == drawing.title
    assert not re.search(r"\sstyle=|<style|<script", picture)
    assert all(identifier.startswith(f"{drawing.uid}-") for identifier in re.findall(r'\sid="([^"]+)"', picture))
