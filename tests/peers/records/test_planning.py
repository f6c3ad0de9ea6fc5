from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.access import SeatName
from peers.challenges.services import end_access
from peers.onsite.models import Note
from peers.overview.demo.ending import end_records
from peers.records import queries, services
from peers.records.models import CountedFrom, DisposalRun, Kind, RetentionChange, RunState
from peers.stages import Stage
from tests.factories.worlds import make_user, sit
from tests.peers.evidence.conftest import make_item

from .conftest import issue_report, plan_until

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def plan(days: int) -> DisposalRun | None:
    services.plan_runs(today() + timedelta(days=days))
    return DisposalRun.objects.filter(kind=Kind.EVIDENCE).first()


def change(cast, kind: Kind, **said):
    given = {"days": 30, "counted_from": CountedFrom.VISIT_END, "reason": "Agreed.", "first_warning": 30}
    given |= {"second_warning": 7, "version": 1, **said}
    return services.change_period(programme=cast.programme, kind=kind, by=cast.coordinator, **given)


# --- days ------------------------------------------------------------------------------------------
def test_default_days(cast):
    challenge = cast.at(Stage.FOLLOW_UP)
    issue_report(challenge)
    challenge.refresh_from_db()
    lines = {line.period.kind: line for line in queries.kept_lines(challenge)}
    last = challenge.visit_last_day
    assert lines[Kind.TEAM_ACCESS].until == last + timedelta(days=60)
    assert lines[Kind.EVIDENCE].until == last + timedelta(days=180)
    assert lines[Kind.NOTES].until == timezone.localdate(challenge.report.issued.issued_at) + timedelta(days=90)
    assert [kind for kind, line in lines.items() if line.by_hand] == [Kind.REPORT, Kind.AUDIT, Kind.ACCOUNTS]
    assert lines[Kind.REPORT].until is None


def test_a_withdrawn_challenge_counts_from_its_withdrawal(cast):
    challenge = cast.at(Stage.WITHDRAWN)
    challenge.stage_since = timezone.now() - timedelta(days=10)
    challenge.save()
    gone = timezone.localdate(challenge.stage_since)
    lines = {line.period.kind: line.until for line in queries.kept_lines(challenge)}
    assert lines[Kind.EVIDENCE] == gone + timedelta(days=180)
    assert lines[Kind.NOTES] == gone + timedelta(days=90)
    services.keep_team_access()
    challenge.refresh_from_db()
    assert challenge.team_reads_until == gone + timedelta(days=60)


def test_the_teams_last_day_follows_the_visit_and_the_period(cast):
    assert services.keep_team_access() == 2
    assert services.keep_team_access() == 0
    challenge = cast.challenge
    challenge.visit_last_day += timedelta(days=5)
    challenge.save()
    change(cast, Kind.TEAM_ACCESS, days=20)
    services.keep_team_access()
    challenge.refresh_from_db()
    assert challenge.team_reads_until == challenge.visit_last_day + timedelta(days=20)


def test_a_visit_without_days_leaves_the_teams_access_open(cast):
    services.keep_team_access()
    cast.challenge.refresh_from_db()
    cast.challenge.visit_first_day = cast.challenge.visit_last_day = None
    cast.challenge.save()
    services.keep_team_access()
    cast.challenge.refresh_from_db()
    assert cast.challenge.team_reads_until is None


# --- periods ---------------------------------------------------------------------------------------
def test_a_changed_period_keeps_what_it_said_before(cast):
    change(cast, Kind.EVIDENCE, days=100)
    change(cast, Kind.EVIDENCE, days=90, version=2)
    change(cast, Kind.EVIDENCE, days=90, version=3)
    assert list(RetentionChange.objects.values_list("version", "days")) == [(2, 100), (1, 180)]
    with pytest.raises(StaleVersion):
        change(cast, Kind.EVIDENCE, days=80, version=2)


@pytest.mark.parametrize(
    "said", [{"reason": " "}, {"first_warning": 7}, {"counted_from": CountedFrom.LAST_SIGN_IN}, {"second_warning": 0}]
)
def test_a_period_that_makes_no_sense_is_refused(cast, said):
    with pytest.raises(BadInput):
        change(cast, Kind.EVIDENCE, **said)
    assert not cast.programme.retention_periods.exists()


def test_only_a_coordinator_changes_a_period(cast):
    for person in (cast.host_lead, cast.manager, cast.administrator, cast.peer):
        with pytest.raises(NoSeat):
            services.change_period(programme=cast.programme, kind=Kind.NOTES, by=person, version=1)


# --- runs and warnings -----------------------------------------------------------------------------
def test_two_warnings_then_it_waits_for_approval(cast):
    make_item(cast.challenge)
    due = (cast.challenge.visit_last_day - today()).days + 180
    states = [
        (plan(day).state, OutboxMail.objects.count()) for day in (0, due - 31, due - 30, due - 8, due - 7, due - 1)
    ]
    one, two = 3, 6  # host lead, sponsor, coordinator
    assert states == [
        ("planned", 0), ("planned", 0), ("warned", one), ("warned", one), ("warned", two), ("warned", two)
    ]  # fmt: skip
    assert plan(due).state == plan(due + 50).state == RunState.AWAITING
    assert OutboxMail.objects.count() == two
    assert set(OutboxMail.objects.values_list("to__full_name", flat=True)) == {
        "Host Lead",
        "Host Sponsor",
        "Coordinator",
    }


def test_what_is_overdue_when_it_is_found_still_gets_both_warnings_in_their_distance(ended):
    run = plan(0)
    assert (run.due_on, run.state) == (today() + timedelta(days=30), RunState.WARNED)
    late = plan(29)  # the sweeper was down when the second was due
    assert late.due_on == today() + timedelta(days=36)
    assert late.state == RunState.WARNED
    assert plan(35).state == RunState.WARNED
    assert plan(36).state == RunState.AWAITING


def test_a_run_moves_with_the_visit(cast):
    make_item(cast.challenge)
    first = plan(0).due_on
    cast.challenge.visit_last_day += timedelta(days=9)
    cast.challenge.save()
    assert plan(0).due_on == first + timedelta(days=9)


def test_without_evidence_or_notes_there_is_no_run(cast):
    plan(0)
    assert not DisposalRun.objects.exists()


def test_notes_have_a_run_once_the_report_is_issued(cast):
    Note.objects.create(challenge=cast.challenge, owner=cast.peer, text="x")
    plan(0)
    assert not DisposalRun.objects.exists()
    issue_report(cast.challenge)
    plan(0)
    assert DisposalRun.objects.get().kind == Kind.NOTES


# --- sooner, later, never ----------------------------------------------------------------------------
def test_the_host_asks_for_it_sooner(ended):
    ask = {"challenge": ended.challenge, "reason": "We move house."}
    with pytest.raises(BadInput, match="time to object"):
        services.ask_sooner(**ask, by=ended.host_lead, due_on=today() + timedelta(days=6))
    assert not DisposalRun.objects.exists()
    run = services.ask_sooner(**ask, by=ended.host_lead, due_on=today() + timedelta(days=7))
    assert run.state == RunState.WARNED
    with pytest.raises(NotNow):
        services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=ended.challenge.ref)
    mails = OutboxMail.objects.filter(subject__contains="asks", body__contains="To stop it, tell the coordinator")
    assert mails.count() == 3
    assert plan(6).state == RunState.WARNED
    assert plan(1).due_on == today() + timedelta(days=7)
    assert plan(7).state == RunState.AWAITING
    with pytest.raises(BadInput):
        services.ask_sooner(**ask, by=ended.host_lead, due_on=today() - timedelta(days=1))
    with pytest.raises(BadInput):
        services.ask_sooner(**ask, by=ended.host_lead, due_on=today() + timedelta(days=9))
    for person in (ended.peer, ended.coordinator, ended.contributor, ended.other_host):
        with pytest.raises(NoSeat):
            services.ask_sooner(**ask, by=person, due_on=today())


def test_the_demo_dates_its_warnings_on_the_nights_on_which_they_went(ended):
    end_records(coordinator=ended.coordinator)
    run = DisposalRun.objects.get(kind=Kind.EVIDENCE)
    sent = [(row.number, (run.due_on - timezone.localdate(row.sent_at)).days) for row in run.warnings.all()]
    assert sent == [(1, 30), (2, 7)]
    assert run.made_at <= run.warnings.first().sent_at


def test_what_is_due_within_the_warning_distance_cannot_be_asked_for_sooner(ended):
    plan_until("evidence")
    DisposalRun.objects.filter(kind=Kind.EVIDENCE).update(due_on=today() + timedelta(days=5), state=RunState.WARNED)
    for days in (0, 5, 7):
        with pytest.raises(BadInput, match="cannot be sooner"):
            services.ask_sooner(
                challenge=ended.challenge, by=ended.host_lead, reason="x", due_on=today() + timedelta(days=days)
            )


@pytest.mark.parametrize("put_off", [False, True])
def test_nobody_approves_what_they_asked_for_themselves(ended, put_off):
    """A coordinator who has a seat at the host as well, and puts the day off so that nobody is named as asking."""
    both, code = make_user("Both Seats"), ended.challenge.ref
    sit(both, SeatName.HOST_LEAD, ended.challenge)
    sit(both, SeatName.COORDINATOR, ended.programme)
    day = today() + timedelta(days=7)
    run = services.ask_sooner(challenge=ended.challenge, by=both, reason="We move house.", due_on=day)
    if put_off:
        later = {"reason": "Later.", "due_on": day + timedelta(days=1)}
        run = services.put_off_run(run=run, by=both, version=run.version, **later)
    run.state = RunState.AWAITING
    run.save()
    with pytest.raises(NotNow, match="Another coordinator approves it"):
        services.approve_run(run=run, by=both, version=run.version, typed=code)
    address = reverse("records:run", args=[code, run.pk])
    assert "Approve this disposal" not in ended.client_for(both).get(address).content.decode()
    assert "Approve this disposal" in ended.client_for(ended.coordinator).get(address).content.decode()
    row = services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=code)
    assert row.state == RunState.APPROVED


def test_a_day_that_was_asked_for_is_forgotten_with_a_hold(ended):
    day = today() + timedelta(days=8)
    run = services.ask_sooner(challenge=ended.challenge, by=ended.host_lead, reason="We move house.", due_on=day)
    hold = services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A complaint.")
    plan(20)
    services.lift_hold(hold=hold, by=ended.coordinator, reason="Settled.")
    run = plan(21)
    assert (run.state, run.due_on) == (RunState.WARNED, today() + timedelta(days=51))
    assert (run.asked_by, run.asked_at, run.asked_reason) == (None, None, "")
    assert plan(44).warnings.filter(due_on=run.due_on).count() == 2
    assert plan(50).state == RunState.WARNED
    assert plan(51).state == RunState.AWAITING


def test_put_off_needs_a_reason_and_warns_again(ended):
    run = plan_until("evidence")
    later = run.due_on + timedelta(days=60)
    before = OutboxMail.objects.filter(subject__contains="will be disposed").count()
    with pytest.raises(BadInput):
        services.put_off_run(run=run, by=ended.coordinator, version=run.version, reason=" ", due_on=later)
    with pytest.raises(BadInput):
        services.put_off_run(run=run, by=ended.coordinator, version=run.version, reason="x", due_on=run.due_on)
    services.put_off_run(run=run, by=ended.coordinator, version=run.version, reason="A question.", due_on=later)
    assert (plan(31).state, plan(31).due_on) == (RunState.PUT_OFF, later)
    assert plan(60).state == RunState.WARNED
    plan(83)
    assert OutboxMail.objects.filter(subject__contains="Evidence will be disposed").count() == 3 * 4
    assert before > 0
    assert plan(90).state == RunState.AWAITING


def test_a_legal_hold_stops_runs_and_lifting_it_warns_anew(ended):
    run = plan_until("evidence")
    hold = services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A complaint.")
    assert services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="Again.") == hold
    assert plan(40).state == RunState.HELD
    run.refresh_from_db()
    with pytest.raises(NotNow, match="legal hold"):
        services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=ended.challenge.ref)
    with pytest.raises(NotNow, match="legal hold"):
        services.ask_sooner(challenge=ended.challenge, by=ended.host_lead, reason="x", due_on=today())
    services.lift_hold(hold=hold, by=ended.coordinator, reason="Settled.")
    run = plan(50)
    assert (run.state, run.due_on) == (RunState.WARNED, today() + timedelta(days=80))


def test_on_hold_is_no_legal_hold(ended):
    ended.challenge.on_hold_since, ended.challenge.hold_reason = today(), "Elections."
    ended.challenge.save()
    assert plan(0).state == RunState.WARNED


def test_a_legal_hold_keeps_the_host_in_until_it_is_lifted(ended):
    challenge = ended.challenge
    services.set_hold(challenge=challenge, by=ended.coordinator, reason="A complaint.")
    ended.at(Stage.CLOSED)
    end_access(challenge=challenge, by=ended.coordinator, at=timezone.now())
    ended_by_hand = challenge.seats.get(user=ended.host_sponsor)
    ended_by_hand.ends_on = today() - timedelta(days=1)
    ended_by_hand.save()
    assert services.keep_host_access() == 1
    assert services.keep_host_access() == 0
    seats = dict(challenge.seats.values_list("user__full_name", "ends_on"))
    assert seats["Host Lead"] is None
    assert seats["Host Sponsor"] == today() - timedelta(days=1)
    assert seats["Peer"] is not None
    services.lift_hold(hold=challenge.legal_holds.get(), by=ended.coordinator, reason="Settled.")
    assert challenge.seats.get(user=ended.host_lead).ends_on == today() + timedelta(days=30)


def test_only_a_coordinator_sets_or_lifts_a_hold(ended):
    hold = services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A complaint.")
    for person in (ended.host_lead, ended.manager, ended.peer, ended.superuser):
        with pytest.raises(NoSeat):
            services.set_hold(challenge=ended.other_challenge, by=person, reason="x")
        with pytest.raises(NoSeat):
            services.lift_hold(hold=hold, by=person, reason="x")
