"""The craft of conflicts on plain data, then the same facts read from the directory."""

import datetime

import pytest

from peers.councils.models import CouncilNeighbour, CouncilSuccession
from peers.planning.conflicts import Host, OtherVisit, Person, Strength, Tie, conflicts, one_council
from peers.planning.queries import conflicts_for
from peers.pool import services as pool
from tests.factories.worlds import make_council

DAY = datetime.date(2027, 3, 2)
LATER = datetime.date(2027, 3, 4)
HOST = Host(
    council_id=1, name="Northmere", one_council=frozenset({1, 9}), same_area=frozenset({2}), bordering=frozenset({3}),
    people=frozenset({77}), first_day=DAY, last_day=LATER,
)  # fmt: skip


def person(council_id=5, **fields):
    return Person(user_id=10, profile_id=20, name="Jo Example", council_id=council_id, council="Eastmere", **fields)


def tie(kind, **fields):
    return (Tie(4, fields.pop("council_id", 1), "Northmere", kind, kind.replace("_", " "), **fields),)


CASES = [
    (person(), []),
    (person(1), [("own:1", "bars", "Northmere is Jo Example's own council.")]),
    (person(9), [("own:9", "bars", "Eastmere and Northmere are one council, before and after a reorganisation.")]),
    (person(2), [("area:2", "warns", "Eastmere and Northmere serve the same area.")]),
    (person(3), [("border:3", "warns", "Eastmere shares a boundary with Northmere.")]),
    (person(ties=tie("employer")), [("tie:4", "bars", "Declared for Northmere: works there now.")]),
    (person(ties=tie("employer", in_force=False)), [("tie:4", "warns", "Declared for Northmere: employer.")]),
    (
        person(ties=tie("family", words="My sister leads housing")),
        [("tie:4", "warns", "Declared for Northmere: family. “My sister leads housing”")],
    ),
    (person(ties=tie("family", council_id=8)), []),
    (
        person(team_mates=((21, "Al Other", 5), (20, "Jo Example", 5))),
        [("mate:21", "warns", "Al Other on this list is from Eastmere as well.")],
    ),
    (
        person(visits=(OtherVisit(6, "Southmere", LATER, datetime.date(2027, 3, 6)),)),
        [("visit:6", "warns", "Visits Southmere from 4 March 2027 to 6 March 2027: the days overlap.")],
    ),
    (person(visits=(OtherVisit(6, "Southmere", datetime.date(2027, 3, 5), datetime.date(2027, 3, 6)),)), []),
]


@pytest.mark.parametrize(("who", "expected"), CASES)
def test_table(who, expected):
    assert [(c.key, c.strength.value, c.sentence) for c in conflicts(who, HOST)] == expected


def test_the_hosts_own_people_are_barred():
    found = conflicts(Person(77, 20, "Jo Example", 5, "Eastmere"), HOST)
    assert [(c.key, c.bars) for c in found] == [("host_side", True)]


def test_bars_come_first():
    found = conflicts(person(1, visits=(OtherVisit(6, "Southmere", DAY, LATER),)), HOST)
    assert [c.strength for c in found] == [Strength.BARS, Strength.WARNS]


def test_without_dates_no_visit_overlaps():
    host = Host(council_id=1, name="Northmere", one_council=frozenset({1}))
    assert conflicts(person(visits=(OtherVisit(6, "Southmere", DAY, LATER),)), host) == []


def test_one_council_walks_up_or_down_and_never_back():
    takeovers = [(1, 10), (2, 10), (10, 20)]
    assert one_council(1, takeovers) == {1, 10, 20}
    assert one_council(10, takeovers) == {1, 2, 10, 20}
    assert one_council(20, takeovers) == {1, 2, 10, 20}


def test_one_council_survives_a_circle():
    assert one_council(1, [(1, 2), (2, 1)]) == {1, 2}


# --- the same from the directory --------------------------------------------------------------------
def keys(cast):
    return [c.key for c in conflicts_for(cast.challenge, [cast.pool_peer_profile])[cast.pool_peer_profile.pk]]


def test_a_neighbour_is_found_whichever_stands_first(cast):
    host, home = cast.challenge.council, cast.pool_peer_profile.council
    pair = CouncilNeighbour.objects.create(first=host, second=home)
    assert keys(cast) == [f"border:{home.pk}"]
    pair.delete()
    CouncilNeighbour.objects.create(first=home, second=host, relation="same_area")
    assert keys(cast) == [f"area:{home.pk}"]


def test_county_and_district_serve_the_same_area(cast):
    home = cast.pool_peer_profile.council
    cast.challenge.council.parent = home
    cast.challenge.council.save()
    assert keys(cast) == [f"area:{home.pk}"]


def test_a_successor_counts_as_the_same_council(cast):
    home = cast.pool_peer_profile.council
    CouncilSuccession.objects.create(predecessor=home, successor=cast.challenge.council, on=DAY)
    assert keys(cast) == [f"own:{home.pk}"]


def test_a_tie_to_the_predecessor_counts_and_a_withdrawn_one_does_not(cast):
    old = make_council("Old Northmere")
    CouncilSuccession.objects.create(predecessor=old, successor=cast.challenge.council, on=DAY)
    interest = pool.declare_interest(profile=cast.pool_peer_profile, by=cast.pool_peer, council=old, kind="supplier")
    assert keys(cast) == [f"tie:{interest.pk}"]
    pool.withdraw_interest(interest=interest, by=cast.pool_peer)
    assert keys(cast) == []


def test_query_count_is_fixed(cast, django_assert_num_queries):
    profiles = [cast.pool_peer_profile, cast.second_peer_profile, cast.peer_profile, cast.lead_peer_profile]
    with django_assert_num_queries(6):
        conflicts_for(cast.challenge, profiles[:1])
    with django_assert_num_queries(6):
        conflicts_for(cast.challenge, profiles)
