"""A month's weeks, and sums of periods."""

import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from peers.pool.month import Month, all_days, bank_holidays, first_of, joined, weeks_of, without

TODAY = datetime.date(2027, 3, 17)
DAYS = st.sets(st.dates(datetime.date(2027, 1, 1), datetime.date(2027, 2, 20)))


def test_weeks_begin_on_monday_and_hold_one_month():
    weeks = weeks_of(datetime.date(2027, 8, 1))
    assert weeks[0] == [None] * 6 + [datetime.date(2027, 8, 1)]
    assert {len(week) for week in weeks} == {7}
    assert [day.day for week in weeks for day in week if day] == list(range(1, 32))


def test_months_are_named_by_their_year_and_number():
    assert first_of("2028-02", TODAY) == datetime.date(2028, 2, 1)
    for odd in ("", "2027-13", "2027-3", "0000-01", "9999-12", "２０２７-03", "march", "2027-03-01", "-2027-1"):
        assert first_of(odd, TODAY) == datetime.date(2027, 3, 1), odd


def test_the_months_beside():
    month = Month(datetime.date(2027, 12, 1))
    assert (month.before, month.key, month.after) == (
        datetime.date(2027, 11, 1), "2027-12", datetime.date(2028, 1, 1),
    )  # fmt: skip
    assert (Month(datetime.date(2099, 12, 1)).after, Month(datetime.date(2000, 1, 1)).before) == (None, None)


def test_bank_holidays_have_names():
    assert bank_holidays("England", 2027)[datetime.date(2027, 3, 26)] == "Good Friday"
    assert datetime.date(2027, 3, 26) in bank_holidays("Wales", 2027)


@given(DAYS)
def test_joined_periods_hold_the_days_and_never_touch(days):
    periods = joined(days)
    assert all_days(periods) == len(days)
    assert all(first <= last for first, last in periods)
    assert all((b[0] - a[1]).days > 1 for a, b in pairwise(periods))


@given(DAYS, st.dates(datetime.date(2027, 1, 1), datetime.date(2027, 2, 20)), st.integers(0, 30))
def test_without_takes_out_the_days_and_nothing_else(days, first, length):
    last = first + datetime.timedelta(days=length)
    whole = {first + datetime.timedelta(days=n) for n in range(length + 1)}
    assert without((first, last), days) == joined(whole - days)
