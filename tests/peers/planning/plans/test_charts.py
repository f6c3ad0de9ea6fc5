"""The pictures of a season: what they say in words, and that their tables hold everything."""

import datetime

import pytest

from peers.planning.plans.charts import (
    MOST_BARS,
    PAGE,
    Load,
    Moment,
    SeasonRow,
    load_picture,
    search_picture,
    season_picture,
)

MONDAYS = [datetime.date(2027, 9, 6) + datetime.timedelta(weeks=n) for n in range(4)]
ROWS = [
    SeasonRow("Northmere", frozenset({0, 1}), 1, "proposed", "Jo Example", moved_from=0),
    SeasonRow("Southmere", frozenset({2}), 2, "accepted", "Al Other"),
    SeasonRow("Eastmere & <West>", frozenset(), -1, "", ""),
]


def test_the_season_in_words_and_in_its_table():
    drawing = season_picture(ROWS, MONDAYS, frozenset({3}), uid="s")
    assert drawing.title == "2 of 3 visits planned, in 2 of 4 weeks."
    assert drawing.table.rows == [
        ["Northmere", "13 September 2027", "Proposed", "Jo Example"],
        ["Southmere", "20 September 2027", "Accepted", "Al Other"],
        ["Eastmere & <West>", "Not planned", "", ""],
    ]
    assert "<West>" not in "".join(mark.markup for mark in drawing.marks)


def test_shape_tells_proposed_from_accepted_and_from_where_it_was():
    def shapes(row):
        names = [mark.name for mark in season_picture([row], MONDAYS, frozenset(), uid="s").marks]
        empty = season_picture([row._replace(visit=-1, moved_from=-1)], MONDAYS, frozenset(), uid="s").marks
        for mark in empty:
            names.remove(mark.name)
        return sorted(names)

    assert shapes(ROWS[0]) == ["circle", "polygon"]
    assert shapes(ROWS[1]) == ["rect"]


def test_a_season_of_sixty_weeks_stays_drawable():
    mondays = [MONDAYS[0] + datetime.timedelta(weeks=n) for n in range(60)]
    drawing = season_picture(ROWS, mondays, frozenset(), uid="s")
    assert drawing.width <= 1200
    assert all(float(mark.attrs.get("x", 0)) <= drawing.width for mark in drawing.marks)


def test_the_search_from_first_to_last():
    drawing = search_picture([Moment(1, None, None), Moment(2, 900, None), Moment(9, 740, 714)], uid="s")
    assert drawing.title == "From 900 to 740 points in 9 seconds."
    assert drawing.table.rows == [["1", "–", "–"], ["2", "900", "–"], ["9", "740", "714"]]


def test_a_search_without_anything_yet():
    assert search_picture([Moment(1, None, None)], uid="s").title == "No plan has been found yet."


def test_a_search_below_nought_stays_in_the_picture():
    drawing = search_picture([Moment(1, -5, -9), Moment(2, -7, -8)], uid="s")
    heights = [float(mark.attrs[key]) for mark in drawing.marks for key in ("y1", "y2") if key in mark.attrs]
    assert min(heights) >= 0
    assert max(heights) <= drawing.height


def test_load_puts_those_nearest_their_limit_first_and_everybody_in_the_table():
    loads = [Load(f"Person {n:02d}", 3, 0, 10, 1) for n in range(MOST_BARS + 5)]
    loads.append(Load("Nearly there", 6, 3, 10, 2))
    drawing = load_picture(loads, uid="l")
    assert drawing.title == (
        f"{MOST_BARS + 6} people go on a visit, 1 of them more than once. "
        f"Shown are the {MOST_BARS} nearest to the days they offered."
    )
    assert drawing.table.rows[0] == ["Nearly there", "2", "6", "3", "10"]
    assert len(drawing.table.rows) == MOST_BARS + 6


@pytest.mark.parametrize("weeks", [4, 12, 26, 43])
def test_a_picture_is_no_wider_than_a_page_and_fills_it_from_twelve_weeks_on(weeks):
    mondays = [MONDAYS[0] + datetime.timedelta(weeks=n) for n in range(weeks)]
    width = season_picture(ROWS, mondays, frozenset(), uid="s").width
    assert width <= PAGE
    assert weeks < 12 or width > PAGE - 30


def test_no_words_are_smaller_than_can_be_read():
    drawings = [
        season_picture(ROWS, MONDAYS, frozenset({3}), uid="s"),
        search_picture([Moment(1, 900, 500), Moment(9, 740, 714)], uid="s"),
        load_picture([Load("Somebody", 3, 1, 10, 1)], uid="l"),
    ]
    sizes = {float(mark.attrs["font-size"]) for one in drawings for mark in one.marks if mark.name == "text"}
    assert sizes
    assert min(sizes) >= 13
