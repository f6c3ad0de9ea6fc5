"""The pages of planning: rights of every path, what the host must never see, fixed query counts."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.access import seats_on
from peers.planning import services
from peers.planning.queries import candidate_rows, tasks_for, team_hash, team_list
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_peer

OUTSIDE = ["stranger", "other_host", "superuser", "administrator", "editor", "contributor"]
TEAM_READERS = ["host_lead", "host_sponsor", "manager"]


def paths(cast, placement):
    ref = cast.challenge.ref
    return {
        "team": reverse("planning:team", args=[ref]),
        "agree": reverse("planning:agree", args=[ref]),
        "invite": reverse("planning:invite", args=[ref, placement.pk]),
        "remove": reverse("planning:remove", args=[ref, placement.pk]),
        "invitation": reverse("planning:invitation", args=[placement.pk]),
    }


def codes(cast, who, placement):
    client = cast.client_for(getattr(cast, who))
    return {name: client.get(path).status_code for name, path in paths(cast, placement).items()}


def test_rights_of_every_page(team):
    placement = team.invite()
    nothing = dict.fromkeys(paths(team.cast, placement), 404)
    for who in [*OUTSIDE, "second_peer"]:
        assert codes(team.cast, who, placement) == nothing, who
    for who in TEAM_READERS:
        assert codes(team.cast, who, placement) == nothing | {"team": 302, "agree": 200}, who
    seen = {"team": 200, "agree": 200, "invite": 200, "remove": 200, "invitation": 404}
    assert codes(team.cast, "coordinator", placement) == seen
    assert codes(team.cast, "pool_peer", placement) == nothing | {"invitation": 200}


def test_another_challenges_address_finds_nothing(team):
    placement = team.invite()
    path = reverse("planning:remove", args=[team.cast.other_challenge.ref, placement.pk])
    assert team.cast.client_for(team.cast.coordinator).get(path).status_code == 404


def test_an_invitation_list_is_for_the_pool(team):
    placement = team.invite()
    path = reverse("planning:invitations")
    for who in [*OUTSIDE, *TEAM_READERS, "coordinator"]:
        assert team.cast.client_for(getattr(team.cast, who)).get(path).status_code == 404, who
    assert team.cast.client_for(team.cast.pool_peer).get(path).context["rows"] == [placement]
    assert team.cast.client_for(team.cast.second_peer).get(path).context["rows"] == []


def test_a_place_that_was_not_offered_is_not_there_for_the_peer(team):
    placement = team.propose()
    client = team.cast.client_for(team.cast.pool_peer)
    assert client.get(reverse("planning:invitation", args=[placement.pk])).status_code == 404
    assert client.get(reverse("planning:invitations")).context["rows"] == []


@pytest.mark.parametrize("who", [*TEAM_READERS, "lead_peer"])
def test_candidates_decliners_and_reasons_reach_nobody_else(team, who):
    cast = team.cast
    team.whole()
    candidate = make_peer()
    candidate.user.full_name = "Secret Candidate"
    candidate.user.save()
    team.propose(candidate)
    decliner = team.invite()
    services.answer_invitation(placement=decliner, by=cast.pool_peer, accept=False, reason="I distrust their leader")
    removed = team.invite(cast.observer_profile, "observer")
    services.remove_peer(placement=removed, by=cast.coordinator, reason="Talks too much")
    client = cast.client_for(getattr(cast, who))
    page = client.get(reverse("planning:agree", args=[cast.challenge.ref])).content.decode()
    assert "Second Peer" in page
    for secret in ("Secret Candidate", "Pool Peer", "distrust", "Talks too much", "observer@"):
        assert secret not in page


def test_the_team_sees_only_those_who_said_yes(team):
    team.whole()
    team.invite()
    path = reverse("planning:agree", args=[team.cast.challenge.ref])
    assert "Pool Peer" not in team.cast.client_for(team.cast.lead_peer).get(path).content.decode()
    assert "Pool Peer" in team.cast.client_for(team.cast.host_lead).get(path).content.decode()


def test_the_host_reads_one_line_of_the_biography(team):
    team.cast.pool_peer_profile.biography = "Led recovery after an attack.\nPrivate second line."
    team.cast.pool_peer_profile.save()
    team.invite()
    page = team.cast.client_for(team.cast.host_lead).get(reverse("planning:agree", args=[team.cast.challenge.ref]))
    assert "Led recovery after an attack." in page.content.decode()
    assert "Private second line" not in page.content.decode()


# --- through the pages ------------------------------------------------------------------------------
def test_from_list_to_seat_through_the_pages(team):
    cast = team.cast
    coordinator, peer = cast.client_for(cast.coordinator), cast.client_for(cast.pool_peer)
    ref = cast.challenge.ref
    coordinator.post(reverse("planning:propose", args=[ref]), {"profile": cast.pool_peer_profile.pk, "role": "peer"})
    placement = cast.challenge.placements.get()
    path = reverse("planning:invite", args=[ref, placement.pk])
    assert coordinator.post(path, {"answer_by": "2099-01-01", "message": "Do come"}).status_code == 302
    page = peer.get(placement.get_absolute_url()).content.decode()
    assert "Do come" in page
    assert "Northmere" in page
    assert [task.url for task in tasks_for(cast.pool_peer, [])] == [placement.get_absolute_url()]
    answer = {"answer": "accept", "tie": "none"}
    assert peer.post(placement.get_absolute_url(), answer).status_code == 302
    assert peer.post(placement.get_absolute_url(), answer).status_code == 302  # the second click
    placement.refresh_from_db()
    assert placement.state == "accepted"
    assert tasks_for(cast.pool_peer, []) == []


def test_a_form_half_filled_says_what_is_missing(team):
    placement = team.invite()
    client = team.cast.client_for(team.cast.pool_peer)
    assert "Choose yes or no" in client.post(placement.get_absolute_url(), {"answer": ""}).content.decode()
    no = client.post(placement.get_absolute_url(), {"answer": "decline"}).content.decode()
    assert "Say why you cannot come" in no
    yes = client.post(placement.get_absolute_url(), {"answer": "accept"}).content.decode()
    assert "Say whether anything ties you" in yes


def test_an_answer_to_an_invitation_taken_back_says_so(team):
    placement = team.invite()
    services.remove_peer(placement=placement, by=team.cast.coordinator, reason="Full")
    client = team.cast.client_for(team.cast.pool_peer)
    response = client.post(placement.get_absolute_url(), {"answer": "accept", "tie": "none"})
    assert response.status_code == 403
    assert "taken back" in response.content.decode()
    assert "Full" not in client.get(placement.get_absolute_url()).content.decode()


def test_a_barred_peer_has_no_invite_button(team):
    placement = team.propose()
    placement.profile.council = team.cast.challenge.council
    placement.profile.save()
    path = paths(team.cast, placement)["invite"]
    client = team.cast.client_for(team.cast.coordinator)
    assert "cannot be invited" in client.get(path).content.decode()
    response = client.post(path, {"answer_by": "2099-01-01", "reason": "Please"})
    assert response.status_code == 403
    assert "own council" in response.content.decode()


def test_a_second_lead_peer_is_told_on_the_page(team):
    cast = team.cast
    team.invite(cast.lead_peer_profile, "lead_peer")
    second = team.propose(cast.peer_profile, "lead_peer")
    response = cast.client_for(cast.coordinator).post(paths(cast, second)["invite"], {"answer_by": "2099-01-01"})
    assert "already a lead peer" in response.content.decode()


def test_agreeing_through_the_page_and_with_a_stale_one(team):
    cast = team.cast
    team.whole()
    client, path = cast.client_for(cast.host_sponsor), reverse("planning:agree", args=[cast.challenge.ref])
    assert client.post(path, {"team_hash": "old"}).status_code == 409
    assert client.post(path, {"team_hash": team_hash(team_list(cast.challenge))}).status_code == 302
    assert "agreed this team" in client.get(path).content.decode()
    assert cast.client_for(cast.coordinator).post(path, {"team_hash": "x"}).status_code == 404


def test_in_another_stage_the_reason_is_given(team):
    cast = team.cast
    placement = team.propose()
    cast.at(Stage.DRAFTING)
    response = cast.client_for(cast.coordinator).get(paths(cast, placement)["invite"])
    assert response.status_code == 403
    assert "is closed" in response.content.decode()


# --- tasks and counts -------------------------------------------------------------------------------
def test_tasks_of_host_and_coordinator(team, django_assert_max_num_queries):
    cast = team.cast
    assert [task.what for task in tasks_for(cast.coordinator, [cast.challenge])] == ["Put the team together"]
    assert tasks_for(cast.host_lead, [cast.challenge]) == []
    team.whole()
    cast.host_lead.seat_cache = {}  # as the middleware gives it: a request reads the seats once for all rooms
    seats_on(cast.host_lead)
    with django_assert_max_num_queries(3):
        tasks = tasks_for(cast.host_lead, [cast.challenge])
    assert [task.what for task in tasks] == ["Agree the team"]
    assert tasks_for(cast.stranger, [cast.challenge]) == []


def test_query_count_does_not_grow(team, django_assert_max_num_queries):
    cast = team.cast
    team.propose()
    client, path = cast.client_for(cast.coordinator), reverse("planning:team", args=[cast.challenge.ref])
    client.get(path)
    with django_assert_max_num_queries(18) as few:
        client.get(path)
    for _number in range(15):
        make_peer()
    team.propose(cast.peer_profile)
    team.propose(cast.lead_peer_profile, "lead_peer")
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)


def test_the_visit_in_question_does_not_make_its_own_team_busy(team):
    team.accept()
    row = candidate_rows(team.cast.challenge, [team.cast.pool_peer_profile])[0]
    assert row.free is True
    other = make_challenge(stage=Stage.SETUP)
    assert candidate_rows(other, [team.cast.pool_peer_profile])[0].free is False


def test_days_used_are_counted_in_the_year_of_the_visit_and_too_many_are_said(team):
    """A visit of next year asks how much of next year is taken, whatever this year holds."""
    challenge, profile = team.cast.challenge, team.cast.pool_peer_profile
    team.accept()
    year = timezone.localdate().year + 1
    monday = datetime.date(year, 6, 1)
    monday += datetime.timedelta(days=-monday.weekday() % 7)
    challenge.visit_first_day, challenge.visit_last_day = monday, monday + datetime.timedelta(days=2)
    challenge.save()
    row = candidate_rows(challenge, [profile])[0]
    assert (row.days_used, row.year, row.over) == (3, year, 0)
    profile.days_offered = 2
    profile.save()
    page = team.cast.client_for(team.cast.coordinator).get(reverse("planning:team", args=[challenge.ref]))
    text = page.content.decode()
    assert f"3 of 2 days used in {year}." in text
    assert "1 day over what they offer" in text
    undated = make_challenge(stage=Stage.SETUP)
    undated.visit_first_day = undated.visit_last_day = None
    now = candidate_rows(undated, [profile])[0]
    assert (now.days_used, now.year) == (0, year - 1)
