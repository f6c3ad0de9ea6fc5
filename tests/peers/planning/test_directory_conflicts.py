"""Conflicts as they follow from the directory, from declarations and from earlier challenges."""

import datetime
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from peers.councils.models import Council, CouncilNeighbour, CouncilSuccession
from peers.councils.services import add_partnership, import_directory
from peers.planning.models import ConflictRule, Placement
from peers.planning.queries import bars_for, conflicts_for
from peers.planning.queries.conflicts import Pairs
from peers.pool.models import HomeCouncil, Interest, PeerProfile
from peers.pool.services import declare_interest
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_council, make_peer, make_user

TODAY = timezone.localdate()


def days(number):
    return datetime.timedelta(days=number)


@pytest.fixture
def pair(cast):
    """A host in set-up and one peer of the pool who has nothing to do with it."""
    cast.at(Stage.SETUP)
    cast.host, cast.peer_row = cast.challenge.council, cast.pool_peer_profile
    cast.home = cast.peer_row.council
    return cast


def found(pair):
    return conflicts_for(pair.challenge, [pair.peer_row])[pair.peer_row.pk]


def keys(pair):
    return [conflict.key for conflict in found(pair)]


def visited(profile, council, *, ago=100, stage=Stage.CLOSED):
    """An earlier challenge with this person on the team, that ended `ago` days ago."""
    challenge = make_challenge(council=council, stage=stage)
    challenge.visit_first_day, challenge.visit_last_day = TODAY - days(ago + 2), TODAY - days(ago)
    challenge.save()
    now = timezone.now()
    Placement.objects.create(
        challenge=challenge, profile=profile, state="accepted", invited_at=now, answered_at=now, answer_by=TODAY
    )
    return challenge


# --- the directory ----------------------------------------------------------------------------------------
def test_one_combined_authority(pair):
    authority = make_council("Great Northern", gss_code="E47000099", kind="combined_authority", is_principal=False)
    for council in (pair.host, pair.home):
        council.combined_authority = authority
        council.save()
    (conflict,) = found(pair)
    assert (conflict.kind, conflict.bars, conflict.source) == ("combined_authority", False, "From the directory")
    assert "Great Northern" in conflict.sentence


def test_london_is_no_combined_authority(pair):
    london = make_council("Greater London", gss_code="E61000001", kind="strategic_authority", is_principal=False)
    for council in (pair.host, pair.home):
        council.combined_authority = london
        council.save()
    assert keys(pair) == []


def test_the_neighbours_predecessor_is_a_neighbour(pair):
    new = make_council("New Neighbour")
    CouncilSuccession.objects.create(predecessor=pair.home, successor=new, on=TODAY)
    CouncilNeighbour.objects.create(first=pair.host, second=new)
    assert keys(pair) == [f"border:{pair.home.pk}"]


def test_districts_of_one_county_are_not_each_others_area(pair):
    county = make_council("County")
    for council in (pair.host, pair.home):
        council.parent = county
        council.save()
    assert keys(pair) == []
    assert [conflict.kind for conflict in conflicts_for(pair.challenge, [make_peer(council=county)]).popitem()[1]] == [
        "same_area"
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "bars"), [(None, None, True), (-900, 90, True), (-900, -1, False), (90, None, False)]
)
def test_a_partnership_bars_while_it_runs(pair, starts, ends, bars):
    add_partnership(
        by=pair.coordinator, councils=[pair.host, pair.home, make_council()], title="Mere ICT", kind="shared_it",
        starts_on=TODAY + days(starts) if starts else None, ends_on=TODAY + days(ends) if ends else None, source="",
    )  # fmt: skip
    assert [conflict.bars for conflict in found(pair)] == ([True] if bars else [])


def test_a_partnership_of_the_predecessor_counts(pair):
    old = make_council("Old home")
    CouncilSuccession.objects.create(predecessor=old, successor=pair.home, on=TODAY)
    add_partnership(by=pair.coordinator, councils=[pair.host, old], title="Mere ICT", kind="shared_it", source="",
                    starts_on=None, ends_on=None)  # fmt: skip
    assert [conflict.kind for conflict in found(pair)] == ["partnership"]


def test_the_party_of_a_member_peer(pair):
    pair.host.leading_party = "The Green Party"
    pair.host.save()
    member = make_peer(role="member", party="green")
    assert [c.key for c in conflicts_for(pair.challenge, [member])[member.pk]] == ["party:green"]
    assert keys(pair) == []


# --- people -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ago", "counts"), [(30, True), (1000, True), (1200, False)])
def test_a_former_home_council_counts_for_its_months(pair, ago, counts):
    HomeCouncil.objects.create(profile=pair.peer_row, council=pair.host, ends_on=TODAY - days(ago))
    assert [conflict.kind for conflict in found(pair)] == (["former_employer"] if counts else [])


def test_a_rule_makes_the_months_longer(pair):
    HomeCouncil.objects.create(profile=pair.peer_row, council=pair.host, ends_on=TODAY - days(1200))
    ConflictRule.objects.create(kind="former_employer", strength="bars", months=60)
    assert [conflict.bars for conflict in found(pair)] == [True]
    ConflictRule.objects.update(strength="off")
    assert found(pair) == []


def test_a_withdrawn_tie_says_nothing_and_an_ended_one_warns(pair):
    tie = Interest.objects.create(profile=pair.peer_row, council=pair.host, kind="employer", ends_on=TODAY - days(3))
    assert [(c.kind, c.bars) for c in found(pair)] == [("former_employer", False)]
    tie.ends_on = TODAY
    tie.save()
    assert [(c.kind, c.bars) for c in found(pair)] == [("employer", True)]
    tie.withdrawn_at = timezone.now()
    tie.save()
    assert found(pair) == []


def test_where_a_tie_is_known_from(pair):
    Interest.objects.create(
        profile=pair.peer_row, council=pair.host, kind="family", pinned=True,
        declared_at=datetime.datetime(2026, 5, 3, 12, tzinfo=datetime.UTC),
    )  # fmt: skip
    assert [conflict.source for conflict in found(pair)] == ["Entered by a coordinator on 3 May 2026"]


# --- earlier challenges -----------------------------------------------------------------------------------
def test_their_people_were_at_ours(pair):
    visited(make_peer(council=pair.host), pair.home)
    (conflict,) = found(pair)
    assert conflict.kind == "reciprocity"
    assert conflict.sentence.endswith("has people of Northmere.")


def test_our_people_were_at_theirs_but_not_long_ago(pair):
    visited(make_peer(council=pair.home), pair.host)
    visited(make_peer(council=pair.home), pair.host, ago=800)
    (conflict,) = found(pair)
    assert conflict.kind == "reciprocity"
    assert conflict.until is not None


def test_the_same_host_before_warns_unless_it_is_followed_up(pair):
    earlier = visited(pair.peer_row, pair.host)
    assert keys(pair) == [f"met:{earlier.pk}"]
    earlier.stage = Stage.FOLLOW_UP
    earlier.save()
    assert keys(pair) == []


def test_a_withdrawn_challenge_was_never_met(pair):
    visited(pair.peer_row, pair.host, stage=Stage.WITHDRAWN)
    assert keys(pair) == []


def test_little_rest(pair):
    other = visited(pair.peer_row, make_council(), ago=-10, stage=Stage.SETUP)
    (conflict,) = found(pair)
    assert (conflict.key, conflict.kind) == (f"rest:{other.pk}", "cooling_off")


# --- many -----------------------------------------------------------------------------------------------------
def test_many_pairs_say_the_same_as_one(pair, django_assert_num_queries):
    """`bars_for` looks only at pairs that something may touch: it must not miss one."""
    CouncilNeighbour.objects.create(first=pair.host, second=pair.home)
    member = make_peer(role="member", party="Green")
    pair.host.leading_party = "Green"
    pair.host.save()
    Interest.objects.create(profile=pair.second_peer_profile, council=pair.host, kind="supplier")
    visited(pair.peer_profile, pair.host)
    visited(make_peer(council=pair.other_challenge.council), pair.home)
    HomeCouncil.objects.create(profile=pair.lead_peer_profile, council=pair.host, ends_on=TODAY - days(9))
    profiles = list(PeerProfile.objects.select_related("user", "council"))
    challenges = [pair.challenge, pair.other_challenge]
    with django_assert_num_queries(2):
        many = bars_for(challenges, profiles)
    pairs = Pairs(challenges, profiles)
    everything = {(c.pk, p.pk): pairs.between(c.pk, p.pk) for c in challenges for p in profiles}
    assert many == {key: value for key, value in everything.items() if value}
    assert (pair.challenge.pk, member.pk) in many
    assert len(many) >= 6


@pytest.mark.slow
def test_a_whole_season_in_seconds(db, django_assert_num_queries):
    """2,200 peers and 60 hosts of the real directory: the pairs that neighbours and authorities touch."""
    shipped = Path(settings.BASE_DIR) / "fixtures" / "councils"
    import_directory(
        councils=(shipped / "councils.csv").read_bytes(), neighbours=(shipped / "neighbours.csv").read_bytes()
    )
    councils = list(Council.objects.principal().on(TODAY).order_by("gss_code"))
    users = [make_user() for _number in range(20)]
    profiles = [
        PeerProfile(pk=number + 1, user=users[number % 20], council=councils[number % len(councils)], role="officer")
        for number in range(2200)
    ]
    challenges = [make_challenge(council=council) for council in councils[:240:4]]
    assert len(challenges) == 60
    begun = time.perf_counter()
    with django_assert_num_queries(2):
        many = bars_for(challenges, profiles)
    assert time.perf_counter() - begun < 5
    assert len(many) > 60


@pytest.mark.parametrize(("who", "bars"), [("coordinator", True), ("pool_peer", False)])
def test_a_coordinator_says_that_a_tie_bars_and_no_rule_says_otherwise(pair, who, bars):
    ConflictRule.objects.create(kind="supplier", strength="off")
    declare_interest(
        profile=pair.peer_row, by=getattr(pair, who), council=pair.host, kind="supplier", words="", bars=True
    )
    assert [conflict.bars for conflict in found(pair)] == ([True] if bars else [])
