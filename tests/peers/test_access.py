"""The access walk: every seat x stage x act is decided by the table, and by nothing else."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from cyber360.accounts.services import accept_invitation, invite
from cyber360.exceptions import NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.access import (
    ACCESS,
    ANYONE,
    PROGRAMME_SEATS,
    SeatName,
    acts_for,
    decide,
    may,
    require,
    seats_on,
    why_name_is_held,
)
from peers.acts import Act
from peers.challenges.models import Programme
from peers.stages import Stage
from tests.factories.worlds import sit

SEAT_OF = {
    "coordinator": SeatName.COORDINATOR,
    "manager": SeatName.CHALLENGE_MANAGER,
    "host_lead": SeatName.HOST_LEAD,
    "host_sponsor": SeatName.HOST_SPONSOR,
    "contributor": SeatName.CONTRIBUTOR,
    "lead_peer": SeatName.LEAD_PEER,
    "peer": SeatName.PEER,
    "observer": SeatName.OBSERVER,
    "editor": SeatName.FRAMEWORK_EDITOR,
    "administrator": SeatName.ADMINISTRATOR,
    "pool_peer": SeatName.POOL_PEER,
}
HIDDEN = {"own", "handed"}


def test_every_act_has_a_row_and_every_stage_some_act():
    assert set(ACCESS) == set(Act)
    for stage in Stage:
        assert any(stage in row.stages for rows in ACCESS.values() for row in rows)


def _expected(seats: frozenset, stage: Stage, act: Act) -> bool:
    """What the row says for the bare challenge: conditions that need an owner or a hand-over cannot hold on it."""
    return any(
        seats & row.seats and stage in row.stages and not {c.name for c in row.conditions} & HIDDEN
        for row in ACCESS[act]
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_walk_of_every_seat_stage_and_act(cast, stage):
    for name in SEAT_OF:
        _walk(getattr(cast, name), name, cast.challenge, stage)


def _walk(person, name, challenge, stage):
    challenge.stage = stage
    for held in (False, True):
        challenge.on_hold_since = timezone.localdate() if held else None
        seats = seats_on(person, challenge)
        for act in Act:
            allowed = decide(person, act, challenge, seats=seats).seat is not None
            if (act == Act.CHALLENGE_HOLD and held) or (act == Act.CHALLENGE_RESUME and not held):
                assert not allowed
            else:
                assert allowed == _expected(seats, stage, act), (name, stage, act)


@pytest.mark.parametrize("stage", list(Stage))
def test_nobody_without_a_seat_may_do_anything(cast, stage):
    challenge = cast.at(stage)
    for name in ("stranger", "other_host", "superuser"):
        person = getattr(cast, name)
        assert acts_for(person, challenge) == frozenset()
        with pytest.raises(NoSeat):
            require(person, Act.CHALLENGE_READ, challenge)


def test_the_platforms_administrator_reads_no_content(cast):
    things = {"answer", "evidence", "note", "score", "scores", "finding", "report", "plan", "timetable", "enquiry"}
    content = {act for act in Act if act.value.split(".")[0] in things}
    for stage in Stage:
        assert not acts_for(cast.administrator, cast.at(stage)) & content


@pytest.mark.parametrize("act", [Act.SCORE_READ_ALL, Act.NOTE_READ, Act.ENQUIRY_READ, Act.FINDING_READ, Act.SCORE_OWN])
def test_the_host_side_has_no_row_for_the_teams_work(act):
    host = {SeatName.HOST_LEAD, SeatName.HOST_SPONSOR, SeatName.CONTRIBUTOR}
    assert not any(row.seats & host for row in ACCESS[act])


def test_wrong_stage_says_why_and_wrong_seat_says_nothing(cast):
    cast.at(Stage.PREPARATION)
    with pytest.raises(NotNow) as later:
        require(cast.lead_peer, Act.ANSWER_READ, cast.challenge)
    assert "not open yet" in later.value.message
    cast.at(Stage.ON_SITE)
    with pytest.raises(NotNow) as closed:
        require(cast.host_lead, Act.ANSWER_EDIT, cast.challenge)
    assert "closed" in closed.value.message
    with pytest.raises(NoSeat):
        require(cast.host_lead, Act.NOTE_READ, cast.challenge)


def test_a_seat_ends_and_begins_on_its_days(cast):
    today = timezone.localdate()
    yesterday, tomorrow = today - datetime.timedelta(days=1), today + datetime.timedelta(days=1)
    person = cast.stranger
    seat = sit(person, SeatName.PEER, cast.challenge, starts_on=tomorrow)
    assert not may(person, Act.CHALLENGE_READ, cast.challenge)
    seat.starts_on = today
    seat.save()
    assert may(person, Act.CHALLENGE_READ, cast.challenge)
    seat.starts_on, seat.ends_on = yesterday, today
    seat.save()
    assert may(person, Act.CHALLENGE_READ, cast.challenge)
    seat.ends_on = yesterday
    seat.save()
    assert not may(person, Act.CHALLENGE_READ, cast.challenge)


def test_a_disabled_account_has_no_seat(cast):
    cast.peer.is_active = False
    assert seats_on(cast.peer, cast.challenge) == frozenset()


def test_a_coordinator_of_another_programme_has_no_seat_here(cast):
    other = Programme.objects.create(title="Another programme")
    sit(cast.stranger, SeatName.COORDINATOR, other)
    assert not may(cast.stranger, Act.CHALLENGE_READ, cast.challenge)
    assert may(cast.stranger, Act.POOL_READ, other)


def test_what_is_anyones_own_is_open_in_whatever_seat_and_to_nobody_without_one(cast):
    """A host lead holds a seat on a challenge alone and may keep a feed; a stranger and a superuser may not."""
    for person in (cast.host_lead, cast.peer, cast.pool_peer, cast.coordinator, cast.administrator):
        assert may(person, Act.FEED_KEEP, SimpleNamespace(owner_id=person.pk))
        assert not may(person, Act.FEED_KEEP, SimpleNamespace(owner_id=cast.stranger.pk))
    for person in (cast.stranger, cast.superuser):
        assert not may(person, Act.FEED_KEEP, SimpleNamespace(owner_id=person.pk))


def test_rows_name_seats_of_the_right_kind():
    """A programme act is for programme seats, a challenge act never for the editor or the administrator."""
    for act, rows in ACCESS.items():
        for row in rows:
            if row.seats & {SeatName.FRAMEWORK_EDITOR, SeatName.ADMINISTRATOR} and row.seats != ANYONE:
                assert row.seats <= PROGRAMME_SEATS, act


@pytest.mark.django_db
def test_who_reads_or_signs_on_a_challenge_keeps_their_name_until_it_ends(cast):
    seated = [cast.peer, cast.observer, cast.host_lead, cast.contributor, cast.manager]
    assert all("ask your coordinator" in why_name_is_held(person) for person in [*seated, cast.coordinator])
    assert [why_name_is_held(person) for person in (cast.stranger, cast.administrator, cast.pool_peer)] == ["", "", ""]
    cast.at(Stage.CLOSED)
    assert [why_name_is_held(person) for person in seated] == [""] * len(seated)
    cast.at(Stage.DESK_REVIEW)
    cast.peer.challenge_seats.update(
        starts_on=timezone.localdate() - datetime.timedelta(days=9),
        ends_on=timezone.localdate() - datetime.timedelta(days=1),
    )
    assert why_name_is_held(cast.peer) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("seat", [SeatName.PEER, SeatName.CONTRIBUTOR])
def test_accepting_an_invitation_is_no_way_to_another_name(cast, seat):
    """A peer, and a contributor who has signed in by link and is invited to choose a password afterwards."""
    with transaction.atomic():
        person, _new = invite(
            email="rowan@example.org", full_name="Rowan Vale", by=cast.coordinator, reason_line="You are named.",
            link="/",
        )  # fmt: skip
    sit(person, seat, cast.challenge)
    token = OutboxMail.objects.get(to=person).link.split("/")[2]
    accept_invitation(token=token, full_name="Head of Internal Audit", password="seven quiet herons walk")
    person.refresh_from_db()
    assert (person.full_name, person.has_usable_password()) == ("Rowan Vale", True)
