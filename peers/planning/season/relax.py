"""A fast bound of one visit's cheapest team, and of the cheapest with each peer: numpy in place of a search.

Themes, roles and the Welsh speaker are wanted at a price (Lagrange) and no longer demanded, so that the best team is
that of the cheapest peers. Party, councils and bad pairs are left out. Good pairs make two cases: a team without
any, and a team with a certain pair, whose others count half of each good pair they belong to. All of it lowers the
cost, so what comes out is a bound. The prices of the wants are kept from one turn to the next: they hardly move.
"""

from dataclasses import dataclass

import numpy as np

from .data import Data, Floats, Ints, Seats
from .duals import Prices

PINNED = 1e6  # taken off a pinned peer, to be among the cheapest


@dataclass(frozen=True)
class Relaxed:
    """`week`: (k,) no team costs less in that week. `peer`: (n, k) no team with that peer does; infinite if absent."""

    week: Floats
    peer: Floats

    def left(self, below: float) -> tuple[Ints, Ints]:
        """The places of peers and weeks that teams below a cost can only be made of."""
        may = self.peer < below
        return np.flatnonzero(may.any(axis=1)), np.flatnonzero(may.any(axis=0))

    def best(self, count: int) -> Ints:
        """The places of the most promising peers, best first."""
        value = self.peer.min(axis=1, initial=np.inf)
        order = np.argsort(value, kind="stable")[:count]
        return order[np.isfinite(value[order])]


class Relaxation:
    """One visit's. Wants: (m,) each theme, then leads, members, specialists, Welsh."""

    def __init__(self, data: Data, seats: Seats) -> None:
        visit, people = seats.visit, seats.people
        self.seats, self.size = seats, visit.size
        self.once = float(data.problem.weights.covered_once)
        themes = np.array(sorted(visit.themes), dtype=np.int64)
        roles = [data.leads, data.members, data.specialists, data.welsh]
        has = [data.knows[np.ix_(people, themes)], *(flags[people] for flags in roles)]
        self.has = np.column_stack(has).astype(float)
        self.themes = len(themes)
        welsh = float(visit.welsh)
        self.wanted = np.array([visit.leads, visit.members, visit.specialists, welsh], dtype=float)
        self.cap = np.array([np.inf, np.inf, np.inf, data.problem.weights.no_welsh * welsh])
        self.want = np.zeros((len(seats.weeks), self.has.shape[1]))
        self.pinned = seats.where(seats.forced)
        self.friends, self.gain, self.half = self._friends(data)

    def bound(self, prices: Prices, below: float, turns: int) -> Relaxed:
        """`below`: a cost that a team is known to have (steers the steps; any value is valid)."""
        if len(self.seats.people) < self.size:
            nothing = np.full(self.seats.free.shape, np.inf)
            return Relaxed(np.full(len(self.want), np.inf), nothing)
        costs, want = self._costs(prices), self.want
        best, best_want, step = np.full(len(want), -np.inf), want, 1.0
        for _turn in range(turns):
            value, counts = self._value(costs, prices, want)
            better = value > best
            best, best_want = np.where(better, value, best), np.where(better[:, None], want, best_want)
            step = step if better.any() else step * 0.7
            slope = self._slope(want, counts)
            gap = np.clip(below - value, 0.5, 20.0) if np.isfinite(below) else np.full(len(value), 5.0)
            length = step * gap / np.maximum(1.0, (slope**2).sum(axis=1))
            want = self._capped(want + length[:, None] * slope)
        self.want = best_want
        return self._with_each(costs, prices)

    def _friends(self, data: Data) -> tuple[Ints, Floats, Floats]:
        """(f, 2) the good pairs among the visit's peers by place, (f,) what they take off, (n,) half of all of one's.

        With pins there are none: what a pair takes off then counts for each of its two.
        """
        place = {int(p): i for i, p in enumerate(self.seats.people)}
        found = [
            (i, place[other], -float(amount))
            for p, i in place.items()
            for other, amount in data.partners.get(p, ())
            if other > p and other in place and amount < 0
        ]
        pairs = np.array([(a, b) for a, b, _amount in found], dtype=np.int64).reshape(-1, 2)
        gain, half = np.array([amount for _a, _b, amount in found]), np.zeros(len(place))
        for a, b, amount in found:
            half[[a, b]] += amount / 2
        if len(self.pinned) or self.size < 2:
            return pairs[:0], gain[:0], half
        return pairs, gain, half

    def _costs(self, prices: Prices) -> Floats:
        """(n, k) each peer's cost by week, infinite when absent."""
        costs = prices.seat[:, None] + prices.extra
        costs[~self.seats.free] = np.inf
        if len(self.pinned):
            costs -= self.half[:, None]
            costs[self.pinned] -= PINNED
        return costs

    def _cheapest(self, asked: Floats, count: int) -> Ints:
        """(count, k) places of the cheapest in each week."""
        if count <= 0:
            return np.zeros((0, asked.shape[1]), dtype=np.int64)
        return np.argpartition(asked, count - 1, axis=0)[:count]

    def _value(self, costs: Floats, prices: Prices, want: Floats) -> tuple[Floats, Floats]:
        """(k,) the bound by week and (k, m) how many of the cheapest team have what is wanted."""
        asked = costs - self.has @ want.T
        team = self._cheapest(asked, self.size)
        value = np.take_along_axis(asked, team, axis=0).sum(axis=0) + PINNED * len(self.pinned)
        if len(self.friends):
            pair_value, pair, rest = self._with_pair(asked)
            with_pair = pair_value.min(axis=0)
            pair_team = np.vstack([self.friends[pair].T, rest])
            team = np.where(with_pair < value, pair_team, team)
            value = np.minimum(value, with_pair)
        return value + self._base(prices, want), self.has[team].sum(axis=0)

    def _with_pair(self, asked: Floats) -> tuple[Floats, Ints, Ints]:
        """(f, k) the bound with each good pair, (k,) the best pair, (size - 2, k) the cheapest others."""
        halved = asked - self.half[:, None]
        rest = self._cheapest(halved, self.size - 2)
        both = halved[self.friends[:, 0]] + halved[self.friends[:, 1]]
        value = both + np.take_along_axis(halved, rest, axis=0).sum(axis=0)
        return value, value.argmin(axis=0), rest

    def _with_each(self, costs: Floats, prices: Prices) -> Relaxed:
        asked = costs - self.has @ self.want.T
        base = self._base(prices, self.want) + PINNED * len(self.pinned)
        week = np.take_along_axis(asked, self._cheapest(asked, self.size), axis=0).sum(axis=0)
        peer = week + _dearer(asked, self.size)
        if len(self.friends):
            with_pair, _pair, _rest = self._with_pair(asked)
            best = with_pair.min(axis=0)
            halved = asked - self.half[:, None]
            peer = np.minimum(peer, best + _dearer(halved, self.size - 2))
            np.minimum.at(peer, self.friends[:, 0], with_pair)
            np.minimum.at(peer, self.friends[:, 1], with_pair)
            week = np.minimum(week, best)
            peer = np.where(np.isfinite(asked), peer, np.inf)
        return Relaxed(week + base, peer + base)

    def _base(self, prices: Prices, want: Floats) -> Floats:
        themes, roles = want[:, : self.themes], want[:, self.themes :]
        covered = np.minimum(self.once + themes, 2 * themes).sum(axis=1)
        return prices.week + covered + roles @ self.wanted

    def _slope(self, want: Floats, counts: Floats) -> Floats:
        slope = -counts
        slope[:, : self.themes] += np.where(want[:, : self.themes] > self.once, 1.0, 2.0)
        slope[:, self.themes :] += self.wanted
        stuck = (want <= 0) & (slope < 0)
        return np.where(stuck, 0.0, slope)

    def _capped(self, want: Floats) -> Floats:
        want = np.maximum(0.0, want)
        want[:, self.themes :] = np.minimum(want[:, self.themes :], self.cap)
        return want


def _dearer(asked: Floats, count: int) -> Floats:
    """(n, k) how much dearer the cheapest `count` become when one gives way to each peer; infinite if absent."""
    if count <= 0:
        return np.full(asked.shape, np.inf)
    last = np.partition(asked, count - 1, axis=0)[count - 1]
    return np.maximum(0.0, asked - np.where(np.isfinite(last), last, 0.0))
