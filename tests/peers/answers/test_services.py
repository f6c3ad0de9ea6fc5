import datetime

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.audit.services import verify_scope
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.acts import Act
from peers.answers import services
from peers.answers.models import Answer, AnswerVersion, Assignment, SelfAssessmentSignOff
from peers.answers.queries import answers_hash, comments_visible_to
from peers.frameworks.models import Question
from peers.stages import Stage

from .conftest import answer_to, fill, hand, written


def save(answer, by, text="What happens.", level=2, **fields):
    return services.save_answer(
        answer=answer, by=by, **({"version": answer.version, "level": level, "text": text} | fields)
    )


def events(cast, act=Act.ANSWER_EDIT):
    return AuditEvent.objects.filter(scope=cast.challenge.scope, act=act)


# --- arrival ---------------------------------------------------------------------------------------------
def test_opening_makes_one_answer_a_question_and_runs_twice_without_harm(cast, django_assert_num_queries):
    services.open_answers(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    assert list(cast.challenge.answers.values_list("question__code", flat=True)) == ["T1.1", "T1.2", "T2.1", "T2.2"]
    save(answer_to(cast, "T1.1"), cast.host_lead, "Kept.")
    services.open_answers(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    assert cast.challenge.answers.count() == 4
    assert answer_to(cast, "T1.1").text == "Kept."


def test_a_theme_that_leaves_the_scope_takes_its_answers_out_of_sight_and_brings_them_back(opened):
    save(answer_to(opened, "T2.1"), opened.host_lead, "Kept.")
    themes = list(opened.challenge.themes.all())
    opened.challenge.themes.set(themes[:1])
    services.open_answers(challenge=opened.challenge, by=opened.coordinator, at=timezone.now())
    shown = opened.challenge.answers.filter(in_scope=True)
    assert list(shown.values_list("question__code", flat=True)) == ["T1.1", "T1.2"]
    opened.challenge.themes.set(themes)
    services.open_answers(challenge=opened.challenge, by=opened.coordinator, at=timezone.now())
    assert answer_to(opened, "T2.1").in_scope
    assert answer_to(opened, "T2.1").text == "Kept."


# --- answers ---------------------------------------------------------------------------------------------
def test_saving_keeps_who_and_when_and_leaves_an_event_without_content(opened, answer):
    row = save(answer, opened.host_lead, " A reason\r\nin two lines. ", 3)
    row.refresh_from_db()
    assert (row.level, row.text, row.version) == (3, "A reason\nin two lines.", 2)
    assert row.updated_by == opened.host_lead
    event = events(opened).get()
    assert (event.seat, event.actor_id, event.object_label) == ("host_lead", opened.host_lead.pk, str(answer.question))
    assert "reason" not in str(event.detail)
    assert verify_scope(opened.challenge.scope) is None


def test_the_same_words_sent_twice_are_one_save(opened, answer):
    save(answer, opened.host_lead)
    again = save(answer, opened.host_lead)  # the form still carries version 1
    assert again.version == 2
    assert events(opened).count() == 1


def test_the_second_of_two_editors_is_refused_and_told_what_stands(opened, answer):
    save(answer, opened.host_lead, "First.")
    with pytest.raises(StaleVersion) as stale:
        save(answer, opened.host_sponsor, "Second.")
    assert stale.value.current.text == "First."
    assert answer_to(opened, "T1.1").text == "First."


def test_what_is_changed_or_taken_out_is_kept_and_what_grows_is_not_kept_twice(opened, answer):
    for text in ("One.", "One. Two.", "Two.", "Two. Three."):
        save(answer, opened.host_lead, text)
        answer.refresh_from_db()
    save(answer, opened.host_sponsor, "Two. Three.", level=4)
    kept = AnswerVersion.objects.filter(answer=answer).values_list("number", "text", "level")
    assert list(kept) == [(5, "Two. Three.", 2), (3, "One. Two.", 2)]


def test_a_run_of_autosaves_is_one_event_but_a_change_of_level_is_another(opened, answer):
    for text in ("A", "A b", "A b c"):
        save(answer, opened.host_lead, text, autosave=True)
        answer.refresh_from_db()
    assert events(opened).count() == 1
    save(answer, opened.host_lead, "A b c d", level=3, autosave=True)
    assert events(opened).count() == 2
    assert answer_to(opened, "T1.1").version == 5


def test_a_later_autosave_is_an_event_again(opened, answer):
    save(answer, opened.host_lead, "A", autosave=True)
    Answer.objects.filter(pk=answer.pk).update(updated_at=timezone.now() - datetime.timedelta(minutes=11))
    answer.refresh_from_db()
    save(answer, opened.host_lead, "A b", autosave=True)
    assert events(opened).count() == 2


@pytest.mark.parametrize(
    ("level", "text", "not_applicable"), [(5, "x", False), (-1, "x", False), (2, "x", True), (2, "x" * 20_001, False)]
)
def test_forged_values_are_refused_in_words(opened, answer, level, text, not_applicable):
    with pytest.raises(BadInput):
        save(answer, opened.host_lead, text, level, not_applicable=not_applicable)
    assert not answer_to(opened, "T1.1").is_started


def test_a_contributor_answers_what_was_handed_to_them_alone(opened, answer):
    hand(opened, "T1.1")
    assert save(answer, opened.contributor).updated_by == opened.contributor
    with pytest.raises(NoSeat):
        save(answer_to(opened, "T1.2"), opened.contributor)


@pytest.mark.parametrize("who", ["stranger", "other_host", "superuser", "peer", "lead_peer", "coordinator", "manager"])
def test_nobody_else_answers(opened, answer, who):
    with pytest.raises(NoSeat):
        save(answer, getattr(opened, who))


def test_after_release_the_answer_is_closed_with_the_reason(opened):
    opened.at(Stage.DESK_REVIEW)
    with pytest.raises(NotNow, match="Desk review"):
        save(answer_to(opened, "T1.1"), opened.host_lead)


def test_a_locked_pack_is_closed_though_the_stage_is_open(opened):
    opened.challenge.pack_locked_at = timezone.now()
    opened.challenge.save()
    with pytest.raises(NotNow, match="pack is locked"):
        save(answer_to(opened, "T1.1"), opened.host_lead)


# --- remarks -----------------------------------------------------------------------------------------------
def test_remarks_go_to_the_narrowest_circle(opened, answer):
    hand(opened, "T1.1")
    second = hand(opened, "T1.1", opened.host_sponsor).person
    services.add_comment(answer=answer, by=opened.host_lead, text="Between us.")
    services.add_comment(answer=answer, by=opened.host_lead, text="For you.", with_contributors=True)
    services.add_comment(answer=answer, by=opened.contributor, text="My own.")
    texts = {
        name: [row.text for row in comments_visible_to(person, answer_to(opened, "T1.1"))]
        for name, person in {"host": opened.host_lead, "sponsor": second, "contributor": opened.contributor,
                             "peer": opened.peer, "manager": opened.manager}.items()
    }  # fmt: skip
    everything = ["Between us.", "For you.", "My own."]
    assert texts == {
        "host": everything, "sponsor": everything, "contributor": ["For you.", "My own."], "peer": [], "manager": []
    }  # fmt: skip


def test_a_contributor_cannot_widen_a_remark(opened, answer):
    hand(opened, "T1.1")
    with pytest.raises(NoSeat):
        services.add_comment(answer=answer, by=opened.contributor, text="All of you.", with_contributors=True)


# --- hand-over ----------------------------------------------------------------------------------------------
def hand_over(cast, *codes, by=None, **fields):
    due = timezone.localdate() + datetime.timedelta(days=9)
    questions = [answer_to(cast, code).question for code in codes]
    person = {"email": "new.person@example.org", "full_name": "New Person", "due_on": due}
    return services.hand_over(
        challenge=cast.challenge, questions=questions, by=by or cast.host_lead, **(person | fields)
    )


def test_handing_over_makes_the_person_the_seat_the_assignments_and_one_mail(opened):
    rows = hand_over(opened, "T1.1", "T2.1")
    person = rows[0].person
    assert {row.question.code for row in rows} == {"T1.1", "T2.1"}
    assert seats_on(person, opened.challenge) == {SeatName.CONTRIBUTOR}
    mail = OutboxMail.objects.get(to=person)
    day = rows[0].due_on
    words = f"{day:%A} {day.day} {day:%B}"
    assert mail.subject == f"Please answer 2 questions for Northmere's Cyber 360 by {words}"
    assert "T1.1" not in mail.subject + mail.body
    assert events(opened, Act.QUESTION_HAND_OVER).get().detail["questions"] == ["T1.1", "T2.1"]


def test_handing_over_twice_sends_one_mail(opened):
    hand_over(opened, "T1.1")
    assert hand_over(opened, "T1.1") == []
    assert OutboxMail.objects.count() == 1
    assert Assignment.objects.count() == 1


def test_a_new_date_or_a_question_more_is_told_again(opened):
    hand_over(opened, "T1.1")
    changed = hand_over(opened, "T1.1", "T1.2")
    assert [row.question.code for row in changed] == ["T1.2"]
    assert OutboxMail.objects.count() == 2


def test_a_question_of_another_scope_is_refused_and_nobody_is_invited(opened):
    stray = answer_to(opened, "T2.2")
    Answer.objects.filter(pk=stray.pk).update(in_scope=False)
    with pytest.raises(BadInput):
        hand_over(opened, "T1.1", "T2.2")
    assert not OutboxMail.objects.exists()
    assert not Assignment.objects.exists()


def test_a_member_of_the_team_cannot_be_asked(opened):
    with pytest.raises(BadInput):
        hand_over(opened, "T1.1", email=opened.peer.email, full_name="Peer")
    assert not Assignment.objects.exists()


def test_the_host_lead_may_take_a_question_themselves_without_a_mail_or_a_seat(opened):
    hand_over(opened, "T1.1", email=opened.host_lead.email, full_name=opened.host_lead.full_name)
    assert seats_on(opened.host_lead, opened.challenge) == {SeatName.HOST_LEAD}
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("who", ["contributor", "peer", "coordinator", "stranger", "other_host", "superuser"])
def test_only_the_host_hands_over(opened, who):
    with pytest.raises(NoSeat):
        hand_over(opened, "T1.1", by=getattr(opened, who))


def test_taking_back_closes_the_question_and_keeps_the_text(opened, answer):
    row = hand(opened, "T1.1")
    save(answer, opened.contributor, "Theirs.")
    services.take_back(assignment=row, by=opened.host_lead)
    with pytest.raises(NoSeat):
        save(answer_to(opened, "T1.1"), opened.contributor, "More.")
    assert answer_to(opened, "T1.1").text == "Theirs."


def test_a_contributor_marks_their_part_done_and_opens_it_again(opened):
    row = hand(opened, "T1.1")
    with pytest.raises(BadInput, match="Choose a level"):
        services.set_done(assignment=row, by=opened.contributor, done=True)
    written(opened)
    assert services.set_done(assignment=row, by=opened.contributor, done=True).is_done
    assert not services.set_done(assignment=row, by=opened.contributor, done=False).is_done
    with pytest.raises(NoSeat):
        services.set_done(assignment=row, by=opened.peer, done=True)


def test_a_question_that_may_be_left_out_is_finished_empty_but_not_half(opened, answer):
    QuerySet(Question).filter(pk=answer.question_id).update(required=False)  # past the guard of a published version
    row = hand(opened, "T1.1")
    assert services.set_done(assignment=row, by=opened.contributor, done=True).is_done
    services.set_done(assignment=row, by=opened.contributor, done=False)
    Answer.objects.filter(pk=answer.pk).update(level=2)
    with pytest.raises(BadInput):
        services.set_done(assignment=row, by=opened.contributor, done=True)


# --- position and sign-off ------------------------------------------------------------------------------------
def test_two_editors_of_the_position_statement(opened):
    services.save_position(challenge=opened.challenge, by=opened.host_lead, version=1, text="First.")
    with pytest.raises(StaleVersion) as stale:
        services.save_position(challenge=opened.challenge, by=opened.host_sponsor, version=1, text="Second.")
    assert stale.value.current.text == "First."
    row = services.save_position(challenge=opened.challenge, by=opened.host_sponsor, version=2, text="Second.")
    assert list(row.versions.values_list("text", flat=True)) == ["First."]


def sign(cast, by=None, **fields):
    words = {"name": "Ann Other", "job_title": "Chief executive", "declared": True}
    return services.sign_off(challenge=cast.challenge, by=by or cast.host_sponsor, **(words | fields))


def test_signing_waits_for_every_required_answer(opened):
    with pytest.raises(Blocked) as blocked:
        sign(opened)
    assert len(blocked.value.sentences) == 3  # two themes and the statement
    fill(opened)
    signed = sign(opened)
    assert signed.answers_hash == answers_hash(opened.challenge)
    assert "Northmere" in signed.declaration
    assert sign(opened) == signed


def test_signing_needs_the_declaration_a_name_and_a_title(opened):
    fill(opened)
    for fields in ({"declared": False}, {"name": " "}, {"job_title": ""}):
        with pytest.raises(BadInput):
            sign(opened, **fields)


@pytest.mark.parametrize("who", ["host_lead", "contributor", "coordinator", "peer", "superuser"])
def test_only_the_sponsor_signs(opened, who):
    fill(opened)
    with pytest.raises(NoSeat):
        sign(opened, by=getattr(opened, who))


def test_a_later_edit_ends_the_sign_off_with_an_event_and_a_mail_to_the_host(opened):
    fill(opened)
    signed = sign(opened)
    row = save(answer_to(opened, "T1.1"), opened.host_lead, "Something else.")
    assert row.voided_sign_off
    signed.refresh_from_db()
    assert signed.voided_by == opened.host_lead
    assert events(opened, Act.SELF_ASSESSMENT_SIGN).last().detail["voided"] is True
    told = OutboxMail.objects.filter(kind="answers.sign_off_voided").values_list("to_id", flat=True)
    assert set(told) == {opened.host_lead.pk, opened.host_sponsor.pk}
    assert sign(opened) != signed
    assert SelfAssessmentSignOff.objects.count() == 2


def test_saving_the_same_words_leaves_the_sign_off_standing(opened):
    fill(opened)
    signed = sign(opened)
    answer = answer_to(opened, "T1.1")
    save(answer, opened.host_lead, answer.text, answer.level)
    signed.refresh_from_db()
    assert signed.voided_at is None
