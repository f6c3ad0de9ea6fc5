"""The first plan, the seat model behind it, and the pairs that it looks at."""

from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from ortools.sat.python import cp_model

from peers.overview.bench.instances import instance
from peers.planning.season.checker import broken, cost
from peers.planning.season.compact import first_plan, plan_of
from peers.planning.season.compact_cost import counted, minimise, objective
from peers.planning.season.compact_model import Rows, SeatModel
from peers.planning.season.narrow import meeting, narrowed, usable
from peers.planning.season.problem import Limits, Pair, Peer, Problem, Visit

from .small import every_plan, least_cost, seasons
from .tiny import ALWAYS, PROBLEM

few = hypothesis(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEADY = Limits(seconds=20, workers=1, deterministic=True)


def best(problem: Problem):
    """(plan, what the model says it costs) of the seat model over all pairs, or None."""
    built = SeatModel(problem, usable(problem), Rows(cp_model.CpModel()))
    minimise(built, objective(built))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(built.model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL
    return plan_of(built, solver), solver.objective_value


@few
@given(seasons())
def test_the_seat_model_over_all_pairs_has_the_least_cost_of_every_plan(problem):
    found, least = best(problem), least_cost(problem)
    assert (found is None) == (least is None)
    if found is not None:
        plan, said = found
        assert broken(problem, plan) == []
        assert cost(problem, plan)["total"] == said == least


@few
@given(seasons())
def test_counting_the_cost_agrees_with_the_checker(problem):
    for number, plan in enumerate(every_plan(problem)):
        assert counted(problem, plan) == cost(problem, plan)["total"]
        if number > 50:
            break


def test_a_season_gets_a_legal_plan_and_the_same_again():
    problem = instance("S")
    plan = first_plan(problem, STEADY)
    assert plan is not None
    assert broken(problem, plan) == []
    assert first_plan(problem, STEADY) == plan


def test_a_first_plan_of_300_peers_and_60_visits_is_there_within_seconds():
    problem, started = instance("M"), monotonic()
    plan = first_plan(problem, Limits(seconds=10))
    assert plan is not None
    assert broken(problem, plan) == []
    assert monotonic() - started < 10, "twice what is promised"


def test_nothing_to_plan_and_nobody_to_go():
    assert first_plan(replace(PROBLEM, visits=(), pairs={}), STEADY) == {}
    assert first_plan(replace(PROBLEM, peers=(), pairs={}), STEADY) is None


def test_asked_to_stop_there_is_no_plan():
    assert first_plan(PROBLEM, STEADY, lambda: True) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"seat_pins": frozenset({(0, 6), (1, 7), (1, 3)})},
        {"week_pins": {0: 3, 1: 1}},
        {"manager_busy": frozenset({(1, 0), (1, 1), (1, 2), (1, 4)}), "per_week": (4, 4, 4, 1, 1, 1)},
        {"per_week": (0, 0, 0, 1, 1, 0)},
        {"spacing": 5},
        {"spacing": 0, "peers": tuple(replace(peer, already=1) for peer in PROBLEM.peers)},
        {"per_council": 2, "peers": tuple(replace(peer, council=peer.key % 3) for peer in PROBLEM.peers)},
    ],
)
def test_each_rule_is_kept_where_it_is_tight(changes):
    problem = replace(PROBLEM, **changes)
    plan = first_plan(problem, STEADY)
    if plan is None:
        assert least_cost(problem) is None
    else:
        assert broken(problem, plan) == []


def one_council_nearest() -> Problem:
    """A visit that 60 people of one council would suit best, of whom it may have one; two more come from afar."""
    theme = frozenset({0})
    near = tuple(
        Peer(p, 1, ("officer", "member", "specialist")[p % 3], leads=True, themes=theme, free=ALWAYS, days=9)
        for p in range(60)
    )
    far = (
        Peer(60, 2, "member", free=frozenset({1}), days=9),
        Peer(61, 3, "specialist", free=frozenset({1}), days=9),
    )
    visit = Visit(1, 100, (0, 1), 3, themes=theme)
    pairs = {(0, p): Pair(0 if p < 60 else 16, 3) for p in range(62)}
    return Problem(weeks=6, peers=near + far, visits=(visit,), pairs=pairs, per_week=(4,) * 6)


def test_where_the_likeliest_people_give_no_plan_all_are_looked_at():
    problem = one_council_nearest()
    assert {p for _, p in narrowed(problem, 15, 3)} < set(range(60)), "not those who are needed"
    plan = first_plan(problem, STEADY)
    assert plan is not None
    assert broken(problem, plan) == []
    assert plan[0][1][1:] == (60, 61)


def test_the_narrowed_pairs_hold_pins_and_enough_of_each_kind():
    problem = instance("M")
    pin = max(usable(problem), key=lambda key: (problem.pairs[key].cost, key))
    keep = [key for key in usable(problem) if key[0] == 5][-2:]
    pairs = narrowed(replace(problem, seat_pins=frozenset({pin})), 10, 4, keep=keep)
    assert pairs == sorted(set(pairs))
    assert {pin, *keep} <= set(pairs) <= set(problem.pairs)
    for v, visit in enumerate(problem.visits):
        there = [problem.peers[p] for a, p in pairs if a == v]
        assert sum(peer.leads for peer in there) >= 4
        assert all(sum(theme in peer.themes for peer in there) >= 4 for theme in visit.themes)


def test_pairs_that_no_plan_can_hold_are_left_out():
    peers = list(PROBLEM.peers)
    peers[0] = replace(peers[0], free=frozenset({5}))
    peers[1] = replace(peers[1], already=2)
    peers[2] = replace(peers[2], days=2)
    problem = replace(PROBLEM, peers=tuple(peers))
    assert {p for _, p in meeting(problem)} == {1, 2, 3, 4, 5, 6, 7}
    assert {p for _, p in usable(problem)} == {3, 4, 5, 6, 7}
