"""What the checks of an item's file say, for its own page and for lists."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.files.models import CheckStep, Concern
from cyber360.files.steps import place_words, steps_for
from peers.access import TEAM, may
from peers.acts import Act
from peers.evidence.models import EvidenceItem

from .visibility import reading_seat


class Shown(NamedTuple):
    """One concern: the kind in words, where it was found, the row with its answer."""

    kind: str
    place: str
    concern: Concern


class Checks(NamedTuple):
    """The steps in order, what the file is held for or was held for, until when an answer is awaited."""

    steps: list[CheckStep]
    concerns: list[Shown]
    answer_by: date | None = None
    may_answer: bool = False

    @property
    def are_open(self) -> bool:
        return any(shown.concern.is_open for shown in self.concerns)


def checks_of(user: User, item: EvidenceItem) -> Checks | None:
    """For the page of one item: two queries. None for a link and for the team, which gets only what is safe."""
    if item.current is None or reading_seat(user, item.challenge) in TEAM:
        return None
    checks = checks_for([item])[item.pk]
    may_answer = checks.are_open and item.is_live and may(user, Act.EVIDENCE_CONCERN_ANSWER, item)
    return checks._replace(may_answer=may_answer)


def checks_for(items: Sequence[EvidenceItem]) -> dict[int, Checks]:
    """The checks of each item's present file, by the item's number; two queries for any number of items."""
    files = {item.current.stored_file_id: item.pk for item in items if item.current is not None}
    concerns: dict[int, list[Shown]] = {pk: [] for pk in files.values()}
    rows = Concern.objects.filter(stored_file_id__in=list(files)).select_related("answered_by").order_by("kind")
    for row in rows:
        concerns[files[row.stored_file_id]].append(Shown(str(row.get_kind_display()), place_words(row), row))
    steps = steps_for([item.current.stored_file for item in items if item.current is not None])
    return {pk: Checks(steps[file_id], concerns[pk], _answer_by(concerns[pk])) for file_id, pk in files.items()}


def _answer_by(concerns: Sequence[Shown]) -> date | None:
    raised = [shown.concern.raised_at for shown in concerns if shown.concern.is_open]
    if not raised:
        return None
    return timezone.localdate(min(raised)) + timedelta(days=settings.FILES_CONCERN_DAYS)
