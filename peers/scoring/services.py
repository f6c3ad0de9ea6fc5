from datetime import datetime

from peers.challenges.models import Challenge


def close_private(*, challenge: Challenge, by, at: datetime) -> None:
    """Filled by the room."""
