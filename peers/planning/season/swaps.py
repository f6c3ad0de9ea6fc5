"""Better teams by exchanging one person at a time for anybody else of the visit's peers: numpy over all exchanges."""

from itertools import combinations

import numpy as np

from .data import Data, Floats, Ints, Seats
from .duals import Prices

FAR = 1e5  # for each thing that a team lacks


class Swaps:
    """One visit's exchanges. A team that lacks a theme or a role may be started from: it is far too dear."""

    def __init__(self, data: Data, seats: Seats) -> None:
        self.data, self.seats = data, seats
        visit, people = seats.visit, seats.people
        weights = data.problem.weights
        self.knows = data.knows[np.ix_(people, np.array(sorted(visit.themes), dtype=np.int64))].astype(np.int8)
        flags = np.column_stack([data.leads[people], data.members[people], data.specialists[people]])
        self.roles, self.wanted = flags.astype(np.int8), np.array([visit.leads, visit.members, visit.specialists])
        self.by_count = np.array([FAR, weights.covered_once] + [0.0] * visit.size)
        self.homes, self.party = data.council[people], data.party[people]
        self.welsh = data.welsh[people] if visit.welsh else None
        self.pinned = set(seats.where(seats.forced).tolist())

    def improved(self, prices: Prices, rows: Ints, weeks: Ints, turns: int = 4) -> tuple[Ints, Ints]:
        """(B, size) teams and (B,) weeks by place, each after up to `turns` best exchanges."""
        for _turn in range(turns):
            better, rows = self._exchange(prices, rows, weeks)
            rows, weeks = _distinct(rows, weeks)
            if not better:
                break
        return rows, weeks

    def _exchange(self, prices: Prices, rows: Ints, weeks: Ints) -> tuple[bool, Ints]:
        size, best, new = rows.shape[1], None, rows
        for out in range(size):
            rest = np.delete(rows, out, axis=1)
            cost = self._with(prices, rest, weeks)
            at = np.arange(len(rows))
            if best is None:
                best = cost[at, rows[:, out]].copy()
            movable = ~np.isin(rows[:, out], list(self.pinned))
            comes = cost.argmin(axis=1)
            gain = movable & (cost[at, comes] < best - 1e-3)
            best = np.where(gain, cost[at, comes], best)
            new = np.where(gain[:, None], np.column_stack([rest, comes]), new)
        return bool((new != rows).any()), np.sort(new, axis=1)

    def _with(self, prices: Prices, rest: Ints, weeks: Ints) -> Floats:
        """(B, n) the cost of each team's rest with each peer, without what the rest costs by its seats alone twice."""
        cost = (prices.seat[:, None] + prices.extra)[:, weeks].T.copy()
        seats = prices.seat[rest] + prices.extra[rest, weeks[:, None]]
        cost += (seats.sum(axis=1) + prices.week[weeks])[:, None]
        cost[~self.seats.free[:, weeks].T] = np.inf
        cost += self._themes(rest) + self._roles(rest) + self._company(rest)
        cost[np.arange(len(rest))[:, None], rest] = np.inf
        return cost

    def _themes(self, rest: Ints) -> Floats:
        counts = self.knows[rest].sum(axis=1)
        without, gained = self.by_count[counts], self.by_count[counts] - self.by_count[counts + 1]
        return without.sum(axis=1)[:, None] - gained @ self.knows.T

    def _roles(self, rest: Ints) -> Floats:
        lacking = np.maximum(0, self.wanted - self.roles[rest].sum(axis=1))
        return FAR * (lacking.sum(axis=1)[:, None] - (lacking > 0).astype(float) @ self.roles.T)

    def _company(self, rest: Ints) -> Floats:
        data, weights = self.data, self.data.problem.weights
        total = np.zeros((len(rest), len(self.homes)))
        same_home = np.zeros(total.shape, dtype=np.int64)
        met = np.zeros(total.shape, dtype=bool)
        for place in range(rest.shape[1]):
            one = rest[:, place]
            same_home += self.homes[None, :] == self.homes[one][:, None]
            met |= (self.party[None, :] == self.party[one][:, None]) & (self.party[None, :] >= 0)
            if data.partners:
                total += data.together[np.ix_(self.seats.people[one], self.seats.people)]
        total += weights.same_party * met
        total[same_home >= data.problem.per_council] = np.inf
        total += self._among(rest)[:, None]
        if self.welsh is not None:
            total += weights.no_welsh * ~(np.asarray(self.welsh[rest].any(axis=1))[:, None] | self.welsh[None, :])
        return total

    def _among(self, rest: Ints) -> Floats:
        """(B,) what the rest costs among themselves: parties and pairs."""
        total = np.zeros(len(rest))
        people = self.seats.people[rest]
        parties = np.sort(self.party[rest], axis=1)
        again = (parties[:, 1:] == parties[:, :-1]) & (parties[:, 1:] >= 0)
        total += self.data.problem.weights.same_party * again.sum(axis=1)
        if self.data.partners:
            for a, b in combinations(range(rest.shape[1]), 2):
                total += self.data.together[people[:, a], people[:, b]]
        return total


def _distinct(rows: Ints, weeks: Ints) -> tuple[Ints, Ints]:
    both = np.unique(np.column_stack([weeks, rows]), axis=0)
    return both[:, 1:], both[:, 0]
