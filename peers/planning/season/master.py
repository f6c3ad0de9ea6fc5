"""The linear relaxation over the columns found so far, grown as columns and rows are needed.

GLOP through MathOpt keeps its basis from one solve to the next. Rows of a peer (load, days, spacing) are made when
the relaxed plan breaks them: a row that is missing has price 0, so the bound stays valid.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from ortools.math_opt.python import mathopt

from .columns import Column, Columns
from .data import Data
from .duals import Duals

SLACK = 1e-6


@dataclass
class Rows:
    """The season's rows by what they are about."""

    visit: list[mathopt.LinearConstraint] = field(default_factory=list)
    week: dict[int, mathopt.LinearConstraint] = field(default_factory=dict)
    manager: dict[tuple[int, int], mathopt.LinearConstraint] = field(default_factory=dict)
    load: dict[int, mathopt.LinearConstraint] = field(default_factory=dict)
    days: dict[int, mathopt.LinearConstraint] = field(default_factory=dict)
    window: dict[tuple[int, int], mathopt.LinearConstraint] = field(default_factory=dict)
    party: list[mathopt.LinearConstraint] = field(default_factory=list)


class NotSolved(RuntimeError):
    """The linear solver found no optimum; plans and bounds from before hold all the same."""


class Master:
    """`solve` gives the value and the prices; `shares` then tells how much of each column the relaxed plan takes."""

    def __init__(self, data: Data, columns: Columns, *, missing_cost: float) -> None:
        self.data, self.columns = data, columns
        self.model = mathopt.Model(name="season")
        self.rows = Rows()
        self.variables: list[mathopt.Variable] = []
        self.value = 0.0
        self.shares: dict[int, float] = {}
        self.fixed: list[int] = []
        self.full = False  # no visit lacks a team in the relaxed plan
        self.missing = self._visit_rows(missing_cost)
        self._week_rows()
        self._party_rows()
        self.solver = mathopt.IncrementalSolver(self.model, mathopt.SolverType.GLOP)

    def solve(self) -> Duals:
        """Takes in new columns and solves. Rows that the new relaxed plan breaks have no price yet."""
        self.grow()
        result = self._solved()
        values = result.variable_values(self.variables)
        self.shares = {number: value for number, value in enumerate(values) if value > SLACK}
        self.full = max(result.variable_values(self.missing), default=0.0) < SLACK
        self.value = result.objective_value()
        return self._prices(result.dual_values())

    def _solved(self) -> mathopt.SolveResult:
        """Once more from the beginning, where the kept basis leads nowhere."""
        for _attempt in range(2):
            result = self.solver.solve(params=mathopt.SolveParameters(threads=1))
            if result.has_dual_feasible_solution() and result.has_primal_feasible_solution():
                return result
            self.solver = mathopt.IncrementalSolver(self.model, mathopt.SolverType.GLOP)
        raise NotSolved(str(result.termination))

    def grow(self) -> None:
        """Takes in the columns that are new."""
        for number in range(len(self.variables), len(self.columns.all)):
            self._take_in(self.columns.all[number])

    def add_broken(self) -> int:
        """Makes the rows that the relaxed plan breaks; how many."""
        data = self.data
        load, days = np.zeros(data.size), np.zeros(data.size)
        weeks = np.zeros((data.size, data.problem.weeks + data.spacing))
        for number, share in self.shares.items():
            column = self.columns.all[number]
            team = list(column.team)
            load[team] += share
            days[team] += share * self._days(column)
            weeks[team, column.week] += share
        spans = sum(weeks[:, shift : shift + data.problem.weeks] for shift in range(data.spacing))
        before = self.model.get_num_linear_constraints()
        free = np.minimum(data.most, np.maximum(0, 1 - data.already))
        for p in np.flatnonzero((load > free + SLACK) & [p not in self.rows.load for p in range(data.size)]):
            self._add_load(int(p))
        for p in np.flatnonzero(days > data.days + SLACK):
            self._add_days(int(p))
        for p, week in zip(*np.nonzero(np.asarray(spans) > 1 + SLACK), strict=True):
            self._add_window(int(p), int(week))
        return self.model.get_num_linear_constraints() - before

    def support(self) -> dict[int, set[int]]:
        """Each visit's peers in the teams that the relaxed plan takes."""
        found: dict[int, set[int]] = {}
        for number in self.shares:
            column = self.columns.all[number]
            found.setdefault(column.visit, set()).update(column.team)
        return found

    def fix(self, number: int) -> None:
        """The column is to be taken whole, until `free`."""
        self.variables[number].lower_bound = 1.0
        self.fixed.append(number)

    def forbid(self, number: int) -> None:
        """The column is not to be taken, until `free`."""
        self.variables[number].upper_bound = 0.0
        self.fixed.append(number)

    def free(self) -> None:
        for number in self.fixed:
            self.variables[number].lower_bound = 0.0
            self.variables[number].upper_bound = math.inf
        self.fixed.clear()

    # --- rows that are there from the start ------------------------------------------------------------
    def _visit_rows(self, missing_cost: float) -> list[mathopt.Variable]:
        missing = []
        for _seats in self.data.seats:
            variable = self.model.add_variable(lb=0.0)
            row = self.model.add_linear_constraint(lb=1.0, ub=1.0)
            row.set_coefficient(variable, 1.0)
            self.model.objective.set_linear_coefficient(variable, missing_cost)
            self.rows.visit.append(row)
            missing.append(variable)
        return missing

    def _week_rows(self) -> None:
        for seats in self.data.seats:
            for week in seats.weeks.tolist():
                if week not in self.rows.week:
                    room = float(self.data.problem.per_week[week])
                    self.rows.week[week] = self.model.add_linear_constraint(ub=room)
                manager = seats.visit.manager
                if manager is not None and (manager, week) not in self.rows.manager:
                    self.rows.manager[manager, week] = self.model.add_linear_constraint(ub=1.0)

    def _party_rows(self) -> None:
        weight = float(self.data.problem.weights.party_share)
        for _party, target in self.data.targets:
            row = self.model.add_linear_constraint(lb=float(target), ub=float(target))
            for sign in (1.0, -1.0):
                slack = self.model.add_variable(lb=0.0)
                row.set_coefficient(slack, sign)
                self.model.objective.set_linear_coefficient(slack, weight)
            self.rows.party.append(row)

    # --- rows as they are needed ------------------------------------------------------------------------
    def _add_load(self, p: int) -> None:
        free, second, beyond = self.data.load_costs(p)
        weights = self.data.problem.weights
        row = self.model.add_linear_constraint(ub=float(free))
        for most, weight in ((second, weights.second_visit), (beyond, weights.third_visit)):
            if most:
                more = self.model.add_variable(lb=0.0, ub=float(most))
                row.set_coefficient(more, -1.0)
                self.model.objective.set_linear_coefficient(more, float(weight))
        self._fill(row, self.columns.of_peer.get(p, ()))
        self.rows.load[p] = row

    def _add_days(self, p: int) -> None:
        if p in self.rows.days:
            return
        row = self.model.add_linear_constraint(ub=float(self.data.days[p]))
        for number in self._taken_in(self.columns.of_peer.get(p, ())):
            column = self.columns.all[number]
            row.set_coefficient(self.variables[number], float(self._days_of(column, p)))
        self.rows.days[p] = row

    def _add_window(self, p: int, week: int) -> None:
        if (p, week) in self.rows.window:
            return
        row = self.model.add_linear_constraint(ub=1.0)
        inside = range(week, week + self.data.spacing)
        self._fill(row, (n for n in self.columns.of_peer.get(p, ()) if self.columns.all[n].week in inside))
        self.rows.window[p, week] = row

    def _fill(self, row: mathopt.LinearConstraint, numbers: Iterable[int]) -> None:
        for number in self._taken_in(numbers):
            row.set_coefficient(self.variables[number], 1.0)

    def _taken_in(self, numbers: Iterable[int]) -> Iterable[int]:
        return (number for number in numbers if number < len(self.variables))

    # --- columns ------------------------------------------------------------------------------------------
    def _take_in(self, column: Column) -> None:
        rows, data = self.rows, self.data
        variable = self.model.add_variable(lb=0.0)
        self.model.objective.set_linear_coefficient(variable, float(column.cost))
        rows.visit[column.visit].set_coefficient(variable, 1.0)
        rows.week[column.week].set_coefficient(variable, 1.0)
        manager = data.seats[column.visit].visit.manager
        if manager is not None:
            rows.manager[manager, column.week].set_coefficient(variable, 1.0)
        parties = [int(q) for q in data.target_of[list(column.team)] if q >= 0]
        for party in sorted(set(parties)):
            rows.party[party].set_coefficient(variable, float(parties.count(party)))
        for p, days in zip(column.team, self._days(column).tolist(), strict=True):
            if p in rows.load:
                rows.load[p].set_coefficient(variable, 1.0)
            if p in rows.days:
                rows.days[p].set_coefficient(variable, float(days))
            for start in range(column.week - data.spacing + 1, column.week + 1):
                if (p, start) in rows.window:
                    rows.window[p, start].set_coefficient(variable, 1.0)
        self.variables.append(variable)

    def _days(self, column: Column) -> np.ndarray:
        seats = self.data.seats[column.visit]
        return seats.days[seats.where(column.team)]

    def _days_of(self, column: Column, p: int) -> int:
        return int(self._days(column)[column.team.index(p)])

    # --- prices ---------------------------------------------------------------------------------------------
    def _prices(self, found: dict[mathopt.LinearConstraint, float]) -> Duals:
        """Those of the rows, rounded into the sign that they must have."""
        data, duals, rows = self.data, Duals.zero(self.data), self.rows
        weight = data.problem.weights.party_share
        duals.visit[:] = [found[row] for row in rows.visit]
        duals.party[:] = [min(weight, max(-weight, found[row])) for row in rows.party]
        for by_row, table in ((rows.week, duals.week), (rows.load, duals.load), (rows.days, duals.days)):
            for place, row in by_row.items():
                table[place] = min(0.0, found[row])
        for (manager, week), row in rows.manager.items():
            duals.manager[data.managers.index(manager), week] = min(0.0, found[row])
        for (p, week), row in rows.window.items():
            duals.window[p, week] = min(0.0, found[row])
        return duals
