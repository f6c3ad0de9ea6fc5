"""Fast ways to find and bound teams, against every team that there is."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from random import Random

import numpy as np
import pytest

from peers.overview.bench.instances import instance
from peers.planning.season.checker import broken, cost
from peers.planning.season.columns import Columns, plan_cost
from peers.planning.season.data import Data
from peers.planning.season.duals import Duals, covering, prices
from peers.planning.season.exact import Pricer
from peers.planning.season.pricing import Pricing
from peers.planning.season.problem import Problem
from peers.planning.season.relax import Relaxation
from peers.planning.season.swaps import Swaps
from peers.planning.season.teams import pool_size, reduced, team_cost, teams_of

from .small import all_options, every_plan, season

SEEDS = range(60)
SEASON_TERMS = ("second_visit", "third_visit", "party_share", "total")


def some_prices(data: Data, seed: int) -> Duals:
    rng, duals = np.random.default_rng(seed), Duals.zero(data)
    for table, most in ((duals.week, 3), (duals.manager, 3), (duals.load, 9), (duals.days, 2), (duals.window, 4)):
        table[:] = -rng.integers(0, most, size=table.shape) * rng.random(table.shape)
    weight = data.problem.weights.party_share
    duals.party[:] = rng.uniform(-weight, weight, size=duals.party.shape)
    return duals


@cache
def priced(seed: int):
    """A small season, its data and prices, and for each visit every (team, week) with its reduced cost."""
    problem = season(seed)
    data = Data(problem)
    duals = some_prices(data, seed)
    covered, found = covering(data, duals), []
    for c, options in enumerate(all_options(problem)):
        seats = data.seats[c]
        at = prices(data, seats, duals, covered)
        values = {}
        for week, team in options:
            terms = cost(problem, {c: (week, team)})
            own = sum(amount for name, amount in terms.items() if name not in (*SEASON_TERMS, "pairs", "week_later"))
            rows, k = seats.where(team), list(seats.weeks).index(week)
            values[week, team] = own + at.seat[rows].sum() + at.extra[rows, k].sum() + at.week[k]
        found.append((at, values))
    return problem, data, duals, found


def visits():
    for seed in SEEDS:
        problem, data, _duals, found = priced(seed)
        for c, (at, values) in enumerate(found):
            yield problem, data, data.seats[c], c, at, values


def test_enumeration_finds_every_team_at_its_cost():
    tried = 0
    for _problem, data, seats, _c, at, values in visits():
        teams = teams_of(data, seats, np.arange(len(seats.people)))
        table = reduced(teams, at)
        found = {
            (int(seats.weeks[k]), tuple(seats.people[teams.rows[n]].tolist())): table[n, k]
            for n, k in zip(*np.nonzero(np.isfinite(table)), strict=True)
        }
        assert found.keys() == values.keys()
        for key, value in values.items():
            assert found[key] == pytest.approx(value)
        tried += len(values)
    assert tried > 1000


def test_the_relaxation_is_below_every_team_and_every_team_of_each_peer():
    close = 0
    for _problem, data, seats, _c, at, values in visits():
        relaxed = Relaxation(data, seats).bound(at, min(values.values(), default=np.inf), 30)
        for (week, team), value in values.items():
            k = list(seats.weeks).index(week)
            assert relaxed.week[k] <= value + 1e-9
            for row in seats.where(team):
                assert relaxed.peer[row, k] <= value + 1e-9
        if values:
            close += min(values.values()) - relaxed.week.min(initial=np.inf) < 2
    assert close > 60  # and near enough to be of use


def test_exact_pricing_finds_the_cheapest_team():
    some = 0
    for _problem, data, seats, _c, at, values in visits():
        if not len(seats.weeks) or not len(seats.people):
            assert not values
            continue
        everybody, every_week = np.arange(len(seats.people)), np.arange(len(seats.weeks))
        pinned = set(seats.forced) <= set(seats.people.tolist())
        if not pinned:
            assert not values
            continue
        found = Pricer(data, seats, at, everybody, every_week).solve(seconds=20, deterministic=True)
        if not values:
            assert found.bound == np.inf
            continue
        least = min(values.values())
        assert found.bound <= least + 1e-9
        assert found.bound >= least - 0.05
        assert values[found.week, found.team] == pytest.approx(least, abs=0.05)
        some += 1
    assert some > 50


def test_exchanges_keep_teams_legal_and_make_none_dearer():
    better = 0
    for _problem, data, seats, _c, at, values in visits():
        if not values:
            continue
        start = max(values, key=lambda key: (values[key], key))
        rows, weeks = seats.where(start[1])[None, :], np.array([list(seats.weeks).index(start[0])])
        rows, weeks = Swaps(data, seats).improved(at, rows, weeks, turns=6)
        for row, k in zip(rows, weeks, strict=True):
            key = (int(seats.weeks[k]), tuple(seats.people[row].tolist()))
            assert values[key] <= values[start] + 1e-9
            better += values[key] < values[start] - 1e-3
    assert better > 40


def test_exchanges_reach_the_best_neighbour_on_a_large_visit():
    data = Data(instance("M"))
    seats = data.seats[2]
    at = prices(data, seats, Duals.zero(data), covering(data, Duals.zero(data)))
    start = teams_of(data, seats, np.arange(0, len(seats.people), 6)[: pool_size(4)])
    rows, weeks = Swaps(data, seats).improved(at, start.rows[:3], start.free[:3].argmax(axis=1), turns=20)
    again = Swaps(data, seats).improved(at, rows, weeks, turns=1)
    assert (again[0] == rows).all()
    for row, k in zip(rows, weeks, strict=True):
        team = tuple(seats.people[row].tolist())
        week = int(seats.weeks[k])
        one = {2: (week, team)}
        assert not [name for name in broken(data.problem, one) if not name.startswith("unplanned")]
        terms = cost(data.problem, one)
        assert team_cost(data, seats, team) + at.week[k] == sum(
            amount for name, amount in terms.items() if name not in SEASON_TERMS
        )


def test_plans_cost_what_the_checker_says():
    counted = 0
    for seed in SEEDS:
        problem = season(seed)
        data = Data(problem)
        for plan, _number in zip(every_plan(problem), range(20), strict=False):
            assert plan_cost(data, plan) == cost(problem, plan)["total"]
            counted += 1
    assert counted > 200


def test_a_turn_leaves_only_legal_columns_and_tells_a_bound():
    problem = instance("S")
    data = Data(problem)
    columns, pricing = Columns(data), Pricing(data, workers=2)
    duals = Duals.zero(data)
    duals.visit[:] = 1e6
    try:
        quick = pricing.turn(columns, duals, exact=False, support={}, stopped=lambda: False)
        exact = pricing.turn(columns, duals, exact=True, support={}, stopped=lambda: False)
    finally:
        pricing.close()
    assert quick.added > len(data.seats)
    assert quick.bound <= exact.bound + 1e-6
    for column in columns.all:
        one = {column.visit: (column.week, column.team)}
        assert not [name for name in broken(problem, one) if not name.startswith("unplanned")]


def test_a_stopped_turn_claims_nothing():
    data = Data(instance("S"))
    pricing = Pricing(data, workers=1)
    try:
        turn = pricing.turn(Columns(data), Duals.zero(data), exact=True, support={}, stopped=lambda: True)
    finally:
        pricing.close()
    assert turn.bound == -np.inf


def test_days_cut_how_often_a_peer_can_go():
    problem = instance("S")
    few = replace(problem, peers=tuple(replace(peer, days=5, most=3) for peer in problem.peers))
    assert Data(few).most.max() == 1  # three or four days a visit


@pytest.mark.parametrize("size", range(1, 9))
def test_pools_are_as_large_as_numpy_can_well_take(size):
    count = pool_size(size)
    assert count >= size
    assert len(list(combinations(range(count), size))) <= 2000


def test_a_pinned_peer_is_in_every_team_found():
    for seed in range(40):
        problem = season(seed)
        rng = Random(seed)
        pairs = sorted(problem.pairs)
        pinned: Problem = replace(problem, seat_pins=frozenset([rng.choice(pairs)]))
        data = Data(pinned)
        columns, pricing = Columns(data), Pricing(data, workers=1, deterministic=True)
        duals = some_prices(data, seed)
        duals.visit[:] = 1e6
        try:
            pricing.turn(columns, duals, exact=True, support={}, stopped=lambda: False)
        finally:
            pricing.close()
        ((visit, peer),) = pinned.seat_pins
        assert all(peer in column.team for column in columns.all if column.visit == visit)
