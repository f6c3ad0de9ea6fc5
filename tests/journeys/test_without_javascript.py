"""The host's part with JavaScript off: sign, answer, upload, say what is not held, write, sign off, release."""

import pytest
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from peers.agreements.services import issue_agreements
from peers.agreements.templates import load_default_templates
from peers.answers.services import open_answers
from peers.evidence.services import open_requests_from_framework
from peers.stages import Stage
from tests.journeys.beginnings import sign
from tests.journeys.papers import pdf_minutes, spreadsheet, word_paper
from tests.journeys.preparation import upload
from tests.journeys.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story(cast, house) -> Story:
    """The cast's challenge in set-up, the host lead and the sponsor signed in with JavaScript off."""
    load_default_templates()
    cast.at(Stage.SETUP)
    issue_agreements(challenge=cast.challenge, by=cast.coordinator)
    house.signed_in("Hanna Leith", cast.host_lead, scripts=False)
    house.signed_in("Spencer Hold", cast.host_sponsor, scripts=False)
    return Story(house=house, world=cast, today=timezone.localdate(), ref=cast.challenge.ref)


def test_the_host_needs_no_javascript(story):
    cast, lead, sponsor = story.world, story.host_lead, story.sponsor
    sign(story, sponsor, "Statement of expectations", "Spencer Hold", "Director of resources", empty=True)
    sign(story, lead, "Information confidentiality agreement", "Hanna Leith", "Head of information security")
    challenge = cast.at(Stage.PREPARATION)
    open_answers(challenge=challenge, by=cast.coordinator, at=timezone.now())
    open_requests_from_framework(challenge=challenge, by=cast.coordinator, at=timezone.now())
    _answer_all(story)
    _give_evidence(story)
    lead.open(f"{story.home}questions/")
    lead.follow("Write the position statement", part=True)
    lead.fill("Position statement", "We are proud of our service desk.")
    lead.press("Save")
    lead.is_done("Saved")
    sponsor.open(f"{story.home}questions/sign-off/")
    sponsor.press_empty("Sign off")
    sponsor.tick("I make this declaration")
    sponsor.press("Sign off")
    sponsor.is_done("signed off")
    story.house.watch.none()


def _answer_all(story: Story) -> None:
    lead = story.host_lead
    lead.open(f"{story.home}questions/T1.1/")
    for code in ("T1.1", "T1.2", "T2.1", "T2.2"):
        assert lead.heading().startswith(code)
        lead.choose("2 Developing")
        lead.fill("Why this level?", f"What happens in {code}, and how we know.")
        lead.press("Save and go to the next question" if code != "T2.2" else "Save")
        lead.is_done("Saved")


def _give_evidence(story: Story) -> None:
    lead, folder = story.host_lead, story.house.folder
    upload(story, "Paper on T1.1", word_paper(folder), empty=True)
    upload(story, "Paper on T1.2", spreadsheet(folder))
    upload(story, "Paper on T2.1", pdf_minutes(folder))
    lead.open(f"{story.home}evidence/")
    lead.follow("Paper on T2.2")
    lead.follow("We do not hold it")
    lead.press_empty("Save")
    lead.choose("We do not hold it")
    lead.fill("Reason", "The county keeps the papers.")
    lead.press("Save")
    lead.is_done()
