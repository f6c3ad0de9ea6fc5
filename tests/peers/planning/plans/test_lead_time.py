"""How soon a visit can be: the deadlines ahead, in days and in working days."""

import datetime

import pytest

from peers.challenges.calendar.deadlines import Line
from peers.planning.plans.lead_time import earliest_day

TODAY = datetime.date(2027, 3, 1)  # a Monday; Good Friday and Easter Monday are 26 and 29 March
LINES = [
    Line("interest", "registered", 10, True),
    Line("scoping", "visit_first", -120, False),
    Line("setup", "visit_first", -70, False),
    Line("preparation", "visit_first", -20, True),
    Line("on_site", "visit_last", 0, False),
]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("interest", datetime.date(2027, 6, 29)),
        ("scoping", datetime.date(2027, 6, 29)),
        ("setup", datetime.date(2027, 5, 10)),
        ("preparation", datetime.date(2027, 3, 31)),
        ("on_site", TODAY),
    ],
)
def test_the_longest_of_what_is_ahead_counts(stage, expected):
    assert earliest_day(LINES, stage, TODAY, "England") == expected


def test_without_deadlines_a_visit_can_be_any_day():
    assert earliest_day([], "scoping", TODAY, "Wales") == TODAY
