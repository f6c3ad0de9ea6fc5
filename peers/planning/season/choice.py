"""One column for each visit, the season's rules kept: CP-SAT over the columns that look best.

Its own bound speaks of these columns only and is not given out.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

from ortools.sat.python import cp_model

from .columns import Column
from .data import Data
from .problem import Plan

LOOK_EVERY = 0.1  # seconds between two questions whether to stop


@dataclass(frozen=True)
class Effort:
    """`seconds` are deterministic ones if so asked."""

    seconds: float
    workers: int = 2
    seed: int = 0
    deterministic: bool = False


class Choice:
    """The model. `choose` gives the best plan it finds, or None."""

    def __init__(self, data: Data, columns: Sequence[Column]) -> None:
        self.data, self.columns = data, columns
        self.model = cp_model.CpModel()
        self.take = [self.model.new_bool_var("") for _column in columns]
        self.costs: list[int] = [column.cost for column in columns]
        self.terms: list[cp_model.IntVar] = list(self.take)
        self.of_peer: dict[int, list[int]] = {}
        for n, column in enumerate(columns):
            for p in column.team:
                self.of_peer.setdefault(p, []).append(n)
        self._visits()
        self._weeks()
        for p, numbers in sorted(self.of_peer.items()):
            self._load(p, numbers)
            if len({columns[n].visit for n in numbers}) > 1:
                self._days(p, numbers)
                self._apart(p, numbers)
        self._parties()
        self.model.minimize(cp_model.LinearExpr.weighted_sum(self.terms, self.costs))

    def choose(
        self, effort: Effort, *, hint: Plan | None = None, found: Callable[[Plan], None], stopped: Callable[[], bool]
    ) -> bool:
        """Whether the search ran to its end: no better plan can be made of these columns. Each plan goes to `found`."""
        self._hint(hint)
        solver = cp_model.CpSolver()
        _set(solver, effort)
        over = Event()
        looker = Thread(target=_look, args=(solver, stopped, over), daemon=True)
        looker.start()
        try:
            status = solver.solve(self.model, _Watch(self, found))
        finally:
            over.set()
            looker.join()
        return status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)

    def plan(self, chosen: Iterable[int]) -> Plan:
        return {self.columns[n].visit: (self.columns[n].week, self.columns[n].team) for n in chosen}

    def _hint(self, plan: Plan | None) -> None:
        self.model.clear_hints()
        if plan is None:
            return
        for column, take in zip(self.columns, self.take, strict=True):
            self.model.add_hint(take, plan.get(column.visit) == (column.week, column.team))

    def _visits(self) -> None:
        of_visit: list[list[cp_model.IntVar]] = [[] for _seats in self.data.seats]
        for column, take in zip(self.columns, self.take, strict=True):
            of_visit[column.visit].append(take)
        for takes in of_visit:
            self.model.add_exactly_one(takes)

    def _weeks(self) -> None:
        in_week: dict[int, list[cp_model.IntVar]] = {}
        managed: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for column, take in zip(self.columns, self.take, strict=True):
            in_week.setdefault(column.week, []).append(take)
            manager = self.data.seats[column.visit].visit.manager
            if manager is not None:
                managed.setdefault((manager, column.week), []).append(take)
        for week, takes in sorted(in_week.items()):
            self.model.add(cp_model.LinearExpr.sum(takes) <= self.data.problem.per_week[week])
        for _key, takes in sorted(managed.items()):
            self.model.add_at_most_one(takes)

    def _load(self, p: int, numbers: list[int]) -> None:
        free, second, beyond = self.data.load_costs(p)
        visits = len({self.columns[n].visit for n in numbers})
        if visits <= free:
            return
        weights = self.data.problem.weights
        more: list[cp_model.IntVar] = []
        for most, weight in ((second, weights.second_visit), (beyond, weights.third_visit)):
            if most:
                more.append(self.model.new_int_var(0, most, ""))
                self._cost(more[-1], weight)
        if second and beyond:
            self.model.add(more[1] <= beyond * more[0])
        self.model.add(cp_model.LinearExpr.sum([self.take[n] for n in numbers]) <= free + sum(more))

    def _days(self, p: int, numbers: list[int]) -> None:
        days = []
        for n in numbers:
            seats = self.data.seats[self.columns[n].visit]
            days.append(int(seats.days[seats.where((p,))[0]]))
        if max(days) * int(self.data.most[p]) > self.data.days[p]:
            takes = [self.take[n] for n in numbers]
            self.model.add(cp_model.LinearExpr.weighted_sum(takes, days) <= int(self.data.days[p]))

    def _apart(self, p: int, numbers: list[int]) -> None:
        """Visits of one peer within `spacing` weeks exclude each other; windows within others are left out."""
        weeks = sorted({self.columns[n].week for n in numbers})
        last = -1
        for start in weeks:
            inside = [week for week in weeks if start <= week < start + self.data.spacing]
            if inside[-1] == last:
                continue
            last = inside[-1]
            of_window = [n for n in numbers if self.columns[n].week in inside]
            if len({self.columns[n].visit for n in of_window}) > 1:
                self.model.add_at_most_one([self.take[n] for n in of_window])

    def _parties(self) -> None:
        weight = self.data.problem.weights.party_share
        for number, (_party, target) in enumerate(self.data.targets if weight else ()):
            counts = [sum(1 for p in column.team if self.data.target_of[p] == number) for column in self.columns]
            most = max([target, *counts]) + sum(seats.visit.size for seats in self.data.seats)
            away = self.model.new_int_var(0, most, "")
            seats = cp_model.LinearExpr.weighted_sum(self.take, counts)
            self.model.add(seats - target <= away)
            self.model.add(target - seats <= away)
            self._cost(away, weight)

    def _cost(self, variable: cp_model.IntVar, amount: int) -> None:
        self.terms.append(variable)
        self.costs.append(amount)


class _Watch(cp_model.CpSolverSolutionCallback):
    """Hands each plan on."""

    def __init__(self, choice: Choice, found: Callable[[Plan], None]) -> None:
        super().__init__()
        self.choice, self.found = choice, found

    def on_solution_callback(self) -> None:
        chosen = [n for n, take in enumerate(self.choice.take) if self.boolean_value(take)]
        self.found(self.choice.plan(chosen))


def _look(solver: cp_model.CpSolver, stopped: Callable[[], bool], over: Event) -> None:
    """Stops the search when asked to; the solver itself may be silent for long."""
    while not over.wait(LOOK_EVERY):
        if stopped():
            with suppress(RuntimeError):  # not begun yet
                solver.stop_search()


def _set(solver: cp_model.CpSolver, effort: Effort) -> None:
    given = solver.parameters
    given.random_seed = effort.seed
    given.num_workers = max(1, effort.workers)
    if effort.deterministic:
        given.max_deterministic_time, given.interleave_search = effort.seconds, effort.workers > 1
    else:
        given.max_time_in_seconds = effort.seconds
    if effort.workers == 2:
        # Left alone, two workers bring no one who works with a linear relaxation.
        given.subsolvers.extend(["max_lp", "default_lp"])
