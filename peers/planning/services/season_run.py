"""The working out of a season plan in the worker: what is found is stored as it comes, and kept whatever happens."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.jobs.models import Job
from cyber360.jobs.models import State as JobState
from cyber360.jobs.services import NotYet
from peers.planning.models import (
    UNDER_WAY,
    PlanProgress,
    PlanSeat,
    PlanState,
    PlanVisit,
    SeasonPlan,
)
from peers.planning.plans.building import Built
from peers.planning.plans.reading import VisitRow, as_plan, costs_by_term, gone, moved, rows_of
from peers.planning.plans.words import as_data, eased_words, gone_words, pin_words
from peers.planning.queries.season import base_known, known_of, names_of
from peers.planning.queries.season_problem import problem_of, refusals
from peers.planning.season import checker
from peers.planning.season.problem import Limits, News, Plan, Problem

logger = logging.getLogger(__name__)
Show = Callable[[int, str], None]
AT_MOST_EVERY = 1.0  # seconds between two writes of progress
EXPLAIN_SECONDS = 20.0


class Solve(Protocol):
    """`peers.planning.season.run.in_child`."""

    def __call__(
        self, task: str, problem: Problem, *, limits: Limits, old: Plan | None = ..., should_stop: Callable[[], bool]
    ) -> Iterator[News]: ...


class SearchEnded(RuntimeError):
    """The solving process ended without a word: the job is tried again."""


class _Over(Exception):
    """The plan was deleted, finished by another attempt, or asked for afresh."""


def work_out(*, plan_id: int, run: int, show: Show, solve: Solve) -> dict[str, str]:
    """Work out run number `run` of a plan. May be called again after a worker died: then the best so far is kept.

    One plan at a time: each takes minutes, and two would leave no worker for mails and files. Raises NotYet meanwhile.
    """
    plan = _begin(plan_id, run)
    if plan is not None and plan.state == PlanState.QUEUED:
        raise NotYet(_("Waits until another plan has been worked out."))
    if plan is None:
        return {}
    try:
        built = problem_of(plan)
        against = [*refusals(plan), *pin_words(built)]
        if against:
            _end(plan, PlanState.IMPOSSIBLE, reasons=[{"kind": "why", "text": text} for text in against])
            return {"state": PlanState.IMPOSSIBLE}
        return {"state": _Run(plan, built, show, solve).go()}
    except _Over:
        return {}


@transaction.atomic
def _begin(plan_id: int, run: int) -> SeasonPlan | None:
    """The plan, marked as running, or as queued when another is; None when there is nothing more to do for this run."""
    rows = SeasonPlan.objects.select_for_update(of=("self",)).select_related("programme", "based_on")
    # All are locked, in one order: of two that begin at the same moment the second sees the first running.
    under_way = {row.pk: row for row in rows.filter(state__in=UNDER_WAY).order_by("pk")}
    plan = under_way.pop(plan_id, None)
    if plan is None or plan.run != run:
        return None
    if plan.state == PlanState.RUNNING and plan.visits.exists():
        told = _("The worker stopped in the middle of the search. The best plan that it had found is kept.")
        _close(plan, PlanState.STOPPED, remarks=[told])
        return None
    if plan.stop_asked_at is not None:
        _close(plan, PlanState.FAILED, remarks=[_("The search was stopped before it had begun.")])
        return None
    plan.progress.all().delete()
    waits = _any_is_worked_on(under_way.values())
    plan.state, plan.phase = (PlanState.QUEUED, "") if waits else (PlanState.RUNNING, "first")
    plan.save(update_fields=["state", "phase"])
    return plan


def _any_is_worked_on(plans: Iterable[SeasonPlan]) -> bool:
    """Whether a worker is at one of them: one whose worker died must not keep the others waiting."""
    keys = [plan.job_key for plan in plans if plan.state == PlanState.RUNNING]
    return Job.objects.filter(key__in=keys, state=JobState.RUNNING, lease_until__gte=timezone.now()).exists()


# --- one run ----------------------------------------------------------------------------------------
class _Run:
    """Listens to the solving process, writes what it says and ends it when asked to."""

    def __init__(self, plan: SeasonPlan, built: Built, show: Show, solve: Solve) -> None:
        self.plan, self.built, self.show, self.solve = plan, built, show, solve
        self.written = self.looked = 0.0
        self.stop = False
        self.best: Plan | None = None
        self.last: News | None = None

    def go(self) -> str:
        old = as_plan(self.built, base_known(self.plan))
        task = "replan" if old else "plan"
        limits = Limits(seconds=float(self.plan.seconds))
        for news in self.solve(
            task, self.built.problem, limits=limits, old=old or None, should_stop=self.should_stop
        ):  # fmt: skip
            self.hear(news)
        if self.last is not None:
            self.write(self.last, force=True)
        return self.end()

    def should_stop(self) -> bool:
        """Whether a coordinator has asked to stop, looked up at most once a second."""
        if not self.stop and time.monotonic() - self.looked >= AT_MOST_EVERY:
            self.looked = time.monotonic()
            row = SeasonPlan.objects.filter(pk=self.plan.pk, run=self.plan.run, state=PlanState.RUNNING)
            asked = row.values_list("stop_asked_at", flat=True).first()
            self.stop = asked is not None or not row.exists()
        return self.stop

    def hear(self, news: News) -> None:
        if news.plan is not None:
            self.keep(news.plan)
        self.last = news
        self.write(news)

    def keep(self, found: Plan) -> None:
        """Store a better plan, once the checker has nothing against it."""
        against = checker.broken(self.built.problem, found)
        if against:
            logger.error("season plan %s: the solver gave a plan that breaks rules: %s", self.plan.pk, against[:5])
            return
        costs = checker.cost(self.built.problem, found)
        replans = bool(self.plan.based_on_id)  # there moving counts for more than cost
        if self.best is None or replans or costs["total"] < (self.plan.cost or 0):
            rows = rows_of(self.built, found)
            store_plan(self.plan, rows, costs_by_term(rows, costs))
            self.best = found

    def write(self, news: News, *, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self.written < AT_MOST_EVERY:
            return
        self.written = now
        bound = self._bound(news)
        second = min(int(news.seconds), 32000)
        with transaction.atomic():
            SeasonPlan.objects.filter(pk=self.plan.pk, run=self.plan.run, state=PlanState.RUNNING).update(
                phase=news.phase[:12], seconds_used=news.seconds, bound=bound
            )
            PlanProgress.objects.update_or_create(
                plan=self.plan, second=second, defaults={"cost": self.plan.cost, "bound": bound}
            )
        self.plan.bound = bound
        self.show(min(99, int(100 * news.seconds / self.plan.seconds)), phase_words(news.phase))

    def _bound(self, news: News) -> int | None:
        """A bound of the whole problem. A re-plan has none: it looks for the fewest moves, not for the least cost."""
        if self.plan.based_on_id or news.bound is None:
            return None
        if self.plan.cost is not None and news.bound > self.plan.cost:
            logger.error("season plan %s: bound %s above cost %s", self.plan.pk, news.bound, self.plan.cost)
            return None
        return max(news.bound, self.plan.bound) if self.plan.bound is not None else news.bound

    def end(self) -> str:
        if self.best is not None:
            state = PlanState.STOPPED if self.stop else PlanState.DONE
            since = [told for found in since_then(self.plan).values() for told in found]
            return _end(self.plan, state, remarks=[*eased_words(self.built), *since])
        if self.stop:
            return _end(self.plan, PlanState.FAILED, remarks=[_("The search was stopped before a plan was found.")])
        if self.last is not None and self.last.phase == "impossible":
            reasons, remarks = self.explained(self.last), eased_words(self.built)
            return _end(self.plan, PlanState.IMPOSSIBLE, reasons=reasons, remarks=remarks)
        if self.last is not None and self.last.phase == "done":
            told = _("No plan was found in the time given. Give it longer, or ask for less.")
            return _end(self.plan, PlanState.FAILED, remarks=[told])
        raise SearchEnded

    def explained(self, news: News) -> list[dict[str, str]]:
        """Why there is no plan and what would do; the solving process is asked again for what it has not said."""
        reasons, relaxations = news.reasons, news.relaxations
        if not reasons or not relaxations:
            limits = Limits(seconds=EXPLAIN_SECONDS)
            for more in self.solve("explain", self.built.problem, limits=limits, should_stop=self.should_stop):
                reasons, relaxations = reasons or more.reasons, relaxations or more.relaxations
        return as_data(self.built, reasons, relaxations)


def phase_words(phase: str) -> str:
    """What the waiting page says."""
    return {
        "first": _("Looking for a first plan."),
        "columns": _("Putting teams together and working out how good a plan can be."),
        "choice": _("Choosing among the teams."),
        "replan": _("Looking for the plan that moves least."),
        "explain": _("Looking for what stands in the way."),
        "impossible": _("Looking for what stands in the way."),
    }.get(phase, _("Nearly ready."))


# --- storing ----------------------------------------------------------------------------------------
@transaction.atomic
def store_plan(plan: SeasonPlan, rows: list[VisitRow], costs: dict[str, int]) -> None:
    """Put a better plan in the place of the one before. Raises _Over when the plan is no longer this run's."""
    held = SeasonPlan.objects.select_for_update().filter(pk=plan.pk, run=plan.run, state=PlanState.RUNNING)
    if not held.exists():
        raise _Over
    plan.cost, plan.costs = costs["total"], costs
    if plan.bound is not None and plan.bound > plan.cost:
        plan.bound = None
    held.update(cost=plan.cost, costs=plan.costs, bound=plan.bound)
    plan.visits.all().delete()
    changes = _changes(plan, rows)
    visits = PlanVisit.objects.bulk_create(
        [
            PlanVisit(
                plan=plan,
                challenge_id=row.challenge_id,
                week=row.week,
                terms=row.terms,
                words=row.words,
                moved=changes.get(row.challenge_id, {}),
            )
            for row in rows
        ]
    )
    PlanSeat.objects.bulk_create(
        [
            PlanSeat(
                visit=visit, profile_id=seat.profile_id, role=seat.role, km=seat.km, days=seat.days, terms=seat.terms,
                reasons=seat.reasons, warnings=seat.warnings,
            )
            for visit, row in zip(visits, rows, strict=True)
            for seat in row.seats
        ]
    )  # fmt: skip


def _changes(plan: SeasonPlan, rows: list[VisitRow]) -> dict[int, dict[str, object]]:
    """What moved against the plan this one is based on, with names in place of ids."""
    if plan.based_on_id is None:
        return {}
    now = {row.challenge_id: (row.week, [seat.profile_id for seat in row.seats]) for row in rows}
    found = moved(base_known(plan), now)
    names = names_of({pk for change in found.values() for key in ("joined", "gone") for pk in change.get(key, ())})
    for change in found.values():
        for key in ("joined", "gone"):
            if key in change:
                change[key] = sorted(names.get(pk, "") for pk in change[key])
    return found


def since_then(plan: SeasonPlan, only: set[int] | None = None) -> dict[int, list[str]]:
    """What of the stored plan does not hold any more, against the present, in words by challenge id."""
    known = {pk: row for pk, row in known_of(plan).items() if only is None or pk in only}
    found = list(gone(problem_of(plan, only), known))
    councils = dict(plan.challenges.values_list("pk", "council__name"))
    names = names_of({one.profile_id for one in found})
    told: dict[int, list[str]] = {}
    for one in found:
        told.setdefault(one.challenge_id, []).append(gone_words(one, councils, names))
    return told


def _end(plan: SeasonPlan, state: PlanState, *, reasons: list | None = None, remarks: list | None = None) -> str:
    """Finish this run. Raises _Over when it is no longer its own."""
    with transaction.atomic():
        held = SeasonPlan.objects.select_for_update().filter(pk=plan.pk, run=plan.run, state=PlanState.RUNNING)
        row = held.first()
        if row is None:
            raise _Over
        _close(row, state, reasons=reasons, remarks=remarks)
    return state


def _close(row: SeasonPlan, state: PlanState, *, reasons: list | None = None, remarks: list | None = None) -> None:
    row.state, row.phase, row.finished_at = state, "", timezone.now()
    row.reasons, row.remarks = reasons or [], remarks or []
    row.version += 1
    row.save(update_fields=["state", "phase", "finished_at", "reasons", "remarks", "version"])


@transaction.atomic
def close_forsaken() -> int:
    """End the plans whose job was given up, keeping the best that was found; the number ended."""
    ended = 0
    for row in SeasonPlan.objects.select_for_update().filter(state__in=UNDER_WAY):
        job = Job.objects.filter(key=row.job_key).first()
        if job is not None and job.state != JobState.STOPPED:
            continue
        if row.visits.exists():
            told = _("The worker stopped in the middle of the search. The best plan that it had found is kept.")
            _close(row, PlanState.STOPPED, remarks=[told])
        else:
            told = _("The search went wrong and was given up. You can ask for the plan again.")
            _close(row, PlanState.FAILED, remarks=[job.error or told if job is not None else told])
        ended += 1
    return ended
