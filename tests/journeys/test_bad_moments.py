"""The moments in which other products lose text or do things twice."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from playwright.sync_api import expect

from peers.answers.models import Answer
from peers.answers.services import open_answers
from peers.challenges.models import StageChange
from peers.findings.models import Finding
from peers.onsite.models import Note
from peers.stages import Stage
from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "long-enough-words-here"  # of tests.factories.worlds.make_user


@pytest.fixture
def opened(cast):
    open_answers(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    return cast


def second_tab(person: Person, path: str):
    tab = person.context.new_page()
    tab.goto(person.url + path)
    return tab


def sign_in_again(person: Person, user) -> None:
    assert person.heading() == "Sign in"
    person.fill("E-mail address", user.email)
    person.fill("Password", PASSWORD)
    person.press("Sign in")


def says(page, words: str) -> None:
    expect(page.locator("[data-autosave-state]")).to_contain_text(words)


def test_two_tabs_on_one_answer_lose_nothing(opened, house):
    lead = house.signed_in("Host Lead", opened.host_lead)
    path = f"/challenges/{opened.challenge.ref}/questions/T1.1/"
    lead.open(path)
    tab = second_tab(lead, path)
    lead.choose("2 Developing")
    lead.fill("Why this level?", "Written in the first tab.")
    lead.press("Save")
    tab.get_by_label("Why this level?").fill("Written in the second tab.")
    says(tab, "Somebody else saved meanwhile")
    expect(tab.locator("[data-autosave-clash]")).to_contain_text("Written in the first tab.")
    lead.page = tab
    lead.press("Save", status=409)
    assert lead.heading() == "Somebody saved while you were writing"
    lead.press("Put both texts into the form", status=409)
    both = lead.page.get_by_role("textbox").first.input_value()
    assert "Written in the first tab." in both
    assert "Written in the second tab." in both
    lead.press("Save what is in this form")
    lead.is_done("Saved")
    assert Answer.objects.get(challenge=opened.challenge, question__code="T1.1").text == both
    house.watch.none()


def test_a_double_click_moves_the_challenge_once(cast, house):
    challenge = cast.at(Stage.FEEDBACK)
    manager = house.signed_in("Manager", cast.manager)
    path = f"/challenges/{challenge.ref}/move/moderation/"
    manager.open(path)
    manager.fill("Reason", "One more conversation is needed.")
    old_tab = second_tab(manager, path)
    with manager.page.expect_navigation(url="**/challenges/*/"):
        manager.page.get_by_role("button", name="Go back one stage").dblclick()
    manager.look()
    manager.is_done("is now in “Moderation”")
    old_tab.get_by_label("Reason").fill("Pressed in an old tab.")
    with old_tab.expect_navigation():
        old_tab.get_by_role("button", name="Go back one stage").click()
    manager.page = old_tab
    manager.look()
    assert manager.heading() == cast.challenge.council.name
    assert StageChange.objects.filter(challenge=challenge).count() == 1
    house.watch.none()


def test_a_note_written_offline_is_sent_when_the_line_is_back(cast, house):
    challenge = cast.at(Stage.ON_SITE)
    note = Note.objects.create(challenge=challenge, owner=cast.peer, text="Begun.")
    peer = house.signed_in("Peer", cast.peer)
    peer.open(f"/challenges/{challenge.ref}/visit/notes/{note.pk}/")
    peer.context.set_offline(True)
    peer.fill("My note", "Begun. Said in a basement without a line.")
    says(peer.page, "Kept on this device, not sent yet")
    peer.look()
    assert peer.page.evaluate("JSON.stringify(localStorage)").count("Said in a basement") == 1
    note.refresh_from_db()
    assert note.text == "Begun."
    peer.context.set_offline(False)
    says(peer.page, "Saved")
    note.refresh_from_db()
    assert note.text == "Begun. Said in a basement without a line."
    assert "Said in a basement" not in peer.page.evaluate("JSON.stringify(localStorage)")
    house.watch.faults = [fault for fault in house.watch.faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    house.watch.none()


def test_an_answer_survives_a_session_that_has_ended(opened, house):
    lead = house.signed_in("Host Lead", opened.host_lead)
    lead.open(f"/challenges/{opened.challenge.ref}/questions/T1.1/")
    Session.objects.all().delete()
    lead.choose("3 Established")
    lead.fill("Why this level?", "Written after the session had ended.")
    says(lead.page, "Kept on this device, not sent yet")
    lead.press("Save")
    sign_in_again(lead, opened.host_lead)
    assert lead.heading().startswith("T1.1")
    assert lead.labelled("Why this level?").input_value() == "Written after the session had ended."
    lead.press("Save")
    lead.is_done("Saved")
    saved = Answer.objects.get(challenge=opened.challenge, question__code="T1.1")
    assert (saved.level, saved.text) == (3, "Written after the session had ended.")


def test_a_form_without_autosave_survives_a_session_that_has_ended(cast, house):
    challenge = cast.at(Stage.MODERATION)
    peer = house.signed_in("Peer", cast.peer)
    peer.open(f"/challenges/{challenge.ref}/findings/add/")
    Session.objects.all().delete()
    peer.choose("Strength", "Type")
    peer.pick("Theme", "T1")
    peer.fill("Headline", "People tell the service desk early")
    peer.fill("What we saw and why it matters", "Said twice.")
    peer.press("Save the finding")
    sign_in_again(peer, cast.peer)
    assert peer.heading() == "Draft a finding"
    assert peer.labelled("Headline").input_value() == "People tell the service desk early"
    peer.sees("What you had written is back in the form. It is not sent yet.")
    peer.press("Save the finding")
    peer.is_done("The finding is on the board")
    assert Finding.objects.get(challenge=challenge).headline == "People tell the service desk early"
    peer.open(f"/challenges/{challenge.ref}/findings/add/")
    assert peer.labelled("Headline").input_value() == ""
    house.watch.none()
