"""A small season for the demo: one plan that the rules do not allow, with its reasons, and one that is ready."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from peers.challenges.models import Programme
from peers.planning.models import SeasonPlan
from peers.planning.queries.season import plannable
from peers.planning.season.run import in_child
from peers.planning.services import season
from peers.planning.services.season_run import work_out

WEEKS_AHEAD, WEEKS, SECONDS = 8, 26, 5  # beyond the lead time of a scoping and a closed season after it
LEFT_OUT = "hartlow"  # no member peer of the demo's pool lives near enough


def plan_season(*, programme: Programme, coordinator: Any) -> SeasonPlan:
    """Make both plans where the programme has none; a few seconds of searching. Gives the one that is ready."""
    known = SeasonPlan.objects.filter(programme=programme).first()
    if known is not None:
        return known
    challenges = list(plannable(programme))
    whole = _plan(programme, coordinator, _("The coming months, everybody"), challenges)
    _work_out(whole, coordinator)
    fewer = [challenge for challenge in challenges if challenge.council.slug != LEFT_OUT]
    return _work_out(_plan(programme, coordinator, _("The coming months, without Hartlow"), fewer), coordinator)


def first_week() -> date:
    day = timezone.localdate() + timedelta(weeks=WEEKS_AHEAD)
    return day - timedelta(days=day.weekday())


def _plan(programme: Programme, coordinator: Any, title: str, challenges: list) -> SeasonPlan:
    return season.make_plan(
        programme=programme,
        by=coordinator,
        title=title,
        challenges=challenges,
        first_week=first_week(),
        weeks=WEEKS,
        per_week=2,
        seconds=SECONDS,
        with_warnings=True,
    )


def _work_out(plan: SeasonPlan, coordinator: Any) -> SeasonPlan:
    """At once, in place of the worker: its job finds the plan ready and does nothing."""
    season.request_plan(plan=plan, by=coordinator)
    plan.refresh_from_db()
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=in_child)
    plan.refresh_from_db()
    return plan
