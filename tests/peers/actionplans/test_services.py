import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.access import SeatName
from peers.actionplans import queries, services
from peers.actionplans.models import Action, ActionPlan, CheckIn, Response
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import grant_seat
from peers.findings.models import Finding
from peers.stages import Stage


def sentences(blockers):
    return [blocker.sentence for blocker in blockers]


# --- opening and responding
def test_a_plan_keeps_the_issued_words_and_opens_once(plan):
    services.open_plan(challenge=plan.challenge, by=plan.cast.host_sponsor, at=timezone.now())
    Finding.objects.update(headline="Reworded afterwards")
    rows = Response.objects.filter(plan__challenge=plan.challenge)
    assert [(row.number, row.recommendation) for row in rows] == [(1, "Rehearse plan 1"), (2, "Rehearse plan 2")]


@pytest.mark.parametrize(("answer", "reason", "good"), [
    ("accept", "", True), ("in_part", "", False), ("in_part", "Next year.", True), ("not_accepted", "  ", False),
    ("not_accepted", "Already done.", True), ("", "x", False), ("perhaps", "x", False),
])  # fmt: skip
def test_a_response_that_is_not_in_full_says_why(plan, answer, reason, good):
    if good:
        assert plan.respond(answer=answer, reason=reason).answered_by == plan.cast.host_lead
    else:
        with pytest.raises(BadInput):
            plan.respond(answer=answer, reason=reason)
        assert plan.response().answer == ""


def test_an_old_copy_of_a_response_or_an_action_is_refused(plan):
    plan.respond(answer="accept")
    with pytest.raises(StaleVersion) as stale:
        services.respond(response=plan.response(), by=plan.cast.host_sponsor, version=1, answer="accept")
    assert stale.value.current.answered_by == plan.cast.host_lead
    action = plan.action()
    services.edit_action(action=action, by=plan.cast.host_lead, version=1, title="Rehearse twice")
    with pytest.raises(StaleVersion):
        services.edit_action(action=action, by=plan.cast.host_sponsor, version=1, title="Rehearse thrice")
    assert Action.objects.get().title == "Rehearse twice"


@pytest.mark.parametrize("name", ["lead_peer", "manager", "coordinator", "observer", "contributor", "stranger"])
def test_only_the_host_writes_the_plan(plan, name):
    person = getattr(plan.cast, name)
    with pytest.raises(NoSeat):
        services.respond(response=plan.response(), by=person, version=1, answer="accept")
    with pytest.raises(NoSeat):
        services.add_action(response=plan.response(), by=person, title="x")
    with pytest.raises(NoSeat):
        services.edit_action(action=plan.action(), by=person, version=1, title="x")


def test_an_action_is_due_after_it_starts(plan):
    with pytest.raises(BadInput):
        plan.action(starts_on=plan.today + datetime.timedelta(days=90))
    with pytest.raises(BadInput):
        plan.action(title="")
    assert not Action.objects.exists()


def test_responses_close_when_the_plan_is_approved(plan):
    plan.respond()
    plan.cast.at(Stage.FOLLOW_UP)
    with pytest.raises(NotNow):
        plan.respond(number=2)
    plan.action(number=2)


# --- blockers
def test_what_blocks_the_approval(plan):
    assert "1, 2" in sentences(queries.unanswered_recommendations(plan.challenge))[0]
    plan.respond(1)
    plan.respond(2, "not_accepted", "Done before.")
    assert sentences(queries.unanswered_recommendations(plan.challenge)) == [
        "Accepted recommendations without an action: 1. The host lead can add one."
    ]
    plan.action(1)
    assert queries.unanswered_recommendations(plan.challenge) == []


def test_approval_is_recorded_with_its_time(plan):
    at = timezone.now()
    services.record_approval(challenge=plan.challenge, by=plan.cast.host_sponsor, at=at)
    row = ActionPlan.objects.get()
    assert (row.approved_at, row.approved_by) == (at, plan.cast.host_sponsor)


# --- progress
def test_progress_leaves_dated_notes_and_complete_says_what_shows_it(plan):
    plan.action()
    plan.cast.at(Stage.FOLLOW_UP)
    action, by = Action.objects.get(), plan.cast.host_lead
    services.report_progress(action=action, by=by, version=1, status="at_risk", text="No venue.")
    with pytest.raises(BadInput, match="shows"):
        services.report_progress(action=action, by=by, version=2, status="complete", text="Done.")
    services.report_progress(
        action=action, by=by, version=2, status="complete", text="Done.", completion_evidence="Minutes of 3 May"
    )
    with pytest.raises(StaleVersion):
        services.report_progress(action=action, by=by, version=2, status="on_track", text="Old tab.")
    assert [note.status for note in action.notes.all()] == ["complete", "at_risk"]
    assert dict(queries.status_counts(plan.cast.host_lead, plan.challenge, plan.today))["Complete"] == 1


def test_progress_waits_for_the_approval(plan):
    with pytest.raises(NotNow):
        services.report_progress(
            action=plan.action(), by=plan.cast.host_lead, version=1, status="on_track", text="Early."
        )


# --- check-ins
def check_in(plan, kind="six_months", days_ago=1, by=None, scores=None):
    return services.record_check_in(
        challenge=plan.challenge,
        by=by or plan.cast.lead_peer,
        kind=kind,
        held_on=plan.today - datetime.timedelta(days=days_ago),
        attendee_roles="Chief executive",
        summary="Going well.",
        scores=scores,
    )


def test_each_check_in_is_recorded_once_and_both_are_needed(plan):
    plan.cast.at(Stage.FOLLOW_UP)
    assert len(queries.missing_check_ins(plan.challenge)) == 2
    check_in(plan)
    with pytest.raises(BadInput, match="already"):
        check_in(plan)
    with pytest.raises(BadInput, match="not come yet"):
        check_in(plan, "review", days_ago=-1)
    question = plan.cast.questions[0]
    check_in(plan, "review", by=plan.cast.manager, scores={question: (3, "")})
    assert CheckIn.objects.get(kind="review").scores.get().level == 3
    assert queries.missing_check_ins(plan.challenge) == []


def test_scores_of_questions_out_of_scope_are_left_out(plan):
    plan.cast.at(Stage.FOLLOW_UP)
    inside, outside = plan.challenge.themes.order_by("place")
    plan.challenge.themes.remove(outside)
    scores = {inside.questions.first(): (2, ""), outside.questions.first(): (2, "")}
    assert check_in(plan, "review", scores=scores).scores.count() == 1


@pytest.mark.parametrize("name", ["host_lead", "peer", "observer", "contributor"])
def test_only_those_who_steer_record_check_ins(plan, name):
    plan.cast.at(Stage.FOLLOW_UP)
    with pytest.raises(NoSeat):
        check_in(plan, by=getattr(plan.cast, name))


# --- reminders
def mails():
    return OutboxMail.objects.filter(kind="reminder").count()


def test_reminders_go_once_a_week(plan):
    plan.action(days=10)
    plan.action(days=12)
    plan.cast.at(Stage.FOLLOW_UP)
    monday = plan.today - datetime.timedelta(days=plan.today.weekday())
    for day in (0, 1, 6):
        services.queue_reminders(today=monday + datetime.timedelta(days=day))
    assert mails() == 1
    services.queue_reminders(today=monday + datetime.timedelta(days=7))
    assert mails() == 2
    mail = OutboxMail.objects.filter(kind="reminder").first()
    assert "Rehearse" not in mail.subject + mail.body


def test_nobody_is_reminded_of_what_is_done_far_away_or_on_hold(plan):
    plan.action(days=1)
    plan.action(days=100)
    assert services.queue_reminders(today=plan.today) == 0, "not in follow-up yet"
    plan.cast.at(Stage.FOLLOW_UP)
    done = Action.objects.first()
    services.report_progress(action=done, by=plan.cast.host_lead, version=1, status="not_proceeding", text="Stopped.")
    assert services.queue_reminders(today=plan.today) == 0
    Action.objects.filter(pk=done.pk).update(status="on_track")
    plan.challenge.on_hold_since, plan.challenge.hold_reason = plan.today, "Election."
    plan.challenge.save()
    assert services.queue_reminders(today=plan.today) == 0
    assert mails() == 0


# --- tasks
def test_tasks_follow_the_plan(plan):
    def kinds(person):
        return [task.what for task in queries.tasks_for(person, [plan.challenge])]

    assert kinds(plan.cast.host_lead) == ["Respond to 2 recommendations for Northmere"]
    plan.respond(1)
    respond, add = "Respond to 1 recommendation for Northmere", "Add an action for 1 recommendation of Northmere"
    assert kinds(plan.cast.host_lead) == [respond, add]
    plan.respond(2, "in_part", "One rehearsal first.")
    assert kinds(plan.cast.host_lead) == ["Add an action for 2 recommendations of Northmere"]
    assert kinds(plan.cast.host_sponsor) == [], "the move is held back until every accepted one has an action"
    plan.action(1, days=5)
    plan.action(1, days=60)
    assert kinds(plan.cast.host_lead) == [add]
    plan.respond(2, "not_accepted", "It is done elsewhere.")
    assert kinds(plan.cast.host_lead) == []
    assert kinds(plan.cast.host_sponsor) == ["Approve the action plan of Northmere"]
    plan.cast.at(Stage.FOLLOW_UP)
    assert kinds(plan.cast.host_lead) == ["Report progress on “Rehearse with the board”"]
    assert kinds(plan.cast.stranger) == []


def test_tasks_of_planning_cost_the_same_with_a_second_plan(plan, django_assert_max_num_queries):
    cast, other = plan.cast, plan.cast.other_challenge
    plan.respond(1)
    other.stage = Stage.ACTION_PLANNING
    other.save()
    grant_seat(challenge=other, user=cast.host_lead, name=SeatName.HOST_LEAD, by=cast.coordinator)
    services.open_plan(challenge=other, by=cast.host_sponsor, at=timezone.now())
    counts = []
    for wanted in ([plan.challenge.pk], [plan.challenge.pk, other.pk]):
        rows = list(Challenge.objects.filter(pk__in=wanted).select_related("council").prefetch_related("key_dates"))
        person = type(cast.host_lead).objects.get(pk=cast.host_lead.pk)
        with django_assert_max_num_queries(12) as asked:
            assert len(queries.tasks_for(person, rows)) >= 2
        counts.append(len([one for one in asked if "actionplan" in one["sql"]]))
    assert counts == [1, 1]


def test_an_export_leaves_its_trace(plan):
    services.record_export(challenge=plan.challenge, by=plan.cast.host_lead, name="action-plan.csv", rows=3)
    event = AuditEvent.objects.get(act=Act.PLAN_EXPORT)
    assert (event.object_label, event.detail) == ("action-plan.csv", {"rows": 3})


def test_a_recommendation_of_the_annex_is_not_the_coordinators(plan):
    """The council and those who wrote it follow it up; the coordinator meets it in no list and no count."""
    plan.respond()
    action = plan.action()
    Finding.objects.filter(pk=action.response.finding_id).update(sensitive=True)
    assert action in queries.actions_visible_to(plan.cast.host_lead, plan.challenge)
    assert action not in queries.actions_visible_to(plan.cast.coordinator, plan.challenge)
    assert dict(queries.status_counts(plan.cast.coordinator, plan.challenge, plan.today)) == {"Overdue": 0}
    far = plan.today + datetime.timedelta(days=4000)
    assert list(queries.overdue_for(plan.cast.coordinator, [plan.challenge], far)) == []
