"""The team as the host and the LGA read it: each in words of their own."""

import pytest
from django.urls import reverse

from peers.planning import services
from peers.planning.queries import team_hash, team_list


def html(cast, who):
    answer = cast.client_for(who).get(reverse("planning:agree", args=[cast.challenge.ref]))
    return answer.content.decode()


def test_the_host_is_addressed_and_the_manager_is_told_of_it(team):
    cast = team.cast
    assert "You are told by mail" in html(cast, cast.host_lead)
    assert "You are told by mail" not in html(cast, cast.manager)
    team.whole()
    for_host, for_manager = html(cast, cast.host_lead), html(cast, cast.manager)
    assert "your critical friends" in for_host
    assert "your critical friends" not in for_manager
    assert "The council agrees the team" in for_manager
    services.agree_team(challenge=cast.challenge, by=cast.host_lead, seen_hash=team_hash(team_list(cast.challenge)))
    assert "you are asked again" in html(cast, cast.host_sponsor)
    for_manager = html(cast, cast.manager)
    assert "Host Lead agreed this team" in for_manager
    assert "the council is asked again" in for_manager
    assert "you are asked" not in for_manager


def test_to_object_stands_last_on_each_card_and_only_for_the_host(team):
    cast = team.cast
    profile = cast.peer_profile
    profile.biography = "Ran the recovery of a district."
    profile.save()
    rows = team.whole()
    seen = html(cast, cast.host_lead)
    path = reverse("planning:object", args=[cast.challenge.ref, rows[1].pk])
    assert seen.index("Ran the recovery of a district.") < seen.index(path)
    for who in (cast.manager, cast.peer):
        assert path not in html(cast, who)


@pytest.mark.parametrize("who", ["stranger", "other_host", "pool_peer"])
def test_others_find_no_team(team, who):
    team.whole()
    path = reverse("planning:agree", args=[team.cast.challenge.ref])
    assert team.cast.client_for(getattr(team.cast, who)).get(path).status_code == 404
