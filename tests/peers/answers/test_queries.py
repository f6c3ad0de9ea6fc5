import datetime

import pytest
from django.utils import timezone

from cyber360.exceptions import NoSeat, NotNow
from peers.acts import Act
from peers.answers import queries, services
from peers.answers.models import Answer
from peers.stages import Stage
from tests.people import OUTSIDERS

from .conftest import answer_to, fill, hand

EVERYTHING = ["T1.1", "T1.2", "T2.1", "T2.2"]


def codes(user, challenge) -> list[str]:
    return [row.question.code for row in queries.answers_visible_to(user, challenge)]


@pytest.mark.parametrize("who", ["host_lead", "host_sponsor", "coordinator", "manager"])
def test_host_and_programme_read_every_answer(opened, who):
    assert codes(getattr(opened, who), opened.challenge) == EVERYTHING


@pytest.mark.parametrize("who", [*OUTSIDERS, "peer", "lead_peer", "observer", "contributor"])
def test_nobody_else_reads_an_answer_during_preparation(opened, who):
    fill(opened)
    assert codes(getattr(opened, who), opened.challenge) == []
    assert queries.progress_by_theme(getattr(opened, who), opened.challenge) == []
    assert queries.overview(getattr(opened, who), opened.challenge) == []


def test_a_contributor_reads_what_was_handed_to_them_here(opened):
    hand(opened, "T2.1")
    assert codes(opened.contributor, opened.challenge) == ["T2.1"]
    assert codes(opened.contributor, opened.other_challenge) == []


def test_the_team_reads_from_desk_review(opened):
    opened.at(Stage.DESK_REVIEW)
    for who in ("peer", "lead_peer", "observer"):
        assert codes(getattr(opened, who), opened.challenge) == EVERYTHING
    assert codes(opened.stranger, opened.challenge) == []


def test_the_getter_tells_no_seat_from_not_now(opened):
    with pytest.raises(NoSeat):
        queries.get_answer(opened.stranger, opened.challenge.ref, "T1.1", Act.ANSWER_READ)
    with pytest.raises(NotNow):
        queries.get_answer(opened.peer, opened.challenge.ref, "T1.1", Act.ANSWER_READ)
    with pytest.raises(NoSeat):
        queries.get_answer(opened.host_lead, opened.challenge.ref, "T9.9", Act.ANSWER_READ)
    with pytest.raises(NoSeat):
        queries.get_answer(opened.host_lead, opened.other_challenge.ref, "T1.1", Act.ANSWER_READ)


def test_the_overview_filters_rows_and_counts_the_whole_theme(opened):
    hand(opened, "T1.2")
    row = answer_to(opened, "T1.1")
    services.save_answer(answer=row, by=opened.host_lead, version=1, level=1, text="Why.")

    def shown(show):
        themes = queries.overview(opened.host_lead, opened.challenge, show)
        assert [(theme.answered, theme.total) for theme in themes] == [(1, 2), (0, 2)]
        return [answer.question.code for theme in themes for answer in theme.answers]

    assert shown("all") == EVERYTHING
    assert shown("unanswered") == ["T1.2", "T2.1", "T2.2"]
    assert shown("handed") == ["T1.2"]
    assert shown("mine") == ["T1.1"]


def test_progress_by_theme(opened):
    services.save_answer(answer=answer_to(opened, "T1.1"), by=opened.host_lead, version=1, level=1, text="Why.")
    assert queries.progress_by_theme(opened.host_lead, opened.challenge) == [("Theme 1", 1, 2), ("Theme 2", 0, 2)]


def test_my_questions_are_mine_and_soonest_first(opened):
    today = timezone.localdate()
    hand(opened, "T1.1", due_on=today + datetime.timedelta(days=5))
    hand(opened, "T2.2", due_on=today + datetime.timedelta(days=2))
    hand(opened, "T1.2", opened.host_sponsor)
    assert [row.question.code for row in queries.my_questions(opened.contributor)] == ["T2.2", "T1.1"]
    assert queries.my_questions(opened.stranger) == []


def test_my_questions_end_with_the_seat(opened):
    hand(opened, "T1.1")
    opened.challenge.seats.filter(user=opened.contributor).update(
        ends_on=timezone.localdate() - datetime.timedelta(days=1)
    )
    assert queries.my_questions(opened.contributor) == []
    assert codes(opened.contributor, opened.challenge) == []


# --- blockers -----------------------------------------------------------------------------------------------
def test_unanswered_names_the_questions_by_theme(opened, django_assert_num_queries):
    services.save_answer(answer=answer_to(opened, "T1.1"), by=opened.host_lead, version=1, level=1, text="Why.")
    with django_assert_num_queries(1):
        blockers = queries.unanswered(opened.challenge)
    assert [row.sentence for row in blockers] == [
        "Question T1.2 in “Theme 1” is not answered. The host lead can answer it or hand it over.",
        "2 questions in “Theme 2” are not answered: T2.1, T2.2. The host lead can answer them or hand them over.",
    ]


def test_unanswered_blocks_when_the_answers_were_never_opened(cast):
    assert len(queries.unanswered(cast.challenge)) == 2


def test_nothing_blocks_when_all_is_written_and_signed(opened):
    assert len(queries.missing_position(opened.challenge)) == len(queries.missing_sign_off(opened.challenge)) == 1
    fill(opened)
    services.sign_off(challenge=opened.challenge, by=opened.host_sponsor, name="A", job_title="B", declared=True)
    for blocker in (queries.unanswered, queries.missing_position, queries.missing_sign_off):
        assert blocker(opened.challenge) == []


# --- tasks ----------------------------------------------------------------------------------------------------
def whats(user, *challenges):
    return [task.what for task in queries.tasks_for(user, challenges)]


def test_tasks_by_seat(opened):
    hand(opened, "T1.1")
    here = opened.challenge
    assert whats(opened.contributor, here) == ["Answer the question handed to you"]
    assert whats(opened.host_lead, here) == ["Answer 4 questions", "Write the position statement"]
    assert whats(opened.host_sponsor, here) == []
    assert whats(opened.peer, here) == []
    fill(opened)
    assert whats(opened.host_lead, here) == []
    assert whats(opened.host_sponsor, here) == ["Sign off the self-assessment"]
    opened.at(Stage.DESK_REVIEW)
    assert whats(opened.contributor, opened.challenge) == []


def test_tasks_take_the_same_queries_for_many_challenges(opened, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # two of them the person's seats, which a request already holds
        queries.tasks_for(opened.host_lead, [opened.challenge])
    with django_assert_max_num_queries(4):
        queries.tasks_for(opened.host_lead, [opened.challenge, opened.other_challenge])


def test_the_words_of_a_published_version_are_read_once(opened, django_assert_num_queries):
    answer = Answer.objects.select_related("question__framework_version").get(
        challenge=opened.challenge, question__code="T1.1"
    )
    material = queries.material_for(answer.question)
    assert [row.level for row in material.levels] == [0, 1, 2, 3, 4]
    assert material.roles == ["Chief executive"]
    with django_assert_num_queries(0):
        assert queries.material_for(answer.question) == material
