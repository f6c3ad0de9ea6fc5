import datetime

import pytest
from django.utils import timezone

from peers.onsite import services
from peers.stages import Stage


@pytest.fixture
def visit(cast):
    """The cast on site, with functions that make slots of the first day as the manager."""
    cast.at(Stage.ON_SITE)
    return Visit(cast)


class Visit:
    def __init__(self, cast):
        self.cast = cast
        self.challenge = cast.challenge

    def moment(self, hour: int, minute: int = 0, day: int = 0):
        date = self.challenge.visit_first_day + datetime.timedelta(days=day)
        return timezone.make_aware(datetime.datetime.combine(date, datetime.time(hour, minute)))

    def slot(self, title="Chief executive", hour=9, minute=0, minutes=45, **fields):
        return services.add_conversation(
            challenge=self.challenge,
            by=self.cast.manager,
            title=title,
            starts_at=self.moment(hour, minute),
            minutes=minutes,
            **fields,
        )

    def note(self, person, text="", **fields):
        fields.setdefault("version", 0)
        return services.save_note(challenge=self.challenge, by=person, text=text, **fields)

    def url(self, path=""):
        return f"/challenges/{self.challenge.ref}/visit/{path}"
