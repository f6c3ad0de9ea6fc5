from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task


def unread_packs(challenge: Challenge) -> list[Blocker]:
    return []


def timetable_gaps(challenge: Challenge) -> list[Blocker]:
    return []


def unsettled_conversations(challenge: Challenge) -> list[Blocker]:
    return []


def tasks_for(user, challenges) -> list[Task]:
    return []
