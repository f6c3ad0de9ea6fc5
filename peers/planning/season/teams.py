"""All teams that a few peers can form for a visit, with their costs: numpy in place of a search."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from .data import Bools, Data, Floats, Ints, Seats
from .duals import Prices

MOST_TEAMS = 2000  # a visit; 16 peers for a team of four


@dataclass(frozen=True)
class Teams:
    """N legal teams of one visit. `rows` are places in `Seats.people`, `cost` holds all terms but week and season."""

    rows: Ints  # (N, size)
    cost: Ints  # (N,)
    free: Bools  # (N, k)


def pool_size(size: int, most: int = MOST_TEAMS) -> int:
    """How many peers may be tried for a team of this size."""
    count = size
    while comb(count + 1, size) <= most and count < 64:
        count += 1
    return count


@lru_cache(maxsize=32)
def _choices(count: int, size: int) -> Ints:
    rows = list(combinations(range(count), size))
    return np.array(rows, dtype=np.int64).reshape(len(rows), size)


def teams_of(data: Data, seats: Seats, pool: Ints) -> Teams:
    """Every legal team of the peers at the places `pool` (ascending) of `seats.people`."""
    size = seats.visit.size
    rows = pool[_choices(len(pool), size)]
    for place in seats.where(seats.forced):
        rows = rows[(rows == place).any(axis=1)]
    rows = rows[_has_roles(data, seats, rows)]
    counts = _theme_counts(data, seats, rows)
    covered = (counts > 0).all(axis=1)
    rows, counts = rows[covered], counts[covered]
    apart = _councils_apart(data, seats, rows)
    rows, counts = rows[apart], counts[apart]
    free = np.asarray(seats.free[rows].all(axis=1))
    some = np.asarray(free.any(axis=1))
    rows, counts, free = rows[some], counts[some], free[some]
    return Teams(rows, _costs(data, seats, rows, counts), free)


def reduced(teams: Teams, prices: Prices) -> Floats:
    """(N, k) each team's cost in each week at these prices; infinite where somebody is absent."""
    fixed = teams.cost + prices.seat[teams.rows].sum(axis=1)
    table = fixed[:, None] + prices.week[None, :]
    for place in range(teams.rows.shape[1]):
        table += prices.extra[teams.rows[:, place]]
    table[~teams.free] = np.inf
    return table


def team_cost(data: Data, seats: Seats, team: tuple[int, ...]) -> int:
    """What one team (places of peers) costs, seats included, without week and season."""
    rows = seats.where(team)[None, :]
    return int(team_costs(data, seats, rows)[0] + seats.cost[rows[0]].sum())


def team_costs(data: Data, seats: Seats, rows: Ints) -> Ints:
    """(N,) what legal teams cost by themselves: no seats, no week, no season."""
    return _costs(data, seats, rows, _theme_counts(data, seats, rows))


def _has_roles(data: Data, seats: Seats, rows: Ints) -> Bools:
    visit, people = seats.visit, seats.people
    good = np.ones(len(rows), dtype=bool)
    for flags, wanted in (
        (data.leads, visit.leads),
        (data.members, visit.members),
        (data.specialists, visit.specialists),
    ):
        good &= flags[people][rows].sum(axis=1) >= wanted
    return good


def _theme_counts(data: Data, seats: Seats, rows: Ints) -> Ints:
    """(N, T') how many know each of the visit's themes."""
    knows = data.knows[np.ix_(seats.people, np.array(sorted(seats.visit.themes), dtype=np.int64))].astype(np.int64)
    counts = np.zeros((len(rows), knows.shape[1]), dtype=np.int64)
    for place in range(rows.shape[1]):
        counts += knows[rows[:, place]]
    return counts


def _councils_apart(data: Data, seats: Seats, rows: Ints) -> Bools:
    most, size = data.problem.per_council, rows.shape[1]
    if most >= size:
        return np.ones(len(rows), dtype=bool)
    if most <= 0:
        return np.zeros(len(rows), dtype=bool)
    homes = np.sort(data.council[seats.people][rows], axis=1)
    return ~(homes[:, most:] == homes[:, : size - most]).any(axis=1)


def _costs(data: Data, seats: Seats, rows: Ints, counts: Ints) -> Ints:
    weights = data.problem.weights
    cost = weights.covered_once * (counts == 1).sum(axis=1)
    parties = np.sort(data.party[seats.people][rows], axis=1)
    cost += weights.same_party * ((parties[:, 1:] == parties[:, :-1]) & (parties[:, 1:] >= 0)).sum(axis=1)
    if seats.visit.welsh:
        cost += weights.no_welsh * ~data.welsh[seats.people][rows].any(axis=1)
    if data.partners:
        people = seats.people[rows]
        for a, b in combinations(range(rows.shape[1]), 2):
            cost += data.together[people[:, a], people[:, b]]
    return cost
