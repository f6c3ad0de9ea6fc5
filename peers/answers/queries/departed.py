"""Questions in the hands of people who have no seat any more, or are about to lose it."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.answers.models import Assignment
from peers.challenges.models import Challenge
from peers.challenges.queries import Task
from peers.challenges.sitting import still_seated


def left_behind() -> QuerySet[Assignment]:
    """Open hand-overs to people who cannot open the question any more."""
    rows = Assignment.objects.filter(state=Assignment.State.OPEN)
    return rows.exclude(still_seated("person")).order_by("pk")


def questions_held(challenge: Challenge, person: User) -> int:
    return Assignment.objects.filter(challenge=challenge, person=person, state=Assignment.State.OPEN).count()


def departed_tasks(rows: Iterable[Assignment], challenges: dict[int, Challenge]) -> Iterable[Task]:
    """One for each person and challenge of `rows`, which are left behind and know `name` and `code`."""
    held: dict[tuple[int, int], list] = defaultdict(list)
    for row in rows:
        held[row.challenge_id, row.person_id].append(row)
    for (pk, _person), theirs in held.items():
        challenge, count = challenges[pk], len(theirs)
        words = ngettext(
            "Hand on the question that %(name)s held", "Hand on the %(count)s questions that %(name)s held", count
        )
        url = reverse("answers:overview", args=[challenge.ref]) + "?show=left"
        if count == 1:
            url = reverse("answers:question", args=[challenge.ref, theirs[0].code])
        due = min((row.due_on for row in theirs if row.due_on), default=None)
        yield Task(words % {"count": count, "name": theirs[0].name}, challenge, url, due, "answers.left")
