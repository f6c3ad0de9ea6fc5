"""Preparation: answers, evidence, statement, signature, release of the pack."""

from playwright.sync_api import expect

from tests.journeys.papers import pdf_minutes, spreadsheet, word_paper
from tests.journeys.story import Story

CODES = ("T1.1", "T1.2", "T2.1", "T2.2")


def answer_the_questions(story: Story) -> None:
    lead = story.host_lead
    lead.open(story.home)
    lead.tab("Questions")
    lead.follow("T1.1", part=True)
    lead.choose("2 Developing")
    lead.fill("Why this level?", "We exercise once a year with our main suppliers.")
    expect(lead.page.locator("[data-autosave-state]")).to_contain_text("Saved")
    lead.page.reload()
    lead.look()
    assert lead.labelled("Why this level?").input_value().startswith("We exercise once a year")
    lead.press("Save and go to the next question")
    lead.is_done("Saved")
    assert lead.heading().startswith("T1.2")
    lead.choose("1 Starting")
    lead.fill("Why this level?", "Reports reach the board; lessons are not shared yet.")
    lead.press("Save")
    lead.is_done("Saved")
    lead.unfold("Add a remark")
    lead.press_empty("Add the remark")
    lead.fill("Remark", "Spencer, please read this one twice.")
    lead.press("Add the remark")
    lead.sees("Spencer, please read this one twice.")
    lead.follow("What this answer said before")
    _hand_over(story, "T2.1")
    _answer_by_link(story)
    lead.open(f"{story.home}questions/T2.2/")
    lead.choose("This does not apply")
    lead.fill("Why this level?", "We have no such service; the county runs it.")
    lead.press("Save")
    lead.is_done("Saved")


def _hand_over(story: Story, code: str) -> None:
    lead = story.host_lead
    lead.open(f"{story.home}questions/")
    lead.follow("Hand over questions")
    lead.press_empty("Hand over and send the mail")
    lead.choose("Somebody else")
    lead.fill("Full name", "Connie Tribe")
    lead.fill("E-mail address", "connie.tribe@example.org")
    lead.fill("Job title", "Service desk manager")
    lead.date("By when?", story.day(5))
    lead.tick(code)
    lead.press("Hand over and send the mail")
    lead.is_done("with Connie Tribe")


def _answer_by_link(story: Story) -> None:
    contributor = story.contributor
    contributor.open(story.house.letter("connie.tribe@example.org", "/in/"))
    contributor.press("Continue as Connie Tribe")
    assert contributor.heading() == "My questions" or contributor.heading().startswith("T2.1"), contributor.heading()
    contributor.open("/my-questions/")
    contributor.follow("T2.1", part=True)
    contributor.choose("3 Established")
    contributor.fill("Why this level?", "Two people check every change; we keep the record.")
    contributor.press("Save and finish")
    contributor.is_done("marked as done")
    contributor.open(f"{story.home}questions/T1.1/", status=404)
    contributor.open(story.home, status=404)


def give_the_evidence(story: Story) -> None:
    lead, folder = story.host_lead, story.house.folder
    upload(story, "Paper on T1.1", word_paper(folder), empty=True)
    upload(story, "Paper on T1.2", spreadsheet(folder))
    upload(story, "Paper on T2.1", pdf_minutes(folder))
    lead.open(story.home)
    lead.tab("Evidence")
    lead.follow("Paper on T2.2")
    lead.follow("We do not hold it")
    lead.press_empty("Save")
    lead.choose("We do not hold it")
    lead.fill("Reason", "The county runs the service and keeps the papers.")
    lead.press("Save")
    lead.is_done()
    lead.open(f"{story.home}evidence/")
    lead.follow("Add a link")
    lead.press_empty("Add the link")
    lead.fill("Title", "Policy on the intranet")
    lead.fill("Address", "https://intranet.example.org/policy")
    lead.unfold("Which questions does it serve?")
    lead.tick("T1.1")
    lead.press("Add the link")
    lead.is_done()


def upload(story: Story, prompt: str, paper, *, empty: bool = False) -> None:
    lead = story.host_lead
    lead.open(f"{story.home}evidence/")
    lead.follow(prompt)
    if empty:
        lead.press_empty("Add files")
    lead.attach("Files", [paper])
    lead.fill("Title", f"{prompt}, as given")
    lead.fill("What this shows", "That the subject was discussed, and by whom.")
    lead.date("Date of the document", story.day(-40))
    if lead.scripts:  # the page sends the file by itself and stays
        lead.page.get_by_role("button", name="Add files", exact=True).click()
        lead.sees("Received – being checked")
        story.house.work()
        lead.sees("Your files are in.")
    else:
        lead.press("Add files")
        lead.is_done()
        story.house.work()
    lead.open(f"{story.home}evidence/")
    lead.follow(prompt)
    lead.sees(f"{prompt}, as given")


def release_unscanned_files(story: Story) -> None:
    coordinator = story.coordinator
    coordinator.open(story.home)
    coordinator.tab("Evidence")
    coordinator.follow("Files held back")
    for number, code in enumerate(CODES[:3]):
        coordinator.follow(f"Release with a reason: Paper on {code}", part=True)
        if not number:
            coordinator.press_empty("Release the file")
        coordinator.fill(
            "Why may this file go to the team?", "Made by a person I know; opened on a machine kept apart."
        )
        coordinator.press("Release the file")
        coordinator.is_done()
        coordinator.open(f"{story.home}evidence/held-files/")
    coordinator.sees("No file is held back")


def sign_off_and_release_the_pack(story: Story) -> None:
    lead, sponsor = story.host_lead, story.sponsor
    lead.open(f"{story.home}questions/")
    lead.follow("Write the position statement")
    lead.fill("Position statement", "Northmere is a council of 3,000 people. We are proud of our service desk.")
    lead.press("Save")
    lead.is_done("Saved")
    sponsor.open("/")
    sponsor.open(f"{story.home}questions/")
    sponsor.follow("Sign the sign-off")
    sponsor.press_empty("Sign off")
    sponsor.fill("Full name", "Spencer Hold")
    sponsor.fill("Job title", "Director of resources")
    sponsor.tick("I make this declaration")
    sponsor.press("Sign off")
    sponsor.is_done("signed off")
    story.lead_peer.open(f"{story.home}questions/", status=403)
    story.move(lead, "Release the pack to the team", "Desk review")
