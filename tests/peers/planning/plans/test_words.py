"""Sentences about a season: who and which challenge is meant, whatever the reason names."""

import pytest

from peers.planning.plans.words import copy_title, later_words, reason_words, relax_words
from peers.planning.season.problem import Reason
from tests.peers.planning.plans.test_building import YES, built, council, host, person


@pytest.fixture
def season():
    """Three hosts; Person 1 may go to all, has days for two of them, and has said yes to the first."""
    hosts = [host(n, council=council(n, name=name)) for n, name in enumerate(["Hartlow", "Kestrelby", "Ravens"], 1)]
    people = [person(1, "member", days_offered=6), person(2, "specialist", days_offered=30, most_visits=9)]
    return built(people, hosts, on_list={1: {1: YES}})


WHY = [
    (Reason("days", amount=2), "The days that people offered do not do for all teams: 2 places stay empty. "
     "Wanted for more than they can give: Person 1."),
    (Reason("load"), "The visits that people agreed to do not do for all teams: one place stays empty. "
     "Wanted for more than they can give: Person 1."),
    (Reason("spacing", amount=3), "With the weeks that lie between two visits of one peer, 3 places stay empty. "
     "Wanted for more than they can give: Person 1, Person 2."),
    (Reason("days", peer=1, amount=2), "Person 2 would have to give more days than offered (2 more)."),
    (Reason("members", amount=2), "All visits together: too few member peers can come (2 more needed)."),
    (Reason("members", visit=1), "Kestrelby (C360-2): too few member peers can come (1 more needed)."),
    (Reason("theme", theme=0, amount=2),
     "All visits together: too few people who can come know “Leadership” (2 more needed)."),
    (Reason("per_week", amount=4), "The open weeks have no room for all the visits (4 too many)."),
    (Reason("per_week", week=0), "The week of 6 September 2027 has no room for all the visits that need it "
     "(1 too many)."),
    (Reason("pin", visit=0, amount=2), "Hartlow (C360-1): more people are held on this team than it has places "
     "(2 too many)."),
    (Reason("pin", visit=0, peer=0), "Hartlow (C360-1): Person 1 was asked already, and that does not go together "
     "with the rest."),
    (Reason("pin", visit=1, peer=0), "Kestrelby (C360-2): Person 1 is held on this team, and that does not go "
     "together with the rest."),
]  # fmt: skip
LEAST = [
    (Reason("members", visit=0), "Find one more member peer within reach of Hartlow (C360-1), or go without."),
    (Reason("specialists", visit=1, amount=2),
     "Find 2 more cyber specialists within reach of Kestrelby (C360-2), or go without."),
    (Reason("pin", visit=1, peer=0), "Kestrelby (C360-2): let Person 1 go from this team."),
    (Reason("pin", visit=0, peer=0), "Hartlow (C360-1): a team would be found without Person 1, who was asked already. "
     "Talk to them first."),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "words"), WHY)
def test_why_there_is_no_plan(season, reason, words):
    assert reason_words(season, reason) == words


@pytest.mark.parametrize(("reason", "words"), LEAST)
def test_the_least_that_would_do(season, reason, words):
    assert relax_words(season, reason) == words


@pytest.mark.parametrize("rule", ["days", "load", "spacing", "pin", "members", "theme", "per_week", "weeks"])
def test_nobody_is_called_somebody(season, rule):
    assert "omebody" not in reason_words(season, Reason(rule, theme=0 if rule == "theme" else None))


def test_many_who_are_wanted_are_counted():
    hosts = [host(n) for n in (1, 2)]
    busy = built([person(n, "member", days_offered=3) for n in range(1, 7)], hosts)
    assert reason_words(busy, Reason("days")).endswith("Person 1, Person 2, Person 3 and 3 more.")


def test_how_late_a_visit_is_needs_no_window():
    assert later_words(1) == "1 week after the first in which it could be"
    assert later_words(3) == "3 weeks after the first in which it could be"


@pytest.mark.parametrize(
    ("title", "known", "expected"),
    [
        ("Autumn", [], "Autumn, changed"),
        ("Autumn", ["Autumn, changed"], "Autumn, changed 2"),
        ("Autumn, changed", ["Autumn, changed"], "Autumn, changed 2"),
        ("Autumn, changed 2", ["Autumn, changed", "Autumn, changed 2"], "Autumn, changed 3"),
        ("Autumn, changed, changed", ["Autumn, changed"], "Autumn, changed 2"),
    ],
)
def test_copies_are_numbered(title, known, expected):
    assert copy_title(title, known) == expected


def test_the_name_of_a_copy_stays_within_its_length():
    assert len(copy_title("x" * 80, [f"{'x' * 60}, changed"])) <= 80
