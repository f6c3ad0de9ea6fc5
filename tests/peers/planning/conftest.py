import datetime

import pytest
from django.utils import timezone

from peers.planning import services
from peers.stages import Stage


@pytest.fixture
def setup(cast):
    """The cast with its challenge in set-up and nobody seated on the team: seats come from acceptances here."""
    cast.at(Stage.SETUP)
    for person in (cast.lead_peer, cast.peer, cast.second_peer, cast.observer):
        cast.challenge.seats.filter(user=person).delete()
    return cast


@pytest.fixture
def team(setup):
    """Functions that take a peer a step further, called as the right person."""
    return Team(setup)


class Team:
    def __init__(self, cast):
        self.cast = cast

    def propose(self, profile=None, role="peer"):
        profile = profile or self.cast.pool_peer_profile
        return services.propose_peer(
            challenge=self.cast.challenge, profile=profile, role=role, by=self.cast.coordinator
        )

    def invite(self, profile=None, role="peer", **words):
        day = timezone.localdate() + datetime.timedelta(days=10)
        return services.invite_peer(
            placement=self.propose(profile, role), by=self.cast.coordinator, answer_by=day, **words
        )

    def accept(self, profile=None, role="peer"):
        placement = self.invite(profile, role)
        return services.answer_invitation(placement=placement, by=placement.profile.user, accept=True)

    def whole(self):
        cast = self.cast
        return [
            self.accept(cast.lead_peer_profile, "lead_peer"),
            self.accept(cast.peer_profile),
            self.accept(cast.second_peer_profile),
        ]
