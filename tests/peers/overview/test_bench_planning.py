"""What the bench makes of what a planning child says. How fast that is, is `make bench`, not a test."""

import pytest

from peers.overview.bench.instances import instance
from peers.overview.bench.planning import BadPlan, Heard, never, replanned, shaken
from peers.overview.bench.run import digits, table
from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Limits, News
from peers.planning.season.run import in_child
from tests.peers.planning.season.tiny import AGAIN, PLAN, PROBLEM

COST = cost(PROBLEM, PLAN)["total"]


def test_what_is_heard_becomes_figures():
    said = [
        News("first", 0.1, cost=COST, plan=PLAN),
        News("columns", 0.2, cost=COST, bound=COST // 2),
        News("done", 0.3, cost=COST, bound=COST - 1),
    ]
    heard = Heard(PROBLEM).hear(said)
    assert 0 <= heard.first <= heard.ended
    assert heard.gap(60) == pytest.approx(1 / COST)
    assert heard.gap(-1) == 1, "nothing was heard by then"


def test_what_comes_later_does_not_count_before():
    heard = Heard(PROBLEM, plans=[(1.0, 200), (30.0, 100)], bounds=[(2.0, 80), (50.0, 95)])
    assert [heard.gap(at) for at in (0.5, 1.5, 10, 40, 60)] == [1, 1, 0.6, 0.2, 0.05]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "no plan was made"),
        ([News("done", 1.0, bound=3)], "no plan was made"),
        ([News("first", 0.1, cost=COST + 1, plan=PLAN)], f"costs {COST}"),
        ([News("first", 0.1, cost=cost(PROBLEM, AGAIN)["total"], plan=AGAIN)], "shape: visit 1, 4 of 3"),
        ([News("first", 0.1, cost=COST, plan=PLAN), News("done", 0.2, bound=COST + 1)], "above a plan"),
    ],
)
def test_a_wrong_plan_ends_the_bench(said, why):
    with pytest.raises(BadPlan, match=why):
        Heard(PROBLEM).hear(said)


@pytest.mark.slow
def test_a_small_season_is_measured_in_a_child_of_its_own():
    problem = instance("S")
    heard = Heard(problem).hear(in_child("plan", problem, limits=Limits(seconds=10), should_stop=never))
    assert broken(problem, heard.plan) == []
    assert 0 < heard.first <= heard.ended
    changed = shaken(problem, heard.plan)
    assert any(name.startswith(("barred", "per_week")) for name in broken(changed, heard.plan))
    after = replanned(heard)
    assert broken(changed, after.plan) == []


def test_three_leave_and_a_week_is_lost():
    changed = shaken(PROBLEM, PLAN)
    assert {p for _v, p in changed.pairs} == {1, 3, 5, 6, 7}, "0, 2 and 4 of the plan's people have left"
    assert changed.per_week == (0, 4, 4, 4, 4, 4)


def test_a_gap_is_told_as_a_fraction():
    found = {"planning.gap_60s": 0.0312, "planning.large_gap_180s": 0.0491, "planning.first_plan_s": 1.234}
    assert [digits(name) for name in found] == [4, 4, 2]
    assert "0.0312" in table(found)
    assert "1.23" in table(found)
