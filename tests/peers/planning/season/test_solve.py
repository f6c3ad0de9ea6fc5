"""The solving as a whole where `test_solving` does not look: sameness, pins, stopping, the dive and the relaxation."""

from dataclasses import replace

import pytest

from peers.overview.bench.instances import instance
from peers.planning.season.checker import broken, cost
from peers.planning.season.choice import Choice, Effort
from peers.planning.season.columns import Columns
from peers.planning.season.data import Data
from peers.planning.season.dive import Taken, dive
from peers.planning.season.master import Master
from peers.planning.season.pricing import Pricing
from peers.planning.season.problem import Limits, Plan
from peers.planning.season.solve import solve

from .small import every_plan, least_cost, season
from .tiny import PROBLEM

STEADY = Limits(seconds=30, gap=0.0, workers=1, deterministic=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_plan_each_time_when_asked(workers):
    limits = replace(STEADY, workers=workers)
    first, second = solve(instance("S"), limits), solve(instance("S"), limits)
    assert first.plan == second.plan
    assert (first.cost, first.bound) == (second.cost, second.bound)


def test_a_season_with_one_plan_gets_it():
    problem = replace(
        PROBLEM, week_pins={0: 0, 1: 3}, seat_pins=frozenset({(0, 0), (0, 1), (0, 2), (1, 3), (1, 4), (1, 5)})
    )
    last = solve(problem, STEADY)
    assert last.plan == {0: (0, (0, 1, 2)), 1: (3, (3, 4, 5))}
    assert last.cost == last.bound


def test_pins_are_kept_in_a_season_of_twelve():
    problem = instance("S")
    free = solve(problem, replace(STEADY, gap=0.05))
    visit, (week, team) = max(free.plan.items())
    others = [w for w in problem.visits[visit].weeks if w != week]
    newcomer = next(p for (v, p) in sorted(problem.pairs) if v == visit and p not in team)
    for pins in ({"week_pins": {visit: others[0]}}, {"seat_pins": frozenset({(visit, newcomer)})}):
        last = solve(replace(problem, **pins), replace(STEADY, gap=0.05))
        if last.plan is not None:
            assert broken(replace(problem, **pins), last.plan) == []
            assert last.cost >= free.bound
        else:
            assert last.phase == "impossible"


def test_asked_to_stop_at_once_it_ends_without_a_plan_or_with_a_legal_one():
    problem = instance("S")
    last = solve(problem, Limits(seconds=60), should_stop=lambda: True)
    assert last.phase == "done"
    assert last.plan is None or broken(problem, last.plan) == []


def test_a_wide_gap_is_soon_enough():
    told = []
    last = solve(instance("S"), Limits(seconds=60, gap=0.5), told.append)
    assert last.phase == "done"
    assert last.gap <= 0.5
    assert [news.phase for news in told][-1] == "done"
    assert "choice" not in [news.phase for news in told]


def test_without_a_first_plan_the_columns_find_one(monkeypatch):
    monkeypatch.setattr("peers.planning.season.solve.first_plan", lambda *_given: None)
    monkeypatch.setattr("peers.planning.season.solve.explain", lambda *_given: ())
    last = solve(instance("S"), STEADY)
    assert broken(instance("S"), last.plan) == []


def test_a_visit_that_nobody_can_make_up_is_impossible_whoever_tells(monkeypatch):
    monkeypatch.setattr("peers.planning.season.solve.explain", lambda *_given: ())
    last = solve(replace(PROBLEM, pairs={}), STEADY)
    assert (last.phase, last.plan, last.bound) == ("impossible", None, None)


def test_weights_of_nothing_cost_nothing():
    problem = season(3)
    weights = replace(problem.weights, **dict.fromkeys(vars(problem.weights), 0))
    pairs = {key: replace(pair, cost=0) for key, pair in problem.pairs.items()}
    free = replace(problem, weights=weights, pairs=pairs)
    last = solve(free, STEADY)
    assert (last.cost, last.bound) == (0, 0) if least_cost(free) is not None else last.plan is None


def test_a_third_visit_cheaper_than_a_second_is_counted_right():
    for seed in range(12):
        problem = season(seed)
        odd = replace(problem, weights=replace(problem.weights, second_visit=9, third_visit=0))
        last, least = solve(odd, STEADY), least_cost(odd)
        assert last.cost == least or (least is None and last.plan is None)


# --- the parts ----------------------------------------------------------------------------------------------
def every_column(problem, data: Data) -> Columns:
    columns = Columns(data)
    for plan in every_plan(problem):
        columns.add_plan(plan)
    return columns


def test_the_choice_among_all_columns_is_the_best_plan():
    chosen = 0
    for seed in range(40):
        problem = season(seed)
        data, least = Data(problem), least_cost(problem)
        if least is None:
            continue
        found: list[Plan] = []
        ended = Choice(data, every_column(problem, data).all).choose(
            Effort(20, workers=1, deterministic=True), found=found.append, stopped=lambda: False
        )
        assert ended
        assert all(broken(problem, plan) == [] for plan in found)
        assert cost(problem, found[-1])["total"] == least
        chosen += 1
    assert chosen > 10


def test_the_relaxation_is_below_the_best_plan_and_the_dive_above():
    dived = 0
    for seed in range(40):
        problem = season(seed)
        data, least = Data(problem), least_cost(problem)
        if least is None:
            continue
        columns = every_column(problem, data)
        master, pricing = Master(data, columns, missing_cost=100.0), Pricing(data, workers=1, deterministic=True)
        try:
            master.solve()
            while master.add_broken():
                master.solve()
            assert master.full
            assert master.value <= least + 1e-6
            value = master.value
            plan = dive(master, pricing, columns, lambda: False)
        finally:
            pricing.close()
        if plan is not None:
            assert broken(problem, plan) == []
            assert cost(problem, plan)["total"] >= least
            dived += 1
        master.solve()
        assert master.value <= value + 1e-6  # nothing stays fixed
    assert dived > 10


def test_what_is_taken_lets_in_exactly_what_is_legal():
    for seed in range(25):
        problem = season(seed)
        data = Data(problem)
        columns = every_column(problem, data).all
        for one in columns[:12]:
            for other in columns:
                if other.visit == one.visit:
                    continue
                taken = Taken(data)
                taken.add(one)
                both = {c.visit: (c.week, c.team) for c in (one, other)}
                wrong = [name for name in broken(problem, both) if not name.startswith("unplanned")]
                assert taken.fits(other) == (not wrong), wrong
