from datetime import datetime

from peers.challenges.models import Challenge


def open_plan(*, challenge: Challenge, by, at: datetime) -> None:
    """Filled by the room."""
