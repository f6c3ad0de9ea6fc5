"""What a peer reads of a visit that goes on without them, and whom a coordinator can name on a list."""

import pytest
from django.urls import reverse

from peers.access import SeatName
from peers.challenges.models import Programme
from peers.planning import services
from tests.factories.worlds import make_peer, make_user, sit
from tests.test_secrecy_walk import plain

CANARY = "Canary wharf house"


def page_of(team, placement):
    challenge = team.cast.challenge
    challenge.visit_place = CANARY
    challenge.save()
    client = team.cast.client_for(placement.profile.user)
    return client.get(reverse("planning:invitation", args=[placement.pk])).content.decode()


def test_who_is_asked_reads_where_the_visit_is(team):
    assert CANARY in page_of(team, team.invite())


def test_who_said_no_no_longer_reads_how_the_visit_goes_on(team):
    placement = services.answer_invitation(
        placement=team.invite(), by=team.cast.pool_peer, accept=False, reason="Elections"
    )
    page = page_of(team, placement)
    assert CANARY not in page
    assert team.cast.challenge.focus not in page


def test_who_was_taken_off_no_longer_reads_how_the_visit_goes_on(team):
    placement = services.remove_peer(placement=team.accept(), by=team.cast.coordinator, reason="Too many of one kind")
    assert CANARY not in page_of(team, placement)


@pytest.mark.parametrize("name", ["planning:propose", "planning:shortlist_add"])
def test_a_peer_of_another_programme_cannot_be_named(setup, name):
    """The answer is the same as for an id that nobody has: the pool cannot be listed by trying."""
    other = Programme.objects.create(title="Another programme")
    elsewhere = make_peer(make_user("Elsewhere Only"))
    elsewhere.user.programme_seats.all().delete()
    sit(elsewhere.user, SeatName.POOL_PEER, other)
    client = setup.client_for(setup.coordinator)
    url = reverse(name, args=[setup.challenge.ref])
    there = client.post(url, {"profile": elsewhere.pk, "role": "peer"})
    nowhere = client.post(url, {"profile": elsewhere.pk + 1000, "role": "peer"})
    assert there.status_code == nowhere.status_code == 404
    assert plain(there) == plain(nowhere)
