"""The shortlist and the rules behind it: rights, secrecy, sums that are shown, queries whatever the size."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from peers.planning import services
from peers.planning.defaults import load_shape_defaults
from peers.planning.models import (
    ChallengeNeeds,
    CostTerm,
    CostWeight,
    Placement,
    PreferredPair,
    TeamShape,
)
from peers.planning.queries.shapes import shape_of, weights_of
from peers.planning.queries.shortlist import next_best
from peers.planning.season.problem import Weights
from peers.pool.models import PeerProfile
from peers.stages import Stage
from tests.factories.worlds import make_peer
from tests.peers.planning.conftest import Team
from tests.peers.planning.pools import make_pool

OTHERS = (
    "host_lead", "host_sponsor", "contributor", "manager", "lead_peer", "peer", "observer", "stranger", "other_host",
    "superuser", "administrator", "editor", "pool_peer",
)  # fmt: skip
RULES = ("weights", "shapes", "shape_new", "pairs")


def page(cast, name="shortlist", who=None, **query):
    client = cast.client_for(who or cast.coordinator)
    return client.get(reverse(f"planning:{name}", args=[cast.challenge.ref]), query)


def add(cast, who=None, **data):
    client = cast.client_for(who or cast.coordinator)
    return client.post(reverse("planning:shortlist_add", args=[cast.challenge.ref]), data)


@pytest.fixture
def pool(setup):
    """The challenge in set-up with a pool that can make whole teams."""
    council = setup.challenge.council
    council.latitude, council.longitude = 52.1, -1.9
    council.save()
    make_pool(24)
    return setup


# --- rights and secrecy -----------------------------------------------------------------------------
@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_coordinators_reads_a_shortlist_or_the_rules(pool, who):
    person = getattr(pool, who)
    shape = TeamShape.objects.create(programme=pool.programme, title="Usual")
    pair = services.add_pair(
        programme=pool.programme, by=pool.coordinator, first=pool.peer_profile, second=pool.observer_profile,
        better_together=False, words="They quarrelled",
    )  # fmt: skip
    assert page(pool, who=person).status_code == 404
    assert add(pool, person, profile=pool.pool_peer_profile.pk, role="peer").status_code == 404
    client = pool.client_for(person)
    for name in RULES:
        assert client.get(reverse(f"planning:{name}")).status_code == 404, name
    for path in (reverse("planning:shape", args=[shape.pk]), reverse("planning:shape_remove", args=[shape.pk]),
                 reverse("planning:pair_remove", args=[pair.pk])):  # fmt: skip
        assert client.post(path, {"title": "Mine"}).status_code == 404, path
    assert (TeamShape.objects.get().title, PreferredPair.objects.count()) == ("Usual", 1)
    assert not Placement.objects.exists()


def test_a_shortlist_is_for_people_who_are_signed_in(pool):
    assert Client().get(reverse("planning:shortlist", args=[pool.challenge.ref])).status_code == 302


def test_needs_are_for_those_who_set_the_scope_or_the_team(pool):
    for who in ("host_lead", "lead_peer", "stranger", "manager"):
        assert page(pool, "needs", getattr(pool, who)).status_code == 404, who
    pool.at(Stage.SCOPING)
    assert page(pool, "needs", pool.manager).status_code == 200
    pool.at(Stage.MODERATION)
    assert page(pool, "needs").status_code == 403


# --- what the page shows ----------------------------------------------------------------------------
def test_every_cost_is_the_sum_of_the_lines_that_are_shown(pool):
    seen = page(pool).context
    assert len(seen["people"]) > 10
    assert seen["teams"]
    for row in [*seen["people"], *seen["teams"]]:
        assert row.cost == sum(line.amount for line in row.lines)


def test_people_are_in_the_order_of_their_cost(pool):
    costs = [row.cost for row in page(pool).context["people"]]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


def test_the_numbers_in_the_words_are_the_sum_too(pool):
    """What is read, not only what is handed to the template."""
    html = page(pool).content.decode()
    details = re.findall(r"summary-text\">([^<]*)<span.*?__text\">(.*?)</details>", html, re.DOTALL)
    assert len(details) > 10

    def number(text):
        found = re.search(r"(\d+) points?( taken off)?$", text.strip())
        return int(found[1]) * (-1 if found[2] else 1)

    for total, lines in details:
        assert number(total) == sum(number(line) for line in re.findall(r"<li>(.*?)</li>", lines))


def test_each_weight_that_is_changed_changes_the_order(pool):
    before = [row.profile_id for row in page(pool).context["people"]]
    CostWeight.objects.create(programme=pool.programme, term="travel", weight=50)
    CostWeight.objects.create(programme=pool.programme, term="covered_once", weight=0)
    after = page(pool).context["people"]
    assert [row.profile_id for row in after] != before
    assert not any("covers" in line.words for row in after for line in row.lines)


def test_who_was_asked_is_given_and_the_teams_complete_them(pool):
    Team(pool).accept(pool.lead_peer_profile, "lead_peer")
    Team(pool).invite(pool.second_peer_profile)
    seen = page(pool).context
    assert {person.name for person in seen["listed"].given} == {"Lead Peer", "Second Peer"}
    assert seen["missing"] == 2
    for team in seen["teams"]:
        assert len(team.new_ids) == 2
        assert {mate.person.name for mate in team.mates} > {"Lead Peer", "Second Peer"}
    assert "Lead Peer" not in {row.name for row in seen["people"]}


def test_an_observer_is_on_no_team(pool):
    Team(pool).invite(pool.observer_profile, "observer")
    seen = page(pool).context
    assert seen["missing"] == 4
    assert pool.observer_profile.pk not in {row.profile_id for row in seen["people"]}


def test_a_full_team_needs_nobody(pool):
    ChallengeNeeds.objects.create(challenge=pool.challenge, size=2)
    Team(pool).invite(pool.lead_peer_profile, "lead_peer")
    Team(pool).invite(pool.peer_profile)
    assert "The team is full" in page(pool).content.decode()


def test_what_is_missing_is_said_in_words(setup):
    make_pool(6, councils=6, themes=("T1",), role="officer", can_lead=True)
    html = page(setup).content.decode()
    for sentence in (
        "Nobody who can be asked is a member peer.",
        "Nobody who can be asked is a cyber specialist.",
        "Nobody who can be asked knows “Theme 2”.",
    ):
        assert sentence in html


def test_filters_narrow_the_people_and_not_the_teams(pool):
    seen = page(pool, role="member", leads="on").context
    assert seen["people"]
    assert {row.role for row in seen["people"]} == {"member"}
    assert seen["teams"]
    assert page(pool, q="no such name").context["people"] == []


def test_a_decliner_is_named_among_those_who_cannot_be_asked(pool):
    placement = Team(pool).invite()
    services.answer_invitation(placement=placement, by=pool.pool_peer, accept=False, reason="Busy")
    html = page(pool).content.decode()
    assert "Has declined this visit." in html


# --- onto the list ----------------------------------------------------------------------------------
def test_one_press_puts_a_whole_team_on_the_list_and_tells_nobody(pool, mailoutbox):
    team = page(pool).context["teams"][0]
    data = {"profile": list(team.new_ids), "lead": team.lead_id}
    assert add(pool, **data).status_code == 302
    add(pool, **data)
    rows = list(pool.challenge.placements.all())
    assert {row.profile_id for row in rows} == set(team.new_ids)
    assert [row.profile_id for row in rows if row.role == "lead_peer"] == [team.lead_id]
    assert {row.state for row in rows} == {"proposed"}
    assert mailoutbox == []


def test_a_team_with_somebody_who_cannot_be_asked_is_not_put_on_at_all(pool):
    resting = make_peer()
    resting.state = "resting"
    resting.save()
    answer = add(pool, profile=[pool.pool_peer_profile.pk, resting.pk])
    assert answer.status_code == 302
    assert not pool.challenge.placements.exists()


def test_one_person_goes_on_in_the_role_that_was_chosen(pool):
    add(pool, profile=pool.pool_peer_profile.pk, role="observer")
    assert pool.challenge.placements.get().role == "observer"


@pytest.mark.parametrize("data", [{}, {"profile": "x"}, {"profile": "0"}, {"profile": "99999999999999999999"}])
def test_nonsense_is_refused(pool, data):
    assert add(pool, role="peer", **data).status_code in (400, 404)
    assert not pool.challenge.placements.exists()


# --- how much it costs ------------------------------------------------------------------------------
def test_twelve_queries_at_most_with_few_and_with_many(setup, django_assert_max_num_queries):
    client = setup.client_for(setup.coordinator)
    path = reverse("planning:shortlist", args=[setup.challenge.ref])
    with django_assert_max_num_queries(12) as few:
        client.get(path)
    make_pool(150, councils=40)
    with django_assert_max_num_queries(12) as many:
        assert client.get(path).status_code == 200
    assert len(few) == len(many)


# --- weights, shapes, pairs, needs ------------------------------------------------------------------
def test_weights_are_saved_and_a_second_coordinator_is_not_overwritten(setup):
    client = setup.client_for(setup.coordinator)
    path = reverse("planning:weights")
    form = client.get(path).context["form"]
    data = {term.value: form[term.value].initial for term in CostTerm} | {"version": 0, "travel": 9}
    assert client.post(path, data).status_code == 302
    assert weights_of(setup.programme) == Weights(travel=9)
    assert CostWeight.objects.count() == 1
    late = client.post(path, data | {"travel": 3})
    assert late.status_code == 409
    assert "Somebody else changed the points" in late.content.decode()
    assert weights_of(setup.programme).travel == 9
    again = client.post(path, data | {"travel": 3, "version": late.context["form"]["version"].value()})
    assert again.status_code == 302
    assert weights_of(setup.programme).travel == 3


@pytest.mark.parametrize("wrong", ["", "-1", "101", "much"])
def test_a_weight_is_a_number_from_0_to_100(setup, wrong):
    client = setup.client_for(setup.coordinator)
    data = {term.value: 1 for term in CostTerm} | {"version": 0, "travel": wrong}
    assert client.post(reverse("planning:weights"), data).status_code == 200
    assert not CostWeight.objects.exists()


def shape_data(**fields):
    return {
        "title": "Small",
        "size": 3,
        "leads": 1,
        "members": 1,
        "specialists": 1,
        "per_council": 1,
        "version": 0,
    } | fields


def test_a_shape_is_made_changed_and_used(setup):
    client = setup.client_for(setup.coordinator)
    assert client.post(reverse("planning:shape_new"), shape_data(is_default="on")).status_code == 302
    row = TeamShape.objects.get()
    assert shape_of(setup.challenge).size == 3
    path = reverse("planning:shape", args=[row.pk])
    assert client.post(path, shape_data(size=4, version=1, is_default="on")).status_code == 302
    assert client.post(path, shape_data(size=5, version=1)).status_code == 409
    row.refresh_from_db()
    assert (row.size, row.version) == (4, 2)
    client.post(reverse("planning:shape_new"), shape_data(title="Other", is_default="on"))
    assert [shape.title for shape in TeamShape.objects.filter(is_default=True)] == ["Other"]


def test_a_shape_that_no_team_can_have_is_refused(setup):
    client = setup.client_for(setup.coordinator)
    answer = client.post(reverse("planning:shape_new"), shape_data(members=2, specialists=2))
    assert answer.status_code == 200
    assert "too small" in answer.content.decode()
    assert not TeamShape.objects.exists()


def test_a_shape_in_use_stays(setup):
    row = TeamShape.objects.create(programme=setup.programme, title="Used")
    ChallengeNeeds.objects.create(challenge=setup.challenge, shape=row)
    client = setup.client_for(setup.coordinator)
    answer = client.post(reverse("planning:shape_remove", args=[row.pk]), follow=True)
    assert f"used by {setup.challenge.ref}" in answer.content.decode()
    assert TeamShape.objects.exists()


def test_needs_are_saved_once_and_change_the_team(setup):
    client = setup.client_for(setup.coordinator)
    path = reverse("planning:needs", args=[setup.challenge.ref])
    data = {"version": 1, "size": 3, "welsh_wanted": "on", "shape": ""}
    assert client.post(path, data).status_code == 302
    needs = ChallengeNeeds.objects.get()
    assert (needs.size, needs.welsh_wanted, shape_of(setup.challenge).size) == (3, True, 3)
    assert client.post(path, data | {"size": 5}).status_code == 409
    needs.refresh_from_db()
    assert needs.size == 3


def test_a_pair_is_noted_once_whichever_is_named_first(setup):
    client = setup.client_for(setup.coordinator)
    one, other = setup.peer_profile, setup.second_peer_profile
    data = {"first": other.pk, "second": one.pk, "together": "no", "words": "They quarrelled"}
    path = reverse("planning:pairs")
    assert client.post(path, data).status_code == 302
    assert client.post(path, data | {"first": one.pk, "second": other.pk}).status_code == 302
    pair = PreferredPair.objects.get()
    assert (pair.first_id, pair.second_id, pair.better_together) == (*sorted((one.pk, other.pk)), False)
    assert "They quarrelled" in client.get(path).content.decode()
    assert client.post(path, data | {"second": other.pk}).status_code == 200
    client.post(reverse("planning:pair_remove", args=[pair.pk]))
    assert not PreferredPair.objects.exists()


# --- the next best ----------------------------------------------------------------------------------
def test_after_a_decline_the_next_best_brings_what_the_team_lacks(setup):
    team = Team(setup)
    near = make_pool(1, role="officer", themes=("T1",))[0]
    member = make_pool(1, role="member", themes=("T2",), can_lead=False)[0]
    team.invite(setup.lead_peer_profile, "lead_peer")
    assert next_best(setup.challenge, "peer").profile_id == member.pk
    placement = team.invite(member)
    services.answer_invitation(placement=placement, by=member.user, accept=False, reason="No")
    assert next_best(setup.challenge, "peer").profile_id != member.pk
    team.propose(near)
    assert next_best(setup.challenge, "peer").profile_id != near.pk


def test_the_next_lead_can_lead(setup):
    able = make_pool(1, role="officer", can_lead=True)[0]
    found = next_best(setup.challenge, "lead_peer")
    assert found.profile_id == able.pk
    assert found.cost == sum(line.amount for line in found.lines)
    assert "can lead" in found.sentence


def test_nobody_is_next_when_nobody_fits(setup):
    PeerProfile.objects.update(state="resting")
    assert next_best(setup.challenge, "peer") is None


def test_the_default_shape_is_made_once(setup):
    made = load_shape_defaults(setup.programme)
    assert load_shape_defaults(setup.programme) == made
    assert TeamShape.objects.get() == made
    assert shape_of(setup.challenge).title == made.title


# --- words and ways back ----------------------------------------------------------------------------
def test_taking_a_shape_away_asks_once_and_the_usual_one_stays(setup):
    client = setup.client_for(setup.coordinator)
    usual = TeamShape.objects.create(programme=setup.programme, title="Usual", is_default=True)
    other = TeamShape.objects.create(programme=setup.programme, title="Small")
    html = client.get(reverse("planning:shapes")).content.decode()
    assert reverse("planning:shape_remove", args=[other.pk]) in html
    assert reverse("planning:shape_remove", args=[usual.pk]) not in html
    path = reverse("planning:shape_remove", args=[other.pk])
    page_of_its_own = client.get(path).content.decode()
    assert "Take this shape away" in page_of_its_own
    assert TeamShape.objects.count() == 2
    assert client.post(path).status_code == 302
    path = reverse("planning:shape_remove", args=[usual.pk])
    assert "Make another one the usual one first" in client.get(path).content.decode()
    assert "Take this shape away" not in client.get(path).content.decode()
    assert "Make another one the usual one first" in client.post(path, follow=True).content.decode()
    assert list(TeamShape.objects.all()) == [usual]


@pytest.mark.parametrize("name", ["weights", "shapes", "pairs", "conflict_rules", "season_closed"])
def test_each_page_of_settings_has_the_name_of_its_link(setup, name):
    client = setup.client_for(setup.coordinator)
    path = reverse(f"planning:{name}")
    heading = re.search(r"<h1[^>]*>\s*(.*?)\s*</h1>", client.get(path).content.decode(), re.DOTALL)[1]
    links = re.findall(rf'href="{path}">([^<]*)</a><br>', client.get(reverse("overview:settings")).content.decode())
    assert links == [heading]


def test_a_wrong_number_of_points_is_said_by_its_name(setup):
    path = reverse("planning:weights")
    numbers = {term.value: 1 for term in CostTerm} | {"version": 0, "travel": -1, "past": "many"}
    html = setup.client_for(setup.coordinator).post(path, numbers).content.decode()
    for term in (CostTerm.TRAVEL, CostTerm.PAST):
        assert f"{term.label}: write a whole number from 0 to" in html
    assert not CostWeight.objects.exists()


def test_numbers_of_people_have_their_plural(setup):
    TeamShape.objects.create(programme=setup.programme, title="Usual", members=1, specialists=2, size=5)
    html = setup.client_for(setup.coordinator).get(reverse("planning:shapes")).content.decode()
    assert re.search(r"1 member peer,\s*2 cyber specialists", html)


def test_after_one_person_the_shortlist_opens_where_it_was(pool):
    profile = pool.pool_peer_profile
    answer = add(pool, profile=profile.pk, role="peer", query="role=officer&page=2")
    path = reverse("planning:shortlist", args=[pool.challenge.ref])
    assert answer.url == f"{path}?role=officer&page=2#person-{profile.pk}"
    again = add(pool, profile=profile.pk, role="peer", query="//elsewhere.example.org\r\n" + "x" * 5000)
    assert again.url.startswith(f"{path}?")
    from_the_team_page = add(pool, profile=pool.peer_profile.pk, role="peer")
    assert from_the_team_page.url == reverse("planning:team", args=[pool.challenge.ref])
    row = next(row for row in page(pool, role="member").context["people"] if not row.state)
    html = page(pool, role="member").content.decode()
    assert 'name="query" value="role=member"' in html
    assert f'id="person-{row.profile_id}"' in html


def test_a_team_that_is_all_on_the_list_is_not_offered_again(pool):
    team = page(pool).context["teams"][0]
    answer = add(pool, profile=list(team.new_ids), lead=team.lead_id or "")
    assert answer.url == reverse("planning:team", args=[pool.challenge.ref])
    seen = page(pool)
    assert list(team.new_ids) in [list(ids) for ids in seen.context["on_list"]]
    html = seen.content.decode()
    assert html.count("On the list already") == len(seen.context["on_list"])
    assert html.count("Put this team on the list") == len(seen.context["teams"]) - len(seen.context["on_list"])
