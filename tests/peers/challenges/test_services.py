import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.acts import Act
from peers.challenges import queries, services
from peers.challenges.defaults import load_defaults
from peers.challenges.models import Challenge, DeadlineProfile, KeyDate, Seat
from peers.frameworks.models import FrameworkVersion
from peers.stages import Stage
from tests.factories.worlds import make_council, make_user, sit

ENDED = timezone.localdate() - datetime.timedelta(days=1)


def events(act):
    return AuditEvent.objects.filter(act=act)


# --- registration
def register(cast, **fields):
    return services.register_challenge(
        programme=cast.programme, council=make_council(**fields), by=cast.coordinator, interest_note="Please."
    )


def test_references_count_up_within_the_year(cast):
    year = timezone.localdate().year
    Challenge.objects.filter(pk=cast.challenge.pk).update(ref=f"C360-{year - 1}-998")
    Challenge.objects.filter(pk=cast.other_challenge.pk).update(ref=f"C360-{year}-009")
    refs = [register(cast).ref for _one in range(2)]
    assert refs == [f"C360-{year}-010", f"C360-{year}-011"]
    cast.programme.ref_prefix = "WLGA"
    cast.programme.save()
    assert register(cast).ref == f"WLGA-{year}-001"


def test_a_reference_goes_past_999(cast):
    year = timezone.localdate().year
    Challenge.objects.filter(pk=cast.challenge.pk).update(ref=f"C360-{year}-999")
    assert [register(cast).ref, register(cast).ref] == [f"C360-{year}-1000", f"C360-{year}-1001"]


def test_a_new_challenge_knows_when_its_first_stage_is_due(cast):
    load_defaults()
    row = register(cast)
    assert row.stage == Stage.INTEREST
    assert list(row.key_dates.values_list("stage", flat=True)) == ["interest"]
    assert row.key_dates.get().due_on > timezone.localdate()


def test_a_council_that_is_gone_or_not_yet_there_is_refused(cast):
    for dates in ({"ends_on": ENDED}, {"starts_on": timezone.localdate() + datetime.timedelta(days=400)}):
        with pytest.raises(BadInput, match="does not exist"):
            register(cast, **dates)


@pytest.mark.parametrize("name", ["manager", "host_lead", "editor", "administrator", "superuser"])
def test_only_a_coordinator_registers(cast, name):
    with pytest.raises(NoSeat):
        services.register_challenge(programme=cast.programme, council=cast.challenge.council, by=getattr(cast, name))


# --- seats
@pytest.mark.parametrize(("held", "wanted"), [
    ("host_lead", "peer"), ("host_sponsor", "lead_peer"), ("contributor", "observer"), ("peer", "host_lead"),
    ("observer", "host_sponsor"), ("lead_peer", "contributor"),
])  # fmt: skip
def test_nobody_sits_on_both_sides(cast, held, wanted):
    person = make_user()
    sit(person, SeatName(held), cast.challenge)
    with pytest.raises(BadInput, match="other side"):
        services.grant_seat(challenge=cast.challenge, user=person, name=SeatName(wanted), by=cast.manager)
    assert seats_on(person, cast.challenge) == {SeatName(held)}
    services.grant_seat(challenge=cast.other_challenge, user=person, name=SeatName(wanted), by=cast.coordinator)


def test_a_seat_that_has_ended_does_not_stand_in_the_way(cast):
    person = make_user()
    seat = sit(person, SeatName.PEER, cast.challenge)
    services.end_seat(seat=seat, by=cast.manager)
    assert seats_on(person, cast.challenge) == frozenset()
    services.grant_seat(challenge=cast.challenge, user=person, name=SeatName.HOST_LEAD, by=cast.manager)
    assert seats_on(person, cast.challenge) == {SeatName.HOST_LEAD}


def test_seats_begin_and_end_by_their_days(cast):
    person, today = make_user(), timezone.localdate()
    day = datetime.timedelta(days=1)
    seat = services.grant_seat(
        challenge=cast.challenge, user=person, name=SeatName.HOST_LEAD, by=cast.manager, starts_on=today + day
    )
    assert seats_on(person, cast.challenge) == frozenset()
    Seat.objects.filter(pk=seat.pk).update(starts_on=today, ends_on=today)
    assert seats_on(person, cast.challenge) == {SeatName.HOST_LEAD}
    assert Seat.objects.get(pk=seat.pk).is_in_force(today)
    Seat.objects.filter(pk=seat.pk).update(starts_on=today - day, ends_on=ENDED)
    assert seats_on(person, cast.challenge) == frozenset()


def test_programme_seats_are_not_given_on_a_challenge_nor_the_other_way_round(cast):
    with pytest.raises(BadInput):
        services.grant_seat(challenge=cast.challenge, user=cast.stranger, name=SeatName.COORDINATOR, by=cast.manager)
    with pytest.raises(BadInput):
        services.grant_programme_seat(
            programme=cast.programme, user=cast.stranger, name=SeatName.PEER, by=cast.administrator
        )
    with pytest.raises(BadInput):
        services.seat_from_placement(
            challenge=cast.challenge, user=cast.pool_peer, name=SeatName.HOST_LEAD, by=cast.pool_peer
        )


def test_programme_seats_are_the_administrators(cast):
    row = services.grant_programme_seat(
        programme=cast.programme, user=cast.stranger, name=SeatName.FRAMEWORK_EDITOR, by=cast.administrator
    )
    assert seats_on(cast.stranger) == {SeatName.FRAMEWORK_EDITOR}
    with pytest.raises(NoSeat):
        services.end_programme_seat(seat=row, by=cast.coordinator)
    services.end_programme_seat(seat=row, by=cast.administrator)
    assert seats_on(cast.stranger) == frozenset()
    assert events(Act.PROGRAMME_SEAT_GRANT).count() == events(Act.PROGRAMME_SEAT_END).count() == 1


def test_a_newcomer_is_invited_and_somebody_known_is_told(cast):
    def name(email):
        return services.name_person(
            challenge=cast.challenge, email=email, full_name="Ada Marsh", job_title="Chief executive",
            name=SeatName.HOST_SPONSOR, by=cast.coordinator,
        )  # fmt: skip

    seat = name("ada.marsh@example.org")
    assert seats_on(seat.user, cast.challenge) == {SeatName.HOST_SPONSOR}
    assert OutboxMail.objects.filter(to=seat.user).count() == 1
    name(cast.stranger.email)
    assert OutboxMail.objects.filter(to=cast.stranger).count() == 1
    assert events(Act.SEAT_GRANT).count() == 2


def test_a_contributor_gets_one_seat_from_the_host(cast):
    person = make_user()
    for _time in range(2):
        services.seat_contributor(challenge=cast.challenge, user=person, by=cast.host_lead)
    assert Seat.objects.filter(user=person).count() == events(Act.SEAT_GRANT).count() == 1
    with pytest.raises(NoSeat):
        services.seat_contributor(challenge=cast.challenge, user=person, by=cast.manager)


# --- scope
def set_scope(cast, version=1, **fields):
    given = {"framework_version": cast.framework_version, "themes": cast.framework_version.themes.all(),
             "focus": "Recovery."} | fields  # fmt: skip
    return services.set_scope(challenge=cast.challenge, by=cast.manager, version=version, **given)


def test_scope_is_set_once_for_each_version(cast):
    cast.at(Stage.SCOPING)
    first = cast.framework_version.themes.first()
    row = set_scope(cast, themes=[first], team_max=5)
    assert (row.version, row.team_max, list(row.themes.all())) == (2, 5, [first])
    with pytest.raises(StaleVersion) as stale:
        set_scope(cast, focus="From an old tab.")
    assert stale.value.current.focus == "Recovery."


def test_scope_takes_only_what_is_published_and_fits(cast):
    cast.at(Stage.SCOPING)
    with pytest.raises(BadInput, match="themes"):
        set_scope(cast, framework_version=None)
    with pytest.raises(BadInput):
        set_scope(cast, team_min=4, team_max=2)
    draft = FrameworkVersion.objects.create(framework=cast.framework_version.framework, version="2.0", about="Next.")
    with pytest.raises(BadInput, match="published"):
        set_scope(cast, framework_version=draft, themes=[])
    cast.challenge.refresh_from_db()
    assert cast.challenge.version == 1


def test_scope_closes_with_its_stage(cast):
    with pytest.raises(NotNow):
        set_scope(cast)


# --- dates
def set_visit(cast, first, last=None, version=None, **fields):
    cast.challenge.refresh_from_db()
    return services.set_visit(
        challenge=cast.challenge, by=cast.manager, version=version or cast.challenge.version,
        visit_first_day=first, visit_last_day=last or first + datetime.timedelta(days=2), **fields,
    )  # fmt: skip


def due(cast, stage):
    return KeyDate.objects.get(challenge=cast.challenge, stage=stage).due_on


def test_key_dates_follow_the_visit_but_pinned_ones_stay(cast):
    load_defaults()
    profile = DeadlineProfile.objects.get(is_default=True)
    first = datetime.date(2027, 9, 14)
    set_visit(cast, first, deadline_profile=profile)
    assert due(cast, Stage.DESK_REVIEW) == datetime.date(2027, 9, 13)
    assert due(cast, Stage.ISSUED) == datetime.date(2027, 10, 28)
    services.pin_key_date(
        challenge=cast.challenge,
        by=cast.manager,
        stage=Stage.ISSUED,
        due_on=datetime.date(2027, 11, 5),
        reason="Cabinet.",
    )
    set_visit(cast, first + datetime.timedelta(days=7))
    assert due(cast, Stage.ISSUED) == datetime.date(2027, 11, 5)
    assert due(cast, Stage.DESK_REVIEW) == datetime.date(2027, 9, 20)
    assert cast.challenge.key_dates.filter(stage=Stage.ISSUED).count() == 1


@pytest.mark.parametrize(("nation", "day"), [("England", 13), ("Wales", 13)])
def test_working_days_of_the_councils_own_nation(cast, nation, day):
    load_defaults()
    cast.challenge.council.nation = nation
    cast.challenge.council.save()
    Challenge.objects.filter(pk=cast.challenge.pk).update(registered_on=datetime.date(2027, 3, 25))
    set_visit(cast, datetime.date(2027, 9, 14), deadline_profile=DeadlineProfile.objects.get(is_default=True))
    assert due(cast, Stage.INTEREST) == datetime.date(2027, 4, day - 1), "ten working days, over Easter"


def test_a_pinned_date_has_a_reason(cast):
    with pytest.raises(BadInput):
        services.pin_key_date(challenge=cast.challenge, by=cast.manager, stage=Stage.ISSUED, due_on=ENDED, reason="  ")
    assert not KeyDate.objects.exists()


def test_a_visit_that_ends_before_it_begins_is_refused(cast):
    first = datetime.date(2027, 9, 14)
    with pytest.raises(BadInput):
        set_visit(cast, first, first - datetime.timedelta(days=1))


def test_everybody_but_contributors_is_told_once_of_new_days(cast):
    first = cast.challenge.visit_first_day
    set_visit(cast, first)
    assert not OutboxMail.objects.filter(kind="dates").exists(), "the same days are no news"
    set_visit(cast, first + datetime.timedelta(days=7))
    told = set(OutboxMail.objects.filter(kind="dates").values_list("to__full_name", flat=True))
    assert {"Host Lead", "Host Sponsor", "Lead Peer", "Observer"} <= told
    assert "Contributor" not in told
    assert OutboxMail.objects.filter(kind="dates").count() == len(told)
    with pytest.raises(StaleVersion):
        set_visit(cast, first, version=1)


# --- hold
def test_hold_and_resume(cast):
    with pytest.raises(BadInput):
        services.hold_challenge(challenge=cast.challenge, by=cast.manager, reason=" ")
    with pytest.raises(NotNow, match="not on hold"):
        services.resume_challenge(challenge=cast.challenge, by=cast.manager)
    services.hold_challenge(challenge=cast.challenge, by=cast.manager, reason="Live incident.")
    with pytest.raises(NotNow, match="already on hold"):
        services.hold_challenge(challenge=cast.challenge, by=cast.coordinator, reason="Again.")
    services.resume_challenge(challenge=cast.challenge, by=cast.coordinator)
    cast.challenge.refresh_from_db()
    assert (cast.challenge.on_hold_since, cast.challenge.hold_reason) == (None, "")
    assert events(Act.CHALLENGE_HOLD).count() == events(Act.CHALLENGE_RESUME).count() == 1


def test_nothing_is_late_while_on_hold(cast):
    KeyDate.objects.create(challenge=cast.challenge, stage=cast.challenge.stage, due_on=ENDED)
    today = timezone.localdate()
    assert queries.is_late(cast.challenge, today) == 1
    row = services.hold_challenge(challenge=cast.challenge, by=cast.manager, reason="Live incident.")
    assert queries.is_late(row, today) == 0


@pytest.mark.parametrize("name", ["host_lead", "host_sponsor", "lead_peer", "observer"])
def test_only_those_who_steer_hold_and_set_dates(cast, name):
    person = getattr(cast, name)
    with pytest.raises(NoSeat):
        services.hold_challenge(challenge=cast.challenge, by=person, reason="x")
    with pytest.raises(NoSeat):
        services.pin_key_date(challenge=cast.challenge, by=person, stage=Stage.ISSUED, due_on=ENDED, reason="x")


# --- the end
def test_on_closing_every_seat_ends_after_the_programmes_days(cast):
    Seat.objects.filter(user=cast.peer).update(ends_on=ENDED)
    at = timezone.now()
    services.end_access(challenge=cast.challenge, by=cast.manager, at=at)
    last = timezone.localdate(at) + datetime.timedelta(days=30)
    assert Seat.objects.get(user=cast.host_lead).ends_on == last
    assert Seat.objects.get(user=cast.peer).ends_on == ENDED, "an earlier end stays"
