"""Finding teams that are worth having at given prices, and the bound that the cheapest of each visit gives.

Cheap: all teams of a small pool a visit, by numpy. Exact: the relaxation of `relax` leaves few peers and weeks of
which a better team could be made, and one small CP-SAT over those settles it. The pools follow the relaxation too.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .columns import Column, Columns
from .data import Data, Floats, Ints
from .duals import Duals, Prices, constant, covering, prices
from .exact import Priced, Pricer
from .relax import Relaxation
from .swaps import Swaps
from .teams import Teams, pool_size, reduced, team_costs, teams_of

Named = tuple[int, tuple[int, ...]]  # a week and a team, by place
TINY = 1e-2
EACH = 5  # columns a visit and turn


@dataclass(frozen=True)
class Turn:
    """`bound` is one of the whole problem; `added` columns are new; `improving` visits had a team worth having."""

    bound: float
    added: int
    improving: int


@dataclass(frozen=True)
class Found:
    """One visit's: the bound of its cheapest team, and teams with their weeks, cheapest first."""

    bound: float
    value: float
    teams: list[Named]


class Pricing:
    """The pools, teams and relaxations of all visits. `seconds` bounds one visit's CP-SAT."""

    def __init__(self, data: Data, *, workers: int, seconds: float = 5.0, deterministic: bool = False) -> None:
        self.data, self.seconds, self.deterministic = data, seconds, deterministic
        self.relaxations = [Relaxation(data, seats) for seats in data.seats]
        self.swaps = [Swaps(data, seats) for seats in data.seats]
        self.pools: list[Ints] = [np.zeros(0, dtype=np.int64) for _seats in data.seats]
        self.teams: list[Teams | None] = [None for _seats in data.seats]
        self.threads = ThreadPoolExecutor(workers)

    def close(self) -> None:
        self.threads.shutdown(wait=True, cancel_futures=True)

    def cheap(self, columns: Columns, duals: Duals, visits: Sequence[int] | None = None) -> int:
        """Adds the best teams of the pools, of all visits or of those given; how many are new."""
        covered, added = covering(self.data, duals), 0
        for c in range(len(self.data.seats)) if visits is None else visits:
            seats, teams = self.data.seats[c], self.teams[c]
            if teams is not None:
                found = best_teams(teams, reduced(teams, prices(self.data, seats, duals, covered)), duals.visit[c])
                added += self._take(columns, c, self._named(c, teams, found))
        return added

    def turn(
        self,
        columns: Columns,
        duals: Duals,
        *,
        exact: bool,
        support: dict[int, set[int]],
        stopped: Callable[[], bool],
        visits: Sequence[int] | None = None,
    ) -> Turn:
        """New pools and teams at these prices, and a bound. Without `exact` it is that of the relaxations; with only
        some of the visits it is none.

        `support`: each visit's peers in the teams that the relaxed plan takes now; they stay in the pool.
        """
        covered = covering(self.data, duals)

        def one(c: int) -> Found:
            if stopped():
                return Found(-np.inf, np.inf, [])
            return self._visit(c, duals, covered, exact, support.get(c, set()))

        bound, added, improving = constant(self.data, duals), 0, 0
        wanted = range(len(self.data.seats)) if visits is None else visits
        for c, found in zip(wanted, self.threads.map(one, wanted), strict=True):
            bound += found.bound
            added += self._take(columns, c, found.teams)
            improving += found.value < duals.visit[c] - TINY
        return Turn(bound, added, improving)

    def promising(self, columns: Columns, duals: Duals, each: int, most: float) -> list[Column]:
        """The `each` best columns of every visit, found or in its pool, dearer than the visit's cheapest by less than
        `most` at these prices."""
        covered, chosen = covering(self.data, duals), []
        of_visit: list[list[Column]] = [[] for _seats in self.data.seats]
        for column in columns.all:
            of_visit[column.visit].append(column)
        for c, seats in enumerate(self.data.seats):
            at, teams = prices(self.data, seats, duals, covered), self.teams[c]
            named = [(column.week, column.team) for column in of_visit[c]]
            if teams is not None:
                named += self._named(c, teams, best_teams(teams, reduced(teams, at), np.inf, each))
            if not named:
                continue
            rows = np.array([seats.where(team) for _week, team in named])
            weeks = np.searchsorted(seats.weeks, [week for week, _team in named])
            values = self._values(c, at, rows, weeks)
            for n in np.argsort(values, kind="stable")[:each]:
                if values[n] < values.min() + most:
                    columns.add(c, *named[n])
                    chosen.append(columns.all[columns.number[c, *named[n]]])
        return list(dict.fromkeys(chosen))

    def _visit(self, c: int, duals: Duals, covered: Floats, exact: bool, support: set[int]) -> Found:
        data, seats = self.data, self.data.seats[c]
        if not len(seats.weeks):
            return Found(np.inf, np.inf, [])
        at, before = prices(data, seats, duals, covered), self.teams[c]
        known = np.inf if before is None else float(reduced(before, at).min(initial=np.inf))
        relaxed = self.relaxations[c].bound(at, known, 40 if before is None else 15)
        kept = seats.where(tuple(sorted(support))) if support else np.zeros(0, dtype=np.int64)
        teams = self._renew(c, relaxed.best(len(seats.people)), kept)
        table = reduced(teams, at)
        valued = self._swapped(c, at, teams, table)
        value = min([known, *(value for value, _team in valued)])
        named = [team for cost, team in valued if cost < duals.visit[c] - TINY][:EACH]
        bound = min(value, float(relaxed.week.min()))
        if exact:
            priced = self._priced(c, at, relaxed.left(value - TINY), value)
            bound = min(value, priced.bound)
            if priced.team and priced.value < duals.visit[c] - TINY:
                named.insert(0, (priced.week, priced.team))
            value = min(value, priced.value)
        return Found(bound, value, named)

    def _swapped(self, c: int, at: Prices, teams: Teams, table: Floats) -> list[tuple[float, Named]]:
        """The best teams of the table and those that exchanges make of them, with their reduced costs, best first."""
        seats, found = self.data.seats[c], best_teams(teams, table, np.inf, 8)
        if not found:
            return []
        rows, weeks = teams.rows[[n for n, _k in found]], np.array([k for _n, k in found])
        more = self.swaps[c].improved(at, rows, weeks)
        rows, weeks = np.vstack([rows, more[0]]), np.concatenate([weeks, more[1]])
        values = self._values(c, at, rows, weeks)
        named: dict[Named, float] = {}
        for n in np.argsort(values, kind="stable"):
            named.setdefault((int(seats.weeks[weeks[n]]), tuple(seats.people[rows[n]].tolist())), float(values[n]))
        return [(value, team) for team, value in named.items() if np.isfinite(value)]

    def _values(self, c: int, at: Prices, rows: Ints, weeks: Ints) -> Floats:
        seats = self.data.seats[c]
        own = team_costs(self.data, seats, rows)
        return own + at.seat[rows].sum(axis=1) + at.extra[rows, weeks[:, None]].sum(axis=1) + at.week[weeks]

    def _priced(self, c: int, at: Prices, left: tuple[Ints, Ints], value: float) -> Priced:
        rows, weeks = left
        seats = self.data.seats[c]
        if len(rows) < seats.visit.size or not len(weeks):
            return Priced(bound=value)
        pricer = Pricer(self.data, seats, at, rows, weeks)
        return pricer.solve(seconds=self.seconds, deterministic=self.deterministic)

    def _renew(self, c: int, ranked: Ints, kept: Ints) -> Teams:
        seats = self.data.seats[c]
        count = pool_size(seats.visit.size)
        pool = list(dict.fromkeys([*seats.where(seats.forced).tolist(), *kept.tolist(), *ranked.tolist()]))[:count]
        self.pools[c] = np.array(sorted(pool), dtype=np.int64)
        teams = self.teams[c] = teams_of(self.data, seats, self.pools[c])
        return teams

    def _named(self, c: int, teams: Teams, found: list[tuple[int, int]]) -> list[Named]:
        seats = self.data.seats[c]
        return [(int(seats.weeks[k]), tuple(seats.people[teams.rows[n]].tolist())) for n, k in found]

    def _take(self, columns: Columns, c: int, named: list[Named]) -> int:
        return sum(columns.add(c, week, team) for week, team in named)


def best_teams(teams: Teams, table: Floats, below: float, count: int = EACH) -> list[tuple[int, int]]:
    """(team, week) places of the lowest entries under `below`, lowest first; no team twice."""
    if not table.size:
        return []
    week = table.argmin(axis=1)
    value = table[np.arange(len(table)), week]
    order = np.argsort(value, kind="stable")[:count]
    return [(int(n), int(week[n])) for n in order if value[n] < below - TINY]
