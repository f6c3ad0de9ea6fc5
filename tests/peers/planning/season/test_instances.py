"""The measured seasons are those of the published description: their counts say so."""

import json

import pytest

from peers.overview.bench.instances import PARTIES, instance, kilometres, places, too_near
from peers.planning.season.problem import Problem


def counts(problem: Problem) -> tuple[int, int, int, int]:
    """Pairs that may be, pairs and weeks, seats, most visits of all peers together."""
    weeks = sum(len(problem.peers[p].free.intersection(problem.visits[v].weeks)) for v, p in problem.pairs)
    seats, most = sum(visit.size for visit in problem.visits), sum(peer.most for peer in problem.peers)
    return len(problem.pairs), weeks, seats, most


@pytest.mark.parametrize(
    ("size", "expected", "first_host"),
    [
        ("S", (385, 1_860, 49, 68), "Broxbourne"),
        ("M", (12_872, 56_550, 224, 505), "Barking and Dagenham"),
        ("L", (85_255, 394_566, 476, 1_680), "Portsmouth"),
    ],
)
def test_the_counts_of_the_description(size, expected, first_host):
    problem = instance(size)
    assert counts(problem) == expected
    assert places()[problem.visits[0].council].name == first_host


def test_the_councils_are_the_principal_ones_of_today():
    assert len(places()) == 339
    assert [place.code for place in places()] == sorted(place.code for place in places())


def test_a_seed_gives_one_season():
    assert instance("S", 11) == instance("S", 11)
    assert instance("S", 11) != instance("S", 12)
    assert instance("S") == instance("S", 13)


def test_a_season_survives_its_journey_as_json():
    problem = instance("S")
    assert Problem.from_data(json.loads(json.dumps(problem.to_data()))) == problem


def test_the_targets_share_out_the_members_seats():
    problem = instance("M")
    members = [peer.party for peer in problem.peers if peer.role == "member"]
    assert set(problem.party_targets) == set(PARTIES)
    for party, target in problem.party_targets.items():
        assert abs(target - 60 * members.count(party) / len(members)) <= 0.5
    assert all((peer.party != "") == (peer.role == "member") for peer in problem.peers)


def test_who_is_too_near():
    named = {place.name: place for place in places()}
    near = [
        ("Leeds", "Leeds"),
        ("Leeds", "Bradford"),
        ("Leeds", "Calderdale"),
        ("Kent", "Dover"),
        ("Dover", "Dartford"),
    ]
    assert all(too_near(named[a], named[b]) and too_near(named[b], named[a]) for a, b in near)
    apart = [("Leeds", "Dover"), ("Barnet", "Bromley")]  # London's authority keeps nobody from all of London
    assert not any(too_near(named[a], named[b]) for a, b in apart)
    assert 270 < kilometres(named["Leeds"], named["Westminster"]) < 280


def test_nobody_goes_where_they_may_not():
    problem = instance("S")
    for v, p in problem.pairs:
        home, host = places()[problem.peers[p].council], places()[problem.visits[v].council]
        assert not too_near(home, host)
        assert problem.pairs[v, p].km <= 600
        assert problem.peers[p].free.intersection(problem.visits[v].weeks)
