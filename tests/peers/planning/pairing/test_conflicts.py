"""The craft of conflicts on plain data, then the same facts read from the directory."""

import datetime

import pytest

from peers.councils.models import CouncilNeighbour, CouncilSuccession
from peers.planning.pairing.conflicts import (
    ConflictKind,
    Earlier,
    Exchange,
    FormerHome,
    Host,
    Mate,
    OtherVisit,
    Partner,
    Person,
    Rule,
    Strength,
    Tie,
    conflicts,
    months_from,
    one_council,
)
from peers.planning.queries import conflicts_for
from peers.pool import services as pool
from tests.factories.worlds import make_council

DAY = datetime.date(2027, 3, 2)
LATER = datetime.date(2027, 3, 4)
HOST = Host(
    council_id=1, name="Northmere", on=DAY, challenge_id=50, one_council=frozenset({1, 9}), same_area=frozenset({2}),
    bordering=frozenset({3}), authority="Great Northern", authority_members=frozenset({1, 4, 3}),
    partners={6: (Partner(8, "North ICT", "Shared IT service"),)},
    exchanges={
        7: (Exchange(60, datetime.date(2026, 4, 2), True),), 12: (Exchange(61, datetime.date(2025, 3, 1), False),),
        13: (Exchange(62, DAY, False, frozenset({20})),), 16: (Exchange(65, datetime.date(2029, 4, 2), True),),
    },
    met={22: (Earlier(63, datetime.date(2024, 6, 5), False), Earlier(64, datetime.date(2026, 6, 5), True))},
    people=frozenset({77}), team=(Mate(21, "Al Other", 14), Mate(20, "Jo Example", 5)), first_day=DAY, last_day=LATER,
    party="The Labour Party",
)  # fmt: skip


def person(council_id=5, **fields):
    known = {"user_id": 10, "profile_id": 20, "name": "Jo Example", "council_id": council_id, "council": "Eastmere"}
    return Person(**known | fields)


def tie(kind, **fields):
    return (Tie(4, fields.pop("council_id", 1), "Northmere", kind, **fields),)


def visit(first, last, challenge_id=6):
    return (OtherVisit(challenge_id, "Southmere", first, last),)


MARCH, ENDED = datetime.date(2027, 3, 1), datetime.date(2025, 1, 31)
CASES = [
    (person(), []),
    (person(1), [("own:1", "bars", "Northmere is Jo Example's own council.")]),
    (person(9), [("own:9", "bars", "Eastmere and Northmere are one council, before and after a reorganisation.")]),
    (person(2), [("area:2", "warns", "Eastmere and Northmere serve the same area.")]),
    (
        person(3),
        [
            ("border:3", "warns", "Eastmere shares a boundary with Northmere."),
            ("authority:3", "warns", "Eastmere and Northmere belong to Great Northern."),
        ],
    ),
    (person(4), [("authority:4", "warns", "Eastmere and Northmere belong to Great Northern.")]),
    (
        person(6),
        [("partner:8:6", "bars", "Eastmere and Northmere run something together: North ICT (shared it service).")],
    ),
    (person(7), [("exchange:60", "warns", "The team at Eastmere in April 2026 has people of Northmere.")]),
    (person(12), []),  # 24 months are over a day before the visit
    (person(16), []),  # a visit to come, more than 24 months ahead
    (person(13), []),  # the only one of Eastmere who came was the person: nobody met them before
    (person(15, profile_id=22), [("met:63", "warns", "Jo Example was on the team at Northmere in June 2024.")]),
    (person(ties=tie("employer")), [("tie:4", "bars", "Jo Example works for Northmere.")]),
    (
        person(ties=tie("employer", ended=True, ends_on=ENDED)),
        [("tie:4", "warns", "Jo Example worked for Northmere before. It ended on 31 January 2025.")],
    ),
    (person(ties=tie("former_employer", ended=True, ends_on=datetime.date(2024, 3, 1))), []),
    (person(ties=tie("former_employer")), [("tie:4", "warns", "Jo Example worked for Northmere before.")]),
    (
        person(ties=tie("family", words="My sister leads housing")),
        [("tie:4", "warns", "Jo Example has family or a close friend at Northmere. “My sister leads housing”")],
    ),
    (person(ties=tie("supplier", pinned=True, bars=True)),
     [("tie:4", "bars", "Jo Example supplies Northmere, or works for a supplier of it.")]),
    (person(ties=tie("partnership")),
     [("tie:4", "bars", "Jo Example is in a shared service or partnership with Northmere.")]),
    (
        person(ties=tie("partnership", ended=True, ends_on=ENDED)),
        [("tie:4", "warns", "Jo Example is in a shared service or partnership with Northmere. "
          "It ended on 31 January 2025.")],
    ),
    (person(ties=tie("family", council_id=8)), []),
    (person(homes=(FormerHome(9, "Old Northmere", ENDED),)),
     [("former:9", "warns", "Jo Example was with Old Northmere until 31 January 2025.")]),
    (person(homes=(FormerHome(9, "Old Northmere", datetime.date(2024, 3, 1)),)), []),
    (person(party="labour"), [("party:labour", "warns", "Jo Example is of the party that leads Northmere: labour.")]),
    (person(party="Labour Leave"), []),
    (person(14), [("mate:21", "warns", "Al Other on this list is from Eastmere as well.")]),
    (
        person(visits=visit(LATER, datetime.date(2027, 3, 6))),
        [("visit:6", "warns", "Visits Southmere from 4 March 2027 to 6 March 2027: the days overlap.")],
    ),
    (person(visits=visit(DAY, LATER, challenge_id=50)), []),
    (
        person(visits=visit(datetime.date(2027, 3, 5), datetime.date(2027, 3, 6))),
        [("rest:6", "warns", "Visits Southmere from 5 March 2027 to 6 March 2027: little rest between the two.")],
    ),
    (person(visits=visit(datetime.date(2027, 2, 1), datetime.date(2027, 2, 2))), []),
]  # fmt: skip


@pytest.mark.parametrize(("who", "expected"), CASES)
def test_table(who, expected):
    assert [(c.key, c.strength.value, c.sentence) for c in conflicts(who, HOST)] == expected


def test_the_hosts_own_people_are_barred():
    found = conflicts(person(user_id=77), HOST)
    assert [(c.key, c.bars) for c in found] == [("host_side", True)]


def test_bars_come_first():
    found = conflicts(person(1, visits=visit(DAY, LATER)), HOST)
    assert [c.strength for c in found] == [Strength.BARS, Strength.WARNS]


def test_without_dates_no_visit_overlaps():
    host = Host(council_id=1, name="Northmere", on=DAY, one_council=frozenset({1}))
    assert conflicts(person(visits=visit(DAY, LATER)), host) == []


def test_rules_change_strength_and_window_but_never_the_fixed_kinds():
    off = dict.fromkeys(ConflictKind, Rule(Strength.OFF))
    assert [c.key for c in conflicts(person(1, ties=tie("family")), HOST, off)] == ["own:1"]
    entered = tie("supplier", pinned=True, bars=True)
    assert [c.bars for c in conflicts(person(ties=entered), HOST, off)] == [True]
    assert [c.bars for c in conflicts(person(3), HOST, {ConflictKind.BOUNDARY: Rule(Strength.BARS)})] == [True, False]
    longer = {ConflictKind.RECIPROCITY: Rule(Strength.BARS, 25)}
    (found,) = conflicts(person(12), HOST, longer)
    assert (found.key, found.bars, found.window) == ("exchange:61", True, "Counts until 1 April 2027.")


def test_each_says_where_it_is_known_from():
    declared = tie("family", declared_on=MARCH)
    entered = tie("family", declared_on=MARCH, pinned=True)
    sources = [conflicts(who, HOST)[0].source for who in (person(3), person(ties=declared), person(ties=entered))]
    assert sources == [
        "From the directory", "Declared by the peer on 1 March 2027", "Entered by a coordinator on 1 March 2027"
    ]  # fmt: skip


def test_months_end_where_the_month_does():
    assert months_from(datetime.date(2027, 1, 31), 1) == datetime.date(2027, 2, 28)
    assert months_from(datetime.date(2027, 3, 31), -37) == datetime.date(2024, 2, 29)
    assert months_from(datetime.date(2027, 12, 5), 1) == datetime.date(2028, 1, 5)


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
    with django_assert_num_queries(2):
        conflicts_for(cast.challenge, profiles[:1])
    with django_assert_num_queries(2):
        conflicts_for(cast.challenge, profiles)
