"""Prices of the season's rows: what a seat, a week and a peer's other visits cost a team, and the bound they give.

For any prices of the right sign, the constant below plus, for each visit, the cheapest team at these prices is a
lower bound of the whole problem (Lagrange; nothing has to have converged).
"""

from dataclasses import dataclass, fields

import numpy as np

from .data import Data, Floats, Seats


@dataclass(frozen=True)
class Duals:
    """Prices by row. All but `visit` and `party` are at most 0; a row that is not there has 0."""

    visit: Floats  # (C,)
    week: Floats  # (W,)
    manager: Floats  # (G, W) by the manager's place in `Data.managers`
    load: Floats  # (P,)
    days: Floats  # (P,)
    window: Floats  # (P, W): the weeks from w on, as many as `spacing`
    party: Floats  # (Q,)

    @classmethod
    def zero(cls, data: Data) -> "Duals":
        peers, weeks = data.size, data.problem.weeks
        return cls(
            visit=np.zeros(len(data.seats)),
            week=np.zeros(weeks),
            manager=np.zeros((len(data.managers), weeks)),
            load=np.zeros(peers),
            days=np.zeros(peers),
            window=np.zeros((peers, weeks)),
            party=np.zeros(len(data.targets)),
        )

    def mixed(self, other: "Duals", share: float) -> "Duals":
        """`share` of the other's prices and the rest of these."""
        return Duals(
            **{f.name: (1 - share) * getattr(self, f.name) + share * getattr(other, f.name) for f in fields(Duals)}
        )


@dataclass(frozen=True)
class Prices:
    """One visit's costs at given prices, without its own row. A team costs its own terms, the sum of `seat` and of
    `extra[:, week]` over its people, and `week`."""

    seat: Floats  # (n,)
    week: Floats  # (k,)
    extra: Floats  # (n, k), at least 0


def prices(data: Data, seats: Seats, duals: Duals, covered: Floats) -> Prices:
    """`covered` is that of `covering(data, duals)`, made once for all visits."""
    people = seats.people
    party = data.target_of[people]
    shares = np.append(duals.party, 0.0)[party]  # -1 reads the last: no party, no price
    seat = seats.cost - duals.load[people] - duals.days[people] * seats.days - shares
    week = seats.week_cost - duals.week[seats.weeks]
    if seats.visit.manager is not None:
        week = week - duals.manager[data.managers.index(seats.visit.manager), seats.weeks]
    return Prices(seat, week, -covered[np.ix_(people, seats.weeks)])


def covering(data: Data, duals: Duals) -> Floats:
    """(P, W) the sum of the prices of all windows that a week lies in."""
    total = duals.window.copy()
    for shift in range(1, min(data.spacing, data.problem.weeks)):
        total[:, shift:] += duals.window[:, :-shift]
    return total


def constant(data: Data, duals: Duals) -> float:
    """The part of the bound that no team has: what the rows' right-hand sides and the slack variables give."""
    weights = data.problem.weights
    total = float(duals.week @ np.array(data.problem.per_week, dtype=float))
    total += float(duals.manager.sum() + duals.window.sum() + duals.days @ data.days)
    for p in np.flatnonzero(duals.load):
        free, second, beyond = data.load_costs(int(p))
        price = float(duals.load[p])
        total += price * free
        total += min(0.0, weights.second_visit + price) * second + min(0.0, weights.third_visit + price) * beyond
    for (_party, target), price in zip(data.targets, duals.party, strict=True):
        # More than the target and fewer both cost the weight; prices beyond it would make the bound worthless.
        if abs(price) > weights.party_share + 1e-6:
            return -np.inf
        total += float(price) * target
    return total
