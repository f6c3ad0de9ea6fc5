"""Why a season has no plan, and the least that would have to give.

First by counting (`counting`), then by the seat model over all pairs with each rule under an assumption of its
own: the assumptions that cannot hold together, shrunk one by one, are the reasons.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from time import monotonic

from ortools.sat.python import cp_model

from peers.planning.season.compact import FOUND, new_solver, plan_of, solve_watched
from peers.planning.season.compact_model import Rows, SeatModel, apart
from peers.planning.season.counting import by_counting, told
from peers.planning.season.giving import relax
from peers.planning.season.narrow import meeting
from peers.planning.season.problem import Limits, Plan, Problem, Reason

__all__ = ["explain", "relax"]

UNITS = 10.0  # of deterministic time for one search


class AssumedRows(Rows):
    """Each row holds only while the literal of its reason does."""

    def __init__(self, model: cp_model.CpModel) -> None:
        super().__init__(model)
        self.literals: dict[Reason, cp_model.IntVar] = {}

    def literal(self, reason: Reason) -> cp_model.IntVar:
        if reason not in self.literals:
            self.literals[reason] = self.model.new_bool_var("")
        return self.literals[reason]

    def exactly(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        total = cp_model.LinearExpr.sum(list(variables))
        self.model.add(total <= amount)
        self.model.add(total >= amount).only_enforce_if(self.literal(reason))

    def at_least(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        if amount > 0:
            total = cp_model.LinearExpr.sum(list(variables))
            self.model.add(total >= amount).only_enforce_if(self.literal(reason))

    def at_most(
        self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason, factors: Sequence[int] | None = None
    ) -> None:
        counts = list(factors) if factors is not None else [1] * len(variables)
        if sum(counts) > amount:
            total = cp_model.LinearExpr.weighted_sum(list(variables), counts)
            self.model.add(total <= amount).only_enforce_if(self.literal(reason))

    def one_of(self, literals: Sequence[cp_model.LiteralT], reason: Reason) -> None:
        self.model.add_bool_or([*literals, self.literal(reason).negated()])


def explain(problem: Problem, limits: Limits, should_stop: Callable[[], bool] = lambda: False) -> tuple[Reason, ...]:
    """Rules that cannot all be kept; empty when there is a plan, or when the time did not do to tell.

    Found by counting, every reason is one by itself (a season that lacks 4 specialists says so once). Found by the
    model, the reasons cannot be kept together, and with time enough leaving any one of them out would do.
    """
    counted = by_counting(problem)
    if counted or not problem.visits:
        return tuple(dict.fromkeys(counted))
    return _Core(problem, limits, should_stop).reasons()


class _Core:
    """The seat model under assumptions."""

    def __init__(self, problem: Problem, limits: Limits, should_stop: Callable[[], bool]) -> None:
        self.problem, self.limits, self.should_stop = problem, limits, should_stop
        self.ends = monotonic() + limits.seconds
        self.rows = AssumedRows(cp_model.CpModel())
        self.built = SeatModel(problem, meeting(problem), self.rows, spaced=())
        self.spaced: set[int] = set()

    def reasons(self) -> tuple[Reason, ...]:
        core = self._conflict(list(self.rows.literals), spacing_too=True)
        return tuple(sorted(self._shrunk(core), key=told)) if core is not None else ()

    def _shrunk(self, core: list[Reason]) -> list[Reason]:
        for reason in sorted(core, key=told):
            if reason in core and len(core) > 1:
                smaller = self._conflict([other for other in core if other != reason])
                core = core if smaller is None else smaller
        return core

    def _conflict(self, assumed: list[Reason], *, spacing_too: bool = False) -> list[Reason] | None:
        """Those of the assumed that cannot hold together; None when all can, or the time is over.

        `spacing_too`: a plan that sends somebody twice within the spacing gets that rule and is looked for again.
        """
        while True:
            model, seconds = self.built.model, self.ends - monotonic()
            if (seconds <= 0 and not self.limits.deterministic) or self.should_stop():
                return None
            model.clear_assumptions()
            model.add_assumptions([self.rows.literals[reason] for reason in assumed])
            solver = new_solver(replace(self.limits, workers=1), seconds, UNITS)
            status = solve_watched(solver, model, self.should_stop)
            if status == cp_model.INFEASIBLE:
                core = set(solver.sufficient_assumptions_for_infeasibility())
                return [reason for reason in assumed if self.rows.literals[reason].index in core]
            hurried = set()
            if spacing_too and status in FOUND:
                hurried = too_close(self.problem, plan_of(self.built, solver)) - self.spaced
            if not hurried:
                return None
            for p in sorted(hurried):
                self.built.keep_apart(p)
            assumed = [*assumed, *(Reason("spacing", peer=p) for p in sorted(hurried))]
            self.spaced |= hurried


def too_close(problem: Problem, plan: Plan) -> set[int]:
    """The peers with two visits nearer than the spacing."""
    weeks: dict[int, list[int]] = {}
    for week, team in sorted(plan.values()):
        for p in team:
            weeks.setdefault(p, []).append(week)
    return {p for p, some in weeks.items() if any(b - a < apart(problem) for a, b in pairwise(some))}
