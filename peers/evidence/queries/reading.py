"""What one person has read of the evidence: the present version, an earlier one, or none."""

from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from cyber360.accounts.models import User
from peers.evidence.models import EvidenceItem, EvidenceLink, ReadingReceipt

from .visibility import READABLE, items_visible_to

READ, CHANGED = "read", "changed"


class Neighbours(NamedTuple):
    """The items before and after one in the order of the pack, None at its ends."""

    before: EvidenceItem | None = None
    after: EvidenceItem | None = None


def neighbours_of(user: User, item: EvidenceItem) -> Neighbours:
    """What this person can read next to the item: by theme and question, and what serves none last. One query."""
    first = EvidenceLink.objects.filter(item=OuterRef("pk")).order_by("question__theme__place", "question__place")
    rows = items_visible_to(user, item.challenge).filter(
        Q(kind=EvidenceItem.Kind.LINK) | READABLE, state=EvidenceItem.State.LIVE
    )
    rows = rows.annotate(
        theme_place=Subquery(first.values("question__theme__place")[:1]),
        question_place=Subquery(first.values("question__place")[:1]),
    ).order_by(F("theme_place").asc(nulls_last=True), "question_place", "title", "pk")
    pack = list(rows.select_related(None).only("kind", "title", "challenge_id"))
    place = next((number for number, row in enumerate(pack) if row.pk == item.pk), None)
    if place is None:
        return Neighbours()
    for row in pack:
        row.challenge = item.challenge
    return Neighbours(pack[place - 1] if place else None, pack[place + 1] if place + 1 < len(pack) else None)


def receipts_of_reader(user: User, item: EvidenceItem) -> list[ReadingReceipt]:
    """The person's own receipts of the item."""
    return list(ReadingReceipt.objects.filter(reader=user, item=item).select_related("version"))


def read_by(user: User, items: QuerySet[EvidenceItem]) -> dict[int, str]:
    """Item -> READ when the person read what is there now, CHANGED when a version before. One query."""
    rows = ReadingReceipt.objects.filter(reader=user, item__in=items.order_by().values("pk")).order_by()
    rows = rows.exclude(kind=ReadingReceipt.Kind.OPENED)  # its page was looked at, not the thing itself
    found: dict[int, str] = {}
    for item, version, current in rows.values_list("item_id", "version_id", "item__current_id").distinct():
        if version == current:
            found[item] = READ
        else:
            found.setdefault(item, CHANGED)
    return found
