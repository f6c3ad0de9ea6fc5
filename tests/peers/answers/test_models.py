import pytest
from django.db import IntegrityError
from django.utils import timezone

from peers.answers.models import Answer, AnswerVersion, Assignment, SelfAssessmentSignOff

from .conftest import answer_to, hand


def test_one_answer_for_each_question(answer):
    with pytest.raises(IntegrityError):
        Answer.objects.create(challenge=answer.challenge, question=answer.question)


@pytest.mark.parametrize("fields", [{"level": 5}, {"level": 2, "not_applicable": True}])
def test_the_database_refuses_a_level_that_cannot_be(answer, fields):
    with pytest.raises(IntegrityError):
        Answer.objects.filter(pk=answer.pk).update(**fields)


def test_a_question_is_handed_to_a_person_once(opened):
    hand(opened, "T1.1")
    with pytest.raises(IntegrityError):
        hand(opened, "T1.1")


def test_done_has_a_time(opened):
    row = hand(opened, "T1.1")
    with pytest.raises(IntegrityError):
        Assignment.objects.filter(pk=row.pk).update(state="done")


def test_one_standing_sign_off(cast):
    fields = {
        "challenge": cast.challenge,
        "name": "A",
        "job_title": "B",
        "at": timezone.now(),
        "answers_hash": "0" * 64,
    }
    SelfAssessmentSignOff.objects.create(**fields, voided_at=timezone.now())
    SelfAssessmentSignOff.objects.create(**fields)
    with pytest.raises(IntegrityError):
        SelfAssessmentSignOff.objects.create(**fields)


def test_handed_to_names_the_people_of_this_challenge_alone(opened):
    hand(opened, "T1.1")
    hand(opened, "T1.2", opened.host_sponsor)
    assert answer_to(opened, "T1.1").handed_to() == {opened.contributor.pk}
    other = Answer.objects.get(challenge=opened.other_challenge, question__code="T1.1")
    assert other.handed_to() == frozenset()


def test_earlier_texts_never_change(answer):
    AnswerVersion.objects.create(answer=answer, number=1, text="Before.")
    with pytest.raises(TypeError):
        AnswerVersion.objects.filter(answer=answer).update(text="Other.")


@pytest.mark.parametrize(
    ("fields", "answered", "started"),
    [
        ({}, False, False),
        ({"level": 0}, False, True),
        ({"text": "Why."}, False, True),
        ({"level": 0, "text": "Why."}, True, True),
        ({"not_applicable": True, "text": "We have no such service."}, True, True),
    ],
)
def test_what_counts_as_answered_is_the_same_in_rows_and_in_the_database(answer, fields, answered, started):
    Answer.objects.filter(pk=answer.pk).update(**fields)
    answer.refresh_from_db()
    assert (answer.is_answered, answer.is_started) == (answered, started)
    assert Answer.objects.filter(pk=answer.pk).answered().exists() is answered
    assert Answer.objects.filter(pk=answer.pk).unanswered().exists() is not answered
