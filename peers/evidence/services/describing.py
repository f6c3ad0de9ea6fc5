"""Saying of several new items at once what they show."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from peers.access import require
from peers.acts import Act
from peers.evidence.models import EvidenceItem
from peers.frameworks.models import Question

from .base import clean, in_scope, locked_item, needed, set_links


@transaction.atomic
def describe_items(*, by: User, words: Sequence[tuple[EvidenceItem, dict[str, Any]]]) -> int:
    """Write `title`, `shows` and `questions` of each; how many changed. All or none.

    Each `words` carries the `version` on which the person began. Raises NoSeat, NotNow, BadInput, StaleVersion.
    """
    return sum(_describe(item, by, **said) for item, said in words)


def _describe(
    item: EvidenceItem, by: User, *, version: int, title: str, shows: str, questions: Sequence[Question]
) -> bool:
    row = locked_item(item)
    seat = require(by, Act.EVIDENCE_UPLOAD, row)
    if not row.is_live:
        raise NotNow(_("“%(title)s” is withdrawn, so it no longer changes.") % {"title": row.title})
    wanted = {question.pk for question in in_scope(row.challenge, list(questions))}
    held = set(row.links.values_list("question_id", flat=True))
    called, shown = needed(title, _("Enter a title.")), shows.strip()
    if (row.title, row.shows, held) == (called, shown, wanted):
        return False  # sent twice, or left as it was
    row = locked_item(item, version)
    row.title, row.shows = called, shown
    row.version += 1
    clean(row)
    row.save()
    set_links(row, list(questions))
    record(act=Act.EVIDENCE_UPLOAD, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"what": "words"})
    return True
