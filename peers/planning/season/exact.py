"""The cheapest team of one visit at given prices, by one small CP-SAT over all its peers, with a proven bound."""

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from .data import Data, Ints, Seats
from .duals import Prices

SCALE = 1000  # prices are rounded down to thousandths, so that the bound stays one


@dataclass(frozen=True)
class Priced:
    """`bound`: no team of this visit has a lower reduced cost (its own row left out). `value` is that of the team."""

    bound: float
    value: float = np.inf
    week: int = -1
    team: tuple[int, ...] = ()


class Pricer:
    """The model of one visit at given prices, over the peers at the places `rows` and the weeks at `weeks`."""

    def __init__(self, data: Data, seats: Seats, prices: Prices, rows: Ints, weeks: Ints) -> None:
        self.data, self.seats, self.prices, self.rows, self.weeks = data, seats, prices, rows, weeks
        self.people = seats.people[rows]
        self.model = cp_model.CpModel()
        self.x = [self.model.new_bool_var("") for _row in rows]
        self.z = [self.model.new_bool_var("") for _week in weeks]
        self.terms: list[cp_model.IntVar] = []
        self.costs: list[int] = []
        self.fixed = 0
        self._shape()
        self._weeks()
        self._themes()
        self._parties()
        self._pairs()
        self._seat_costs()

    def solve(self, *, seconds: float, deterministic: bool) -> Priced:
        self.model.minimize(cp_model.LinearExpr.weighted_sum(self.terms, self.costs) + self.fixed)
        solver = cp_model.CpSolver()
        given = solver.parameters
        given.num_workers, given.linearization_level, given.random_seed = 1, 2, 1
        if deterministic:
            given.max_deterministic_time = seconds
        else:
            given.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Priced(bound=np.inf)
        bound = solver.best_objective_bound / SCALE
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Priced(bound=bound if np.isfinite(bound) else -np.inf)
        week = next(i for i, z in enumerate(self.z) if solver.boolean_value(z))
        team = tuple(int(p) for p, x in zip(self.people, self.x, strict=True) if solver.boolean_value(x))
        return Priced(bound, solver.objective_value / SCALE, int(self.seats.weeks[self.weeks[week]]), team)

    def _cost(self, variable: cp_model.IntVar, amount: float) -> None:
        whole = int(np.floor(amount * SCALE))
        if whole:
            self.terms.append(variable)
            self.costs.append(whole)

    def _shape(self) -> None:
        data, visit, add = self.data, self.seats.visit, self.model.add
        add(sum(self.x) == visit.size)
        for flags, wanted in (
            (data.leads, visit.leads),
            (data.members, visit.members),
            (data.specialists, visit.specialists),
        ):
            if wanted > 0:
                add(sum(self._who(flags[self.people])) >= wanted)
        homes: dict[int, list[cp_model.IntVar]] = {}
        for home, x in zip(data.council[self.people].tolist(), self.x, strict=True):
            homes.setdefault(home, []).append(x)
        for _home, there in sorted(homes.items()):
            if len(there) > data.problem.per_council:
                add(sum(there) <= data.problem.per_council)
        for p in self.seats.forced:
            add(self.x[self.people.tolist().index(p)] == 1)

    def _weeks(self) -> None:
        self.model.add_exactly_one(self.z)
        for i, week in enumerate(self.weeks):
            self._cost(self.z[i], self.prices.week[week])
        free = self.seats.free[np.ix_(self.rows, self.weeks)]
        for i, x in enumerate(self.x):
            if not free[i].all():
                self.model.add_bool_or([self.z[w] for w in np.flatnonzero(free[i])] + [x.negated()])

    def _themes(self) -> None:
        weight = self.data.problem.weights.covered_once
        for theme in sorted(self.seats.visit.themes):
            know = self._who(self.data.knows[self.people, theme])
            if not weight:
                self.model.add(sum(know) >= 1)
                continue
            once = self.model.new_bool_var("")
            self.model.add(sum(know) + once >= 2)
            self.model.add_bool_or(know)
            self._cost(once, weight)

    def _parties(self) -> None:
        weights, seats = self.data.problem.weights, self.seats
        parties = self.data.party[self.people]
        for party in sorted(set(parties[parties >= 0].tolist())) if weights.same_party else ():
            of_party = self._who(parties == party)
            if len(of_party) > 1:
                more = self.model.new_int_var(0, seats.visit.size - 1, "")
                self.model.add(sum(of_party) <= 1 + more)
                self._cost(more, weights.same_party)
        if seats.visit.welsh and weights.no_welsh:
            nobody = self.model.new_bool_var("")
            self.model.add_bool_or([*self._who(self.data.welsh[self.people]), nobody])
            self._cost(nobody, weights.no_welsh)

    def _pairs(self) -> None:
        place = {int(p): i for i, p in enumerate(self.people)}
        for p, i in place.items():
            for other, amount in self.data.partners.get(p, ()):
                if other <= p or other not in place or not amount:
                    continue
                both = self.model.new_bool_var("")
                x, y = self.x[i], self.x[place[other]]
                if amount < 0:
                    self.model.add_implication(both, x)
                    self.model.add_implication(both, y)
                else:
                    self.model.add_bool_or([x.negated(), y.negated(), both])
                self._cost(both, amount)

    def _seat_costs(self) -> None:
        extra = self.prices.extra[np.ix_(self.rows, self.weeks)]
        free = self.seats.free[np.ix_(self.rows, self.weeks)]
        least = np.where(free, extra, np.inf).min(axis=1, initial=np.inf)
        least[~np.isfinite(least)] = 0.0
        for i, x in enumerate(self.x):
            self._cost(x, self.prices.seat[self.rows[i]] + least[i])
            for w in np.flatnonzero(free[i] & (extra[i] > least[i] + 1.0 / SCALE)):
                both = self.model.new_bool_var("")
                self.model.add_bool_or([x.negated(), self.z[w].negated(), both])
                self._cost(both, extra[i, w] - least[i])

    def _who(self, flags: np.ndarray) -> list[cp_model.IntVar]:
        return [self.x[i] for i in np.flatnonzero(flags)]
