"""The least that would have to give for a season to have a plan: every rule may be bent, at a price."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ortools.sat.python import cp_model

from peers.planning.season.compact import FOUND, lp_solver, solve_watched
from peers.planning.season.compact_model import Rows, SeatModel
from peers.planning.season.counting import told
from peers.planning.season.narrow import meeting, narrowed
from peers.planning.season.problem import Limits, Problem, Reason

# What one unit costs: first what a coordinator set up, then what the visit asks for, then what people offered; a
# visit left out only when nothing else does. That somebody is away never gives: it leaves a seat empty.
PRICES = {
    "pin": 3, "week_pin": 3, "theme": 4, "council": 5, "per_week": 6, "manager": 7,
    "leads": 8, "members": 8, "specialists": 8, "spacing": 9, "days": 9, "load": 10, "shape": 15, "weeks": 200,
}  # fmt: skip
OF_VISIT = frozenset({"shape", "leads", "members", "specialists", "theme", "pin", "week_pin"})
WIDTH = (40, 8)  # best of each visit, and for each role and theme, of all who could come
LONGEST = 10.0  # seconds
UNITS = 20.0  # of deterministic time


class SlackRows(Rows):
    """Each row may be broken by the amount of its reason's variable."""

    def __init__(self, model: cp_model.CpModel) -> None:
        super().__init__(model)
        self.slack: dict[Reason, cp_model.IntVar] = {}
        self.left_out: dict[int, cp_model.IntVar] = {}

    def give(self, reason: Reason, most: int) -> cp_model.IntVar:
        if reason not in self.slack:
            self.slack[reason] = self.model.new_int_var(0, max(0, most), "")
        return self.slack[reason]

    def exactly(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        if reason.rule == "weeks" and reason.visit is not None:
            self.left_out[reason.visit] = self.give(reason, 1)
        self.model.add(self._filled(variables, amount, reason) == amount)

    def at_least(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        if amount > 0:
            self.model.add(self._filled(variables, amount, reason) >= amount)

    def _filled(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> cp_model.LinearExprT:
        """The sum with what is given, and all of it for a visit that is left out."""
        terms, factors = [*variables, self.give(reason, amount)], [1] * (len(variables) + 1)
        if reason.visit is not None and reason.rule in OF_VISIT:
            terms.append(self.left_out[reason.visit])
            factors.append(amount)
        return cp_model.LinearExpr.weighted_sum(terms, factors)

    def at_most(
        self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason, factors: Sequence[int] | None = None
    ) -> None:
        counts = list(factors) if factors is not None else [1] * len(variables)
        if sum(counts) > amount:
            slack = self.give(reason, sum(counts) - amount)
            self.model.add(cp_model.LinearExpr.weighted_sum([*variables, slack], [*counts, -1]) <= amount)

    def one_of(self, literals: Sequence[cp_model.LiteralT], reason: Reason) -> None:
        spare = [self.give(reason, 1)] if reason.rule == "spacing" else []
        self.model.add_bool_or([*literals, *spare])


def relax(problem: Problem, limits: Limits, should_stop: Callable[[], bool] = lambda: False) -> tuple[Reason, ...]:
    """What would have to give, each rule with how much; empty when nothing has to, or no way was found in the time.

    It is the least by `PRICES` over the likeliest peers of each visit when the time does, else the least found.
    """
    if not problem.visits:
        return ()
    rows = SlackRows(cp_model.CpModel())
    built = SeatModel(problem, narrowed(problem, *WIDTH, among=meeting(problem)), rows)
    reasons = list(rows.slack)
    prices = [PRICES[reason.rule] for reason in reasons]
    rows.model.minimize(cp_model.LinearExpr.weighted_sum([rows.slack[reason] for reason in reasons], prices))
    solver = lp_solver(limits, min(limits.seconds, LONGEST), UNITS)
    status = solve_watched(solver, rows.model, should_stop)
    if status == cp_model.FEASIBLE:
        status = _settled(built, solver, limits)
    if status not in FOUND:
        return ()
    given = [replace(reason, amount=solver.value(rows.slack[reason])) for reason in reasons]
    return tuple(sorted((reason for reason in given if reason.amount), key=told))


def _settled(built: SeatModel, solver: cp_model.CpSolver, limits: Limits) -> cp_model.CpSolverStatus:
    """The same weeks and teams with no more given than they need: a search cut short may give too much."""
    for variable in [*built.week.values(), *built.seat.values()]:
        built.model.add(variable == solver.value(variable))
    return solver.solve(built.model)
