"""The report, its PDF, the action plan, the end."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from peers.challenges.models import Programme
from tests.journeys import printed
from tests.journeys.story import Story


def write_the_report(story: Story) -> None:
    lead, peer = story.lead_peer, story.peer
    peer.open(story.home)
    peer.tab("Report")
    peer.follow("Summary")
    peer.fill("Text", "You care for your residents and for each other. Exercise with suppliers next.")
    peer.press("Save")
    peer.is_done()
    lead.open(f"{story.home}report/")
    lead.follow("Marking and levels")
    lead.fill("Marking", "")
    lead.press_empty("Save")
    lead.fill("Marking", "OFFICIAL-SENSITIVE")
    lead.tick("Show the levels, as words")
    lead.press("Save")
    lead.is_done()
    story.house.work()
    for person in (lead, peer, story.second_peer):
        person.open(f"{story.home}report/")
        person.follow("Sign off the draft")
        if person is lead:
            person.press_empty("Sign off")
            person.follow("Read the whole draft")
            person.open(f"{story.home}report/sign-off/")
        person.tick("I have read the whole draft")
        person.press("Sign off")
        person.is_done()
    story.host_lead.open(f"{story.home}report/", status=403)
    story.move(story.manager, "Send the draft for factual check", "Factual check")


def check_the_facts_and_issue(story: Story) -> None:
    host, lead = story.host_lead, story.lead_peer
    host.open(story.home)
    host.tab("Report")
    host.follow("Summary")
    host.follow("Comment on a fact here")
    host.press_empty("Send the comment")
    host.fill("The words that are not right", "Exercise with suppliers next.")
    host.fill(
        "What is right instead, and how you know", "We exercised with one supplier in May; the note is in the pack."
    )
    host.press("Send the comment")
    host.is_done("Your comment is with the team")
    lead.open(f"{story.home}report/facts/")
    lead.follow("“Exercise with suppliers", part=True)
    lead.press_empty("Record the answer")
    lead.follow("Change the text of this section")
    lead.fill("Text", "You care for your residents and for each other. Exercise with more suppliers next.")
    lead.press("Save")
    lead.open(f"{story.home}report/facts/")
    lead.follow("“Exercise with suppliers", part=True)
    lead.choose("Changed")
    lead.fill("Why", "It now says more suppliers.")
    lead.press("Record the answer")
    lead.is_done("The answer is recorded")
    host.open(f"{story.home}report/facts/")
    host.sees("It now says more suppliers.")
    story.move(story.manager, "Issue the report", "Issued")


def read_the_pdf(story: Story) -> None:
    sponsor = story.sponsor
    sponsor.open(story.home)
    sponsor.tab("Report")
    sponsor.sees("The PDF is being made")
    sponsor.follow("State of the PDF")
    story.house.work()
    sponsor.open(f"{story.home}report/")
    paper = sponsor.download("Download the PDF", story.house.folder)
    printed.check_report(paper, council="Northmere", words="Exercise with more suppliers next")
    story.host_lead.open(f"{story.home}report/annex/")
    story.host_lead.sees("Two shared passwords open the payroll")
    story.host_lead.download("Download the annex as a PDF", story.house.folder)
    story.lead_peer.open(f"{story.home}report/")
    story.lead_peer.sees_not("Two shared passwords open the payroll")


def plan_the_actions(story: Story) -> None:
    sponsor, lead = story.sponsor, story.host_lead
    story.move(sponsor, "Acknowledge the report", "Action planning")
    lead.open(story.home)
    lead.tab("Action plan")
    lead.follow("Respond 1")
    lead.press_empty("Save the response")
    lead.choose("Accepted in part")
    lead.fill("Reason", "With our three largest suppliers first.")
    lead.press("Save the response")
    lead.is_done()
    lead.follow("Add an action 1")
    lead.press_empty("Save the action")
    lead.fill("Action", "Hold an exercise with the revenues supplier")
    lead.fill("Who leads it", "Director of resources")
    lead.date("Due on", story.day(120))
    lead.fill("How you will know it worked", "Services restored within two days in the exercise")
    lead.press("Save the action")
    lead.is_done()
    assert lead.download("as CSV", story.house.folder).read_text(encoding="utf-8-sig").count("revenues supplier") == 1
    assert lead.download("Download as XLSX", story.house.folder).stat().st_size > 1000
    story.move(sponsor, "Approve the action plan", "Follow-up")


def follow_up_and_close(story: Story) -> None:
    lead, manager = story.host_lead, story.manager
    lead.open(story.home)
    lead.tab("Action plan")
    lead.follow("Hold an exercise with the revenues supplier", part=True)
    lead.follow("Report progress")
    lead.press_empty("Record progress")
    lead.choose("On track")
    lead.fill("Progress", "Date agreed with the supplier.")
    lead.press("Record progress")
    lead.is_done()
    for kind in ("6-month check-in", "Progress review"):
        manager.open(f"{story.home}plan/")
        manager.follow("Check-ins and progress review")
        manager.follow("Record one")
        if kind == "6-month check-in":
            manager.press_empty("Record it")
        manager.choose(kind)
        manager.date("Held on", story.today)
        manager.fill("Roles of those present", "Director of resources, head of information security")
        manager.fill("What was heard", "The exercise is planned; two more suppliers follow.")
        manager.press("Record it")
        manager.is_done()
    story.peer.open(story.home)
    story.move(manager, "Close the challenge", "Closed")
    manager.follow("Timeline")


def access_has_ended(story: Story) -> None:
    story.peer.open(story.home)
    later = timezone.now() + timedelta(days=Programme.objects.get().access_days_after_close + 2)
    with time_machine.travel(later):
        for name in ("Piotr Vale", "Hanna Leith"):
            person = story.house.signed_in(name, story.user(name))
            for path in ("", "report/", "report/download/", "evidence/", "people/"):
                person.open(story.home + path, status=404)
            person.open("/")
