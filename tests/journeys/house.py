"""What a running installation has before a journey begins, its post and its worker."""

import re
from types import SimpleNamespace

from django.core import mail as django_mail

from cyber360.accounts.models import User
from cyber360.jobs import worker
from cyber360.jobs.models import Job, State
from cyber360.notify.models import MailState, OutboxMail
from cyber360.notify.services import send_mail
from peers.access import SeatName
from peers.agreements.templates import load_default_templates
from peers.challenges.defaults import load_defaults
from tests.factories.worlds import make_council, make_framework, make_peer, make_programme, make_user, sit
from tests.journeys.person import Person
from tests.journeys.watch import Watch, where


class House:
    """The product at `url`, with everybody's browsers, the post office and the worker."""

    def __init__(self, *, browser, url: str, folder) -> None:
        self.browser, self.url, self.folder = browser, url, folder
        self.watch = Watch()
        self.people: dict[str, Person] = {}

    def person(self, name: str, *, scripts: bool = True) -> Person:
        """The browser of one person, opened when first asked for."""
        if name not in self.people:
            self.people[name] = Person(name=name, browser=self.browser, url=self.url, watch=self.watch, scripts=scripts)
        return self.people[name]

    def signed_in(self, name: str, user: User, **ways) -> Person:
        person = self.person(name, **ways)
        person.sign_in_as(user)
        return person

    def work(self) -> None:
        """Do every job that waits, as the worker does, and send what waits in the outbox."""
        while waiting := list(Job.objects.filter(state=State.QUEUED).values_list("pk", flat=True)):
            for pk in waiting:
                worker.run(pk)
            stuck = Job.objects.filter(pk__in=waiting).exclude(state=State.DONE)
            assert not stuck.exists(), [(job.kind, job.state, job.error) for job in stuck]
        for pk in OutboxMail.objects.filter(state=MailState.WAITING).values_list("pk", flat=True):
            assert send_mail(mail_id=pk)

    def letter(self, address: str, containing: str = "") -> str:
        """The path of the link in the newest mail to an address. Raises AssertionError when there is none."""
        self.work()
        for letter in reversed(django_mail.outbox):
            if letter.to == [address] and containing in letter.subject + letter.body:
                return re.search(r"https?://[^/\s]+(/\S*)", letter.body).group(1)
        raise AssertionError(f"no mail to {address} with “{containing}”")

    def accept_invitation(self, name: str, address: str, password: str = "seven quiet herons walk") -> Person:
        """Follow the invitation's link from the mail and choose a password."""
        person = self.person(name)
        person.open(self.letter(address, "/invitation/"))
        person.press_empty("Save and go on")
        if person.labelled("Full name").count():  # on a challenge that is under way the name stays as it was given
            person.fill("Full name", name)
        for label in ("Password", "Password, once more"):
            person.fill(label, password)
        person.press("Save and go on")
        return person

    def standing(self) -> list[str]:
        """Where everybody is: the page, and how it begins."""
        return [
            f"{name} is at {where(one.page)}: {one.page.locator('h1').all_inner_texts()}"
            for name, one in self.people.items()
        ]

    def close(self) -> None:
        for person in self.people.values():
            person.leave()


def furnish() -> SimpleNamespace:
    """Programme, coordinator, councils, questionnaire, document texts and a pool of four peers."""
    load_defaults()
    load_default_templates()
    programme = make_programme()
    coordinator = make_user("Cora Ordway", email="cora.ordway@example.org", job_title="Programme coordinator")
    sit(coordinator, SeatName.COORDINATOR, programme)
    make_council("Northmere")
    pool = {}
    for name in ("Lena Marsh", "Piotr Vale", "Sunita Rao", "Olu Bright"):
        user = make_user(name, email=f"{name.lower().replace(' ', '.')}@example.org", job_title="Head of resilience")
        pool[name] = make_peer(user, council=make_council(f"{name.split()[1]}shire", region="South East"))
    return SimpleNamespace(programme=programme, coordinator=coordinator, version=make_framework(), pool=pool)
