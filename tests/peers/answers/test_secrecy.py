"""First something that could leak, then every wrong person on every address."""

import pytest
from django.urls import reverse

from peers.answers import services
from peers.answers.models import Assignment
from peers.stages import Stage
from tests.people import OUTSIDERS

from .conftest import answer_to, fill, hand

SECRET = "the-plan-lives-on-the-network"


@pytest.fixture
def secret(opened):
    """Answers, a statement, remarks and a hand-over to the sponsor, all with something to leak."""
    fill(opened)
    for code in ("T1.1", "T1.2"):
        row = answer_to(opened, code)
        services.save_answer(answer=row, by=opened.host_lead, version=row.version, level=1, text=SECRET)
    services.save_position(challenge=opened.challenge, by=opened.host_lead, version=2, text=SECRET)
    services.add_comment(answer=answer_to(opened, "T1.1"), by=opened.host_lead, text=SECRET)
    hand(opened, "T1.2", opened.host_sponsor)
    return opened


def addresses(cast) -> dict[str, str]:
    ref, pk = cast.challenge.ref, Assignment.objects.get(person=cast.host_sponsor).pk
    one = [ref, "T1.1"]
    return {
        "overview": reverse("answers:overview", args=[ref]),
        "question": reverse("answers:question", args=one),
        "autosave": reverse("answers:autosave", args=one),
        "comment": reverse("answers:comment", args=one),
        "history": reverse("answers:history", args=one),
        "hand_over": reverse("answers:hand_over", args=[ref]),
        "take_back": reverse("answers:take_back", args=[ref, pk]),
        "position": reverse("answers:position", args=[ref]),
        "autosave_position": reverse("answers:autosave_position", args=[ref]),
        "sign_off": reverse("answers:sign_off", args=[ref]),
        "done": reverse("answers:done", args=[pk]),
    }


READ_ONLY = {"overview", "history"}
POST_ONLY = {"autosave", "autosave_position", "done"}
FORM = {"version": 3, "level": "4", "text": "Forged.", "done": "yes", "name": "A", "job_title": "B", "declared": "on"}


def ask(client, name, url):
    """Every method that the address takes."""
    asked = [] if name in POST_ONLY else [client.get(url)]
    return asked if name in READ_ONLY else [*asked, client.post(url, FORM)]


def untouched(cast) -> bool:
    return (
        answer_to(cast, "T1.1").text == SECRET
        and cast.challenge.position_statement.text == SECRET
        and not Assignment.objects.filter(state="done").exists()
        and Assignment.objects.count() >= 1
        and not cast.challenge.self_assessment_sign_offs.exists()
    )


@pytest.mark.parametrize("who", OUTSIDERS)
def test_outsiders_get_404_everywhere(secret, who):
    client = secret.client_for(getattr(secret, who))
    for name, url in addresses(secret).items():
        for answer in ask(client, name, url):
            assert (name, answer.status_code) == (name, 404)
            assert SECRET not in answer.content.decode()
    assert untouched(secret)


def test_a_thing_that_is_not_there_looks_like_one_that_is_hidden(secret):
    client = secret.client_for(secret.stranger)
    there = client.get(reverse("answers:question", args=[secret.challenge.ref, "T1.1"]))
    absent = client.get(reverse("answers:question", args=["C360-1999-001", "T1.1"]))
    assert (there.status_code, absent.status_code) == (404, 404)


def test_nobody_signed_in_is_sent_to_sign_in(secret):
    client = secret.client_for(None)
    for name, url in {**addresses(secret), "mine": reverse("answers:mine")}.items():
        for answer in ask(client, name, url):
            assert (name, answer.status_code) == (name, 302)
            assert "login" in answer.url
    assert untouched(secret)


@pytest.mark.parametrize("who", ["peer", "lead_peer", "second_peer", "observer"])
def test_the_team_sees_nothing_before_release(secret, who):
    client = secret.client_for(getattr(secret, who))
    for name, url in addresses(secret).items():
        for answer in ask(client, name, url):
            assert answer.status_code in (403, 404), name
            assert SECRET not in answer.content.decode()
    assert untouched(secret)


@pytest.mark.parametrize("who", ["peer", "lead_peer", "observer"])
def test_the_team_reads_after_release_and_neither_writes_nor_sees_names_or_remarks(secret, who):
    secret.at(Stage.DESK_REVIEW)
    client = secret.client_for(getattr(secret, who))
    at = addresses(secret)
    for name in ("overview", "question", "position", "sign_off"):
        page = client.get(at[name])
        assert (name, page.status_code) == (name, 200)
        text = page.content.decode()
        assert (name, SECRET in text) == (name, name in ("question", "position"))
        assert secret.host_sponsor.full_name not in text
        assert secret.host_lead.full_name not in text
    for name, url in at.items():
        assert (name, client.post(url, FORM).status_code in (404, 405)) == (name, True)
    for name in ("hand_over", "take_back", "history"):
        assert (name, client.get(at[name]).status_code) == (name, 404)
    assert untouched(secret)


def test_remarks_never_reach_the_team(secret):
    services.add_comment(answer=answer_to(secret, "T1.1"), by=secret.host_lead, text="only-for-the-host")
    secret.at(Stage.DESK_REVIEW)
    page = secret.client_for(secret.lead_peer).get(addresses(secret)["question"])
    assert "only-for-the-host" not in page.content.decode()


def test_a_contributor_without_a_hand_over_gets_404_everywhere(secret):
    client = secret.client_for(secret.contributor)
    for name, url in addresses(secret).items():
        for answer in ask(client, name, url):
            assert (name, answer.status_code) == (name, 404)
    assert untouched(secret)


def test_a_contributor_sees_their_question_and_nothing_around_it(secret):
    hand(secret, "T2.1")
    client = secret.client_for(secret.contributor)
    page = client.get(reverse("answers:question", args=[secret.challenge.ref, "T2.1"]))
    assert page.status_code == 200
    text = page.content.decode()
    for hidden in (SECRET, "T1.1", "T1.2", "T2.2", secret.host_sponsor.full_name, "of 4", secret.challenge.focus):
        assert hidden not in text
    assert "Question 1 of 1" in text
    assert secret.host_lead.full_name in text
    listed = client.get(reverse("answers:mine")).content.decode()
    assert "T2.1" in listed
    assert "T1.1" not in listed
    for name, url in addresses(secret).items():
        for answer in ask(client, name, url):
            assert (name, answer.status_code) == (name, 404)
    assert untouched(secret)


def test_the_programme_reads_but_does_not_write(secret):
    client = secret.client_for(secret.coordinator)
    at = addresses(secret)
    for name in ("overview", "question", "position", "sign_off"):
        assert (name, client.get(at[name]).status_code) == (name, 200)
    for name, url in at.items():
        assert (name, client.post(url, FORM).status_code in (404, 405)) == (name, True)
    assert untouched(secret)


def test_a_closed_stage_says_why(secret):
    secret.at(Stage.DESK_REVIEW)
    client = secret.client_for(secret.host_lead)
    at = addresses(secret)
    for name in ("question", "autosave", "position", "autosave_position", "comment", "take_back"):
        answer = client.post(at[name], FORM)
        assert (name, answer.status_code) == (name, 403)
        assert "Desk review" in answer.content.decode()
    assert client.post(at["question"], FORM).content.decode().count("Forged.") == 1
    assert untouched(secret)


def test_before_preparation_the_host_is_told_that_questions_are_not_open(opened):
    opened.at(Stage.SETUP)
    page = opened.client_for(opened.host_lead).get(reverse("answers:overview", args=[opened.challenge.ref]))
    assert page.status_code == 403
    assert "not open yet" in page.content.decode()


def test_another_challenges_reference_never_opens_this_ones_hand_over(secret):
    row = Assignment.objects.get(person=secret.host_sponsor)
    client = secret.client_for(secret.host_lead)
    url = reverse("answers:take_back", args=[secret.other_challenge.ref, row.pk])
    assert client.get(url).status_code == client.post(url).status_code == 404
