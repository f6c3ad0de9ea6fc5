"""The team page, one invitation and several say what the shortlist says of who cannot be asked."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput
from peers.planning import services
from peers.planning.queries.doubts import against_for
from peers.planning.queries.shortlist import refusals, shortlist
from peers.pool.models import PeerProfile
from tests.factories.worlds import make_challenge, make_council, make_peer

from .pools import away, make_pool

SOON = timezone.localdate() + datetime.timedelta(days=10)


def too_far(challenge, profile):
    challenge.council.latitude, challenge.council.longitude = 50, -5
    challenge.council.save()
    profile.council.latitude, profile.council.longitude = 55, -1.6
    profile.council.save()
    profile.travel_km = 100
    profile.days_offered = 12
    profile.save()


def untrained(challenge, profile):
    profile.training_done_on = timezone.localdate() - datetime.timedelta(days=400)
    profile.training_expires_on = challenge.visit_first_day - datetime.timedelta(days=1)
    profile.save()


def not_free(challenge, profile):
    away(profile, challenge.visit_first_day, challenge.visit_first_day)


def no_days(challenge, profile):
    profile.days_offered = 0
    profile.save()


TROUBLES = {too_far: "km away", untrained: "training lasts until", not_free: "Not free on every day",
            no_days: "0 of 0 days used"}  # fmt: skip


def sentences(challenge, profile):
    profile = PeerProfile.objects.select_related("user", "council").get(pk=profile.pk)
    return [one.sentence for one in against_for(challenge, [profile])[profile.pk]]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_pages_say_what_the_shortlist_says_and_want_a_reason(team, trouble):
    challenge, profile = team.cast.challenge, make_peer()
    trouble(challenge, profile)
    (refusal,) = [row for row in refusals(shortlist(challenge).ranking.excluded) if row.profile_id == profile.pk]
    assert TROUBLES[trouble] in refusal.reasons[0]
    client, ref = team.cast.client_for(team.cast.coordinator), challenge.ref
    page = client.get(reverse("planning:team", args=[ref])).content.decode()
    assert refusal.reasons[0] in page
    row = team.propose(profile)
    assert sentences(challenge, profile) == refusal.reasons
    path = reverse("planning:invite", args=[ref, row.pk])
    assert refusal.reasons[0] in client.get(path).content.decode()
    assert "Give the reason why" in client.post(path, {"answer_by": "2099-01-01"}).content.decode()
    with pytest.raises(BadInput, match="Give the reason"):
        services.invite_peer(placement=row, by=team.cast.coordinator, answer_by=SOON)
    with pytest.raises(BadInput, match=profile.user.full_name):
        services.invite_many(challenge=challenge, by=team.cast.coordinator, placements=[row.pk], answer_by=SOON)
    row.refresh_from_db()
    assert row.state == "proposed"
    services.invite_peer(placement=row, by=team.cast.coordinator, answer_by=SOON, reason="They offered to come")
    row.refresh_from_db()
    assert row.state == "invited"
    assert services.answer_invitation(placement=row, by=profile.user, accept=True).state == "accepted"


def test_who_has_declined_is_asked_again_with_a_reason_only(team):
    challenge, profile = team.cast.challenge, team.cast.pool_peer_profile
    row = team.invite()
    services.answer_invitation(placement=row, by=profile.user, accept=False, reason="Budget week")
    client, path = team.cast.client_for(team.cast.coordinator), reverse("planning:team", args=[challenge.ref])
    assert "Has declined this visit." in client.get(path).content.decode()
    again = team.propose()
    assert sentences(challenge, profile) == ["Has declined this visit."]
    with pytest.raises(BadInput):
        services.invite_peer(placement=again, by=team.cast.coordinator, answer_by=SOON)
    services.invite_peer(placement=again, by=team.cast.coordinator, answer_by=SOON, reason="They wrote to me")
    assert sentences(challenge, profile) == []


def test_a_second_visit_on_the_same_days_is_said_once(team):
    profile, other = make_peer(), make_challenge()
    other.placements.create(
        profile=profile, state="accepted", invited_at=timezone.now(), answered_at=timezone.now(), answer_by=SOON
    )
    found = sentences(team.cast.challenge, profile)
    assert [one for one in found if other.council.name in one]
    assert not [one for one in found if "Not free" in one]


def test_nothing_is_said_of_somebody_whom_the_shortlist_has_and_one_thing_of_who_left(team):
    profile = make_peer(council=make_council())
    assert sentences(team.cast.challenge, profile) == []
    team.cast.programme.seats.filter(user=profile.user).delete()
    assert sentences(team.cast.challenge, profile) == ["Is no longer in the pool."]


def test_the_number_of_queries_does_not_depend_on_people(team, django_assert_num_queries):
    def ask(profiles):
        rows = list(PeerProfile.objects.select_related("user", "council").filter(pk__in=[one.pk for one in profiles]))
        with django_assert_num_queries(5):
            return against_for(team.cast.challenge, rows)

    many = make_pool(40)
    ask(many[:1])
    assert len(ask(many)) == 40
