from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task


def unfinished_sections(challenge: Challenge) -> list[Blocker]:
    return []


def missing_sign_offs(challenge: Challenge) -> list[Blocker]:
    return []


def unanswered_comments(challenge: Challenge) -> list[Blocker]:
    return []


def tasks_for(user, challenges) -> list[Task]:
    return []
