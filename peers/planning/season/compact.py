"""A first legal plan in seconds: the seat model over the likeliest peers of each visit, wider where that fails."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from ortools.sat.python import cp_model

from peers.planning.season.compact_cost import minimise, objective
from peers.planning.season.compact_model import Rows, SeatModel
from peers.planning.season.counting import by_counting
from peers.planning.season.narrow import narrowed, usable
from peers.planning.season.problem import Limits, Plan, Problem

# (best of each visit, best for each role and theme); None for every pair.
WIDTHS: tuple[tuple[int, int] | None, ...] = ((15, 3), (40, 8), None)
SOON = 3.0  # seconds that a narrow model gets: with a plan within reach it needs a tenth of them
IMPROVE_SECONDS = 0.5  # after the first plan: it is to be there soon, not to be good
UNITS = 3.0  # of deterministic time for a narrowed model, five times that for all pairs
ENOUGH = 5  # plans until the deterministic mode stops, where the other stops by the clock
FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)
LOOK_EVERY = 0.1  # seconds between two questions whether to stop


def first_plan(problem: Problem, limits: Limits, should_stop: Callable[[], bool] = lambda: False) -> Plan | None:
    """A legal plan, or None: there is none, or none was found in `limits.seconds`. Says nothing of how good it is."""
    started, pairs = monotonic(), usable(problem)
    if not problem.visits or by_counting(problem):
        return None if problem.visits else {}
    for number, width in enumerate(WIDTHS):
        chosen = pairs if width is None else narrowed(problem, *width)
        left = limits.seconds - (monotonic() - started)
        if should_stop() or (left <= 0 and not limits.deterministic):
            return None
        if width is not None and len(chosen) == len(pairs):
            continue  # no narrower than the last one, which is all pairs
        units = UNITS if width is not None else 5 * UNITS
        share = left if width is None else min(SOON * (number + 1), left / 2)
        plan = _attempt(problem, chosen, limits, (share, units), should_stop)
        if plan is not None:
            return plan
    return None


def _attempt(
    problem: Problem,
    pairs: list[tuple[int, int]],
    limits: Limits,
    time: tuple[float, float],
    should_stop: Callable[[], bool],
) -> Plan | None:
    built = SeatModel(problem, pairs, Rows(cp_model.CpModel()))
    minimise(built, objective(built))
    solver = new_solver(limits, *time)
    if limits.deterministic:
        status = solve_watched(solver, built.model, should_stop, enough=ENOUGH)
    else:
        status = solve_watched(solver, built.model, should_stop, after_first=IMPROVE_SECONDS)
    return plan_of(built, solver) if status in FOUND else None


def new_solver(limits: Limits, seconds: float, units: float) -> cp_model.CpSolver:
    """Wall seconds, or for the deterministic mode one worker and `units` of deterministic time."""
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = limits.seed
    if limits.deterministic:
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = units
    else:
        solver.parameters.num_workers = max(1, limits.workers)
        solver.parameters.max_time_in_seconds = max(0.1, seconds)
    return solver


def lp_solver(limits: Limits, seconds: float, units: float) -> cp_model.CpSolver:
    """A solver that is to prove something: of two workers both solve linear relaxations, the default two do not."""
    solver = new_solver(limits, seconds, units)
    if not limits.deterministic and limits.workers == 2:
        solver.parameters.subsolvers.extend(["max_lp", "default_lp"])
    return solver


def plan_of(built: SeatModel, solver: "cp_model.CpSolver | Watch") -> Plan:
    weeks = {v: w for (v, w), variable in built.week.items() if solver.boolean_value(variable)}
    return {
        v: (week, tuple(p for p in built.team[v] if solver.boolean_value(built.seat[v, p])))
        for v, week in sorted(weeks.items())
    }


class Watch(cp_model.CpSolverSolutionCallback):
    """Remembers when the first plan came, hands each on, and stops when there are enough."""

    def __init__(self, found: Callable[["Watch"], None] | None, enough: int | None) -> None:
        super().__init__()
        self.first: float | None = None
        self._found, self._left = found, enough

    def on_solution_callback(self) -> None:
        if self.first is None:
            self.first = monotonic()
        if self._found is not None:
            self._found(self)
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.stop_search()


def solve_watched(
    solver: cp_model.CpSolver,
    model: cp_model.CpModel,
    should_stop: Callable[[], bool],
    *,
    after_first: float | None = None,
    enough: int | None = None,
    found: Callable[[Watch], None] | None = None,
) -> cp_model.CpSolverStatus:
    """Solve while another thread asks `should_stop`; over too `after_first` seconds after the first solution, or
    with the `enough`-th. `found` gets each solution, from the solver's thread."""
    watch, over = Watch(found, enough), Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            late = after_first is not None and watch.first is not None and monotonic() - watch.first > after_first
            if late or should_stop():
                with suppress(RuntimeError):
                    solver.stop_search()

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        return solver.solve(model, watch)
    finally:
        over.set()
        watcher.join()
