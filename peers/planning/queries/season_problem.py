"""What a season plan is built from, and what speaks against asking for it at all."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peers.challenges.calendar.deadlines import Line
from peers.challenges.models import Challenge, Seat
from peers.planning.models import HostDays, PlacementState, PlanPin, SeasonPlan
from peers.planning.models.placements import Placement
from peers.planning.pairing.facts import Council, Deployment, HostFacts, PeopleFacts, Shape, Span
from peers.planning.plans.building import Ask, Built, build, weeks_of
from peers.planning.plans.closed import days_of
from peers.planning.plans.lead_time import earliest_day
from peers.planning.season.problem import Weights
from peers.pool.models import SkillTheme
from peers.pool.queries import askable
from peers.seats import SeatName
from peers.stages import Stage

from .conflicts import bars_for
from .facts import people_facts

# A team can be put together from scoping on; once the council has begun to prepare, team and days stand.
PLANNABLE = (Stage.SCOPING, Stage.SETUP)


def challenges_of(plan: SeasonPlan, only: Collection[int] | None = None) -> list[Challenge]:
    """In the order of their references, with council, programme and deadlines."""
    rows = plan.challenges.select_related("council", "programme", "deadline_profile").order_by("ref")
    rows = rows.prefetch_related("deadline_profile__lines")
    return list(rows if only is None else rows.filter(pk__in=only))


def earliest_of(challenges: Iterable[Challenge]) -> dict[int, datetime.date]:
    """The first day that its deadlines leave for each visit whose days are not fixed yet, by challenge id."""
    today = timezone.localdate()
    return {
        row.pk: earliest_day(_deadlines(row), row.stage, today, row.council.nation)
        for row in challenges
        if row.visit_first_day is None and row.deadline_profile is not None
    }


def _deadlines(challenge: Challenge) -> list[Line]:
    profile = challenge.deadline_profile
    rows = profile.lines.all() if profile is not None else ()
    return [Line(row.stage, row.anchor, row.days, row.working_days) for row in rows]


def problem_of(plan: SeasonPlan, only: Collection[int] | None = None) -> Built:
    """The problem as it stands now, of all the plan's challenges or those in `only`; the others' visits are in the way.

    A fixed number of queries whatever the size of pool and plan.
    """
    challenges = challenges_of(plan, only)
    facts = people_facts(plan.programme, challenges, plan.first_week, plan.last_day)
    return build(facts, _ask(plan, challenges), bars_for(challenges, facts.people))


def _ask(plan: SeasonPlan, challenges: Sequence[Challenge]) -> Ask:
    ids = [challenge.pk for challenge in challenges]
    cannot, can = _host_days(ids)
    pins = list(plan.pins.filter(challenge__in=ids))
    managers = _managers(plan.programme_id)
    return Ask(
        mondays=plan.mondays,
        weekday=plan.visit_weekday,
        days=plan.visit_days,
        per_week=plan.per_week,
        spacing=plan.spacing,
        weights=Weights.from_mapping(plan.weights),
        challenges=ids,
        with_warnings=plan.with_warnings,
        closed=_closed(plan, challenges),
        cannot=cannot,
        can=can,
        elsewhere=_invited_elsewhere(plan, ids),
        refused=_refused(ids),
        managers={pk: managers[pk] for pk in ids if pk in managers},
        other_visits=_other_visits(plan, ids, managers),
        seat_pins=_pinned(pins, PlanPin.Kind.PERSON),
        week_pins={pin.challenge_id: pin.week for pin in pins if pin.week is not None},
        forbidden=_pinned(pins, PlanPin.Kind.NOT_PERSON),
        skills=frozenset(SkillTheme.values),
        earliest=earliest_of(challenges),
    )


def _pinned(pins: Iterable[PlanPin], kind: PlanPin.Kind) -> frozenset[tuple[int, int]]:
    return frozenset(
        (pin.challenge_id, pin.profile_id) for pin in pins if pin.kind == kind and pin.profile_id is not None
    )


def _closed(plan: SeasonPlan, challenges: Iterable[Challenge]) -> dict[str, frozenset[datetime.date]]:
    rows = list(plan.closed_days.filter(counts=True))
    nations = {challenge.council.nation for challenge in challenges}
    return {
        nation: days_of((row.title, row.first_day, row.last_day) for row in rows if row.nation in ("", nation))
        for nation in nations
    }


Spans = dict[int, list[Span]]


def _host_days(ids: Sequence[int]) -> tuple[Spans, Spans]:
    """Days on which the hosts cannot be visited, and those that suit."""
    cannot: Spans = defaultdict(list)
    can: Spans = defaultdict(list)
    for row in HostDays.objects.filter(challenge__in=ids):
        (can if row.possible else cannot)[row.challenge_id].append(Span(row.first_day, row.last_day))
    return cannot, can


def _invited_elsewhere(plan: SeasonPlan, ids: Sequence[int]) -> dict[int, list[Deployment]]:
    """Visits outside the plan to which people are invited: they may say yes any day."""
    rows = Placement.objects.filter(
        state=PlacementState.INVITED, challenge__visit_last_day__gte=plan.first_week - datetime.timedelta(weeks=27)
    ).exclude(challenge__in=ids)
    found: dict[int, list[Deployment]] = defaultdict(list)
    columns = ("profile_id", "challenge__visit_first_day", "challenge__visit_last_day", "challenge_id")
    for profile_id, first, last, challenge_id, council_id in rows.values_list(*columns, "challenge__council_id"):
        found[profile_id].append(Deployment(first, last, challenge_id, council_id))
    return found


def _refused(ids: Sequence[int]) -> frozenset[tuple[int, int]]:
    """Who said no to a challenge, or was taken off its team after they had been asked."""
    gone = Placement.objects.filter(
        challenge__in=ids,
        state__in=[PlacementState.DECLINED, PlacementState.REMOVED],
        invited_at__isnull=False,
    )
    return frozenset(gone.values_list("challenge_id", "profile_id"))


def _managers(programme_id: int) -> dict[int, int]:
    """The manager of each challenge, by challenge id; of several the one who was seated first."""
    seats = Seat.objects.in_force(timezone.localdate()).filter(
        permission__codename=SeatName.CHALLENGE_MANAGER, content_object__programme=programme_id
    )
    found: dict[int, int] = {}
    for challenge_id, user_id in seats.order_by("pk").values_list("content_object_id", "user_id"):
        found.setdefault(challenge_id, user_id)
    return found


def _other_visits(
    plan: SeasonPlan, ids: Sequence[int], managers: dict[int, int]
) -> list[tuple[datetime.date, int | None]]:
    rows = Challenge.objects.filter(
        programme=plan.programme_id, visit_first_day__gte=plan.first_week, visit_first_day__lte=plan.last_day
    ).exclude(pk__in=ids)
    rows = rows.exclude(stage=Stage.WITHDRAWN)
    return [(first, managers.get(pk)) for pk, first in rows.values_list("pk", "visit_first_day") if first is not None]


# --- what speaks against asking ---------------------------------------------------------------------
def refusals(plan: SeasonPlan) -> list[str]:
    """Why the plan cannot be asked for, in words that say what would mend it. Eight queries at most."""
    challenges = challenges_of(plan)
    if not challenges:
        return [_("No challenge is chosen. Choose those that the plan is to be made for.")]
    found = []
    if not askable(plan.programme).exists():
        found.append(_("Nobody in the pool can be asked. Put peers into the pool, or wake those who rest."))
    ask = _ask(plan, challenges)
    for challenge in challenges:
        found += _against(plan, ask, challenge)
    if not found and len(challenges) > plan.per_week * plan.weeks:
        words = {"n": len(challenges), "most": plan.per_week * plan.weeks}
        found.append(
            _("%(n)s visits do not fit: the weeks have room for %(most)s. Allow more weeks, or more in a week.") % words
        )
    return found + _lost_pins(plan)


def _against(plan: SeasonPlan, ask: Ask, challenge: Challenge) -> list[str]:
    words = {"council": challenge.council.name, "ref": challenge.ref}
    if challenge.stage not in PLANNABLE:
        words["stage"] = challenge.get_stage_display()
        if challenge.stage == Stage.INTEREST:
            return [
                _("%(council)s (%(ref)s) is in “%(stage)s”: its visit can be planned once scoping has begun.") % words
            ]
        return [_("%(council)s (%(ref)s) is in “%(stage)s”: its visit can no longer be planned here.") % words]
    host = as_host(challenge)
    first, last = plan.first_week, plan.last_day
    pinned = ask.week_pins.get(challenge.pk)
    if host.visit and pinned is None and not first <= host.visit.first <= last:
        words["days"] = _days(host.visit)
        return [_("%(council)s (%(ref)s): its visit is fixed for %(days)s, outside the period of the plan.") % words]
    if host.window and (host.window.first > last or host.window.last < first):
        words["days"] = _days(host.window)
        return [_("%(council)s (%(ref)s): its visit window, %(days)s, lies outside the period of the plan.") % words]
    weeks = weeks_of(host, ask)
    if too_soon := _too_soon(challenge, host, ask, weeks):
        return [too_soon]
    if not weeks:
        sentence = _(
            "%(council)s (%(ref)s): no week is left for its visit. Look at its window, the days on which it cannot be "
            "visited, and the days without visits."
        )
        return [sentence % words]
    if pinned is not None and ask.week_of(pinned) not in weeks:
        words["week"] = date_format(pinned, "j F Y")
        return [_("%(council)s (%(ref)s) is pinned to the week of %(week)s, in which it cannot be visited.") % words]
    return []


def _too_soon(challenge: Challenge, host: HostFacts, ask: Ask, weeks: Sequence[int]) -> str:
    """ "" unless the deadlines alone leave no week, or not the one that is pinned."""
    pinned = ask.week_pins.get(challenge.pk)
    wanted = ask.week_of(pinned) if pinned is not None else None
    whenever = weeks_of(host, replace(ask, earliest={}))
    if not whenever or (wanted in weeks if wanted is not None else weeks):
        return ""
    if wanted is not None and wanted not in whenever:
        return ""
    words = {
        "council": challenge.council.name,
        "ref": challenge.ref,
        "stage": challenge.get_stage_display(),
        "day": date_format(ask.earliest[challenge.pk], "j F Y"),
        "week": date_format(pinned, "j F Y") if pinned is not None else "",
    }
    if pinned is not None:
        sentence = _(
            "%(council)s (%(ref)s) is pinned to the week of %(week)s. It is in “%(stage)s”, and what is still to be "
            "done before the visit leaves %(day)s at the earliest."
        )
    else:
        sentence = _(
            "%(council)s (%(ref)s) is in “%(stage)s”: what is still to be done before the visit leaves %(day)s at the "
            "earliest, and no week of the plan that late is open for it. Plan more weeks or a later window, or fix the "
            "days on the challenge itself."
        )
    return sentence % words


def _days(span: Span) -> str:
    return _("%(first)s to %(last)s") % {
        "first": date_format(span.first, "j F Y"),
        "last": date_format(span.last, "j F Y"),
    }


def as_host(challenge: Challenge) -> HostFacts:
    """The challenge with what weeks depend on, and without themes: from the row alone."""
    council = challenge.council
    visit = _span(challenge.visit_first_day, challenge.visit_last_day)
    window = _span(challenge.window_first, challenge.window_last)
    place = Council(council.pk, council.name, council.kind, "", council.nation, council.region, None, None)
    return HostFacts(challenge.pk, challenge.ref, place, {}, Shape(size=2), False, visit, window)


def _span(first: datetime.date | None, last: datetime.date | None) -> Span | None:
    return Span(first, last) if first and last else None


def _lost_pins(plan: SeasonPlan) -> list[str]:
    """Pins on people who can no longer be asked."""
    pins = plan.pins.filter(kind=PlanPin.Kind.PERSON).select_related("profile__user", "challenge__council")
    here = set(askable(plan.programme).filter(pk__in=pins.values("profile")).values_list("pk", flat=True))
    sentence = _("%(person)s is pinned to %(council)s but can no longer be asked. Take the pin away.")
    return [
        sentence % {"person": pin.profile.user.full_name, "council": pin.challenge.council.name}
        for pin in pins
        if pin.profile is not None and pin.profile_id not in here
    ]


def facts_only(plan: SeasonPlan) -> PeopleFacts:
    """What is known of the pool in the plan's period, without conflicts; for the pool's gaps."""
    return people_facts(plan.programme, challenges_of(plan), plan.first_week, plan.last_day)
