"""Findings on a challenge in moderation, with sources of both kinds and one that must not be read."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from peers.evidence.models import EvidenceItem
from peers.findings import services
from peers.onsite.models import Attendee, Conversation
from peers.stages import Stage

SECRET = "Nobody has tested the generator since the flood"


def add_slot(challenge, people=3):
    slot = Conversation.objects.create(
        challenge=challenge, title="Resilience", starts_at=timezone.now() - datetime.timedelta(days=1), state="held"
    )
    for number in range(people):
        Attendee.objects.create(conversation=slot, role=f"Role {number}")
    return slot


def add_item(challenge, by, **fields):
    defaults = {"title": "Plan", "kind": "link", "url": "https://example.org/plan", "added_by": by}
    return EvidenceItem.objects.create(challenge=challenge, **(defaults | fields))


def draft(cast, by=None, **fields):
    theme = cast.challenge.themes.order_by("place").first()
    words = {"theme": theme, "kind": "consideration", "headline": SECRET, "narrative": "We asked three people."}
    return services.draft_finding(challenge=cast.challenge, by=by or cast.peer, **(words | fields))


@pytest.fixture
def board(cast):
    """`.finding` captured by a peer, in moderation."""
    cast.at(Stage.MODERATION)
    return SimpleNamespace(cast=cast, challenge=cast.challenge, finding=draft(cast))
