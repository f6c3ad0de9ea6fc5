"""Closed days, computed for any year."""

from datetime import date

import pytest

from peers.planning.plans.closed import closed_days, days_of, first_thursday_of_may, is_open

YEAR = (date(2027, 1, 4), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("year", "day"), [(2025, 1), (2026, 7), (2027, 6), (2028, 4), (2029, 3), (2030, 2), (2031, 1), (2032, 6)]
)
def test_first_thursday_of_may(year, day):
    assert first_thursday_of_may(year) == date(year, 5, day)


def test_a_year_of_closed_periods_in_order():
    assert closed_days("England", *YEAR) == [
        ("Pre-election period 2027", date(2027, 3, 25), date(2027, 5, 6)),
        ("Bank holiday", date(2027, 3, 26), date(2027, 3, 26)),
        ("Bank holiday", date(2027, 3, 29), date(2027, 3, 29)),
        ("Bank holiday", date(2027, 5, 3), date(2027, 5, 3)),
        ("Bank holiday", date(2027, 5, 31), date(2027, 5, 31)),
        ("August 2027", date(2027, 8, 1), date(2027, 8, 31)),
        ("Bank holiday", date(2027, 8, 30), date(2027, 8, 30)),
        ("Christmas 2027", date(2027, 12, 20), date(2028, 1, 3)),
    ]


def test_christmas_reaches_into_the_next_year():
    assert closed_days("Wales", date(2028, 1, 2), date(2028, 1, 10)) == [
        ("Christmas 2027", date(2027, 12, 20), date(2028, 1, 3))
    ]


def test_a_period_that_only_touches_is_there_and_one_beside_is_not():
    assert [row[0] for row in closed_days("England", date(2027, 8, 31), date(2027, 9, 30))] == ["August 2027"]
    assert closed_days("England", date(2027, 9, 1), date(2027, 9, 30)) == []


# Tuesday to Thursday
@pytest.mark.parametrize(
    ("monday", "closed", "expected"),
    [
        (date(2027, 9, 6), [], True),
        (date(2027, 9, 6), [(date(2027, 9, 6), date(2027, 9, 6))], True),  # Monday alone: four days are left
        (date(2027, 9, 6), [(date(2027, 9, 8), date(2027, 9, 8))], False),  # a day of the visit
        (date(2027, 9, 6), [(date(2027, 9, 10), date(2027, 9, 12))], True),  # Friday and a weekend
        (date(2027, 9, 6), [(date(2027, 9, 1), date(2027, 9, 30))], False),
        (date(2027, 3, 22), [(date(2027, 3, 25), date(2027, 5, 6))], False),  # Thursday begins the election period
    ],
)
def test_weeks_for_a_visit_from_tuesday_to_thursday(monday, closed, expected):
    days = days_of([("", first, last) for first, last in closed])
    assert is_open(monday, days, weekday=1, days=3) is expected


def test_fewer_than_three_working_days_close_a_week_even_beside_the_visit():
    closed = days_of([("", date(2027, 9, 8), date(2027, 9, 10))])  # Wednesday to Friday
    assert is_open(date(2027, 9, 6), closed, weekday=0, days=2) is False
    assert is_open(date(2027, 9, 6), closed - {date(2027, 9, 8)}, weekday=0, days=2) is True
