from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task


def outstanding_scores(challenge: Challenge) -> list[Blocker]:
    return []


def unagreed_questions(challenge: Challenge) -> list[Blocker]:
    return []


def tasks_for(user, challenges) -> list[Task]:
    return []
