from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task


def undecided_findings(challenge: Challenge) -> list[Blocker]:
    return []


def missing_feedback(challenge: Challenge) -> list[Blocker]:
    return []


def tasks_for(user, challenges) -> list[Task]:
    return []
