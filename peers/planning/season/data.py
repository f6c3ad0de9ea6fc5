"""The problem as arrays: what the solving parts of the craft read in place of the plain data.

Shapes: C visits, P peers, W weeks, T themes, Q parties with a target. Nothing here changes once it is made.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .problem import Peer, Problem, Visit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Seats:
    """Who may go to one visit, and when it may be. `people` ascending, length n; the rest is aligned with it."""

    visit: Visit
    people: Ints  # (n,) places of peers
    cost: Ints  # (n,) of the pair, weights included
    days: Ints  # (n,)
    weeks: Ints  # (k,) ascending
    week_cost: Ints  # (k,)
    free: Bools  # (n, k)
    forced: tuple[int, ...]  # places of peers who must be

    def where(self, peers: tuple[int, ...] | Ints) -> Ints:
        """The rows of the given peers, who must all be among `people`."""
        return np.searchsorted(self.people, np.asarray(peers, dtype=np.int64))


class Data:
    """Arrays of a whole problem. `seats[c]` belongs to visit c; pins and busy managers are worked in already."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        peers = problem.peers
        self.size = len(peers)
        self.spacing = max(1, problem.spacing)  # two visits in one week are never right
        self.council = np.array([p.council for p in peers], dtype=np.int64)
        self.most = np.array([max(0, p.most - p.already) for p in peers], dtype=np.int64)
        self.days = np.array([p.days for p in peers], dtype=np.int64)
        self.already = np.array([p.already for p in peers], dtype=np.int64)
        self.leads = np.array([p.leads for p in peers], dtype=bool)
        self.members = np.array([p.role == "member" for p in peers], dtype=bool)
        self.specialists = np.array([p.role == "specialist" for p in peers], dtype=bool)
        self.welsh = np.array([p.welsh for p in peers], dtype=bool)
        self.free = _flags(peers, "free", problem.weeks)
        themes = 1 + max((max(v.themes) for v in problem.visits if v.themes), default=0)
        self.knows = _flags(peers, "themes", themes)
        self.party = _party_numbers(problem, {p.party for p in peers if p.role == "member" and p.party})
        self.targets = [(party, problem.party_targets[party]) for party in sorted(problem.party_targets)]
        self.target_of = _party_numbers(problem, {party for party, _target in self.targets})
        self.managers = sorted({v.manager for v in problem.visits if v.manager is not None})
        self.seats = [self._seats(c, visit) for c, visit in enumerate(problem.visits)]
        self.most = self._most_by_days()

    @cached_property
    def together(self) -> NDArray[np.int32]:
        """(P, P) what two peers on one team add: good pairs below 0, bad ones above. Symmetric."""
        table = np.zeros((self.size, self.size), dtype=np.int32)
        for pairs, weight in (
            (self.problem.good_pairs, -self.problem.weights.good_pair),
            (self.problem.bad_pairs, self.problem.weights.bad_pair),
        ):
            for a, b in pairs:
                table[a, b] += weight
                table[b, a] += weight
        return table

    @cached_property
    def partners(self) -> dict[int, list[tuple[int, int]]]:
        """For each peer with good or bad pairs: (the other, what it adds), the others ascending."""
        found: dict[int, list[tuple[int, int]]] = {}
        for a, b in zip(*np.nonzero(self.together), strict=True):
            found.setdefault(int(a), []).append((int(b), int(self.together[a, b])))
        return found

    def load_costs(self, peer: int) -> tuple[int, int, int]:
        """(visits that cost nothing, at most how many second ones, at most how many beyond) in this plan."""
        already, most = int(self.already[peer]), int(self.most[peer])
        free = min(most, max(0, 1 - already))
        second = min(most - free, 1 if already <= 1 else 0)
        return free, second, most - free - second

    def _seats(self, c: int, visit: Visit) -> Seats:
        problem = self.problem
        rows = [
            (p, pair.cost, pair.days)
            for p in range(self.size)
            if self.most[p] and (pair := problem.pairs.get((c, p))) is not None and pair.days <= self.days[p]
        ]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        forced = tuple(sorted(p for v, p in problem.seat_pins if v == c))
        weeks = [w for w in visit.weeks if self._week_will_do(c, visit, w)]
        weeks = [w for w in weeks if all(self.free[p, w] for p in forced)]
        if not set(forced) <= set(table[:, 0].tolist()):
            weeks = []  # somebody is pinned who may not go
        people, weeks_at = table[:, 0], np.array(weeks, dtype=np.int64)
        free = self.free[np.ix_(people, weeks_at)]
        comes = free.any(axis=1)
        return Seats(
            visit=visit,
            people=people[comes],
            cost=table[comes, 1],
            days=table[comes, 2],
            weeks=weeks_at,
            week_cost=problem.weights.week_later * np.maximum(0, weeks_at - visit.first),
            free=free[comes],
            forced=forced,
        )

    def _most_by_days(self) -> Ints:
        """(P,) as `most`, and no more visits than the peer's days do for; days alone say less when relaxed."""
        wanted: list[list[int]] = [[] for _p in range(self.size)]
        for seats in self.seats:
            for p, days in zip(seats.people.tolist(), seats.days.tolist(), strict=True):
                wanted[p].append(days)
        most = self.most.copy()
        for p, each in enumerate(wanted):
            most[p] = min(most[p], int((np.cumsum(sorted(each)) <= self.days[p]).sum()))
        return most

    def _week_will_do(self, c: int, visit: Visit, week: int) -> bool:
        problem = self.problem
        return (
            0 <= week < problem.weeks
            and problem.week_pins.get(c, week) == week
            and problem.per_week[week] > 0
            and (visit.manager is None or (visit.manager, week) not in problem.manager_busy)
        )


def _flags(peers: tuple[Peer, ...], name: str, width: int) -> Bools:
    """(P, width) whether the number is in the peer's set; numbers outside are left out."""
    flags = np.zeros((len(peers), width), dtype=bool)
    for p, peer in enumerate(peers):
        for number in getattr(peer, name):
            if 0 <= number < width:
                flags[p, number] = True
    return flags


def _party_numbers(problem: Problem, parties: set[str]) -> Ints:
    """(P,) a number for each member peer's party among `parties` in alphabetical order; -1 for everybody else."""
    number = {party: i for i, party in enumerate(sorted(parties))}
    return np.array([number.get(p.party, -1) if p.role == "member" else -1 for p in problem.peers], dtype=np.int64)
