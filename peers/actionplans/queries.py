from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task


def unanswered_recommendations(challenge: Challenge) -> list[Blocker]:
    return []


def missing_check_ins(challenge: Challenge) -> list[Blocker]:
    return []


def tasks_for(user, challenges) -> list[Task]:
    return []
