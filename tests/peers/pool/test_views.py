"""The pool's pages: rights of every path, filters, stale forms, fixed query counts."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.planning.models import Placement
from peers.pool import services
from tests.factories.worlds import make_challenge, make_council, make_peer

OTHERS = ["host_lead", "host_sponsor", "manager", "stranger", "superuser", "administrator", "editor"]


def coordinator_paths(profile):
    return [
        reverse("pool:list"),
        reverse("pool:new"),
        reverse("pool:peer", args=[profile.pk]),
        reverse("pool:edit", args=[profile.pk]),
        reverse("pool:peer_interest_new", args=[profile.pk]),
    ]


def own_paths():
    return [reverse(f"pool:{name}") for name in ("me", "me_edit", "interest_new", "blackout_new")]


@pytest.mark.parametrize("who", [*OTHERS, "pool_peer", "lead_peer", "observer"])
def test_the_pool_is_the_coordinators(cast, who):
    client = cast.client_for(getattr(cast, who))
    paths = coordinator_paths(cast.second_peer_profile)
    assert [client.get(path).status_code for path in paths] == [404] * len(paths)
    assert client.post(reverse("pool:state", args=[cast.second_peer_profile.pk]), {"state": "left"}).status_code == 404


def test_the_coordinator_opens_every_page(cast):
    client = cast.client_for(cast.coordinator)
    for path in coordinator_paths(cast.second_peer_profile):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("who", [*OTHERS, "coordinator", "other_host"])
def test_a_profile_of_my_own_is_for_peers(cast, who):
    client = cast.client_for(getattr(cast, who))
    assert [client.get(path).status_code for path in own_paths()] == [404] * 4


def test_a_peer_opens_their_own_pages(cast):
    client = cast.client_for(cast.pool_peer)
    for path in own_paths():
        assert client.get(path).status_code == 200, path


def test_nobody_signed_in_is_sent_to_sign_in(cast):
    client = cast.client_for(None)
    for path in [*own_paths(), *coordinator_paths(cast.pool_peer_profile)]:
        assert client.get(path).status_code == 302


def test_a_peer_sees_nothing_of_another(cast):
    interest = services.declare_interest(
        profile=cast.second_peer_profile, by=cast.coordinator, council=cast.challenge.council, kind="family",
        words="Her brother works there",
    )  # fmt: skip
    page = cast.client_for(cast.pool_peer).get(reverse("pool:me")).content.decode()
    assert "brother" not in page
    path = reverse("pool:interest_withdraw", args=[interest.pk])
    assert cast.client_for(cast.pool_peer).post(path).status_code == 404


def test_withdrawing_by_get_is_refused(cast):
    interest = services.declare_interest(
        profile=cast.pool_peer_profile, by=cast.pool_peer, council=cast.challenge.council, kind="other"
    )
    path = reverse("pool:interest_withdraw", args=[interest.pk])
    assert cast.client_for(cast.pool_peer).get(path).status_code == 405


def names(cast, **filters):
    response = cast.client_for(cast.coordinator).get(reverse("pool:list"), filters)
    return {row.profile.user.full_name for row in response.context["rows"]}


def test_filters(cast):
    wales = make_council("Aberwen", nation="Wales", region="Wales")
    peer = make_peer(council=wales, role="member", party="Independent")
    peer.user.full_name = "Gwen Example"
    peer.user.save()
    services.edit_profile(profile=peer, by=peer.user, version=1, skills={"T8": "some"})
    assert names(cast, region="Wales") == {"Gwen Example"}
    assert names(cast, skill="T8") == {"Gwen Example"}
    assert names(cast, role="member") == {"Gwen Example"}
    assert names(cast, q="aberw") == {"Gwen Example"}
    day = timezone.localdate() + datetime.timedelta(days=3)
    services.add_blackout(profile=peer, by=peer.user, first_day=day, last_day=day)
    assert "Gwen Example" not in names(cast, free_day=day.isoformat())
    assert "Gwen Example" in names(cast, free_day=(day + datetime.timedelta(days=1)).isoformat())
    assert "Lead Peer" not in names(cast, region="Wales")


def test_those_who_left_are_shown_only_when_asked_for(cast):
    services.set_state(profile=cast.pool_peer_profile, by=cast.coordinator, state="left")
    assert "Pool Peer" not in names(cast)
    assert names(cast, state="left") == {"Pool Peer"}


def test_days_used_are_counted_from_accepted_visits(cast):
    challenge = make_challenge()
    first = timezone.localdate().replace(month=6, day=1)
    first += datetime.timedelta(days=(7 - first.weekday()) % 7)
    challenge.visit_first_day, challenge.visit_last_day = first, first + datetime.timedelta(days=2)
    challenge.save()
    now = timezone.now()
    Placement.objects.create(
        challenge=challenge, profile=cast.pool_peer_profile, state="accepted", invited_at=now, answered_at=now,
        answer_by=now.date(),
    )  # fmt: skip
    page = cast.client_for(cast.coordinator).get(reverse("pool:peer", args=[cast.pool_peer_profile.pk]))
    assert page.context["row"].days_used == 3


def test_query_count_does_not_grow_with_the_pool(cast, django_assert_max_num_queries):
    client = cast.client_for(cast.coordinator)
    client.get(reverse("pool:list"))
    with django_assert_max_num_queries(15) as few:
        client.get(reverse("pool:list"))
    for _number in range(30):
        make_peer()
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(reverse("pool:list"))


def profile_form(profile, **changes):
    data = {
        "version": profile.version, "job_title": "Head of service", "biography": "I led recovery.", "travel_km": 100,
        "days_offered": 5, "most_visits": 2, "skill_T1": "strong",
    }  # fmt: skip
    return data | changes


def test_saving_my_profile(cast):
    client = cast.client_for(cast.pool_peer)
    response = client.post(reverse("pool:me_edit"), profile_form(cast.pool_peer_profile))
    assert response.status_code == 302
    cast.pool_peer_profile.refresh_from_db()
    assert cast.pool_peer_profile.biography == "I led recovery."


def test_a_stale_form_shows_both_texts(cast):
    services.edit_profile(profile=cast.pool_peer_profile, by=cast.coordinator, version=1, biography="Theirs")
    client = cast.client_for(cast.pool_peer)
    response = client.post(reverse("pool:me_edit"), profile_form(cast.pool_peer_profile, version=1, biography="Mine"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in page
    assert "Mine" in page
    again = client.post(reverse("pool:me_edit"), profile_form(cast.pool_peer_profile, version=2, biography="Mine"))
    assert again.status_code == 302


def test_a_wrong_date_names_its_field(cast):
    response = cast.client_for(cast.pool_peer).post(
        reverse("pool:blackout_new"), {"first_day": "2027-03-05", "last_day": "2027-03-01"}
    )
    assert response.status_code == 200
    assert "The last day away is before the first." in response.content.decode()


def test_putting_a_peer_in_through_the_page(cast):
    council = make_council("Westmere")
    response = cast.client_for(cast.coordinator).post(
        reverse("pool:new"),
        {"full_name": "Ada Example", "email": "ada@example.org", "council": council.pk, "role": "officer",
         "days_offered": 4},
    )  # fmt: skip
    assert response.status_code == 302
    assert "Ada Example" in names(cast)
