"""What planning costs: seasons of two sizes in a process of their own, as the worker plans them, and the shortlist."""

import os
import resource
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Limits, News, Plan, Problem
from peers.planning.season.run import in_child
from peers.stages import Stage

from .figures import Figures, page_figures
from .frames import PREFIX
from .instances import instance
from .serving import Client, serving
from .visits import Page, cookie_of

SECONDS = {"M": 60, "L": 180}
LEAVING = 3  # peers of a plan who cannot come after all


class BadPlan(Exception):
    """A plan that breaks a rule or does not cost what was said, or none where one should be."""


@dataclass
class Heard:
    """What a child said, with the seconds from the call to our hearing it. Each plan is checked on its way in."""

    problem: Problem
    plans: list[tuple[float, int]] = field(default_factory=list)
    bounds: list[tuple[float, int]] = field(default_factory=list)
    plan: Plan | None = None
    ended: float = 0.0

    def hear(self, news: Iterable[News]) -> "Heard":
        """Raises BadPlan."""
        begun = time.monotonic()
        for said in news:
            seconds = time.monotonic() - begun
            if said.bound is not None:
                self.bounds.append((seconds, said.bound))
            if said.plan is not None:
                self.plans.append((seconds, self.checked(said.plan, said.cost)))
                self.plan = said.plan
        self.ended = time.monotonic() - begun
        if self.plan is None:
            raise BadPlan("no plan was made")
        self.compared()
        return self

    def checked(self, plan: Plan, said: int | None) -> int:
        wrong, counted = broken(self.problem, plan), cost(self.problem, plan)["total"]
        if wrong or counted != said:
            raise BadPlan(f"it was said to cost {said} and costs {counted}; broken: {wrong[:5] or 'nothing'}")
        return counted

    def compared(self) -> None:
        best, bound = min(cost for _at, cost in self.plans), max((bound for _at, bound in self.bounds), default=None)
        if bound is not None and bound > best:
            raise BadPlan(f"the bound {bound} is above a plan of {best}")

    @property
    def first(self) -> float:
        return self.plans[0][0]

    def gap(self, after: float) -> float:
        """Between the best plan and the best bound heard in that many seconds, as a fraction of the plan's cost;
        1 while either was missing."""
        costs = [cost for at, cost in self.plans if at <= after]
        bounds = [bound for at, bound in self.bounds if at <= after]
        return (min(costs) - max(bounds)) / max(1, abs(min(costs))) if costs and bounds else 1.0


def measure_planning() -> Figures:
    """Seasons first: what they start must be the first children of this process."""
    return measure_seasons() | measure_shortlist()


def measure_seasons() -> Figures:
    """Seconds from the call to a first plan, gaps after so many seconds (the child's start is in both), the peak
    of the child's memory in MiB, and seconds of a whole re-planning. Raises BadPlan."""
    middle = planned("M")
    # The largest of the children that have ended: the process that measures has had no other yet.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    large = planned("L")
    return {
        "planning.first_plan_s": middle.first,
        "planning.gap_60s": middle.gap(60),
        "planning.peak_mib": peak,
        "planning.large_first_plan_s": large.first,
        "planning.large_gap_60s": large.gap(60),
        "planning.large_gap_180s": large.gap(180),
        "planning.replan_s": replanned(middle).ended,
    }


def planned(size: str) -> Heard:
    """It goes on for the whole time: no gap is small enough to stop at."""
    problem = instance(size)
    limits = Limits(seconds=SECONDS[size], gap=0.0)
    return Heard(problem).hear(in_child("plan", problem, limits=limits, should_stop=never))


def replanned(before: Heard) -> Heard:
    """Three of the plan's people withdraw and its fullest week is lost."""
    assert before.plan is not None
    changed = shaken(before.problem, before.plan)
    news = in_child("replan", changed, limits=Limits(), old=before.plan, should_stop=never)
    return Heard(changed).hear(news)


def shaken(problem: Problem, plan: Plan) -> Problem:
    goers = sorted({p for _week, team in plan.values() for p in team})
    leaving = goers[:: len(goers) // LEAVING][:LEAVING]
    fullest, _count = Counter(week for week, _team in sorted(plan.values())).most_common(1)[0]
    return replace(
        problem,
        pairs={key: pair for key, pair in problem.pairs.items() if key[1] not in leaving},
        per_week=tuple(0 if week == fullest else room for week, room in enumerate(problem.per_week)),
    )


def never() -> bool:
    return False


# --- the shortlist ------------------------------------------------------------------------------------
def measure_shortlist() -> Figures:
    """The page for one challenge in set-up, with everybody in the pool to be ranked."""
    page, challenge = shortlist_page()
    with serving(Path(settings.BASE_DIR), os.environ) as server:
        client = Client(server.port, cookie_of(challenge, page.seat))
        found = page_figures(page, client, Client(server.port))
    return {
        "planning.shortlist_queries": found["shortlist.queries"],
        "planning.shortlist_ratio": found["shortlist.ratio_p50"],
    }


def shortlist_page() -> tuple[Page, Challenge]:
    challenge = Challenge.objects.filter(ref__startswith=f"{PREFIX}-", stage=Stage.SETUP).order_by("pk")[0]
    path = reverse("planning:shortlist", args=[challenge.ref])
    return Page("shortlist", path, SeatName.COORDINATOR, Stage.SETUP), challenge
