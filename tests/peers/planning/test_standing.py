"""The coordinator's page says what a team covers, whose yes waits, and who comes next where a place is free again."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cyber360.notify.models import OutboxMail
from peers.access import seats_on
from peers.planning import services
from peers.planning.queries import tasks_for, team_hash, team_list
from peers.planning.queries.doubts import facts_of
from peers.planning.queries.standing import cover_words
from peers.pool import services as pool
from peers.pool.models import PeerSkill
from tests.factories.worlds import make_peer

from .pools import make_pool


def page_of(team, who="coordinator"):
    path = reverse("planning:team", args=[team.cast.challenge.ref])
    return team.cast.client_for(getattr(team.cast, who)).get(path, follow=True).content.decode()


def no(row):
    return services.answer_invitation(placement=row, by=row.profile.user, accept=False, reason="Budget week")


# --- cover --------------------------------------------------------------------------------------------
def covers(challenge):
    facts = facts_of(challenge)
    return cover_words(facts, facts.hosts[challenge.pk], list(challenge.placements.select_related("profile")))


def test_nothing_is_said_of_a_team_that_nobody_was_asked_for(team):
    team.propose()
    assert covers(team.cast.challenge) == []
    assert 'id="cover"' not in page_of(team)


def test_cover_goes_by_those_asked_and_names_what_nobody_knows(team):
    challenge = team.cast.challenge
    titles = list(challenge.themes.order_by("place").values_list("title", flat=True))
    lead = make_peer(can_lead=False)
    team.invite(lead, "lead_peer")
    team.propose(make_pool(1, themes=("T2",), role="member")[0])
    first, wanted, _free = covers(challenge)
    assert first == f"Covers 1 of {len(titles)} themes; nobody knows “{titles[1]}”."
    assert wanted == "Still wanted: 1 member peer and 1 cyber specialist."
    PeerSkill.objects.create(profile=lead, theme_code="T2", level="some")
    assert covers(challenge)[0] == f"Covers {len(titles)} of {len(titles)} themes."
    assert "Still wanted: 1 member peer" in page_of(team)


@pytest.mark.parametrize("who", ["manager", "host_lead", "lead_peer"])
def test_only_the_coordinator_reads_what_a_team_covers_and_who_said_no(team, who):
    team.whole()
    no(team.invite())
    assert "Still wanted" in page_of(team)
    page = page_of(team, who)
    assert "Still wanted" not in page
    assert "Place free" not in page


# --- a place that is free again -----------------------------------------------------------------------
def test_after_a_no_the_decliner_is_named_and_the_next_best_stands_at_the_top(team):
    next_one = make_pool(1)[0]
    no(team.invite())
    page = page_of(team)
    assert "Pool Peer: declined" in page
    assert page.index("Next best") < page.index('id="list"')
    assert next_one.user.full_name in page


def test_people_on_the_list_against_whom_something_speaks_do_not_hide_the_next_best(team):
    make_pool(3)
    no(team.invite())
    waits = make_peer()
    row = team.propose(waits)
    assert "Next best" not in page_of(team)
    assert f"invite {waits.user.full_name}" in page_of(team)
    pool.declare_interest(profile=waits, by=waits.user, council=team.cast.challenge.council, kind="family")
    assert "Next best" in page_of(team)
    assert row.state == "proposed"


def test_no_place_is_free_where_as_many_as_the_team_needs_were_asked(team):
    no(team.invite(make_peer()))
    team.invite(team.cast.lead_peer_profile, "lead_peer")
    size = facts_of(team.cast.challenge).hosts[team.cast.challenge.pk].shape.size
    for _number in range(size - 2):
        team.invite(make_peer())
    assert "Next best" in page_of(team)
    team.invite(make_peer())
    assert "Place free" not in page_of(team)


def test_who_did_not_answer_is_not_the_next_best_at_once(team):
    row = team.invite(make_peer())
    with time_machine.travel(timezone.now() + datetime.timedelta(days=11)):
        services.expire_invitations()
    page = page_of(team)
    assert f"{row.profile.user.full_name}: did not answer in time" in page
    assert page.split('id="list"')[0].count(row.profile.user.full_name) == 1


def test_where_nobody_fits_the_page_says_so(team):
    no(team.invite())
    team.cast.programme.seats.filter(permission__codename="pool_peer").delete()
    assert "Nobody else fits this place" in page_of(team)


# --- the host's mail ----------------------------------------------------------------------------------
def asked_to_agree(team):
    rows = OutboxMail.objects.filter(to=team.cast.host_lead, key__startswith="agree:")
    assert not [row for row in rows if "agree it" not in row.subject]
    return rows.count()


def test_the_host_is_asked_to_agree_a_whole_team_once_a_day_and_again_when_it_changes(team):
    challenge = team.cast.challenge
    team.invite(team.cast.lead_peer_profile, "lead_peer")
    for number in range(2, challenge.team_min):
        team.invite(make_peer())
        assert asked_to_agree(team) == 0, number
    for _number in range(3):
        team.invite(make_peer())
        assert asked_to_agree(team) == 1
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow):
        services.agree_team(challenge=challenge, by=team.cast.host_lead, seen_hash=team_hash(team_list(challenge)))
        waits = team.propose(make_peer())
        services.remove_peer(placement=waits, by=team.cast.coordinator, reason="Too far")
        assert asked_to_agree(team) == 1
        no(team.invite())
        assert asked_to_agree(team) == 2


def test_a_team_that_became_too_small_is_not_put_to_the_host(team):
    team.whole()
    asked = asked_to_agree(team)
    challenge = team.cast.challenge
    services.agree_team(challenge=challenge, by=team.cast.host_lead, seen_hash=team_hash(team_list(challenge)))
    lead = challenge.placements.get(role="lead_peer")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        services.remove_peer(placement=lead, by=team.cast.coordinator, reason="Ill")
    assert asked_to_agree(team) == asked
    assert not challenge.team_agreements.filter(voided_at=None).exists()


# --- a yes that waits ---------------------------------------------------------------------------------
def yes_with_a_tie(team):
    row = team.invite()
    return services.answer_invitation(
        placement=row, by=row.profile.user, accept=True, tie_kind="family", tie_words="My brother"
    )


def tasks(team, who="coordinator"):
    return [task.what for task in tasks_for(getattr(team.cast, who), [team.cast.challenge])]


def test_a_yes_with_a_new_tie_is_tagged_to_settle_and_a_task(team):
    asked = team.cast.coordinator
    assert yes_with_a_tie(team).state == "proposed"
    page = page_of(team)
    assert page.count("Said yes: decide") == 2
    assert page.index("Said yes: decide") < page.index('id="list"')
    assert "Decide on a peer who said yes" in tasks(team)
    for who in ("pool_peer", "host_lead", "manager"):
        assert "Decide on a peer who said yes" not in tasks(team, who)
        assert "Said yes: decide" not in page_of(team, "host_lead")
    row = team.cast.challenge.placements.get()
    services.invite_peer(placement=row, by=asked, answer_by=timezone.localdate(), reason="They never meet")
    assert "Decide on a peer who said yes" not in tasks(team)
    assert "Said yes: decide" not in page_of(team)


def test_a_late_yes_is_there_too(team):
    row = team.invite()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=11)):
        services.expire_invitations()
    services.come_back(placement=row, by=row.profile.user)
    assert "Would still come: decide" in page_of(team)
    assert "Decide on a peer who said yes" in tasks(team)


def test_tasks_cost_the_same_with_and_without_a_yes_that_waits(team, django_assert_max_num_queries):
    asked = team.cast.coordinator
    asked.seat_cache = {}
    seats_on(asked)
    with django_assert_max_num_queries(3) as before:
        tasks(team)
    yes_with_a_tie(team)
    with django_assert_max_num_queries(len(before.captured_queries)):
        assert "Decide on a peer who said yes" in tasks(team)


def test_the_page_costs_the_same_with_many(team, django_assert_max_num_queries):
    no(team.invite(make_peer()))
    yes_with_a_tie(team)
    path = reverse("planning:team", args=[team.cast.challenge.ref])
    client = team.cast.client_for(team.cast.coordinator)
    client.get(path)
    with django_assert_max_num_queries(19) as few:
        assert "Next best" in client.get(path).content.decode()
    make_pool(30)
    for _number in range(3):
        no(team.invite(make_peer()))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)
