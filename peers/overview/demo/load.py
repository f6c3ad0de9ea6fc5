"""Loading the demo: the world once, then each challenge whole in a transaction of its own.

A run that was broken off goes on where it stopped; a run on a loaded demo changes nothing.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from peers.challenges.models import Challenge, Programme
from peers.councils.models import Council
from peers.frameworks.models import FrameworkVersion
from peers.stages import Stage as S

from .calendar import calendar_of
from .concluding import follow_up, plan_actions
from .dates import put_back
from .early import register, scope, set_up
from .ending import end_records
from .preparing import prepare
from .reporting import check_facts, draft_report
from .season import plan_season
from .tale import Tale, at_work
from .texts import text
from .visiting import feed_back, moderate, read_pack, visit
from .world import fill_pool, load_councils, prepare_reference, seat_programme

# What happens in a stage once it is entered.
STEPS: dict[S, Callable[[Tale], None]] = {
    S.PREPARATION: prepare,
    S.DESK_REVIEW: read_pack,
    S.ON_SITE: visit,
    S.MODERATION: moderate,
    S.FEEDBACK: feed_back,
    S.DRAFTING: draft_report,
    S.FACTUAL_CHECK: check_facts,
    S.ACTION_PLANNING: plan_actions,
    S.FOLLOW_UP: follow_up,
}
# Who makes the move into a stage.
MOVERS: dict[S, str] = {
    S.SCOPING: "coordinator",
    S.DESK_REVIEW: "lead",
    S.ON_SITE: "lead_peer",
    S.MODERATION: "lead_peer",
    S.FEEDBACK: "lead_peer",
    S.DRAFTING: "lead_peer",
    S.ACTION_PLANNING: "sponsor",
    S.FOLLOW_UP: "sponsor",
    S.WITHDRAWN: "sponsor",
}


def load(say: Callable[[str], None] = lambda line: None) -> int:
    """Make what is missing of the demo; the number of challenges made. `say` hears one line for each."""
    plans = text("challenges")
    if all(_is_there(plan) for plan in plans):
        return 0
    with transaction.atomic():
        programme, version = prepare_reference()
        councils = load_councils()
        coordinator, managers = seat_programme(programme)
        fill_pool(programme, councils, coordinator)
    made = 0
    for plan in plans:
        if _is_there(plan):
            continue
        tale = Tale(
            plan, calendar_of(plan, timezone.now()), councils[plan["council"]], coordinator, managers[plan["manager"]]
        )
        tell(tale, programme, version)
        say(f"{tale.challenge.title}: {S(tale.challenge.stage).label}")
        made += 1
    say("two season plans ...")
    plan_season(programme=programme, coordinator=coordinator)
    say("one disposal, one legal hold ...")
    end_records(coordinator=coordinator)
    get_user_model().objects.filter(daily_digest=True, email__endswith=".example.org").update(daily_digest=False)
    return made


def _is_there(plan: dict) -> bool:
    """A challenge is made whole or not at all, so that its being there is enough."""
    council = Council.objects.filter(invented=True, slug=plan["council"])
    return Challenge.objects.filter(council__in=council, interest_note=plan["note"]).exists()


@transaction.atomic
def tell(tale: Tale, programme: Programme, version: FrameworkVersion) -> None:
    """One challenge from its first day to the stage in which it stands."""
    register(tale, programme)
    for stage in tale.calendar.entered:
        reason = tale.plan["withdrawn_because"] if stage == S.WITHDRAWN else ""
        tale.move(stage, _mover(tale, stage), reason)
        if stage == S.SCOPING:
            scope(tale, version)
        elif stage == S.SETUP:
            set_up(tale)
        elif stage in STEPS:
            with at_work(tale.seated):
                STEPS[stage](tale)
    put_back(tale)


def _mover(tale: Tale, stage: S) -> Any:
    return getattr(tale, MOVERS.get(stage, "manager"))
