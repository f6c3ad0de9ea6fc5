"""What pairing reads of people and hosts, and that it takes the same queries for one person and for many."""

import datetime

import pytest

from peers.planning.models import ChallengeNeeds, CostWeight, Placement, PreferredPair, TeamShape
from peers.planning.pairing.facts import km, weekdays
from peers.planning.queries.facts import people_facts
from peers.pool.models import Experience, PeerProfile, PeerSkill
from peers.pool.queries import weekdays as pool_weekdays
from tests.factories.worlds import make_challenge, make_council, make_peer
from tests.peers.planning.pools import away, make_pool

FIRST, LAST = datetime.date(2027, 1, 1), datetime.date(2027, 12, 31)
DAY = datetime.date(2027, 3, 2)


def accepted(profile, challenge):
    now = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
    return Placement.objects.create(
        challenge=challenge, profile=profile, state="accepted", invited_at=now, answered_at=now, answer_by=DAY
    )


def visit(first, days=3, **fields):
    challenge = make_challenge(**fields)
    challenge.visit_first_day, challenge.visit_last_day = first, first + datetime.timedelta(days=days - 1)
    challenge.save()
    return challenge


def facts_of(cast, *profiles, first=FIRST, last=LAST):
    found = people_facts(cast.programme, [cast.challenge], first, last)
    by_id = {person.pk: person for person in found.people}
    return found, [by_id.get(profile.pk) for profile in profiles]


def test_a_person_with_all_that_is_known(cast):
    home = make_council("Farmere", kind="county", latitude=54.5, longitude=-3.25, population=250_000)
    profile = make_peer(council=home, role="member", party="Green", welsh_speaker=True, can_lead=True)
    PeerSkill.objects.create(profile=profile, theme_code="T2", level="some")
    PeerSkill.objects.create(profile=profile, theme_code="T9", level="some")
    Experience.objects.create(profile=profile, council_kind="unitary", size="small")
    away(profile, DAY, DAY)
    away(profile, datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))  # outside the period
    old = visit(datetime.date(2026, 5, 5))
    new = visit(datetime.date(2027, 2, 2))
    accepted(profile, old), accepted(profile, new)
    _found, (person,) = facts_of(cast, profile)
    assert person.themes == {"T1", "T2", "T9"}
    assert person.strong == {"T1"}
    assert person.known_kinds == {("unitary", "small")}
    assert person.away == ((DAY, DAY),)
    assert (person.party, person.welsh, person.can_lead, person.standing) == ("Green", True, True, "")
    assert (person.council.group, person.council.place, person.council.population) == ("upper", (54.5, -3.25), 250_000)
    assert [visit.council_id for visit in person.visits] == [old.council_id, new.council_id]
    assert person.past == 1
    assert (person.days_used(2027), person.days_left(2027), person.already(FIRST, LAST)) == (3, 3, 1)
    assert person.days_used(2027, besides=new.pk) == 0
    assert person.has_met(old.council_id)
    assert not person.has_met(cast.challenge.council_id)


def test_free_means_in_their_time_not_away_and_not_visiting(cast):
    profile = make_peer(available_from=datetime.date(2027, 2, 1), available_until=datetime.date(2027, 6, 30))
    away(profile, DAY, DAY)
    other = visit(datetime.date(2027, 4, 6))
    accepted(profile, other)
    _found, (person,) = facts_of(cast, profile)
    day = datetime.timedelta(days=1)
    assert not person.is_free(datetime.date(2027, 1, 31), datetime.date(2027, 2, 2))
    assert person.is_free(datetime.date(2027, 2, 1), DAY - day)
    assert not person.is_free(DAY - day, DAY)
    assert person.is_free(DAY + day, datetime.date(2027, 4, 5))
    assert not person.is_free(datetime.date(2027, 4, 8), datetime.date(2027, 4, 9))
    assert person.is_free(datetime.date(2027, 4, 8), datetime.date(2027, 4, 9), besides=other.pk)
    assert not person.is_free(datetime.date(2027, 6, 30), datetime.date(2027, 7, 1))


@pytest.mark.parametrize("state", ["resting", "applied"])
def test_who_cannot_be_asked_is_there_with_the_reason(cast, state):
    profile = make_peer()
    PeerProfile.objects.filter(pk=profile.pk).update(state=state)
    _found, (person,) = facts_of(cast, profile)
    assert person.standing == state


def test_who_has_left_or_holds_no_seat_is_not_there(cast):
    left, seatless = make_peer(), make_peer()
    PeerProfile.objects.filter(pk=left.pk).update(state="left")
    seatless.user.programme_seats.all().delete()
    assert facts_of(cast, left, seatless)[1] == [None, None]


def test_a_host_with_its_shape_weights_pairs_and_list(cast):
    challenge = cast.challenge
    challenge.team_min, challenge.team_max = 3, 6
    challenge.save()
    one, other = sorted((cast.peer_profile, cast.second_peer_profile), key=lambda row: row.pk)
    default = TeamShape.objects.create(programme=cast.programme, title="Usual", is_default=True, size=4)
    large = TeamShape.objects.create(programme=cast.programme, title="Large", size=6, leads=2, cover_themes=False)
    CostWeight.objects.create(programme=cast.programme, term="travel", weight=7)
    PreferredPair.objects.create(programme=cast.programme, first=one, second=other, better_together=False)
    accepted(one, challenge)
    found, _people = facts_of(cast)
    host = found.hosts[challenge.pk]
    assert (host.shape.title, host.shape.size, host.welsh) == (default.title, 4, False)
    assert host.themes == {"T1": "Theme 1", "T2": "Theme 2"}
    assert (found.weights.travel, found.weights.other_kind) == (7, 2)
    assert (found.good_pairs, found.bad_pairs) == (frozenset(), {(one.pk, other.pk)})
    assert found.on_list == {challenge.pk: {one.pk: ("accepted", "peer")}}
    ChallengeNeeds.objects.create(challenge=challenge, shape=large, size=5, welsh_wanted=True)
    host = facts_of(cast)[0].hosts[challenge.pk]
    assert (host.shape.size, host.shape.leads, host.shape.cover_themes, host.welsh) == (5, 2, False, True)


def test_the_same_queries_for_one_and_for_many(cast, django_assert_num_queries):
    challenges = [cast.challenge]
    with django_assert_num_queries(3):
        people_facts(cast.programme, challenges, FIRST, LAST)
    before = len(people_facts(cast.programme, challenges, FIRST, LAST).people)
    for profile in make_pool(60):
        away(profile, DAY, DAY)
    challenges += [cast.other_challenge, make_challenge()]
    with django_assert_num_queries(3):
        found = people_facts(cast.programme, challenges, FIRST, LAST)
    assert len(found.people) == before + 60
    assert len(found.hosts) == 3


def test_distance_and_working_days():
    assert km((51.5, -0.1), (51.5, -0.1)) == 0
    assert round(km((51.5074, -0.1278), (53.4808, -2.2426))) == 262  # London to Manchester
    assert km(None, (51.5, -0.1)) == 0
    for start in range(14):
        first = datetime.date(2027, 3, 1) + datetime.timedelta(days=start)
        for length in range(20):
            last = first + datetime.timedelta(days=length)
            assert weekdays(first, last) == pool_weekdays(first, last)
