import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from peers.access import SeatName
from peers.answers import services
from peers.answers.models import Answer, Assignment
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_framework, make_user, sit
from tests.people import Cast

from .conftest import answer_to, fill, hand


def url(cast, name="question", code="T1.1"):
    return reverse(f"answers:{name}", args=[cast.challenge.ref, *([code] if code else [])])


def form(**fields):
    return {"version": 1, "level": "2", "text": "What happens."} | fields


# --- one question -------------------------------------------------------------------------------------------
def test_saving_by_button_comes_back_to_the_page_and_says_when(opened):
    client = opened.client_for(opened.host_lead)
    page = client.post(url(opened), form(), follow=True)
    assert page.redirect_chain == [(url(opened), 302)]
    assert "Saved" in page.content.decode()
    assert "(UK time)" in page.content.decode()
    row = answer_to(opened, "T1.1")
    assert (row.level, row.text, row.version) == (2, "What happens.", 2)


def test_save_and_next_leads_on(opened):
    client = opened.client_for(opened.host_lead)
    assert client.post(url(opened), form(then="next")).url == url(opened, code="T1.2")
    assert client.post(url(opened, code="T2.2"), form(then="next")).url == url(opened, code="T2.2")


def test_does_not_apply_is_an_answer_of_its_own(opened):
    opened.client_for(opened.host_lead).post(url(opened), form(level="na", text="We have no housing."))
    row = answer_to(opened, "T1.1")
    assert (row.level, row.not_applicable, row.is_answered) == (None, True, True)


def test_the_page_shows_the_descriptor_of_each_level_and_the_guidance(opened):
    text = opened.client_for(opened.host_lead).get(url(opened)).content.decode()
    for words in ("Developing in T1.1.", "Why T1.1.", "Guidance for T1.1.", "Chief executive", "Paper on T1.1", "B6.a"):
        assert words in text
    assert 'name="version" value="1"' in text
    assert "data-autosave=" in text


@pytest.mark.parametrize("fields", [{"version": "x"}, {"version": "0"}, {"version": ""}, {"level": "9"}])
def test_a_forged_form_is_refused_with_the_text_in_it(opened, fields):
    page = opened.client_for(opened.host_lead).post(url(opened), form(**fields))
    assert page.status_code == 422
    assert "What happens." in page.content.decode()
    assert not answer_to(opened, "T1.1").is_started


def test_too_long_a_text_comes_back_whole(opened):
    page = opened.client_for(opened.host_lead).post(url(opened), form(text="x" * 20_001))
    assert page.status_code == 422
    assert "x" * 20_001 in page.content.decode()


def test_the_second_editor_sees_both_texts_and_can_save_or_join_them(opened):
    first, second = opened.client_for(opened.host_lead), opened.client_for(opened.host_sponsor)
    first.post(url(opened), form(text="First text.", level="1"))
    page = second.post(url(opened), form(text="Second text.", level="3"))
    assert page.status_code == 409
    text = page.content.decode()
    assert "First text." in text
    assert text.count("Second text.") >= 2  # beside the other, and in the form
    assert "1 Starting" in text
    assert opened.host_lead.full_name in text
    assert 'name="version" value="2"' in text
    joined = second.post(url(opened), form(text="Second text.", level="3", version=2, merge="1"))
    assert "Second text.\n\nFirst text." in joined.content.decode()
    assert answer_to(opened, "T1.1").text == "First text."
    second.post(url(opened), form(text="Second text.\n\nFirst text.", level="3", version=2))
    assert answer_to(opened, "T1.1").text == "Second text.\n\nFirst text."


def test_an_answer_saved_over_on_purpose_is_kept_in_the_history(opened):
    client = opened.client_for(opened.host_lead)
    client.post(url(opened), form(text="First text."))
    client.post(url(opened), form(text="Second text.", version=2))
    assert "First text." in client.get(url(opened, "history")).content.decode()


def test_a_contributor_is_not_told_who_else_saved(opened):
    hand(opened, "T1.1")
    opened.client_for(opened.host_sponsor).post(url(opened), form(text="First text."))
    page = opened.client_for(opened.contributor).post(url(opened), form(text="Second text."))
    assert page.status_code == 409
    assert opened.host_sponsor.full_name not in page.content.decode()
    assert "Somebody else at your council" in page.content.decode()


def test_two_windows_of_one_person(opened):
    client = opened.client_for(opened.host_lead)
    client.post(url(opened), form(text="One window."))
    page = client.post(url(opened), form(text="The other window."))
    assert page.status_code == 409
    assert "You, in another window" in page.content.decode()


def test_a_double_click_saves_once(opened):
    client = opened.client_for(opened.host_lead)
    assert [client.post(url(opened), form()).status_code for _ in range(2)] == [302, 302]
    assert answer_to(opened, "T1.1").version == 2


# --- autosave ---------------------------------------------------------------------------------------------------
def test_autosave_answers_with_the_new_version(opened):
    client = opened.client_for(opened.host_lead)
    said = client.post(url(opened, "autosave"), form(), headers={"X-Requested-With": "fetch"})
    assert said.status_code == 200
    assert said.json()["version"] == 2
    row = answer_to(opened, "T1.1")
    assert said.json()["saved"] == f"{timezone.localtime(row.updated_at):%H:%M}"


def test_autosave_clash_is_a_piece_with_both_texts(opened):
    opened.client_for(opened.host_lead).post(url(opened), form(text="First text."))
    client = opened.client_for(opened.host_sponsor)
    said = client.post(url(opened, "autosave"), form(text="<b>Second</b>"), headers={"X-Requested-With": "fetch"})
    text = said.content.decode()
    assert said.status_code == 409
    assert "<html" not in text
    assert "First text." in text
    assert "&lt;b&gt;Second&lt;/b&gt;" in text


def test_autosave_of_a_forged_form_is_400(opened):
    client = opened.client_for(opened.host_lead)
    assert client.post(url(opened, "autosave"), form(version="x")).status_code == 400


def test_autosave_of_the_position_statement(opened):
    client = opened.client_for(opened.host_lead)
    at = url(opened, "autosave_position", "")
    assert client.post(at, {"version": 1, "text": "We are."}).json()["version"] == 2
    assert client.post(at, {"version": 1, "text": "We were."}).status_code == 409


# --- after release -------------------------------------------------------------------------------------------------
def test_after_release_the_page_is_read_only(opened):
    fill(opened)
    opened.at(Stage.DESK_REVIEW)
    for who in (opened.host_lead, opened.peer):
        text = opened.client_for(who).get(url(opened)).content.decode()
        assert "Text T1.1." in text
        assert 'name="text"' not in text


# --- hand-over -----------------------------------------------------------------------------------------------------
def hand_form(**fields):
    day = timezone.localdate() + datetime.timedelta(days=6)
    parts = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    return (
        {"questions": ["T1.1", "T2.2"], "person": "new", "full_name": "New Person", "email": "new@example.org"}
        | parts
        | fields
    )


def test_several_questions_go_to_a_new_person_in_one_step(opened):
    client = opened.client_for(opened.host_lead)
    page = client.post(url(opened, "hand_over", ""), hand_form(), follow=True)
    assert "2 questions are with New Person" in page.content.decode()
    assert Assignment.objects.filter(person__email="new@example.org").count() == 2


def test_the_question_is_chosen_when_one_comes_from_its_page(opened):
    text = opened.client_for(opened.host_lead).get(url(opened, "hand_over", "") + "?question=T1.2").content.decode()
    assert text.count(" checked") == 1


def test_a_known_person_needs_no_address(opened):
    fields = {"person": str(opened.contributor.pk), "full_name": "", "email": ""}
    opened.client_for(opened.host_lead).post(url(opened, "hand_over", ""), hand_form(**fields))
    assert set(Assignment.objects.values_list("person", flat=True)) == {opened.contributor.pk}


@pytest.mark.parametrize(
    "fields",
    [
        {"questions": []},
        {"questions": ["T9.9"]},
        {"email": ""},
        {"email": "nonsense"},
        {"full_name": ""},
        {"person": "999999"},
        {"due_on_year": "2001"},
        {"due_on_day": "45"},
    ],
)
def test_a_bad_hand_over_is_said_in_words(opened, fields):
    page = opened.client_for(opened.host_lead).post(url(opened, "hand_over", ""), hand_form(**fields))
    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()
    assert not Assignment.objects.exists()


def test_the_contributors_way_through(opened):
    row = hand(opened, "T1.1")
    client = opened.client_for(opened.contributor)
    assert "Title of T1.1" in client.get(reverse("answers:mine")).content.decode()
    client.post(url(opened), form())
    page = client.post(reverse("answers:done", args=[row.pk]), {"done": "yes"}, follow=True)
    assert "Thank you" in page.content.decode()
    row.refresh_from_db()
    assert row.is_done


def test_save_and_finish_saves_and_marks_the_own_part(opened):
    row = hand(opened, "T1.1")
    client = opened.client_for(opened.contributor)
    text = client.get(url(opened)).content.decode()
    assert "Save and finish" in text
    page = client.post(url(opened), form(then="finish"), follow=True)
    assert page.redirect_chain == [(reverse("answers:mine"), 302)]
    assert "is marked as done" in page.content.decode()
    row.refresh_from_db()
    assert row.is_done
    assert answer_to(opened, "T1.1").is_answered
    assert "Save and finish" not in client.get(url(opened)).content.decode()


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"text": ""}, ["Give the reason before you finish. The level you chose is saved."]),
        ({"level": ""}, ["Choose a level before you finish. What you wrote is saved."]),
        ({"level": "", "text": ""}, ["Choose a level before you finish", "Give the reason before you finish"]),
    ],
)
def test_what_would_not_count_is_saved_but_not_finished(opened, lacking, words):
    row = hand(opened, "T1.1")
    client = opened.client_for(opened.contributor)
    page = client.post(url(opened), form(then="finish", **lacking))
    text = page.content.decode()
    assert page.status_code == 422
    assert "There is a problem" in text
    assert all(one in text for one in words)
    assert not list(page.context["messages"])
    saved = answer_to(opened, "T1.1")
    assert saved.text == form(**lacking)["text"]
    assert f'name="version" value="{saved.version}"' in text
    row.refresh_from_db()
    assert not row.is_done
    assert "Done</h2>" not in client.get(reverse("answers:mine")).content.decode()
    page = client.post(url(opened), form(version=saved.version, then="finish"), follow=True)
    assert [str(one) for one in page.context["messages"]] == ["Thank you. “Title of T1.1” is marked as done."]


def test_an_old_page_does_not_finish_an_empty_answer(opened):
    row = hand(opened, "T1.1")
    page = opened.client_for(opened.contributor).post(
        reverse("answers:done", args=[row.pk]), {"done": "yes"}, follow=True
    )
    assert page.redirect_chain == [(url(opened), 302)]
    assert "Choose a level and give the reason" in page.content.decode()
    row.refresh_from_db()
    assert not row.is_done


def test_nobody_finishes_what_is_not_in_their_hands(opened):
    row = hand(opened, "T1.1")
    client = opened.client_for(opened.host_lead)
    assert "Save and finish" not in client.get(url(opened)).content.decode()
    assert client.post(url(opened), form(then="finish")).url == url(opened)
    row.refresh_from_db()
    assert not row.is_done


@pytest.mark.parametrize("level", ["2", "na"])
def test_what_is_saved_but_does_not_count_is_said_and_shown(opened, level):
    client = opened.client_for(opened.host_lead)
    assert "Not begun</strong>" in client.get(url(opened)).content.decode()
    text = client.post(url(opened), form(level=level, text=""), follow=True).content.decode()
    assert "Saved. A reason is still missing before this counts as answered." in text
    assert "Begun</strong>" in text
    text = client.post(url(opened), form(version=2, level=level), follow=True).content.decode()
    assert "still missing" not in text
    assert "Answered</strong>" in text


def test_a_text_without_a_level_is_said_too(opened):
    page = opened.client_for(opened.host_lead).post(url(opened), form(level=""), follow=True)
    assert "Saved. A level is still missing" in page.content.decode()


def test_a_contributor_sees_whom_to_ask_and_no_codes_of_other_frameworks(opened):
    hand(opened, "T1.1")
    text = opened.client_for(opened.contributor).get(url(opened)).content.decode()
    assert f'href="mailto:{opened.host_lead.email}"' in text
    assert "B6.a" not in text
    assert "Guidance for T1.1." in text
    assert "B6.a" in opened.client_for(opened.host_lead).get(url(opened)).content.decode()


def test_taking_back_asks_once(opened):
    row = hand(opened, "T1.1")
    client = opened.client_for(opened.host_lead)
    at = reverse("answers:take_back", args=[opened.challenge.ref, row.pk])
    assert opened.contributor.full_name in client.get(at).content.decode()
    assert client.post(at).url == url(opened)
    assert not Assignment.objects.exists()


# --- sign-off ----------------------------------------------------------------------------------------------
SIGN = {"name": "Ann Other", "job_title": "Chief executive", "declared": "on"}


def test_the_sponsor_signs_when_all_is_written(opened):
    client = opened.client_for(opened.host_sponsor)
    early = client.post(url(opened, "sign_off", ""), SIGN)
    assert early.status_code == 422
    assert "T1.1, T1.2" in early.content.decode()
    fill(opened)
    page = client.post(url(opened, "sign_off", ""), SIGN, follow=True)
    assert "Signed by Ann Other, Chief executive" in page.content.decode()


def test_an_edit_tells_that_the_sign_off_ended(opened):
    fill(opened)
    services.sign_off(challenge=opened.challenge, by=opened.host_sponsor, name="A", job_title="B", declared=True)
    page = opened.client_for(opened.host_lead).post(url(opened), form(version=2, text="New."), follow=True)
    assert "has to sign it again" in page.content.decode()


# --- queries -------------------------------------------------------------------------------------------------
@pytest.fixture(params=[2, 15], ids=["4 questions", "60 questions"])
def sized(request, db):
    """A challenge of 4 or of 60 questions, all answered, a hand-over and remarks on each."""
    themes = 2 if request.param == 2 else 4
    version = make_framework(themes=themes, questions=request.param)
    challenge = make_challenge(framework_version=version)
    lead = make_user("Host Lead")
    sit(lead, SeatName.HOST_LEAD, challenge)
    services.open_answers(challenge=challenge, by=lead, at=timezone.now())
    helpers = [make_user() for _ in range(3)]
    for row in Answer.objects.filter(challenge=challenge):
        Answer.objects.filter(pk=row.pk).update(level=1, text="Why.", updated_by=lead, updated_at=timezone.now())
        for person in helpers:
            Assignment.objects.create(
                challenge=challenge, question=row.question, person=person, due_on=timezone.localdate(), handed_by=lead
            )
            services.add_comment(answer=row, by=lead, text="Remark.")
    return challenge, lead


def test_queries_do_not_grow_with_questions(sized, django_assert_max_num_queries, django_assert_num_queries):
    challenge, lead = sized
    client = Cast.client_for(lead)
    pages = {
        reverse("answers:overview", args=[challenge.ref]): 15,
        reverse("answers:question", args=[challenge.ref, "T1.1"]): 15,
        reverse("answers:hand_over", args=[challenge.ref]): 15,
    }
    for at, most in pages.items():
        client.get(at)
        with django_assert_max_num_queries(most):
            assert client.get(at).status_code == 200
    at = reverse("answers:autosave", args=[challenge.ref, "T1.1"])
    with django_assert_max_num_queries(14):  # two of them the savepoint that a test adds
        assert client.post(at, form(text="Why. More.", level="1")).status_code == 200
