"""The people of a programme in one list, with those who left: found by a coordinator of theirs, and by nobody else."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.access import SeatName
from peers.challenges.models import Programme
from tests.factories.worlds import make_challenge, make_council, make_user, sit

pytestmark = pytest.mark.django_db
WRONG = ("manager", "host_lead", "peer", "observer", "contributor", "stranger", "superuser", "administrator", "editor")


@pytest.fixture
def left(cast):
    """Somebody whose only seat has ended."""
    cast.left = make_user("Zephyrine Quill", email="zephyrine@example.org")
    day = timezone.localdate()
    sit(cast.left, SeatName.PEER, cast.challenge, starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1))
    return cast


def text(cast, person, **wanted) -> str:
    return cast.client_for(person).get(reverse("records:people"), wanted).content.decode()


def test_somebody_whose_seat_has_ended_is_found_by_name_and_by_address(left):
    link = reverse("records:person", args=[left.left.pk])
    for words in ("", "quill", "ZEPHYRINE@"):
        page = text(left, left.coordinator, words=words)
        assert f'href="{link}"' in page, words
        assert "(ended on" in page
    assert link not in text(left, left.coordinator, words="Host Lead")
    assert "Nobody fits the filter" in text(left, left.coordinator, words="nobody-of-this-name")
    for page in ("pool:list", "overview:settings"):
        assert reverse("records:people") in left.client_for(left.coordinator).get(reverse(page)).content.decode()


def test_the_people_of_a_challenge_name_those_who_left_to_the_coordinator_alone(left):
    sit(left.peer, SeatName.OBSERVER, left.challenge, starts_on=timezone.localdate() - timedelta(days=9),
        ends_on=timezone.localdate() - timedelta(days=1))  # fmt: skip
    address = reverse("challenges:people", args=[left.challenge.ref])
    gone = left.client_for(left.coordinator).get(address).content.decode().split("People who left")[1]
    assert reverse("records:person", args=[left.left.pk]) in gone
    assert reverse("records:person", args=[left.peer.pk]) + '"' not in gone  # still in another seat
    for name in ("manager", "host_lead", "peer"):
        page = left.client_for(getattr(left, name)).get(address).content.decode()
        assert "People who left" not in page, name
        assert "Zephyrine" not in page, name


def test_nobody_else_opens_it_and_no_other_programme_is_in_it(left):
    for name in WRONG:
        assert left.client_for(getattr(left, name)).get(reverse("records:people")).status_code == 404, name
    far = make_challenge(council=make_council("Eastmoor"), framework_version=left.framework_version)
    far.programme = Programme.objects.create(title="Another programme", ref_prefix="XX")
    far.save()
    hidden, both = make_user("Hidden Vale"), left.left
    sit(hidden, SeatName.PEER, far)
    sit(both, SeatName.PEER, far)
    assert "Hidden Vale" not in text(left, left.coordinator)
    assert far.ref not in text(left, left.coordinator, words="quill")


@pytest.mark.parametrize("more", [0, 60])
def test_it_costs_the_same_for_few_and_for_many(left, more, django_assert_max_num_queries):
    for number in range(more):
        sit(make_user(f"Peer {number} Vale"), SeatName.PEER, left.challenge)
    client = left.client_for(left.coordinator)
    with django_assert_max_num_queries(15):
        answer = client.get(reverse("records:people"))
    assert len(answer.context["page"].object_list) <= 30
    with django_assert_max_num_queries(15):
        client.get(reverse("challenges:people", args=[left.challenge.ref]))
