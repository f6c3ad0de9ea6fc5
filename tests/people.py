"""The cast of most tests: one person for every seat on one challenge, and those who must see nothing."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from peers.access import SeatName
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_council, make_peer, make_programme, make_user, sit

OUTSIDERS = ("stranger", "other_host", "superuser", "administrator", "editor", "pool_peer")


class Cast(SimpleNamespace):
    """`cast.at(Stage.X)` puts the challenge in a stage (for tests only); `cast.client_for(person)` is signed in."""

    def at(self, stage: Stage):
        self.challenge.stage = stage
        self.challenge.pack_locked_at = timezone.now() if stage.place >= Stage.DESK_REVIEW.place else None
        self.challenge.save()
        return self.challenge

    @staticmethod
    def client_for(person) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @property
    def outsiders(self) -> dict[str, object]:
        """People without any seat on the challenge, by name; each must get a 404 everywhere on it."""
        return {name: getattr(self, name) for name in OUTSIDERS}

    @property
    def framework_version(self):
        return self.challenge.framework_version

    @property
    def questions(self):
        return list(self.framework_version.questions.order_by("theme__place", "place"))


def make_cast() -> Cast:
    programme = make_programme()
    challenge = make_challenge(council=make_council("Northmere"))
    other = make_challenge(council=make_council("Southmere"), framework_version=challenge.framework_version)
    cast = Cast(challenge=challenge, other_challenge=other, programme=programme)
    for name in ("host_lead", "host_sponsor", "contributor"):
        setattr(cast, name, make_user(name.replace("_", " ").title(), job_title="Officer"))
        sit(getattr(cast, name), SeatName(name), challenge)
    cast.manager = make_user("Manager Challenge")
    sit(cast.manager, SeatName.CHALLENGE_MANAGER, challenge)
    seats = {"lead_peer": "lead_peer", "peer": "peer", "second_peer": "peer", "observer": "observer"}
    for name, seat in seats.items():
        user = make_user(name.replace("_", " ").title())
        setattr(cast, name, user)
        setattr(cast, f"{name}_profile", make_peer(user))
        sit(user, SeatName(seat), challenge)
    for name, seat in {
        "coordinator": "coordinator",
        "editor": "framework_editor",
        "administrator": "administrator",
    }.items():
        setattr(cast, name, make_user(name.title()))
        sit(getattr(cast, name), SeatName(seat), programme)
    cast.pool_peer_profile = make_peer(make_user("Pool Peer"))
    cast.pool_peer = cast.pool_peer_profile.user
    cast.stranger = make_user("Stranger")
    cast.other_host = make_user("Other Host")
    sit(cast.other_host, SeatName.HOST_LEAD, other)
    cast.superuser = make_user("Super User", is_staff=True, is_superuser=True)
    return cast


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()
