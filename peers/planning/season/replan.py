"""A plan again after something changed, moving as little as possible: the seat model, first with a price on moves
alone, then at no more moves with the ordinary cost."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from ortools.sat.python import cp_model

from peers.planning.season.compact import FOUND, Watch, lp_solver, new_solver, plan_of, solve_watched
from peers.planning.season.compact_cost import Terms, counted, minimise, objective
from peers.planning.season.compact_model import Rows, SeatModel
from peers.planning.season.counting import by_counting
from peers.planning.season.explain import explain, relax
from peers.planning.season.narrow import Key, narrowed, usable
from peers.planning.season.problem import Limits, News, Plan, Problem

BEST, EACH = 60, 8  # peers a visit chooses from besides its own team
NEW_SEAT, MOVED_WEEK = 50, 150
SMALL = 1000  # pairs
TO_SAVE = 5.0  # seconds at most for the ordinary cost, once the moves are settled
TO_EXPLAIN = 10.0  # seconds at most for each of the reasons and the relaxation
UNITS = 20.0  # of deterministic time


def replan(
    problem: Problem, old: Plan, limits: Limits, tell: Callable[[News], None], should_stop: Callable[[], bool]
) -> News:
    """The old plan itself if it still holds, else one that seats as few new people and moves as few weeks as found.

    Visits of `old` that the problem no longer has, and people who may no longer go, are no matter; new visits are
    planned too. Last news: "done" with a plan, "done" without one when the time did not do, or "impossible" with
    reasons and relaxations. The bound is None: the model looks at the likeliest peers only.
    """
    return _Replan(problem, old, limits, tell, should_stop).run()


class _Replan:
    def __init__(
        self,
        problem: Problem,
        old: Plan,
        limits: Limits,
        tell: Callable[[News], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self.problem, self.limits, self.tell, self.should_stop = problem, limits, tell, should_stop
        self.started = monotonic()
        self.best: tuple[int, int] | None = None  # moves and cost of the plan told last
        peers, visits = range(len(problem.peers)), range(len(problem.visits))
        self.old: Plan = {
            v: (week, tuple(sorted({p for p in team if p in peers})))
            for v, (week, team) in sorted(old.items())
            if v in visits
        }
        self.seats = {(v, p) for v, (_, team) in self.old.items() for p in team}

    def run(self) -> News:
        pairs = usable(self.problem)
        if self._still_holds(pairs):
            return self._news("done", self.old)
        if by_counting(self.problem):
            return self._impossible()
        for chosen in self._widths(pairs):
            status, plan = self._attempt(chosen)
            if plan is not None or self.should_stop():
                return self._news("done", plan)
            if status == cp_model.INFEASIBLE and len(chosen) == len(pairs):
                return self._impossible()
        return self._news("done", None)

    def _widths(self, pairs: list[Key]) -> list[list[Key]]:
        chosen = narrowed(self.problem, BEST, EACH, keep=self.seats)
        return [chosen, pairs] if len(chosen) < len(pairs) else [pairs]

    def _still_holds(self, pairs: list[Key]) -> bool:
        """Whether the old plan is a legal one: the model of its seats alone, with everything fixed."""
        if len(self.old) < len(self.problem.visits) or not self.seats <= set(pairs):
            return False
        if any(self.old[v][0] != week for v, week in self.problem.week_pins.items()):
            return False
        weeks = {v: week for v, (week, _) in self.old.items()}
        fixed = replace(self.problem, seat_pins=self.problem.seat_pins | self.seats, week_pins=weeks)
        built = SeatModel(fixed, self.seats, Rows(cp_model.CpModel()))
        return solve_watched(new_solver(self.limits, 5.0, 1.0), built.model, lambda: False) in FOUND

    def _attempt(self, chosen: list[Key]) -> tuple[cp_model.CpSolverStatus, Plan | None]:
        """First the fewest moves, then the least cost with no more than those."""
        built = SeatModel(self.problem, chosen, Rows(cp_model.CpModel()))
        minimise(built, self._moves(built))
        status, plan = self._search(built, self.old, self._left())
        if plan is None or self.should_stop():
            return status, plan
        built = SeatModel(self.problem, self._to_save(chosen, plan), Rows(cp_model.CpModel()))
        moves = self._moves(built)
        variables, prices = [variable for variable, _ in moves], [price for _, price in moves]
        built.model.add(cp_model.LinearExpr.weighted_sum(variables, prices) <= self._moved(plan))
        minimise(built, objective(built))
        _, cheaper = self._search(built, plan, min(TO_SAVE, self._left()))
        both = [some for some in (cheaper, plan) if some is not None]
        return status, min(both, key=lambda some: counted(self.problem, some))

    def _to_save(self, chosen: list[Key], plan: Plan) -> list[Key]:
        """The pairs that may save cost: all of a small season; else new people only where the team has moved, which
        takes a tenth of the time."""
        if len(chosen) <= SMALL:
            return chosen
        changed = {v for v, visit in plan.items() if self.old.get(v) != visit}
        seats = self.seats | {(v, p) for v, (_, team) in plan.items() for p in team}
        return [key for key in chosen if key[0] in changed or key in seats]

    def _search(self, built: SeatModel, hint: Plan, seconds: float) -> tuple[cp_model.CpSolverStatus, Plan | None]:
        built.model.clear_hints()
        for (v, p), seat in built.seat.items():
            if v in hint:
                built.model.add_hint(seat, p in hint[v][1])
        for (v, w), week in built.week.items():
            if v in hint:
                built.model.add_hint(week, w == hint[v][0])
        solver = lp_solver(self.limits, seconds, UNITS)
        status = solve_watched(solver, built.model, self.should_stop, found=lambda watch: self._found(built, watch))
        return status, plan_of(built, solver) if status in FOUND else None

    def _moves(self, built: SeatModel) -> Terms:
        seats = [(seat, NEW_SEAT) for key, seat in built.seat.items() if key[0] in self.old and key not in self.seats]
        moved = [key for key in built.week if key[0] in self.old and key[1] != self.old[key[0]][0]]
        return seats + [(built.week[key], MOVED_WEEK) for key in moved]

    def _moved(self, plan: Plan) -> int:
        """The price of the moves of a plan."""
        weeks = sum(v in self.old and week != self.old[v][0] for v, (week, _) in plan.items())
        seats = sum(v in self.old and (v, p) not in self.seats for v, (_, team) in plan.items() for p in team)
        return MOVED_WEEK * weeks + NEW_SEAT * seats

    def _left(self) -> float:
        return self.limits.seconds - (monotonic() - self.started)

    def _found(self, built: SeatModel, watch: Watch) -> None:
        """Tells a plan that moves less than the last told, or as little at a lower cost."""
        plan = plan_of(built, watch)
        rank = self._moved(plan), counted(self.problem, plan)
        if self.best is None or rank < self.best:
            self.best = rank
            self.tell(self._news("replan", plan))

    def _news(self, phase: str, plan: Plan | None) -> News:
        cost = counted(self.problem, plan) if plan is not None else None
        return News(phase, monotonic() - self.started, cost=cost, plan=plan)

    def _impossible(self) -> News:
        limits = replace(self.limits, seconds=min(TO_EXPLAIN, self.limits.seconds))
        reasons = explain(self.problem, limits, self.should_stop)
        relaxations = relax(self.problem, limits, self.should_stop)
        return News("impossible", monotonic() - self.started, reasons=reasons, relaxations=relaxations)
