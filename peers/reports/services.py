from datetime import datetime

from peers.challenges.models import Challenge


def start_report(*, challenge: Challenge, by, at: datetime) -> None:
    """Filled by the room."""


def freeze_report(*, challenge: Challenge, by, at: datetime) -> None:
    """Filled by the room."""
