"""The pool: who may write what, versions, interests that stay."""

import datetime

import pytest

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.access import SeatName, seats_on
from peers.planning.queries import conflicts_for
from peers.pool import services
from peers.pool.models import Interest, PeerProfile, State
from peers.pool.queries import Visit, next_free, programmes_of, weekdays
from tests.factories.worlds import make_council

TODAY = datetime.date(2027, 3, 3)


def register(cast, **changes):
    fields = {
        "programme": cast.programme,
        "by": cast.coordinator,
        "email": "new.peer@example.org",
        "full_name": "New Peer",
        "council": make_council("Eastmere"),
        "role": "officer",
    }
    return services.register_peer(**(fields | changes))


def test_registering_gives_account_profile_and_pool_seat(cast):
    profile = register(cast)
    assert (profile.state, profile.user.email) == ("invited", "new.peer@example.org")
    assert seats_on(profile.user) == {SeatName.POOL_PEER}
    seat = profile.user.programme_seats.get()
    assert seat.granted_by == cast.coordinator
    assert set(AuditEvent.objects.filter(object_id=str(profile.pk)).values_list("act", flat=True)) >= {"pool.edit"}
    assert AuditEvent.objects.filter(act="programme.seat_grant", actor_id=cast.coordinator.pk).exists()


def test_registering_twice_says_so(cast):
    register(cast)
    with pytest.raises(BadInput, match="in the pool already"):
        register(cast)
    assert PeerProfile.objects.filter(user__email="new.peer@example.org").count() == 1


@pytest.mark.parametrize("who", ["host_lead", "manager", "lead_peer", "administrator", "superuser", "stranger"])
def test_only_a_coordinator_registers(cast, who):
    with pytest.raises(NoSeat):
        register(cast, by=getattr(cast, who))


def test_a_party_is_for_members_only(cast):
    with pytest.raises(BadInput, match="Only a member peer"):
        register(cast, party="Independent")
    assert register(cast, party="Independent", role="member").party == "Independent"


def test_leaving_ends_the_seat_and_coming_back_gives_it_again(cast):
    profile = cast.pool_peer_profile
    services.set_state(profile=profile, by=cast.coordinator, state=State.LEFT)
    assert seats_on(cast.pool_peer) == frozenset()
    services.set_state(profile=profile, by=cast.coordinator, state=State.ACTIVE)
    assert seats_on(cast.pool_peer) == {SeatName.POOL_PEER}


def test_own_edit_makes_an_invited_peer_active_and_leaves_the_role_alone(cast):
    profile = register(cast)
    row = services.edit_profile(
        profile=profile, by=profile.user, version=1, skills={"T1": "strong", "T2": ""}, biography="I ran a service.",
        role="specialist",
    )  # fmt: skip
    assert (row.state, row.biography, row.role, row.version) == ("active", "I ran a service.", "officer", 2)
    assert list(row.skills.values_list("theme_code", "level")) == [("T1", "strong")]


def test_a_coordinator_changes_the_role(cast):
    profile = cast.pool_peer_profile
    row = services.edit_profile(profile=profile, by=cast.coordinator, version=1, role="specialist")
    assert row.role == "specialist"


@pytest.mark.parametrize("who", ["second_peer", "host_lead", "manager", "superuser"])
def test_nobody_else_edits_a_profile(cast, who):
    with pytest.raises(NoSeat):
        services.edit_profile(profile=cast.pool_peer_profile, by=getattr(cast, who), version=1, biography="Mine now")
    assert PeerProfile.objects.get(pk=cast.pool_peer_profile.pk).biography == ""


def test_two_editors_do_not_overwrite_each_other(cast):
    services.edit_profile(profile=cast.pool_peer_profile, by=cast.coordinator, version=1, biography="First")
    with pytest.raises(StaleVersion) as stale:
        services.edit_profile(profile=cast.pool_peer_profile, by=cast.pool_peer, version=1, biography="Second")
    assert stale.value.current.biography == "First"


def test_an_unknown_skill_is_refused(cast):
    with pytest.raises(BadInput):
        services.edit_profile(profile=cast.pool_peer_profile, by=cast.pool_peer, version=1, skills={"T10": "strong"})


def test_a_peer_takes_back_their_own_interest_but_not_a_pinned_one(cast):
    profile, council = cast.pool_peer_profile, cast.challenge.council
    own = services.declare_interest(profile=profile, by=cast.pool_peer, council=council, kind="supplier")
    assert not own.pinned
    services.withdraw_interest(interest=own, by=cast.pool_peer)
    pinned = services.declare_interest(
        profile=profile, by=cast.coordinator, council=council, kind="family", words="Aunt"
    )
    assert pinned.pinned
    with pytest.raises(NotNow, match="A coordinator entered this"):
        services.withdraw_interest(interest=pinned, by=cast.pool_peer)
    services.withdraw_interest(interest=pinned, by=cast.coordinator)
    assert not Interest.objects.filter(withdrawn_at=None).exists()


def test_a_coordinator_may_say_that_a_tie_bars_and_a_peer_may_not(cast):
    words = {"profile": cast.pool_peer_profile, "council": cast.challenge.council, "kind": "family", "bars": True}
    own = services.declare_interest(by=cast.pool_peer, **words)
    assert (own.pinned, own.bars) == (False, False)
    entered = services.declare_interest(by=cast.coordinator, **words)
    assert entered == own, "the peer's own word becomes the coordinator's"
    assert (entered.pinned, entered.bars, entered.declared_by) == (True, True, cast.coordinator)
    (conflict,) = conflicts_for(cast.challenge, [cast.pool_peer_profile])[cast.pool_peer_profile.pk]
    assert conflict.bars
    assert services.declare_interest(by=cast.pool_peer, **words) == entered
    assert Interest.objects.get(withdrawn_at=None).bars
    services.withdraw_interest(interest=entered, by=cast.coordinator)
    assert not Interest.objects.filter(bars=True).exists()


def test_a_warning_of_a_kind_that_only_warns_does_not_bar_by_itself(cast):
    words = {"profile": cast.pool_peer_profile, "council": cast.challenge.council, "kind": "family"}
    services.declare_interest(by=cast.coordinator, **words)
    (conflict,) = conflicts_for(cast.challenge, [cast.pool_peer_profile])[cast.pool_peer_profile.pk]
    assert not conflict.bars


def test_declaring_the_same_twice_is_one_interest(cast):
    words = {"profile": cast.pool_peer_profile, "by": cast.pool_peer, "council": cast.challenge.council}
    first = services.declare_interest(**words, kind="supplier", words="Consultancy")
    assert services.declare_interest(**words, kind="supplier", words="Consultancy") == first
    with pytest.raises(BadInput, match="already declared"):
        services.declare_interest(**words, kind="supplier", words="Other words")


@pytest.mark.parametrize("who", ["second_peer", "stranger", "superuser"])
def test_nobody_else_withdraws_or_removes(cast, who):
    interest = services.declare_interest(
        profile=cast.pool_peer_profile, by=cast.pool_peer, council=cast.challenge.council, kind="other"
    )
    period = services.add_blackout(
        profile=cast.pool_peer_profile, by=cast.pool_peer, first_day=TODAY, last_day=TODAY
    )  # fmt: skip
    with pytest.raises(NoSeat):
        services.withdraw_interest(interest=interest, by=getattr(cast, who))
    with pytest.raises(NoSeat):
        services.remove_blackout(period=period, by=getattr(cast, who))


def test_days_away_in_the_wrong_order_are_refused(cast):
    with pytest.raises(BadInput, match="last day is before the first"):
        services.add_blackout(
            profile=cast.pool_peer_profile, by=cast.pool_peer, first_day=TODAY, last_day=datetime.date(2027, 3, 1)
        )


def test_removing_days_away_twice_does_no_harm(cast):
    period = services.add_blackout(profile=cast.pool_peer_profile, by=cast.pool_peer, first_day=TODAY, last_day=TODAY)
    services.remove_blackout(period=period, by=cast.pool_peer)
    services.remove_blackout(period=period, by=cast.pool_peer)
    assert cast.pool_peer_profile.blackouts.count() == 0


def test_weekdays_and_next_free_day(cast):
    assert weekdays(datetime.date(2027, 3, 4), datetime.date(2027, 3, 9)) == 4  # Thursday to Tuesday
    profile = cast.pool_peer_profile
    services.add_blackout(profile=profile, by=cast.pool_peer, first_day=TODAY, last_day=datetime.date(2027, 3, 5))
    assert next_free(profile, [], TODAY) == datetime.date(2027, 3, 8)  # the Monday after
    visit = Visit(datetime.date(2027, 3, 8), datetime.date(2027, 3, 10))
    assert next_free(profile, [visit], TODAY) == datetime.date(2027, 3, 11)
    assert next_free(profile, [], datetime.date(2027, 3, 14)) == datetime.date(2027, 3, 15)  # a Sunday
    profile.available_until = datetime.date(2027, 3, 4)
    assert next_free(profile, [], TODAY) is None


def test_who_is_resting_or_not_in_the_pool_has_no_next_free_day(cast):
    profile = cast.pool_peer_profile
    assert next_free(profile, [], TODAY) is not None
    for state in set(State) - {State.ACTIVE, State.INVITED}:
        profile.state = state
        assert next_free(profile, [], TODAY) is None, state


def test_programmes_are_those_one_coordinates(cast):
    assert programmes_of(cast.coordinator) == [cast.programme]
    assert programmes_of(cast.manager) == []
