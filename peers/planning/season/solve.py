"""The whole solving of a season: a first plan, columns with their bound, a choice of columns.

The bound holds for the whole problem at every moment; the cost is that of the best plan so far.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from time import monotonic

from . import checker
from .choice import Choice, Effort
from .columns import Columns, plan_cost
from .compact import first_plan
from .data import Data
from .dive import dive
from .duals import Duals
from .explain import explain
from .master import Master, NotSolved
from .pricing import Pricing
from .problem import Limits, News, Plan, Problem

FIRST_SHARE = 0.25  # of the seconds, at most, for a first plan
QUICK_SHARE, DIVE_SHARE, COLUMN_SHARE = 0.35, 0.7, 0.6  # of the seconds have gone when these are to be done
SURE_TURNS = 2  # of exact pricing, however late it is: without them the bound says nothing
CLOSE = 0.003  # of the bound: the relaxation is as good as solved
SMOOTH = 0.3  # of the last prices are kept, which calms them
QUICK_TURNS, EXACT_TURNS = 60, 15
FEW = 0.5  # new columns a visit: time for new pools
MANY = 0.6  # of the visits had a better team: not yet time for exact pricing
CHOSEN = 6000  # columns for the choice
CHOICE_SHARE = 0.3  # of the seconds that are left; then parts of the plan are made anew
PARTS, NEAR_WEEKS = (0.2, 0.9), 4.0  # of the plan, about a week
MEND_TURNS = 4
SETTLED = 15.0  # seconds without a better plan, for no visits; twice as many for 60
UNITS = 0.4  # of deterministic time for the choice, a visit


def solve(
    problem: Problem,
    limits: Limits,
    tell: Callable[[News], None] = lambda _news: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> News:
    """Plan a season; the last news, which `tell` gets too: phase "done", or "impossible" with reasons.

    `tell` may be called from other threads, one call at a time. The plan is given whenever it is a better one, and in
    the last news in any case.
    """
    return _Season(problem, limits, tell, should_stop).run()


class _Season:
    """One solve: what is known so far, and how much time is left."""

    def __init__(
        self, problem: Problem, limits: Limits, tell: Callable[[News], None], should_stop: Callable[[], bool]
    ) -> None:
        self.problem, self.limits, self.tell, self.should_stop = problem, limits, tell, should_stop
        self.started = monotonic()
        self.data = Data(problem)
        self.columns = Columns(self.data)
        self.plan: Plan | None = None
        self.cost: int | None = None
        self.bound = -math.inf
        self.phase = "first"
        self.better_at = self.started
        self.best_duals: Duals | None = None

    def run(self) -> News:
        if not self._first():
            reasons = explain(self.problem, replace(self.limits, seconds=self._left()), self.should_stop)
            if reasons:
                return self._last("impossible", News("impossible", self._seconds(), reasons=reasons))
        if self.problem.visits and not self._over():
            self._columns_and_choice()
        elif not self.problem.visits:
            self._bounded(float(self.cost or 0))
        news = self._news()
        if self.bound == math.inf:
            return self._last("impossible", replace(news, phase="impossible", bound=None))
        return self._last("done", replace(news, phase="done", plan=self.plan))

    # --- what is known -----------------------------------------------------------------------------------
    def _seconds(self) -> float:
        return monotonic() - self.started

    def _left(self) -> float:
        return max(0.0, self.limits.seconds - self._seconds())

    def _news(self, plan: Plan | None = None) -> News:
        bound = None if not math.isfinite(self.bound) else math.ceil(self.bound - 1e-6)
        if bound is not None and self.cost is not None:
            bound = min(bound, self.cost)
        return News(self.phase, self._seconds(), self.cost, bound, plan)

    def _last(self, phase: str, news: News) -> News:
        self.phase = phase
        self.tell(news)
        return news

    def _planned(self, plan: Plan) -> None:
        """Keeps a plan that is better, once it has proved legal."""
        cost = plan_cost(self.data, plan)
        if (self.cost is None or cost < self.cost) and not checker.broken(self.problem, plan):
            self.plan, self.cost, self.better_at = plan, cost, monotonic()
            self.tell(self._news(plan))

    def _bounded(self, bound: float) -> None:
        self.bound = max(self.bound, bound)
        self.tell(self._news())

    def _over(self) -> bool:
        """Asked to stop, close enough, or out of time (which the deterministic mode does not look at)."""
        if self.should_stop():
            return True
        gap = self._news().gap
        if gap is not None and gap <= self.limits.gap:
            return True
        return not self.limits.deterministic and self._left() <= 0

    def _gone(self, share: float) -> bool:
        """Over, or so much of the time has gone."""
        spent = self._seconds() > share * self.limits.seconds
        return self._over() or (spent and not self.limits.deterministic)

    # --- the steps ---------------------------------------------------------------------------------------
    def _first(self) -> bool:
        seconds = max(5.0, FIRST_SHARE * self.limits.seconds)
        limits = replace(self.limits, seconds=min(self.limits.seconds, seconds))
        plan = first_plan(self.problem, limits, self.should_stop)
        if plan is not None:
            self._planned(plan)
            self.columns.add_plan(plan)
        return plan is not None

    def _columns_and_choice(self) -> None:
        self.phase = "columns"
        # A visit without a team must cost more than any team may be worth, and little more, or the prices run wild.
        master = Master(self.data, self.columns, missing_cost=self._missing_cost())
        pricing = Pricing(self.data, workers=self.limits.workers, deterministic=self.limits.deterministic)
        try:
            duals = self._quick(master, pricing)
            self._dive(master, pricing, DIVE_SHARE)
            duals = self._exact(master, pricing, duals)
            self._dive(master, pricing, COLUMN_SHARE)
            if not self._over():
                self._choose(pricing, duals)
            self._mend(master, pricing)
        except NotSolved:
            pass  # what is known by now is the result
        finally:
            pricing.close()

    def _missing_cost(self) -> float:
        weights = self.problem.weights
        dearest = max((int(seats.cost.max(initial=0)) for seats in self.data.seats), default=0)
        return 30.0 + dearest + weights.second_visit + weights.third_visit + 4 * weights.covered_once

    def _quick(self, master: Master, pricing: Pricing) -> Duals:
        """Columns from pools and exchanges, until these find little more."""
        visits = len(self.data.seats)
        duals = Duals.zero(self.data)
        duals.visit[:] = 1e9
        pricing.turn(self.columns, duals, exact=False, support={}, stopped=self._over)
        duals = master.solve()
        for _turn in range(QUICK_TURNS):
            added = pricing.cheap(self.columns, duals)
            if added < FEW * visits:
                turn = pricing.turn(self.columns, duals, exact=False, support=master.support(), stopped=self._over)
                self._bounded(turn.bound)
                if turn.improving < MANY * visits and master.full:
                    break
            if self._gone(QUICK_SHARE):
                break
            new = master.solve()
            duals = new.mixed(duals, SMOOTH) if master.full else new
            master.add_broken()
        return duals

    def _exact(self, master: Master, pricing: Pricing, duals: Duals) -> Duals:
        """Columns from exact pricing, until the bound is close to what the relaxation costs."""
        for number in range(EXACT_TURNS):
            if self._over() or (number >= SURE_TURNS and self._gone(COLUMN_SHARE)):
                break
            new = master.solve()
            broken = master.add_broken()
            if not broken and master.full and master.value - self.bound < CLOSE * abs(master.value):
                break
            duals = new.mixed(self.best_duals or duals, SMOOTH)
            pricing.cheap(self.columns, duals)
            turn = pricing.turn(self.columns, duals, exact=True, support=master.support(), stopped=self._over)
            if turn.bound > self.bound:
                self.best_duals = duals
            self._bounded(turn.bound)
        return self.best_duals or duals

    def _dive(self, master: Master, pricing: Pricing, share: float) -> None:
        if not self._gone(share):
            plan = dive(master, pricing, self.columns, lambda: self._gone(share))
            if plan is not None:
                self._planned(plan)
                self.columns.add_plan(plan)

    def _choose(self, pricing: Pricing, duals: Duals) -> None:
        self.phase, self.better_at = "choice", monotonic()
        each = max(20, min(150, CHOSEN // len(self.data.seats)))
        spare = math.inf if self.cost is None or self.best_duals is None else self.cost - self.bound
        chosen = pricing.promising(self.columns, duals, each, spare)
        kept = set(chosen)
        for visit, (week, team) in sorted((self.plan or {}).items()):
            column = self.columns.all[self.columns.number[visit, week, team]]
            if column not in kept:
                chosen.append(column)
        limits = self.limits
        seconds = UNITS * len(self.data.seats) if limits.deterministic else CHOICE_SHARE * self._left()
        effort = Effort(seconds, limits.workers, limits.seed, limits.deterministic)
        Choice(self.data, chosen).choose(effort, hint=self.plan, found=self._planned, stopped=self._settled)

    def _mend(self, master: Master, pricing: Pricing) -> None:
        """Dives again and again for a part of the plan, visits of neighbouring weeks, the others kept."""
        rng, self.better_at = Random(self.limits.seed), monotonic()  # noqa: S311 - only what to try next
        for turn in count():
            if self.plan is None or self._settled() or (self.limits.deterministic and turn >= MEND_TURNS):
                return
            self.columns.add_plan(self.plan)
            plan = dive(master, pricing, self.columns, self._over, self._kept(self.plan, rng))
            if plan is not None:
                self._planned(plan)

    def _kept(self, plan: Plan, rng: Random) -> Plan:
        """All but the visits around some week."""
        centre, part = rng.random() * self.problem.weeks, rng.uniform(*PARTS)
        near = sorted(plan, key=lambda v: (abs(plan[v][0] - centre) + NEAR_WEEKS * rng.random(), v))
        return {v: plan[v] for v in near[max(2, int(part * len(near))) :]}

    def _settled(self) -> bool:
        stale = monotonic() - self.better_at > SETTLED * (1 + len(self.data.seats) / 60) and self.plan is not None
        return self._over() or (stale and not self.limits.deterministic)
