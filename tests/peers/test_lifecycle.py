"""The table of moves: exactly these exist, each refuses while something blocks it, and each leaves its traces."""

import datetime
import itertools

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers import lifecycle
from peers.access import SeatName, seats_that_may
from peers.actionplans import services as actionplans
from peers.actionplans.models import ActionPlan
from peers.acts import Act
from peers.challenges.models import Challenge, Seat, StageChange
from peers.findings.models import Finding
from peers.onsite import services as onsite
from peers.scoring import services as scoring
from peers.stages import Stage

S = Stage
ORDER = [stage for stage in Stage if stage != S.WITHDRAWN]
FORWARD = set(itertools.pairwise(ORDER))
NO_WAY_BACK = {(S.MODERATION, S.ON_SITE), (S.ISSUED, S.FACTUAL_CHECK), (S.CLOSED, S.FOLLOW_UP)}
BACK = {(to, start) for start, to in FORWARD} - NO_WAY_BACK
WITHDRAW = {(stage, S.WITHDRAWN) for stage in ORDER[: ORDER.index(S.DRAFTING) + 1]}


def advance(cast, to, by, **words):
    return lifecycle.advance(challenge=cast.challenge, to=to, by=by, **words)


def stage_of(cast):
    return Stage(Challenge.objects.values_list("stage", flat=True).get(pk=cast.challenge.pk))


# --- the table
def test_exactly_these_moves_exist():
    assert set(lifecycle.MOVES) == FORWARD | BACK | WITHDRAW
    assert all(move.needs_reason is ((move.start, move.to) not in FORWARD) for move in lifecycle.MOVES.values())
    assert len(lifecycle.MOVES) == len(lifecycle.FORWARD) + len(lifecycle.BACK) + len(lifecycle.WITHDRAW)


def test_every_act_of_a_move_is_open_to_somebody_in_its_stage_only_there():
    for move in lifecycle.MOVES.values():
        assert seats_that_may(move.act, move.start), move
        if (move.start, move.to) in FORWARD:
            assert [stage for stage in Stage if seats_that_may(move.act, stage)] == [move.start], move


@pytest.mark.parametrize("start", Stage)
def test_a_move_that_is_not_in_the_table_is_refused_to_everybody(cast, start):
    people = (cast.coordinator, cast.manager, cast.host_sponsor, cast.lead_peer)
    for to in Stage:
        if (start, to) in lifecycle.MOVES:
            continue
        cast.at(start)
        for person in people:
            with pytest.raises(NotNow):
                advance(cast, to, person, reason="Because.")
        assert stage_of(cast) == start
    assert not StageChange.objects.exists()


@pytest.mark.parametrize(("start", "to"), sorted(lifecycle.MOVES))
def test_a_move_is_made_only_from_a_seat_of_its_row(cast, start, to):
    move = lifecycle.MOVES[start, to]
    allowed = seats_that_may(move.act, start)
    people = {SeatName.HOST_LEAD: cast.host_lead, SeatName.HOST_SPONSOR: cast.host_sponsor, SeatName.PEER: cast.peer,
              SeatName.LEAD_PEER: cast.lead_peer, SeatName.OBSERVER: cast.observer,
              SeatName.CONTRIBUTOR: cast.contributor, SeatName.CHALLENGE_MANAGER: cast.manager,
              SeatName.COORDINATOR: cast.coordinator}  # fmt: skip
    cast.at(start)
    outside = [person for seat, person in people.items() if seat not in allowed] + list(cast.outsiders.values())
    for person in outside:
        with pytest.raises(NoSeat):
            advance(cast, to, person, reason="Because.")
    assert stage_of(cast) == start


# --- reasons, double clicks, traces
@pytest.mark.parametrize(("start", "to"), sorted(BACK | WITHDRAW))
def test_back_and_out_need_a_reason_and_then_go(cast, start, to):
    cast.at(start)
    for reason in ("", "   "):
        with pytest.raises(BadInput):
            advance(cast, to, cast.manager, reason=reason)
    assert stage_of(cast) == start
    row = advance(cast, to, cast.manager, reason=" A peer is ill. ")
    change = StageChange.objects.get()
    assert (row.stage, change.reason, change.by) == (to, "A peer is ill.", cast.manager)
    assert row.withdrawn_reason == ("A peer is ill." if to == S.WITHDRAWN else "")
    event = AuditEvent.objects.get(act=lifecycle.MOVES[start, to].act)
    assert (event.seat, event.detail["to"], event.scope) == ("challenge_manager", to.value, cast.challenge.scope)


def test_the_sponsor_may_withdraw_but_nobody_after_drafting(cast):
    cast.at(S.FACTUAL_CHECK)
    with pytest.raises(NotNow):
        advance(cast, S.WITHDRAWN, cast.coordinator, reason="Too late.")
    cast.at(S.ON_SITE)
    assert advance(cast, S.WITHDRAWN, cast.host_sponsor, reason="We merge.").stage == S.WITHDRAWN
    for to in Stage:
        with pytest.raises(NotNow):
            advance(cast, to, cast.coordinator, reason="Again.")


def test_a_second_click_moves_nothing(cast):
    cast.at(S.INTEREST)
    advance(cast, S.SCOPING, cast.coordinator, since=S.INTEREST)
    with pytest.raises(NotNow, match="already moved on"):
        advance(cast, S.SCOPING, cast.coordinator, since=S.INTEREST)
    with pytest.raises(NotNow, match="already moved on"):
        advance(cast, S.SETUP, cast.manager, since=S.INTEREST)
    assert StageChange.objects.count() == AuditEvent.objects.filter(act=Act.CHALLENGE_ACCEPT).count() == 1
    assert cast.challenge.version == 1
    assert Challenge.objects.get(pk=cast.challenge.pk).version == 2


def test_everybody_but_the_mover_and_contributors_is_told_once(cast):
    cast.at(S.INTEREST)
    advance(cast, S.SCOPING, cast.coordinator)
    told = list(OutboxMail.objects.filter(kind="stage").values_list("to__full_name", flat=True))
    assert sorted(told) == sorted(
        ["Host Lead", "Host Sponsor", "Lead Peer", "Peer", "Second Peer", "Observer", "Manager Challenge"]
    )
    mail = OutboxMail.objects.filter(kind="stage").first()
    assert mail.link == cast.challenge.get_absolute_url()
    advance(cast, S.INTEREST, cast.manager, reason="One seat is wrong: the secret reason")
    assert OutboxMail.objects.filter(kind="stage").count() == 14
    assert not OutboxMail.objects.filter(subject__contains="secret").exists()


def test_stepping_back_to_preparation_unlocks_the_pack_and_release_locks_it(cast):
    cast.at(S.DESK_REVIEW)
    advance(cast, S.PREPARATION, cast.manager, reason="A paper is missing.")
    assert Challenge.objects.get(pk=cast.challenge.pk).pack_locked_at is None


# --- what blocks the moves forward, and what clears it
def blocked(cast, to, by):
    """The sentences of a refused move; the stage stays."""
    before = stage_of(cast)
    with pytest.raises(Blocked) as refused:
        advance(cast, to, by)
    assert stage_of(cast) == before
    assert not StageChange.objects.exists()
    return " ".join(refused.value.sentences)


def test_interest_waits_for_the_hosts_people(cast):
    cast.at(S.INTEREST)
    seats = Seat.objects.filter(content_object=cast.challenge, user__in=[cast.host_lead, cast.host_sponsor])
    ended = timezone.localdate() - datetime.timedelta(days=1)
    seats.update(ends_on=ended)
    said = blocked(cast, S.SCOPING, cast.coordinator)
    assert "No host sponsor" in said
    assert "No host lead" in said
    seats.update(ends_on=None)
    assert advance(cast, S.SCOPING, cast.coordinator).stage == S.SCOPING


def test_scoping_waits_for_the_scope(cast):
    cast.at(S.SCOPING)
    row = cast.challenge
    kept = row.focus, row.framework_version, row.window_first, row.window_last
    row.focus, row.framework_version, row.window_first, row.window_last = "", None, None, None
    row.save()
    row.themes.clear()
    said = blocked(cast, S.SETUP, cast.manager)
    for words in ("focus", "questionnaire version", "themes", "visit window"):
        assert words in said
    row.focus, row.framework_version, row.window_first, row.window_last = kept
    row.save()
    row.themes.set(row.framework_version.themes.all())
    assert advance(cast, S.SETUP, cast.manager).stage == S.SETUP


def test_set_up_waits_for_agreements_team_and_days(cast):
    cast.at(S.SETUP)
    Challenge.objects.filter(pk=cast.challenge.pk).update(visit_first_day=None, visit_last_day=None)
    said = blocked(cast, S.PREPARATION, cast.manager)
    assert "The days of the visit are not fixed" in said
    assert "team" in said
    assert len(lifecycle.blockers_of(cast.challenge, lifecycle.next_move(cast.challenge))) >= 2


def test_preparation_waits_for_answers_position_and_signature(cast):
    cast.at(S.PREPARATION)
    said = blocked(cast, S.DESK_REVIEW, cast.host_lead)
    assert "answer" in said
    assert "position statement" in said.lower()
    assert "sign" in said


def test_desk_review_waits_for_reading_and_timetable(cast):
    cast.at(S.DESK_REVIEW)
    said = blocked(cast, S.ON_SITE, cast.lead_peer)
    assert said.count("has not said that they have read the pack") == 3
    assert "no conversation" in said
    for person in (cast.lead_peer, cast.peer, cast.second_peer):
        onsite.confirm_reading(challenge=cast.challenge, by=person)
    day = timezone.make_aware(datetime.datetime.combine(cast.challenge.visit_first_day, datetime.time(9)))
    onsite.add_conversation(challenge=cast.challenge, by=cast.manager, title="Leader", starts_at=day, minutes=45)
    assert "not confirmed" in blocked(cast, S.ON_SITE, cast.lead_peer)
    onsite.confirm_timetable(challenge=cast.challenge, by=cast.lead_peer)
    assert advance(cast, S.ON_SITE, cast.lead_peer).stage == S.ON_SITE


def test_the_reveal_waits_for_every_peer_and_conversation(cast):
    cast.at(S.ON_SITE)
    talk = onsite.add_conversation(
        challenge=cast.challenge, by=cast.manager, title="Leader", starts_at=timezone.now(), minutes=45
    )
    said = blocked(cast, S.MODERATION, cast.lead_peer)
    assert said.count("has not submitted their scores") == 3
    assert "not marked held" in said
    onsite.mark_conversation(conversation=talk, by=cast.peer, state="held")
    for person in (cast.lead_peer, cast.peer, cast.second_peer):
        for question in cast.questions:
            scoring.save_score(challenge=cast.challenge, question=question, by=person, version=0, level=2, comment="x")
        scoring.submit_scores(challenge=cast.challenge, by=person)
    assert advance(cast, S.MODERATION, cast.manager).stage == S.MODERATION
    said = blocked_after(cast, S.FEEDBACK, cast.lead_peer)
    assert "no agreed score" in said


def blocked_after(cast, to, by):
    with pytest.raises(Blocked) as refused:
        advance(cast, to, by)
    return " ".join(refused.value.sentences)


@pytest.mark.parametrize(("start", "to", "name"), [
    (S.FEEDBACK, S.DRAFTING, "lead_peer"), (S.FOLLOW_UP, S.CLOSED, "manager"),
])  # fmt: skip
def test_later_moves_refuse_while_something_is_missing(cast, start, to, name):
    cast.at(start)
    assert blocked(cast, to, getattr(cast, name))


def test_from_the_issued_report_to_the_close(cast):
    cast.at(S.ISSUED)
    theme = cast.challenge.themes.first()
    Finding.objects.create(challenge=cast.challenge, theme=theme, kind="recommendation", headline="Rehearse",
                           state="agreed", number=1, author=cast.lead_peer)  # fmt: skip
    advance(cast, S.ACTION_PLANNING, cast.host_sponsor)
    response = ActionPlan.objects.get().responses.get()
    assert "Recommendations without a response: 1" in blocked_after(cast, S.FOLLOW_UP, cast.host_sponsor)
    actionplans.respond(response=response, by=cast.host_lead, version=1, answer="not_accepted", reason="Done.")
    advance(cast, S.FOLLOW_UP, cast.host_sponsor)
    assert ActionPlan.objects.get().approved_by == cast.host_sponsor
    assert "6-month check-in is not recorded" in blocked_after(cast, S.CLOSED, cast.manager)
    cast.challenge.refresh_from_db()
    for kind in ("six_months", "review"):
        actionplans.record_check_in(challenge=cast.challenge, by=cast.lead_peer, kind=kind, summary="Heard.",
                                    held_on=timezone.localdate(), attendee_roles="Leader")  # fmt: skip
    row = advance(cast, S.CLOSED, cast.manager)
    assert row.stage == S.CLOSED
    assert not Seat.objects.filter(content_object=row, ends_on=None).exists()
    assert lifecycle.next_move(row) is None
    assert lifecycle.moves_open_to(cast.coordinator, row) == []
