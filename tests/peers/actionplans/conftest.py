import datetime

import pytest
from django.utils import timezone

from peers.actionplans import services
from peers.actionplans.models import Response
from peers.findings.models import Finding
from peers.stages import Stage


@pytest.fixture
def plan(cast):
    """Two agreed recommendations and the plan that was opened from them, in action planning."""
    cast.at(Stage.ISSUED)
    theme = cast.challenge.themes.first()
    for number in (1, 2):
        Finding.objects.create(
            challenge=cast.challenge, theme=theme, kind="recommendation", headline=f"Rehearse plan {number}",
            narrative="Nobody has.", state="agreed", number=number, author=cast.lead_peer,
        )  # fmt: skip
    services.open_plan(challenge=cast.challenge, by=cast.host_sponsor, at=timezone.now())
    cast.at(Stage.ACTION_PLANNING)
    return Plan(cast)


class Plan:
    def __init__(self, cast):
        self.cast, self.challenge = cast, cast.challenge
        self.today = timezone.localdate()

    def response(self, number=1):
        return Response.objects.select_related("plan__challenge").get(plan__challenge=self.challenge, number=number)

    def respond(self, number=1, answer="accept", reason=""):
        row = self.response(number)
        return services.respond(response=row, by=self.cast.host_lead, version=row.version, answer=answer, reason=reason)

    def action(self, number=1, days=40, **fields):
        words = {
            "title": "Rehearse with the board", "lead_officer": "Director of Resources",
            "success_measure": "Two rehearsals a year",
            "due_on": self.today + datetime.timedelta(days=days),
        } | fields  # fmt: skip
        return services.add_action(response=self.response(number), by=self.cast.host_lead, **words)

    def url(self, path=""):
        return f"/challenges/{self.challenge.ref}/plan/{path}"
