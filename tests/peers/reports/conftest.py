"""A challenge whose report is being written: findings of every type, two for the council alone, levels, talks."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from peers.answers.models import Answer
from peers.evidence.models import EvidenceItem
from peers.findings.models import Feedback, Finding
from peers.onsite.models import Attendee, Conversation
from peers.reports import services
from peers.reports.models import Report
from peers.scoring.models import AgreedScore
from peers.stages import Stage

SECRET = "The spare key to the server room hangs in the kitchen"
MET = "Marjorie Quillfeather"
KINDS = (
    ("strength", "Leaders tell their own near misses"),
    ("consideration", "The incident plan lives on the network it is meant to replace"),
    ("recommendation", "Put the plan where every service can reach it without the network"),
    ("quick_win", "Print the phone list"),
    ("question", "Who decides to switch a service off?"),
    ("good_practice", "Near misses are told at every team meeting"),
)


def add_finding(challenge, kind="strength", headline="It works", *, theme=0, number=None, **fields):
    defaults = {"narrative": f"What we saw about “{headline}”, and why it matters here.", "state": "agreed"}
    if kind == "recommendation":
        defaults |= {"owner_suggestion": "Director of resources", "urgency": "soon"}
    themes = list(challenge.themes.order_by("place"))
    return Finding.objects.create(
        challenge=challenge, theme=themes[theme], kind=kind, headline=headline, number=number, **(defaults | fields)
    )


def add_conversation(challenge, role="Service manager", name=MET):
    slot = Conversation.objects.create(
        challenge=challenge, title="Services", starts_at=timezone.now() - datetime.timedelta(days=3), state="held"
    )
    Attendee.objects.create(conversation=slot, role=role, name=name)
    return slot


def fill_challenge(cast):
    challenge = cast.challenge
    slot = add_conversation(challenge)
    for number, (kind, headline) in enumerate(KINDS):
        finding = add_finding(
            challenge, kind, headline, theme=number % 2, number=1 if kind == "recommendation" else None
        )
        finding.conversations.add(slot)
    add_finding(challenge, "consideration", SECRET, sensitive=True)
    add_finding(challenge, "recommendation", f"Move it: {SECRET}", number=2, sensitive=True)
    EvidenceItem.objects.create(
        challenge=challenge, title="Incident plan", kind="link", url="https://example.org/plan", added_by=cast.host_lead
    )
    for question in cast.questions:
        Answer.objects.update_or_create(challenge=challenge, question=question, defaults={"level": 3, "text": "So."})
        AgreedScore.objects.create(challenge=challenge, question=question, level=2, reason="Seen.", version=1)
    Feedback.objects.create(challenge=challenge, held_on=timezone.localdate(), attendee_roles="Chief executive")


@pytest.fixture
def drafted(cast):
    """`.report` in drafting; `.section(code)`; `.to(stage)` puts the challenge on, without the moves."""
    fill_challenge(cast)
    cast.at(Stage.DRAFTING)
    services.start_report(challenge=cast.challenge, by=cast.manager, at=timezone.now())
    return SimpleNamespace(cast=cast, challenge=cast.challenge, **_reading(cast))


def _reading(cast):
    def report():
        return Report.objects.select_related("challenge__council").get(challenge=cast.challenge)

    return {
        "report": report,
        "section": lambda code: report().sections.select_related("report__challenge").get(code=code),
        "to": cast.at,
    }


@pytest.fixture
def issued(drafted):
    """The same, issued."""
    drafted.to(Stage.ISSUED)
    services.freeze_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
    drafted.issued = drafted.report().issued
    return drafted
