"""Desk review, the visit, moderation, feedback."""

from tests.journeys.preparation import CODES
from tests.journeys.story import Story

LEVELS = {"Lena Marsh": "1", "Piotr Vale": "2", "Sunita Rao": "4"}


def read_and_plan(story: Story) -> None:
    for peer in (story.lead_peer, story.peer, story.second_peer, story.observer):
        peer.open(story.home)
        peer.tab("Questions")
        peer.follow("T1.1", part=True)
        peer.sees("We exercise once a year")
        peer.open(f"{story.home}evidence/?by=item")
        peer.follow("Paper on T1.1, as given")
        peer.open(f"{story.home}visit/desk/")
        if peer is not story.observer:
            peer.press("I have read this")
            peer.is_done("Thank you")
    paper = story.peer
    paper.open(f"{story.home}evidence/?by=item")
    paper.follow("Paper on T1.2, as given")
    paper.follow("Read it in the page")
    paper.sees("Revenues")
    lead = story.lead_peer
    lead.open(story.home)
    lead.tab("Visit")
    lead.follow("Reading and key lines of enquiry")
    lead.follow("Add a line of enquiry")
    lead.press_empty("Save")
    lead.pick("Theme", "Theme 1")
    lead.fill("Line of enquiry", "Who hears of a near miss, and what happens next?")
    lead.fill("Who to ask", "Service desk")
    lead.press("Save")
    lead.is_done("The line of enquiry is added")
    _timetable(story)


def _timetable(story: Story) -> None:
    manager = story.manager
    manager.open(story.home)
    manager.tab("Visit")
    _slot(story, "Leader of the council", "09:30", "Council leader: Ada Moss, leader", empty=True)
    _slot(story, "Service desk", "11:00", "Service desk staff\nHead of service desk: Ben Reed")
    manager.press("Confirm the timetable")
    manager.is_done("The timetable is confirmed")
    story.host_lead.open(f"{story.home}visit/")


def _slot(story: Story, title: str, time: str, who: str, *, empty: bool = False) -> None:
    manager = story.manager
    manager.follow("Add a slot")
    if empty:
        manager.press_empty("Save the slot")
    manager.fill("Title", title)
    manager.choose("Conversation")
    manager.date("Day", story.day(30))
    manager.fill("Starts at (UK time)", time)
    manager.pick("Length", "60 minutes")
    manager.fill("Place", "Room 2")
    manager.fill("Who is met", who)
    manager.tick("Piotr Vale", "Peers who ask")
    manager.tick("Sunita Rao", "Peers who take notes")
    manager.tick("T1", "Themes")
    manager.press("Save the slot")
    manager.is_done("is in the timetable")


def open_and_hold_conversations(story: Story) -> None:
    lead, peer = story.lead_peer, story.peer
    story.move(lead, "Open the visit", "On site")
    peer.open(f"{story.home}visit/")
    peer.follow("My day")
    peer.follow("Service desk")
    peer.fill("My note", "They know whom to tell and are thanked for it.")
    peer.tick("T1", "Themes it touches")
    peer.press("Save my note")
    peer.is_done("Your note is saved")
    peer.open(f"{story.home}visit/notes/")
    peer.follow("Write a note")
    peer.fill("My note", "Posters in the lift, all from last year.")
    peer.press("Save my note")
    peer.is_done("Your note is saved")
    for title in ("Leader of the council", "Service desk"):
        lead.open(f"{story.home}visit/")
        lead.follow(title)
        lead.follow("Mark held, moved or cancelled")
        lead.choose("Held")
        lead.press("Mark it")
        lead.is_done("is marked")
    story.host_lead.open(f"{story.home}visit/notes/", status=404)


def score_privately_and_reveal(story: Story) -> None:
    for peer in (story.lead_peer, story.peer, story.second_peer):
        peer.open(story.home)
        peer.tab("Scores")
        peer.follow("T1.1", part=True)
        for code in CODES:
            _score(peer, code)
        peer.open(f"{story.home}scores/")
        peer.follow("Submit my scores")
        peer.press("Submit my scores")
        peer.is_done("Your scores are in")
    story.move(story.lead_peer, "Reveal the scores", "Moderation")


def _score(peer, code: str) -> None:
    assert peer.heading().startswith(code), peer.heading()
    if code == "T2.2":
        peer.choose("Not explored")
    else:
        peer.choose(LEVELS[peer.name], "Level")
        peer.choose("High", "How sure are you?")
        peer.fill("Comment", "Heard in two conversations.")
        peer.tick("Service desk")
    peer.press("Save and go on" if code != CODES[-1] else "Save")
    peer.is_done("Only you see it")


def agree_scores_and_findings(story: Story) -> None:
    lead = story.lead_peer
    for code in CODES:
        lead.open(story.home)
        lead.tab("Scores")
        lead.follow(code, part=True)
        if code == "T1.1":
            lead.press_empty("Record the agreed score")
        lead.choose("Not explored" if code == "T2.2" else "2", "Level")
        lead.fill("Reason", "Two conversations and the paper say the same.")
        if code == "T1.2":
            lead.fill("Another view, if somebody holds one", "One of us heard stronger practice in Housing.")
        lead.press("Record the agreed score")
        lead.is_done("is recorded")
    _finding(story, story.peer, "Strength", "People tell the service desk early and are thanked for it", empty=True)
    _finding(story, story.second_peer, "Recommendation", "Exercise the loss of a main supplier with service heads")
    _finding(story, story.lead_peer, "Strength", "Members ask about cyber risk")
    _finding(story, story.peer, "Area", "Two shared passwords open the payroll", sensitive=True)
    _decide(story, "Two shared passwords", "Agree")
    _decide(story, "People tell the service desk", "Agree")
    _decide(story, "Exercise the loss", "Agree")
    _decide(story, "Members ask about", "Drop", "Heard once only.")
    story.move(story.manager, "Close moderation", "Feedback")


def _finding(story: Story, peer, kind: str, headline: str, *, empty: bool = False, sensitive: bool = False) -> None:
    peer.open(story.home)
    peer.tab("Findings")
    peer.follow("Draft a finding")
    if empty:
        peer.press_empty("Save the finding")
    peer.choose(kind, "Type")
    peer.pick("Theme", "Theme 1")
    peer.fill("Headline", headline)
    peer.fill("What we saw and why it matters", "Said in two conversations and shown in a paper to the board.")
    if kind == "Recommendation":
        peer.fill("For which role", "Director of resources")
        peer.page.get_by_label("How soon").select_option(index=1)
    peer.tick("Paper on T1.1")
    peer.tick("Service desk")
    if sensitive:
        peer.tick("Only for the host's own annex")
    peer.press("Save the finding")
    peer.is_done("The finding is on the board")


def _decide(story: Story, headline: str, decision: str, reason: str = "") -> None:
    lead = story.lead_peer
    lead.open(f"{story.home}findings/")
    lead.follow(headline, part=True)
    lead.choose(decision, "Decision")
    if reason:
        lead.press("Record the decision")
        lead.sees("There is a problem")
        lead.fill("Reason, if dropped", reason)
    lead.press("Record the decision")
    lead.is_done("The decision is recorded")


def give_feedback(story: Story) -> None:
    lead = story.lead_peer
    lead.open(f"{story.home}feedback/")
    lead.press_empty("Record it")
    lead.date("Held on", story.today)
    lead.fill("Roles of those present", "Chief executive\nDirector of resources")
    lead.fill("What was said in reply", "Thanks; a question about suppliers.")
    lead.press("Record it")
    lead.is_done("recorded")
    story.move(lead, "Open drafting", "Drafting")
