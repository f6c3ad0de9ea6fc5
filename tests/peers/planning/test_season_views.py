"""The pages of the season: rights of every path, what they say, fixed query counts, flows without JavaScript."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.access import SeatName
from peers.challenges.models import Programme
from peers.planning.models import Placement, PlanProgress, PlanVisit, SeasonPlan
from peers.planning.season.problem import News
from peers.planning.services import season
from peers.planning.services.season_run import work_out
from tests.factories.worlds import make_user, sit
from tests.peers.planning.seasons import MONDAY, make_host, make_person, make_plan, make_season, solver
from tests.people import Cast

client_for = Cast.client_for


@pytest.fixture
def world(db):
    return make_season()


def ready(world, **fields) -> SeasonPlan:
    plan = make_plan(world, **fields)
    season.request_plan(plan=plan, by=world.coordinator)
    plan.refresh_from_db()
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=solver())
    plan.refresh_from_db()
    return plan


def paths(plan):
    visit = plan.visits.first()
    pin = plan.pins.first()
    names = ["season_plan", "season_edit", "season_delete", "season_closed_add", "season_pin", "season_pool",
             "season_accept"]  # fmt: skip
    posts = ["season_ask", "season_stop", "season_rename", "season_copy", "season_closed_set"]
    found = {name: reverse(f"planning:{name}", args=[plan.pk]) for name in [*names, *posts]}
    found |= {
        name: reverse(f"planning:{name}", args=[plan.pk, visit.pk])
        for name in ("season_visit", "season_accept_one", "season_leave")
    }
    found["season_hold"] = reverse("planning:season_hold", args=[plan.pk, visit.pk, "week"])
    found["season_unpin"] = reverse("planning:season_unpin", args=[plan.pk, pin.pk])
    return found


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- rights -----------------------------------------------------------------------------------------
def test_nobody_but_the_coordinator_of_the_programme_finds_anything(world, cast):
    plan = ready(world)
    season.pin(plan=plan, by=world.coordinator, challenge=world.challenges[0], kind="week", week=MONDAY)
    elsewhere = make_user("Other Programme")
    sit(elsewhere, SeatName.COORDINATOR, Programme.objects.create(title="Elsewhere"))
    outside = ["manager", "host_lead", "host_sponsor", "contributor", "lead_peer", "peer", "pool_peer", "observer",
               "superuser", "administrator", "editor", "stranger"]  # fmt: skip
    people = [*(getattr(cast, name) for name in outside), world.people[0].user]
    for person in [*people, elsewhere]:
        client = client_for(person)
        for name, path in paths(plan).items():
            for answer in (client.get(path), client.post(path, {})):
                assert answer.status_code in {404, 405}, (person, name, answer.status_code)
                assert "Specialist 1" not in answer.content.decode()
                assert "Autumn" not in answer.content.decode()
    for person in people:
        for name in ("season_list", "season_new", "season_compare", "season_closed"):
            assert client_for(person).get(reverse(f"planning:{name}")).status_code == 404, (person, name)
    page = client_for(elsewhere).get(reverse("planning:season_list"))
    assert page.status_code == 200
    assert "Autumn" not in page.content.decode()
    plan.refresh_from_db()
    assert (plan.pins.count(), Placement.objects.count()) == (1, 0)


def test_plans_of_two_programmes_are_not_compared(world):
    plan, other = ready(world), ready(world, title="Second")
    other.programme = Programme.objects.create(title="Elsewhere")
    other.save()
    path = reverse("planning:season_compare")
    answer = client_for(world.coordinator).get(f"{path}?plan={plan.pk}&plan={other.pk}")
    assert answer.status_code == 302


def test_a_visit_of_another_plan_is_not_found_through_this_one(world):
    plan, other = ready(world), ready(world, title="Second")
    path = reverse("planning:season_visit", args=[plan.pk, other.visits.first().pk])
    assert client_for(world.coordinator).get(path).status_code == 404


# --- asking -----------------------------------------------------------------------------------------
def form_of(page) -> dict:
    """What a browser would post of the page's form as it stands."""
    form = page.context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value is None or value is False:
            continue
        if isinstance(value, list | tuple) or hasattr(value, "values_list"):
            data[field.html_name] = [getattr(one, "pk", one) for one in value]
        elif isinstance(value, datetime.date):
            data[field.html_name] = value.isoformat()
        else:
            data[field.html_name] = value
    return data


def test_from_the_form_to_a_queued_plan(world):
    client = client_for(world.coordinator)
    page = client.get(reverse("planning:season_new"))
    data = form_of(page) | {"title": "Spring", "first_week": "2027-09-08", "weeks": 6, "weight_travel": 3}
    answer = client.post(reverse("planning:season_new"), data)
    plan = SeasonPlan.objects.get()
    assert answer.url == plan.get_absolute_url()
    assert (plan.first_week, plan.weeks, plan.weights["travel"], plan.challenges.count()) == (MONDAY, 6, 3, 2)
    shown = client.get(plan.get_absolute_url())
    assert "Work out the plan" in text(shown)
    client.post(reverse("planning:season_ask", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.state == "queued"
    waiting = client.get(plan.get_absolute_url())
    assert "Waiting for the worker." in text(waiting)
    assert 'hx-select="#season-progress"' in waiting.content.decode()
    assert "Look again" in text(waiting)
    client.post(reverse("planning:season_stop", args=[plan.pk]))
    assert "is being stopped" in text(client.get(plan.get_absolute_url()))


def test_the_waiting_page_asks_for_a_piece_alone(world):
    plan, client = make_plan(world), client_for(world.coordinator)
    client.post(reverse("planning:season_ask", args=[plan.pk]))
    waiting = client.get(plan.get_absolute_url(), headers={"HX-Request": "true"})
    piece = waiting.content.decode()
    assert piece.startswith('<div id="season-progress"')
    assert 'hx-trigger="every 2s"' in piece
    assert "HX-Refresh" not in waiting
    plan.refresh_from_db()
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=solver())
    over = client.get(plan.get_absolute_url(), headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"  # the whole page, with its tag and without the stop button
    assert "hx-trigger" not in over.content.decode()
    assert "Show the result" in over.content.decode()


def test_a_search_without_a_cost_has_no_picture(world):
    plan = ready(world)
    client = client_for(world.coordinator)
    assert "How the search went" in text(client.get(plan.get_absolute_url()))
    plan.progress.update(cost=None)
    PlanProgress.objects.create(plan=plan, second=300)
    page = text(client.get(plan.get_absolute_url()))
    assert "How the search went" not in page
    assert "No plan has been found yet" not in page


def test_what_speaks_against_asking_is_listed(world):
    plan = make_plan(world, challenges=[])
    answer = client_for(world.coordinator).post(reverse("planning:season_ask", args=[plan.pk]))
    assert answer.status_code == 403
    assert "No challenge is chosen." in text(answer)


def test_changing_needs_the_version_that_was_seen(world):
    plan, client = make_plan(world), client_for(world.coordinator)
    path = reverse("planning:season_edit", args=[plan.pk])
    data = form_of(client.get(path))
    assert client.post(path, data | {"title": "Mine"}).status_code == 302
    late = client.post(path, data | {"title": "Late"})
    assert "Somebody else changed this plan" in text(late)
    assert "Late" in late.content.decode()
    plan.refresh_from_db()
    assert plan.title == "Mine"


def test_days_without_visits_are_switched_off_on_a_plan(world):
    plan, client = make_plan(world, weeks=30), client_for(world.coordinator)
    kept = plan.closed_days.get(title="Christmas 2027")
    client.post(reverse("planning:season_closed_set", args=[plan.pk]), {"counts": [kept.pk, "x"]})
    assert [row.title for row in plan.closed_days.filter(counts=True)] == ["Christmas 2027"]
    path = reverse("planning:season_closed_add", args=[plan.pk])
    wrong = client.post(path, {"title": "Fair", "first_day": "2027-09-10", "last_day": "2027-09-08"})
    assert "The last day is before the first." in text(wrong)
    client.post(path, {"title": "Fair", "first_day": "2027-09-08", "last_day": "2027-09-10"})
    assert plan.closed_days.filter(title="Fair", added=True).exists()


def test_the_programmes_own_days(world):
    client, path = client_for(world.coordinator), reverse("planning:season_closed")
    days = {"title": "Conference", "first_day": "2027-09-13", "last_day": "2027-09-17"}
    client.post(path, days)
    assert "This period is on the list already." in text(client.post(path, days))
    plan = make_plan(world)
    assert [row.title for row in plan.closed_days.all()] == ["Conference"]
    client.post(reverse("planning:season_closed_remove", args=[world.programme.closed_periods.get().pk]))
    assert "Nothing has been added." in text(client.get(path))


# --- pins -------------------------------------------------------------------------------------------
def test_holding_by_name_says_when_it_cannot_tell_who(world):
    plan, client = make_plan(world), client_for(world.coordinator)
    path = reverse("planning:season_pin", args=[plan.pk])
    data = {"challenge": world.challenges[0].pk, "kind": "person", "person": "Member"}
    assert "Several people fit: Member 1 (Home of Member 1); Member 2 (Home of Member 2)." in text(
        client.post(path, data)
    )
    assert "Nobody in the pool has this name." in text(client.post(path, data | {"person": "Nemo"}))
    assert "Choose the week" in text(client.post(path, data | {"kind": "week"}))
    client.post(path, data | {"person": "member 1"})
    assert [(pin.kind, pin.profile) for pin in plan.pins.all()] == [("person", world.people[0])]
    client.post(path, {"challenge": world.challenges[0].pk, "kind": "week", "week": MONDAY.isoformat()})
    assert "the week of Monday 6 September 2027" in text(client.get(plan.get_absolute_url()))
    client.post(reverse("planning:season_unpin", args=[plan.pk, plan.pins.get(kind="week").pk]))
    assert plan.pins.count() == 1


def test_buttons_beside_people_hold_for_the_next_plan(world):
    plan, client = ready(world), client_for(world.coordinator)
    visit = plan.visits.first()
    seat = visit.seats.first()

    def hold(kind, **data):
        return client.post(reverse("planning:season_hold", args=[plan.pk, visit.pk, kind]), data).status_code

    assert hold("week") == 302
    assert hold("not_person", seat=seat.pk) == 302
    assert hold("person", seat=PlanVisit.objects.exclude(pk=visit.pk).first().seats.first().pk) == 404
    assert hold("nonsense") == 404
    page = text(client.get(reverse("planning:season_visit", args=[plan.pk, visit.pk])))
    assert f"Not this person: {seat.profile.user.full_name}" in page
    answer = client.post(
        reverse("planning:season_copy", args=[plan.pk]), {"title": "Again", "near": "1"}
    )  # fmt: skip
    copy = SeasonPlan.objects.get(title="Again")
    assert answer.url == copy.get_absolute_url()
    assert copy.pins.count() == 2
    assert "It moves as little as possible against Autumn" in text(client.get(copy.get_absolute_url()))


# --- reading ----------------------------------------------------------------------------------------
def test_who_was_asked_is_listed_as_held(world):
    plan = make_plan(world)
    for person, state in zip(world.people[:2], ("accepted", "invited"), strict=True):
        Placement.objects.create(
            challenge=world.challenges[0], profile=person, role="peer", state=state, proposed_by=world.coordinator,
            invited_at=timezone.now(), answer_by=MONDAY, answered_at=timezone.now() if state == "accepted" else None,
        )  # fmt: skip
    page = text(client_for(world.coordinator).get(plan.get_absolute_url()))
    assert "Host 1: Member 1 has accepted" in page
    assert "Host 1: Specialist 1 has been invited" in page
    assert "Nothing is held." not in page


def test_a_ready_plan_says_how_good_it_is_and_never_best_without_proof(world):
    plan, client = ready(world), client_for(world.coordinator)
    SeasonPlan.objects.filter(pk=plan.pk).update(cost=103, bound=100)
    page = text(client.get(plan.get_absolute_url()))
    assert "The plan costs 103 points. That is at most 3.0 % above the best possible plan for these weights" in page
    assert "optimal" not in page
    SeasonPlan.objects.filter(pk=plan.pk).update(cost=100, bound=100)
    assert "No plan with these weights costs less." in text(client.get(plan.get_absolute_url()))


def test_the_picture_has_its_table_and_the_visit_its_reasons(world):
    plan, client = ready(world), client_for(world.coordinator)
    html = client.get(plan.get_absolute_url()).content.decode()
    assert "2 of 2 visits planned" in html
    assert "Season by week as a table" in html
    page = text(client.get(reverse("planning:season_visit", args=[plan.pk, plan.visits.first().pk])))
    assert "covers all 2 themes, 2 of them twice" in page
    assert "0 of 6 days used" in page


def test_load_journeys_and_gaps(world):
    plan = ready(world)
    page = text(client_for(world.coordinator).get(reverse("planning:season_pool", args=[plan.pk])))
    assert "4 people go on a visit" in page
    assert "Journeys to each host in kilometres" in page
    assert "None: each kind of peer near each host knows each theme." in page


def test_gaps_are_named_by_place_role_and_theme(world):
    host = world.challenges[0].council
    host.nation, host.region = "Wales", ""
    host.save()
    dragon = make_person("Dragon", "member", available_from=datetime.date(2027, 10, 11))
    dragon.council.nation = "Wales"
    dragon.council.save()
    dragon.skills.filter(theme_code="T2").delete()
    plan = make_plan(world)
    page = text(client_for(world.coordinator).get(reverse("planning:season_pool", args=[plan.pk])))
    assert "No cyber specialist in Wales at all." in page
    assert "No member peer in Wales who knows “Theme 2” in this period." in page
    assert "No member peer in Wales who knows “Theme 1” is free before 11 October 2027." in page


def test_comparing_two_plans(world):
    plan, other, client = ready(world), ready(world, title="Second"), client_for(world.coordinator)
    other.visits.filter(challenge=world.challenges[0]).update(week=MONDAY + datetime.timedelta(weeks=5))
    path = reverse("planning:season_compare")
    page = text(client.get(f"{path}?plan={plan.pk}&plan={other.pk}"))
    assert "Host 1 (" in page
    assert "Differs" in page
    assert "Themes that only one person on a team knows" in page
    assert client.get(f"{path}?plan={plan.pk}").status_code == 302
    assert client.get(f"{path}?plan=x").status_code == 302


# --- accepting --------------------------------------------------------------------------------------
def test_accepting_through_the_page(world):
    plan, client = ready(world), client_for(world.coordinator)
    path = reverse("planning:season_accept", args=[plan.pk])
    page = client.get(path)
    assert "Why those with a warning" not in text(page)
    data = {"version": plan.version}
    missing = client.post(path, data | {"invite": "on"})
    assert "Enter the day to answer by" in text(missing)
    past = client.post(path, data | {"invite": "on", "answer_by": "2020-01-01"})
    assert "has passed" in text(past)
    answer = client.post(path, data, follow=True)
    assert "2 visits are accepted." in text(answer)
    assert set(Placement.objects.values_list("state", flat=True)) == {"proposed"}
    again = client.post(path, data, follow=True)
    assert "You have accepted this already." in text(again)
    assert "Nothing is left to accept" in text(client.get(path))


def test_what_cannot_be_accepted_is_marked_before_it_is_pressed(world):
    plan, client = ready(world), client_for(world.coordinator)
    path = reverse("planning:season_accept", args=[plan.pk])
    assert "Cannot be accepted" not in text(client.get(path))
    one, two = plan.visits.order_by("challenge__ref")
    type(one.challenge).objects.filter(pk=one.challenge_id).update(stage="preparation")
    page = text(client.get(path))
    assert page.count("Cannot be accepted") == 1
    assert "This visit will not be accepted: it is in “Preparation” now." in page
    assert "Accept these visits" in page
    leaver = two.seats.first().profile
    type(leaver).objects.filter(pk=leaver.pk).update(state="resting")
    page = text(client.get(path))
    assert f"This visit will not be accepted: no longer to be asked: {leaver.user.full_name}." in page
    assert "Accept these visits" not in page
    Placement.objects.create(
        challenge=two.challenge, profile=leaver, role="peer", state="invited", proposed_by=world.coordinator,
        invited_at=timezone.now(), answer_by=MONDAY,
    )  # fmt: skip
    assert "no longer to be asked" not in text(client.get(path))
    day = MONDAY + datetime.timedelta(weeks=5)
    type(two.challenge).objects.filter(pk=two.challenge_id).update(visit_first_day=day, visit_last_day=day)
    assert "its visit has been fixed for 11 October 2027 since." in text(client.get(path))


def test_the_second_coordinator_is_told(world):
    plan = ready(world)
    colleague = make_user("Colleague")
    sit(colleague, SeatName.COORDINATOR, world.programme)
    path = reverse("planning:season_accept", args=[plan.pk])
    data = {"version": plan.version}
    client_for(world.coordinator).post(path, data)
    late = client_for(colleague).post(path, data)
    assert late.status_code == 409
    assert "Co Ordinator has accepted visits of this plan" in text(late)


def test_one_visit_accepted_and_one_left_out(world):
    plan, client = ready(world), client_for(world.coordinator)
    first, second = plan.visits.all()
    client.post(reverse("planning:season_leave", args=[plan.pk, second.pk]), {"left": "1"})
    plan.refresh_from_db()
    client.post(reverse("planning:season_accept_one", args=[plan.pk, first.pk]), {"version": plan.version})
    assert [visit.state for visit in plan.visits.all()] == ["accepted", "left"]
    refused = client.post(reverse("planning:season_delete", args=[plan.pk]))
    assert refused.status_code == 403
    assert "kept as the record of why" in text(refused)


# --- cost -------------------------------------------------------------------------------------------
LIMIT = 15
PAGES = ["season_list", "season_plan", "season_pool", "season_accept", "season_visit", "season_edit", "season_compare"]


def grown(world, hosts: int):
    """The world with `hosts` challenges more, each with its own team, and a stored plan of all of them."""
    version = world.challenges[0].framework_version
    for n in range(hosts):
        world.challenges.append(make_host(f"More {n}", version, team_min=2, team_max=2))
        world.people += [make_person(f"Mem {n}", "member"), make_person(f"Spec {n}", "specialist")]
    plan = make_plan(world, weeks=52, title="Big", per_week=20)
    season.request_plan(plan=plan, by=world.coordinator)
    plan.refresh_from_db()
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=plain)
    plan.refresh_from_db()
    assert plan.visits.count() == len(world.challenges)
    return plan


def plain(task, problem, **rest):
    """Everybody in turn: the n-th pair of people to the n-th host."""
    members = [p for p, peer in enumerate(problem.peers) if peer.role == "member"]
    specialists = [p for p, peer in enumerate(problem.peers) if peer.role == "specialist"]
    pairs = zip(members, specialists, strict=True)
    plan = {
        v: (visit.weeks[v % len(visit.weeks)], tuple(sorted(pair)))
        for (v, visit), pair in zip(enumerate(problem.visits), pairs, strict=True)
    }
    yield News("done", 1.0, plan=plan)


def asked(django_assert_max_num_queries, client, plan, name):
    paths = {
        "season_list": reverse("planning:season_list"),
        "season_visit": reverse("planning:season_visit", args=[plan.pk, plan.visits.first().pk]),
        "season_compare": reverse("planning:season_compare")
        + "?"
        + "&".join(f"plan={pk}" for pk in SeasonPlan.objects.values_list("pk", flat=True)[:4]),
    }
    path = paths.get(name) or reverse(f"planning:{name}", args=[plan.pk])
    if name == "season_edit":
        SeasonPlan.objects.filter(pk=plan.pk).update(state="draft")
    with django_assert_max_num_queries(LIMIT) as counted:
        assert client.get(path).status_code == 200
    return len(counted)


def test_pages_cost_the_same_for_one_visit_and_for_sixty(django_assert_max_num_queries, db):
    world = make_season(1)
    client = client_for(world.coordinator)
    ready(world, title="Spare")
    small = ready(world)
    few = {name: asked(django_assert_max_num_queries, client, small, name) for name in PAGES}
    big = grown(world, 59)
    assert {name: asked(django_assert_max_num_queries, client, big, name) for name in PAGES} == few
