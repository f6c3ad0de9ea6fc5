"""Working days of England and Wales, and the due days counted with them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers.challenges.calendar.deadlines import Line, due_days
from peers.challenges.calendar.working_days import add_working_days, bank_holidays, is_working_day

days = st.dates(date(2024, 1, 1), date(2035, 12, 31))
nations = st.sampled_from(["England", "Wales"])
numbers = st.integers(0, 60)


@given(days, numbers, nations)
def test_a_due_day_is_a_working_day(start, number, nation):
    assert is_working_day(add_working_days(start, number, nation), nation)
    assert is_working_day(add_working_days(start, -number, nation), nation)


@given(days, st.integers(1, 60), nations)
def test_as_many_working_days_lie_between_as_were_asked_for(start, number, nation):
    end = add_working_days(start, number, nation)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day, nation) for day in between) == number


@given(days, numbers, nations)
def test_there_and_back_again(start, number, nation):
    begin = add_working_days(start, 0, nation)
    assert add_working_days(add_working_days(begin, number, nation), -number, nation) == begin


@given(days, st.integers(-60, 59), nations)
def test_more_days_are_never_earlier(start, number, nation):
    assert add_working_days(start, number, nation) <= add_working_days(start, number + 1, nation)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 3, 26), "Good Friday"),
        (date(2027, 3, 29), "Easter Monday"),
        (date(2027, 5, 3), "early May"),
        (date(2027, 5, 31), "spring"),
        (date(2027, 8, 30), "summer"),
        (date(2027, 12, 27), "Christmas Day, in lieu of a Saturday"),
        (date(2027, 12, 28), "Boxing Day, in lieu of a Sunday"),
        (date(2028, 1, 3), "New Year's Day, in lieu of a Saturday"),
    ],
)
@pytest.mark.parametrize("nation", ["England", "Wales"])
def test_bank_holidays_of_england_and_wales(nation, day, name):
    assert day in bank_holidays(nation, day.year), name
    assert not is_working_day(day, nation)


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2027, 3, 17), date(2027, 8, 2), date(2027, 11, 30)])
def test_holidays_of_scotland_and_northern_ireland_do_not_count(day):
    assert is_working_day(day, "England")
    assert is_working_day(day, "Wales")


def test_over_easter():
    assert add_working_days(date(2027, 3, 25), 1, "Wales") == date(2027, 3, 30)
    assert add_working_days(date(2027, 3, 30), -1, "Wales") == date(2027, 3, 25)
    assert add_working_days(date(2027, 3, 27), 0, "England") == date(2027, 3, 30)


def test_a_stage_without_its_anchor_has_no_due_day():
    lines = [Line("interest", "registered", 1, True), Line("on_site", "visit_last", 0, False)]
    anchors = {"registered": date(2027, 3, 25), "visit_last": None}
    assert due_days(lines, anchors, "England") == {"interest": date(2027, 3, 30)}
    assert due_days(lines, {"visit_last": date(2027, 3, 28)}, "England") == {"on_site": date(2027, 3, 28)}
