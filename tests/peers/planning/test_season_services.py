"""Asking for, working out, accepting and copying season plans; the solver is a stand-in here."""

import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from cyber360.jobs.models import Job
from cyber360.notify.models import OutboxMail
from peers.access import SeatName
from peers.challenges.defaults import load_defaults
from peers.challenges.models import DeadlineProfile, Programme
from peers.councils.models import CouncilNeighbour
from peers.planning.models import Placement, PlanSeat, SeasonPlan
from peers.planning.queries import season_problem
from peers.planning.queries.season import get_plan, plannable, plans_for
from peers.planning.queries.season_problem import problem_of, refusals
from peers.planning.season.problem import News, Reason
from peers.planning.services import propose_peer, season
from peers.planning.services.season_accept import Inviting, accept_visits, leave_visit
from peers.planning.services.season_run import SearchEnded, close_forsaken, work_out
from peers.pool import services as pool
from peers.stages import Stage
from tests.factories.worlds import make_user, sit
from tests.peers.planning.seasons import MONDAY, make_person, make_plan, make_season, solver

WEEK, DAY = datetime.timedelta(weeks=1), datetime.timedelta(days=1)


@pytest.fixture
def world(db):
    return make_season()


def run(plan, solve=None, show=lambda percent, words: None):
    plan.refresh_from_db()
    work_out(plan_id=plan.pk, run=plan.run, show=show, solve=solve or solver())
    plan.refresh_from_db()
    return plan


def ready(world, **fields):
    plan = make_plan(world, **fields)
    season.request_plan(plan=plan, by=world.coordinator)
    return run(plan)


def accept(world, plan, **more):
    plan.refresh_from_db()
    return accept_visits(plan=plan, by=world.coordinator, version=plan.version, **more)


def other_coordinator():
    user = make_user("Other Programme")
    sit(user, SeatName.COORDINATOR, Programme.objects.get_or_create(title="Elsewhere")[0])
    return user


# --- making -----------------------------------------------------------------------------------------
def test_a_plan_keeps_the_weights_and_closed_days_of_its_day(world):
    plan = make_plan(world, weeks=52)
    assert plan.state == "draft"
    assert plan.weights["travel"] == 1
    assert [row.title for row in plan.closed_days.all() if row.title != "Bank holiday"] == [
        "Christmas 2027", "Pre-election period 2028", "August 2028",
    ]  # fmt: skip


def test_editing_keeps_what_was_chosen_about_closed_days(world):
    plan = make_plan(world, weeks=52)
    kept = plan.closed_days.get(title="Christmas 2027")
    season.set_closed(plan=plan, by=world.coordinator, counted=[kept.pk])
    season.add_closed(
        plan=plan, by=world.coordinator, title="Inspection", first_day=MONDAY, last_day=MONDAY + WEEK
    )  # fmt: skip
    season.edit_plan(
        plan=plan, by=world.coordinator, version=plan.version, challenges=world.challenges, weeks=30, title="Autumn"
    )
    assert [(row.title, row.counts) for row in plan.closed_days.all() if row.title != "Bank holiday"] == [
        ("Inspection", True), ("Christmas 2027", True), ("Pre-election period 2028", False),
    ]  # fmt: skip


def test_two_edits_of_one_version_and_the_second_is_told(world):
    plan = make_plan(world)
    values = {"plan": plan, "by": world.coordinator, "version": 1, "challenges": world.challenges}
    season.edit_plan(**values, title="First")
    with pytest.raises(StaleVersion):
        season.edit_plan(**values, title="Second")


def test_a_week_begins_on_a_monday_and_a_visit_ends_by_friday(world):
    with pytest.raises(BadInput, match="Monday"):
        make_plan(world, first_week=MONDAY + datetime.timedelta(days=1))
    with pytest.raises(BadInput, match="Friday"):
        make_plan(world, visit_weekday=3, visit_days=3)


def test_only_coordinators_of_the_programme_find_a_plan(world, cast):
    plan = ready(world)
    visit = plan.visits.first()
    people = [cast.manager, cast.host_lead, cast.lead_peer, cast.pool_peer, cast.superuser, cast.administrator]
    for person in [*people, other_coordinator()]:
        with pytest.raises(NoSeat):
            get_plan(person, plan.pk, "season.read")
        with pytest.raises(NoSeat):
            season.request_plan(plan=plan, by=person)
        with pytest.raises(NoSeat):
            accept_visits(plan=plan, by=person, version=plan.version)
        with pytest.raises(NoSeat):
            leave_visit(plan=plan, by=person, visit=visit.pk, left=True)
        with pytest.raises(NoSeat):
            season.copy_plan(plan=plan, by=person, title="Mine", near=True)
    assert list(plans_for(other_coordinator())) == []


# --- refused before queueing ------------------------------------------------------------------------
def sentences(plan, by):
    with pytest.raises(Blocked) as blocked:
        season.request_plan(plan=plan, by=by)
    assert not Job.objects.filter(kind=season.JOB).exists()
    return blocked.value.sentences


def test_without_challenges(world):
    plan = make_plan(world, challenges=[])
    assert sentences(plan, world.coordinator) == [
        "No challenge is chosen. Choose those that the plan is to be made for."
    ]


def test_without_peers(world):
    for person in world.people:
        pool.set_state(profile=person, by=world.coordinator, state="resting")
    plan = make_plan(world)
    assert sentences(plan, world.coordinator) == [
        "Nobody in the pool can be asked. Put peers into the pool, or wake those who rest."
    ]


def test_window_outside_the_period(world):
    plan = make_plan(world, first_week=datetime.date(2027, 1, 4))
    ref = world.challenges[0].ref
    assert sentences(plan, world.coordinator)[0] == (
        f"Host 1 ({ref}): its visit window, 6 September 2027 to 17 October 2027, lies outside the period of the plan."
    )


def test_a_window_without_an_open_week(world):
    plan = make_plan(world)
    season.add_closed(
        plan=plan, by=world.coordinator, title="Elections", first_day=MONDAY, last_day=MONDAY + 6 * WEEK
    )  # fmt: skip
    assert "no week is left for its visit" in sentences(plan, world.coordinator)[0]
    plan.closed_days.filter(title="Elections").update(counts=False)
    assert refusals(plan) == []


def test_a_challenge_past_planning_and_too_many_visits(world):
    world.challenges[0].stage = Stage.PREPARATION
    world.challenges[0].save()
    assert "can no longer be planned" in sentences(make_plan(world), world.coordinator)[0]
    world.challenges[0].stage = Stage.SETUP
    world.challenges[0].save()
    assert sentences(make_plan(world, weeks=1, per_week=1), world.coordinator) == [
        "2 visits do not fit: the weeks have room for 1. Allow more weeks, or more in a week."
    ]


def test_a_challenge_in_interest_is_not_planned_before_its_scoping(world):
    challenge = world.challenges[0]
    challenge.stage = Stage.INTEREST
    challenge.save()
    assert set(plannable(world.programme)) == {world.challenges[1]}
    assert sentences(make_plan(world), world.coordinator) == [
        f"Host 1 ({challenge.ref}) is in “Interest”: its visit can be planned once scoping has begun."
    ]


def deadlines_from(monkeypatch, world, days_before: int, stage: Stage = Stage.SETUP):
    """The usual deadlines for the first host, on a day that lies so many days before the period."""
    load_defaults()
    challenge = world.challenges[0]
    challenge.deadline_profile, challenge.stage = DeadlineProfile.objects.get(is_default=True), stage
    challenge.save()
    monkeypatch.setattr(season_problem.timezone, "localdate", lambda: MONDAY - days_before * DAY)
    return challenge


@pytest.mark.parametrize(
    ("stage", "days_before", "weeks"),
    [
        (Stage.SETUP, 70, (0, 1, 2, 3, 4, 5)),
        (Stage.SETUP, 69, (0, 1, 2, 3, 4, 5)),  # the visit begins on a Tuesday
        (Stage.SETUP, 68, (1, 2, 3, 4, 5)),
        (Stage.SCOPING, 106, (2, 3, 4, 5)),
        (Stage.SCOPING, 119, (0, 1, 2, 3, 4, 5)),
    ],
)
def test_no_visit_sooner_than_the_stages_before_it_allow(world, monkeypatch, stage, days_before, weeks):
    challenge = deadlines_from(monkeypatch, world, days_before, stage)
    built = problem_of(make_plan(world))
    place = built.visit_place[challenge.pk]
    assert built.problem.visits[place].weeks == weeks
    assert built.problem.visits[1 - place].weeks == (0, 1, 2, 3, 4, 5)


def test_a_period_that_is_too_soon_says_from_when_a_visit_can_be(world, monkeypatch):
    challenge = deadlines_from(monkeypatch, world, 20)
    plan = make_plan(world)
    told = f"Host 1 ({challenge.ref}) is in “Set-up”: what is still to be done before the visit leaves 26 October 2027"
    assert sentences(plan, world.coordinator)[0].startswith(told)
    challenge.visit_first_day, challenge.visit_last_day = MONDAY + DAY, MONDAY + 3 * DAY
    challenge.save()
    assert refusals(plan) == []  # days that were fixed by hand stand


def test_a_week_that_is_held_too_soon_says_so(world, monkeypatch):
    challenge = deadlines_from(monkeypatch, world, 60)
    plan = make_plan(world)
    season.pin(plan=plan, by=world.coordinator, challenge=challenge, kind="week", week=MONDAY)
    assert sentences(plan, world.coordinator) == [
        f"Host 1 ({challenge.ref}) is pinned to the week of 6 September 2027. It is in “Set-up”, and what is still to "
        "be done before the visit leaves 16 September 2027 at the earliest."
    ]


def test_a_pin_on_somebody_who_left(world):
    plan = make_plan(world)
    season.pin(
        plan=plan, by=world.coordinator, challenge=world.challenges[0], kind="person", profile=world.people[0]
    )  # fmt: skip
    pool.set_state(profile=world.people[0], by=world.coordinator, state="left")
    assert sentences(plan, world.coordinator) == [
        "Member 1 is pinned to Host 1 but can no longer be asked. Take the pin away."
    ]


# --- worked out -------------------------------------------------------------------------------------
def test_a_plan_is_stored_with_teams_reasons_and_costs(world):
    plan = ready(world)
    assert (plan.state, plan.cost, plan.bound) == ("done", plan.costs["total"], 0)
    assert sum(amount for name, amount in plan.costs.items() if name != "total") == plan.cost
    assert [(visit.challenge_id, visit.seats.count()) for visit in plan.visits.order_by("challenge__ref")] == [
        (challenge.pk, 2) for challenge in world.challenges
    ]
    for visit in plan.visits.all():
        assert [seat.role for seat in visit.seats.all()] == ["lead_peer", "peer"]
        assert visit.words[0] == "covers all 2 themes, 2 of them twice"
        assert "can lead" in visit.seats.all()[0].reasons
    assert [row.cost for row in plan.progress.all()] == [plan.cost, plan.cost]
    assert Placement.objects.count() == 0
    assert not OutboxMail.objects.exists()


def test_asking_twice_is_one_job(world):
    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    season.request_plan(plan=plan, by=world.coordinator)
    assert Job.objects.filter(kind=season.JOB).count() == 1


def test_a_plan_that_breaks_rules_is_refused(world, caplog):
    def lies(task, problem, **rest):
        yield News("first", 1.0, cost=1, plan={0: (0, (0,)), 1: (0, (0, 1))})
        yield News("done", 2.0)

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    run(plan, lies)
    assert (plan.state, plan.visits.count()) == ("failed", 0)
    assert "breaks rules" in caplog.text


def test_a_dearer_plan_never_takes_the_place_of_a_better_one(world):
    def twice(task, problem, **rest):
        news = list(solver()("plan", problem, limits=None, should_stop=None))
        plan = news[0].plan
        later = max(problem.visits[0].weeks)
        yield news[0]
        yield News("choice", 1.0, plan={**plan, 0: (later, plan[0][1])})
        yield news[1]

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    run(plan, twice)
    assert plan.visits.get(challenge=world.challenges[0]).week == MONDAY


def test_the_killed_worker_leaves_the_best_so_far(world):
    def dies(task, problem, **rest):
        yield from list(solver()("plan", problem, limits=None, should_stop=None))[:1]
        raise KeyboardInterrupt

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    with pytest.raises(KeyboardInterrupt):
        run(plan, dies)
    plan.refresh_from_db()
    assert (plan.state, plan.visits.count()) == ("running", 2)
    run(plan, dies)  # the next worker
    assert (plan.state, plan.visits.count()) == ("stopped", 2)
    assert plan.remarks == ["The worker stopped in the middle of the search. The best plan that it had found is kept."]


def test_killed_before_a_plan_it_starts_again(world):
    def dies(task, problem, **rest):
        yield News("first", 0.1)
        raise KeyboardInterrupt

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    with pytest.raises(KeyboardInterrupt):
        run(plan, dies)
    assert run(plan).state == "done"


def test_a_solver_that_ends_without_a_word_is_tried_again(world):
    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    with pytest.raises(SearchEnded):
        run(plan, lambda *args, **rest: iter([]))
    assert run(plan).state == "done"


def test_a_job_that_was_given_up_ends_its_plan(world):
    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    assert close_forsaken() == 0
    plan.refresh_from_db()
    Job.objects.filter(key=plan.job_key).update(state="stopped", error="Tried 3 times and stopped.")
    assert close_forsaken() == 1
    plan.refresh_from_db()
    assert (plan.state, plan.remarks) == ("failed", ["Tried 3 times and stopped."])


def test_stopping_keeps_the_best(world):
    def until_told(task, problem, *, limits, old=None, should_stop):
        yield from list(solver()("plan", problem, limits=None, should_stop=None))[:1]
        assert not should_stop()
        season.stop_plan(plan=plan, by=world.coordinator)
        yield News("columns", 1.0)

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    told = []

    def patient(task, problem, *, limits, old=None, should_stop):
        yield from until_told(task, problem, limits=limits, should_stop=should_stop)
        while not should_stop():
            pass
        told.append("stopped")
        yield News("done", 2.0)

    run(plan, patient)
    assert (plan.state, plan.visits.count(), told) == ("stopped", 2, ["stopped"])


def test_impossible_says_why_and_what_would_do(world):
    def impossible(task, problem, **rest):
        if task == "explain":
            yield News("done", 1.0, relaxations=(Reason("specialists", visit=0, amount=1),))
        else:
            yield News("impossible", 0.1, reasons=(Reason("specialists", visit=0), Reason("theme", visit=1, theme=0)))

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    run(plan, impossible)
    one, two = (challenge.ref for challenge in world.challenges)
    assert plan.state == "impossible"
    assert plan.reasons == [
        {"kind": "why", "text": f"Host 1 ({one}): too few cyber specialists can come (1 more needed)."},
        {"kind": "why", "text": f"Host 2 ({two}): nobody who can come knows “Theme 1”."},
        {
            "kind": "would_do",
            "text": f"Find one more cyber specialist within reach of Host 1 ({one}), or go without.",
        },
    ]


def test_progress_is_written_at_most_once_a_second(world, django_assert_max_num_queries):
    def chatty(task, problem, **rest):
        yield from (News("columns", number / 1000, bound=number) for number in range(1000))
        yield from solver()("plan", problem, limits=None, should_stop=None)

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    shown = []
    with django_assert_max_num_queries(150):
        run(plan, chatty, lambda percent, words: shown.append(percent))
    assert plan.state == "done"
    assert len(shown) < 5
    assert plan.progress.count() < 5


def test_somebody_who_leaves_in_the_middle_is_named(world):
    def leaving(task, problem, **rest):
        news = list(solver()("plan", problem, limits=None, should_stop=None))
        yield news[0]
        gone = problem.peers[news[0].plan[0][1][0]].key
        profile = next(person for person in world.people if person.pk == gone)
        pool.set_state(profile=profile, by=world.coordinator, state="left")
        yield news[1]

    plan = make_plan(world)
    season.request_plan(plan=plan, by=world.coordinator)
    run(plan, leaving)
    assert plan.state == "done"
    assert plan.remarks == ["Host 1: Member 1 can no longer be asked to come."]
    outcome = accept(world, plan)
    assert outcome.refused == ["Host 1 was not accepted: Host 1: Member 1 can no longer be asked to come."]
    assert [challenge.pk for challenge in outcome.accepted] == [world.challenges[1].pk]


def agreed_team(world):
    """The first host's team has said yes for fixed days: two officers who cannot lead and have no days left."""
    challenge = world.challenges[0]
    challenge.visit_first_day, challenge.visit_last_day = MONDAY + 8 * DAY, MONDAY + 10 * DAY
    challenge.save()
    for number in (1, 2):
        person = make_person(f"Officer {number}", can_lead=False)
        person.days_offered = 0
        person.save()
        place = propose_peer(challenge=challenge, profile=person, role="peer", by=world.coordinator)
        Placement.objects.filter(pk=place.pk).update(
            state="accepted", invited_at=timezone.now(), answered_at=timezone.now(), answer_by=MONDAY
        )
    return challenge


def test_an_agreed_team_is_a_fact_and_what_it_lacks_is_said(world):
    challenge = agreed_team(world)
    plan = ready(world)
    assert plan.state == "done", plan.reasons
    visit = plan.visits.get(challenge=challenge)
    assert visit.week == MONDAY + WEEK
    assert {seat.profile.user.full_name for seat in visit.seats.all()} == {"Officer 1", "Officer 2"}
    name = f"Host 1 ({challenge.ref})"
    assert plan.remarks == [
        f"{name}: too few on the agreed team are member peers (1 missing).",
        f"{name}: too few on the agreed team are cyber specialists (1 missing).",
        f"{name}: too few on the agreed team can lead (1 missing).",
        "Officer 1 has been asked for more days than they offered (3 more).",
        "Officer 2 has been asked for more days than they offered (3 more).",
    ]
    outcome = accept(world, plan)
    assert (len(outcome.accepted), outcome.refused) == (2, [])


# --- accepted ---------------------------------------------------------------------------------------
def test_accepting_sets_the_days_and_the_list_and_tells_no_peer(world):
    plan = ready(world)
    outcome = accept(world, plan)
    assert (len(outcome.accepted), outcome.refused, outcome.invited) == (2, [], 0)
    for visit in plan.visits.all():
        challenge = visit.challenge
        assert (challenge.visit_first_day, challenge.visit_last_day) == (
            visit.week + datetime.timedelta(days=1), visit.week + datetime.timedelta(days=3),
        )  # fmt: skip
        assert {(row.profile_id, row.role, row.state) for row in challenge.placements.all()} == {
            (seat.profile_id, seat.role, "proposed") for seat in visit.seats.all()
        }
    assert not OutboxMail.objects.filter(to__in=[person.user for person in world.people]).exists()
    assert AuditEvent.objects.filter(act="season.accept").count() == 1


def test_accepting_one_leaves_the_others(world):
    plan = ready(world)
    first, second = plan.visits.order_by("challenge__ref")
    accept(world, plan, visits=[first.pk])
    second.refresh_from_db()
    assert second.state == "proposed"
    assert second.challenge.placements.count() == 0


def test_inviting_at_once_is_asked_for(world):
    plan = ready(world)
    day = datetime.date(2099, 1, 1)
    outcome = accept(world, plan, inviting=Inviting(day, message="Do come"))
    assert (outcome.invited, outcome.uninvited) == (4, [])
    assert set(Placement.objects.values_list("state", "answer_by", "message")) == {("invited", day, "Do come")}


def test_two_coordinators_accept_once_and_the_second_is_told(world):
    plan = ready(world)
    colleague = make_user("Colleague")
    sit(colleague, SeatName.COORDINATOR, world.programme)
    version = plan.version
    accept_visits(plan=plan, by=world.coordinator, version=version)
    with pytest.raises(StaleVersion, match="Co Ordinator has accepted visits"):
        accept_visits(plan=plan, by=colleague, version=version)
    again = accept_visits(plan=plan, by=world.coordinator, version=version)  # the second click of the first
    assert again.accepted == []
    assert Placement.objects.count() == 4


def test_those_on_the_list_who_are_not_in_the_plan_go_and_the_invited_stay(world):
    plan = ready(world)
    visit = plan.visits.order_by("challenge__ref").first()
    inside = {seat.profile_id for seat in visit.seats.all()}
    outsider = next(person for person in world.people if person.pk not in inside)
    placement = propose_peer(
        challenge=visit.challenge, profile=outsider, role="lead_peer", by=world.coordinator
    )  # fmt: skip
    accept(world, plan, visits=[visit.pk])
    placement.refresh_from_db()
    assert (placement.state, placement.removed_reason) == ("removed", "Not in the season plan that was accepted")


def test_a_yes_that_waits_for_the_coordinator_is_not_thrown_away(world):
    plan = ready(world)
    visit = plan.visits.order_by("challenge__ref").first()
    inside = {seat.profile_id for seat in visit.seats.all()}
    outsider = next(person for person in world.people if person.pk not in inside)
    placement = propose_peer(challenge=visit.challenge, profile=outsider, role="peer", by=world.coordinator)
    Placement.objects.filter(pk=placement.pk).update(invited_at=timezone.now(), answered_at=timezone.now())
    accept(world, plan, visits=[visit.pk])
    placement.refresh_from_db()
    assert placement.state == "proposed"


def test_a_reason_is_kept_with_those_alone_who_have_a_warning(world):
    host = world.challenges[0].council
    CouncilNeighbour.objects.create(first=host, second=world.people[0].council)
    CouncilNeighbour.objects.create(first=host, second=world.people[2].council)
    plan = ready(world, with_warnings=True)
    seat = PlanSeat.objects.get(visit__challenge=world.challenges[0], profile__role="member")
    assert seat.warnings == [f"{seat.profile.council.name} shares a boundary with Host 1."]
    outcome = accept(world, plan, inviting=Inviting(datetime.date(2099, 1, 1), reason="Known and fine"))
    assert (outcome.invited, outcome.uninvited) == (4, [])
    assert list(Placement.objects.exclude(reason="").values_list("profile", "reason")) == [
        (seat.profile_id, "Known and fine")
    ]


def test_without_the_tick_nobody_with_a_warning_is_in_the_plan(world):
    host = world.challenges[0].council
    CouncilNeighbour.objects.create(first=host, second=world.people[0].council)
    plan = ready(world)
    assert not PlanSeat.objects.filter(visit__challenge=world.challenges[0], profile=world.people[0]).exists()
    assert plan.visits.count() == 2


def test_a_pin_on_somebody_barred_is_impossible_and_says_so(world):
    world.people[0].council = world.challenges[0].council
    world.people[0].save()
    plan = make_plan(world)
    season.pin(plan=plan, by=world.coordinator, challenge=world.challenges[0], kind="person", profile=world.people[0])
    season.request_plan(plan=plan, by=world.coordinator)
    run(plan)
    assert plan.state == "impossible"
    assert plan.reasons == [
        {
            "kind": "why",
            "text": f"Member 1 is pinned to Host 1 ({world.challenges[0].ref}) but cannot go there. "
            "Take the pin away, or settle what is between.",
        }
    ]


def test_left_out_visits_are_not_accepted(world):
    plan = ready(world)
    first, second = plan.visits.order_by("challenge__ref")
    leave_visit(plan=plan, by=world.coordinator, visit=first.pk, left=True)
    accept(world, plan)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("left", "accepted")
    with pytest.raises(NotNow):
        leave_visit(plan=plan, by=world.coordinator, visit=second.pk, left=True)
    leave_visit(plan=plan, by=world.coordinator, visit=first.pk, left=False)
    first.refresh_from_db()
    assert (first.state, first.decided_at) == ("proposed", None)


def test_a_challenge_that_moved_on_is_refused_alone(world):
    plan = ready(world)
    challenge = world.challenges[0]
    challenge.stage = Stage.PREPARATION
    challenge.save()
    outcome = accept(world, plan)
    assert outcome.refused == ["Host 1 was not accepted: it is in “Preparation” now."]
    assert len(outcome.accepted) == 1
    challenge.refresh_from_db()
    assert challenge.visit_first_day is None


# --- kept, copied, deleted --------------------------------------------------------------------------
def test_a_near_copy_holds_pins_days_and_base_and_says_what_moved(world):
    plan = ready(world)
    first = plan.visits.order_by("challenge__ref").first()
    gone = first.seats.all()[0].profile
    season.pin(plan=plan, by=world.coordinator, challenge=first.challenge, kind="not_person", profile=gone)
    copy = season.copy_plan(plan=plan, by=world.coordinator, title="Autumn, without them", near=True)
    assert (copy.state, copy.based_on_id, copy.pins.count()) == ("draft", plan.pk, 1)
    season.request_plan(plan=copy, by=world.coordinator)
    tasks = []

    def spy(task, problem, **rest):
        tasks.append((task, bool(rest["old"])))
        return solver()(task, problem, **rest)

    run(copy, spy)
    assert tasks == [("replan", True)]
    assert copy.bound is None
    change = copy.visits.get(challenge=first.challenge).moved
    assert change["gone"] == [gone.user.full_name]
    assert gone.pk not in PlanSeat.objects.filter(visit__plan=copy, visit__challenge=first.challenge).values_list(
        "profile", flat=True
    )


def test_a_plan_with_accepted_visits_is_kept_and_another_can_go(world):
    plan = ready(world)
    accept(world, plan)
    with pytest.raises(NotNow, match="record of why"):
        season.delete_plan(plan=plan, by=world.coordinator)
    spare = make_plan(world, title="Spare")
    season.delete_plan(plan=spare, by=world.coordinator)
    assert not SeasonPlan.objects.filter(pk=spare.pk).exists()


def test_pins_take_each_others_place(world):
    plan, challenge, person = make_plan(world), world.challenges[0], world.people[0]
    values = {"plan": plan, "by": world.coordinator, "challenge": challenge}
    season.pin(**values, kind="person", profile=person)
    season.pin(**values, kind="person", profile=person)
    season.pin(**values, kind="not_person", profile=person)
    season.pin(**values, kind="week", week=MONDAY)
    season.pin(**values, kind="week", week=MONDAY + WEEK)
    assert [(pin.kind, pin.profile_id, pin.week) for pin in plan.pins.order_by("pk")] == [
        ("not_person", person.pk, None), ("week", None, MONDAY + WEEK),
    ]  # fmt: skip
    built = problem_of(plan)
    place = built.visit_place[challenge.pk]
    assert built.problem.week_pins == {place: 1}
    assert (place, built.peer_place[person.pk]) not in built.problem.pairs
