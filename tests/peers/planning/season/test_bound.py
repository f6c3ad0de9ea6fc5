"""The bound of the whole problem, made again with exact fractions from the same prices and by trying every team."""

from fractions import Fraction
from itertools import accumulate
from random import Random

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from peers.planning.season.checker import cost
from peers.planning.season.columns import Columns
from peers.planning.season.data import Data
from peers.planning.season.duals import Duals
from peers.planning.season.pricing import Pricing
from peers.planning.season.problem import Problem

from .small import all_options, least_cost, seasons

OF_THE_SEASON = ("second_visit", "third_visit", "party_share", "total")
few = hypothesis(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def exact_bound(problem: Problem, duals: Duals, most: list[int]) -> Fraction | None:
    """The Lagrange bound at these prices, with so many visits of each peer at most; None where a visit has no team."""
    total = sum((_of_a_peer(problem, duals, p, most[p]) for p in range(len(problem.peers))), Fraction())
    total += sum((Fraction(price) * room for price, room in zip(duals.week, problem.per_week, strict=True)), Fraction())
    total += sum(map(Fraction, duals.manager.ravel().tolist()), Fraction())
    for price, party in zip(duals.party, sorted(problem.party_targets), strict=True):
        total += Fraction(float(price)) * problem.party_targets[party]
    for v, options in enumerate(all_options(problem)):
        if not options:
            return None
        total += min(_priced(problem, duals, v, week, team) for week, team in options)
    return total


def most_by_days(problem: Problem) -> list[int]:
    """For each peer the most visits that the plan may ask for, days of those that they can be on counted too."""
    shortest: dict[int, list[int]] = {p: [] for p in range(len(problem.peers))}
    for v, options in enumerate(all_options(problem)):
        for p in sorted({p for _week, team in options for p in team}):
            shortest[p].append(problem.pairs[v, p].days)
    return [
        min(
            max(0, peer.most - peer.already),
            sum(days <= peer.days for days in accumulate(sorted(shortest[p]))),
        )
        for p, peer in enumerate(problem.peers)
    ]


def _of_a_peer(problem: Problem, duals: Duals, p: int, most: int) -> Fraction:
    peer, load = problem.peers[p], Fraction(float(duals.load[p]))
    total = Fraction(float(duals.days[p])) * peer.days + sum(map(Fraction, duals.window[p].tolist()), Fraction())
    for number in range(peer.already + 1, peer.already + most + 1):
        weight = 0 if number == 1 else problem.weights.second_visit if number == 2 else problem.weights.third_visit
        total += min(Fraction(0), weight + load)
    return total


def _priced(problem: Problem, duals: Duals, v: int, week: int, team: tuple[int, ...]) -> Fraction:
    terms = cost(problem, {v: (week, team)})
    total = Fraction(sum(amount for name, amount in terms.items() if name not in OF_THE_SEASON))
    total -= Fraction(float(duals.week[week]))
    managers = sorted({visit.manager for visit in problem.visits if visit.manager is not None})
    if problem.visits[v].manager is not None:
        total -= Fraction(float(duals.manager[managers.index(problem.visits[v].manager), week]))
    prices = dict(zip(sorted(problem.party_targets), duals.party.tolist(), strict=True))
    for p in team:
        windows = duals.window[p, max(0, week - problem.spacing + 1) : week + 1]
        total -= Fraction(float(duals.load[p])) + sum(map(Fraction, windows.tolist()), Fraction())
        total -= Fraction(float(duals.days[p])) * problem.pairs[v, p].days
        peer = problem.peers[p]
        total -= Fraction(prices.get(peer.party, 0.0) if peer.role == "member" else 0.0)
    return total


def any_prices(problem: Problem, data: Data, seed: int) -> Duals:
    """Of the right sign, many of them 0, and far from those of a solved relaxation."""
    rng, duals = Random(seed), Duals.zero(data)
    for table, most in ((duals.week, 6), (duals.manager, 4), (duals.load, 14), (duals.days, 2), (duals.window, 5)):
        table[:] = np.array([-rng.choice((0, 0, most)) * rng.random() for _n in range(table.size)]).reshape(table.shape)
    weight = problem.weights.party_share
    duals.party[:] = [rng.uniform(-weight, weight) for _party in duals.party]
    return duals


@few
@given(seasons(), st.integers(0, 10**6))
def test_any_prices_give_a_bound(problem, seed):
    data = Data(problem)
    duals = any_prices(problem, data, seed)
    loosely = exact_bound(problem, duals, [max(0, peer.most - peer.already) for peer in problem.peers])
    exactly, least = exact_bound(problem, duals, most_by_days(problem)), least_cost(problem)
    if exactly is None or loosely is None:
        assert least is None
        return
    assert loosely <= exactly
    assert least is None or exactly <= least
    pricing, columns = Pricing(data, workers=1, deterministic=True), Columns(data)
    try:
        told = [
            pricing.turn(columns, duals, exact=exact, support={}, stopped=lambda: False).bound
            for exact in (False, True, False, True)
        ]
    finally:
        pricing.close()
    assert max(told) <= exactly + Fraction(1, 10**6), "rounded upwards"
    # Prices are rounded down to thousandths, one for each seat, week and term.
    assert min(told[1], told[3]) >= loosely - Fraction(len(problem.visits), 20), "given away"
    legal = {(v, week, team) for v, options in enumerate(all_options(problem)) for week, team in options}
    assert {(column.visit, column.week, column.team) for column in columns.all} <= legal
