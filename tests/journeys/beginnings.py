"""Interest, scoping, set-up."""

from tests.journeys.story import Story


def register_and_name_people(story: Story) -> None:
    coordinator = story.coordinator
    coordinator.sign_in_as(story.world.coordinator)
    coordinator.open("/")
    coordinator.menu("Challenges")
    coordinator.follow("Register a challenge")
    coordinator.press_empty("Register")
    coordinator.pick("Council", "Northmere")
    coordinator.fill("What the council hopes for", "To hear from others how they exercise with suppliers.")
    coordinator.press("Register")
    coordinator.is_done("is registered")
    story.ref = coordinator.page.url.rstrip("/").split("/")[-2]
    _name(story, "Host lead", "Hanna Leith", "Head of information security", empty=True)
    _name(story, "Host sponsor", "Spencer Hold", "Director of resources")
    _name(story, "Challenge manager", "Mona Guise", "Programme manager")
    story.move(coordinator, "Accept the interest", "Scoping")
    for name in ("Hanna Leith", "Spencer Hold", "Mona Guise"):
        story.house.accept_invitation(name, _address(name))
    sponsor = story.sponsor
    sponsor.open("/account/logout/")
    sponsor.press("Sign out")
    sponsor.open("/account/login/")
    sponsor.press_empty("Sign in")
    sponsor.fill("E-mail address", _address("Spencer Hold"))
    sponsor.fill("Password", "seven quiet herons walk")
    sponsor.press("Sign in")
    assert sponsor.heading() == "My tasks"


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


def _name(story: Story, seat: str, name: str, job: str, *, empty: bool = False) -> None:
    coordinator = story.coordinator
    coordinator.follow("Name a person")
    if empty:
        coordinator.press_empty("Name this person")
    coordinator.pick("Seat", seat)
    coordinator.fill("Full name", name)
    coordinator.fill("E-mail address", _address(name))
    coordinator.fill("Job title", job)
    coordinator.press("Name this person")
    coordinator.is_done(f"{name} is {seat}")


def agree_the_scope(story: Story) -> None:
    manager = story.manager
    manager.open(story.home)
    manager.sees("What blocks the next step")
    manager.follow("Set the scope")
    manager.fill("Smallest team", "")
    manager.press_empty("Save the scope")
    manager.fill("Focus", "How culture holds when a supplier fails.")
    manager.pick("Questionnaire version", str(story.world.version))
    manager.tick("T1 Theme 1")
    manager.tick("T2 Theme 2")
    manager.date("Visit window opens", story.day(20))
    manager.date("Visit window closes", story.day(60))
    manager.fill("Smallest team", "3")
    manager.fill("Largest team", "4")
    manager.press("Save the scope")
    manager.is_done("The scope is saved")
    story.move(manager, "Agree the scope", "Set-up")


def choose_and_invite_the_team(story: Story) -> None:
    coordinator = story.coordinator
    coordinator.open(story.home)
    coordinator.tab("Team")
    roles = {"Lena Marsh": "Lead peer", "Piotr Vale": "Peer", "Sunita Rao": "Peer", "Olu Bright": "Observer"}
    for name, role in roles.items():
        coordinator.pick(f"Role for {name}", role)
        coordinator.press(f"Put on the list {name}")
        coordinator.is_done(f"{name} is on the list")
    for name in roles:
        coordinator.follow(f"Invite {name}")
        coordinator.fill("A few words to the peer", "You know suppliers better than anybody.")
        coordinator.press("Send the invitation")
        coordinator.is_done("has been invited")
    for name in roles:
        peer = story.house.signed_in(name, story.world.pool[name].user)
        peer.open(story.house.letter(_address(name), "/invitations/"))
        if name == "Lena Marsh":
            peer.press_empty("Send my answer")
        peer.choose("Yes, I join")
        peer.choose("No, nothing new")
        peer.press("Send my answer")
        peer.is_done("You are on the team")


def issue_and_sign_the_agreements(story: Story) -> None:
    manager = story.manager
    manager.open(story.home)
    manager.tab("Agreements")
    manager.press("Issue the documents")
    manager.is_done()
    sponsor, lead = story.sponsor, story.host_lead
    sign(story, sponsor, "Statement of expectations", "Spencer Hold", "Director of resources", empty=True)
    sign(story, lead, "Information confidentiality agreement", "Hanna Leith", "Head of information security")
    for peer in (story.lead_peer, story.peer, story.second_peer, story.observer):
        peer.open(story.home)
        peer.tab("Agreements")
        peer.follow("Peer terms", part=True)
        peer.follow("Accept these terms")
        if peer is story.lead_peer:
            peer.press_empty("Accept the terms")
        put_name(peer, peer.name, "Head of resilience", "I have read these terms")
        peer.press("Accept the terms")
        peer.is_done("Thank you")
    lead.open(story.home)
    lead.tab("Team")
    lead.press("Agree this team")
    lead.is_done("You have agreed the team")


def put_name(person, name: str, job: str, box: str) -> None:
    person.fill("Your full name", name)
    person.fill("Your job title", job)
    person.tick(box)


def sign(story: Story, person, document: str, name: str, job: str, *, empty: bool = False) -> None:
    person.open(story.home)
    person.tab("Agreements")
    person.follow(document, part=True)
    person.follow("Sign this document")
    if empty:
        person.press_empty("Sign the document")
    put_name(person, name, job, "I have read this document")
    person.press("Sign the document")
    person.is_done("Thank you")


def fix_the_dates_and_open_preparation(story: Story) -> None:
    manager = story.manager
    manager.open(story.home)
    manager.follow("Set the dates")
    manager.press_empty("Save the dates")
    manager.date("First day of the visit", story.day(30))
    manager.date("Last day of the visit", story.day(31))
    manager.fill("Where the visit takes place", "Northmere Civic Centre")
    manager.pick("Deadline profile", "Cyber 360")
    manager.press("Save the dates")
    manager.is_done("The dates are saved")
    story.move(manager, "Open preparation", "Preparation")
