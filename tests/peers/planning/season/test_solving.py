"""Plans and bounds of the whole craft, against the checker and against every plan that there is."""

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from peers.overview.bench.instances import instance
from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Limits, News, Plan, Problem
from peers.planning.season.replan import replan
from peers.planning.season.solve import solve

from .changes import EASIER, shuffled
from .small import every_plan, least_cost, seasons

few = hypothesis(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEADY = Limits(seconds=30, gap=0.0, workers=1, deterministic=True)
PROMISED = 0.01  # of a season of the smallest size
NEAR = replace(STEADY, gap=PROMISED)
COARSE = replace(STEADY, gap=0.05)  # where bound and plan of two seasons are compared, which need not be close


def solved(problem: Problem, limits: Limits = STEADY) -> tuple[News, list[News]]:
    """The last word and all that was told before it."""
    told: list[News] = []
    return solve(problem, limits, told.append, lambda: False), told


def right(problem: Problem, news: News) -> None:
    if news.plan is not None:
        assert broken(problem, news.plan) == []
        assert cost(problem, news.plan)["total"] == news.cost
    if news.bound is not None and news.cost is not None:
        assert news.bound <= news.cost


# --- small seasons ----------------------------------------------------------------------------------------
@few
@given(seasons())
def test_a_plan_is_legal_and_its_bound_is_one(problem):
    last, told = solved(problem)
    least = least_cost(problem)
    for news in (*told, last):
        right(problem, news)
        assert news.bound is None or least is None or news.bound <= least
    if least is None:
        assert last.plan is None
        assert last.reasons
    else:
        assert last.plan is not None
        assert last.bound is not None
        assert last.bound <= least <= last.cost


@few
@given(seasons(), st.randoms(use_true_random=False))
def test_a_re_plan_is_legal_and_keeps_what_it_can(problem, rng):
    plans = list(every_plan(problem))
    if not plans:
        return
    old = rng.choice(plans)
    same = replan(problem, old, STEADY, lambda news: None, lambda: False)
    right(problem, same)
    assert same.plan == old
    changed = without(problem, old, rng)
    after = replan(changed, old, STEADY, lambda news: None, lambda: False)
    right(changed, after)
    plans = list(every_plan(changed))
    assert (after.plan is None) == (not plans)
    if plans:
        fewest = min(moved(old, plan) for plan in plans)
        assert moved(old, after.plan) == fewest
        assert after.cost == min(cost(changed, plan)["total"] for plan in plans if moved(old, plan) == fewest)


def moved(old: Plan, new: Plan) -> int:
    """A new week disturbs as many people as three new seats."""
    seats = sum(len(set(new[v][1]) - set(old[v][1])) for v in old)
    return seats + 3 * sum(new[v][0] != old[v][0] for v in old)


def without(problem: Problem, plan: Plan, rng: Random) -> Problem:
    """One of the plan's people cannot go to one of its visits any more."""
    v = rng.choice(sorted(plan))
    lost = (v, rng.choice(plan[v][1]))
    return replace(
        problem,
        pairs={key: pair for key, pair in problem.pairs.items() if key != lost},
        seat_pins=problem.seat_pins - {lost},
    )


# --- the smallest of the measured seasons -------------------------------------------------------------------
@cache
def season_s() -> News:
    return solved(instance("S"), NEAR)[0]


@pytest.mark.slow
def test_a_season_of_twelve_visits_within_twice_the_promise():
    right(instance("S"), season_s())
    assert season_s().gap <= 2 * PROMISED


@pytest.mark.slow
def test_the_order_of_peers_does_not_matter():
    """Neither bound is above the other's plan, since both are of the same optimum."""
    problem = shuffled(instance("S"), Random(3))
    other = solved(problem, COARSE)[0]
    right(problem, other)
    assert other.bound <= season_s().cost
    assert season_s().bound <= other.cost


@pytest.mark.slow
@pytest.mark.parametrize("name", ["availability", "load", "spacing", "themes"])
def test_a_dropped_rule_never_raises_the_optimum(name):
    problem = EASIER[name](instance("S"))
    easier = solved(problem, COARSE)[0]
    right(problem, easier)
    assert easier.bound <= season_s().cost


@pytest.mark.slow
def test_a_pin_never_lowers_the_optimum():
    problem, week = instance("S"), season_s().plan[0][0]
    pinned = replace(problem, week_pins={0: next(other for other in problem.visits[0].weeks if other != week)})
    last = solved(pinned, COARSE)[0]
    right(pinned, last)
    assert last.plan is None or season_s().bound <= last.cost


@pytest.mark.slow
def test_a_season_without_enough_specialists_says_why():
    last, told = solved(instance("S", 11), COARSE)
    assert last.plan is None
    assert not any(news.plan for news in told)
    assert last.reasons
