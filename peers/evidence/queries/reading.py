"""What one person has read of the evidence: the present version, an earlier one, or none."""

from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from cyber360.accounts.models import User
from cyber360.files.models import Verdict
from cyber360.files.rendering import preview_kind
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceLink, ReadingReceipt

from .visibility import READABLE, items_visible_to

READ, CHANGED = "read", "changed"


class Neighbours(NamedTuple):
    """The items before and after one in the order of the pack, None at its ends; `place` among `number` is its own.

    `unread` is the next that the person has not read, from the beginning again after the last.
    """

    before: EvidenceItem | None = None
    after: EvidenceItem | None = None
    place: int = 0
    number: int = 0
    unread: EvidenceItem | None = None


def neighbours_of(user: User, item: EvidenceItem) -> Neighbours:
    """What this person can read next to the item: by theme and question, and what serves none last. One query."""
    pack = _in_order(user, item)
    place = next((number for number, row in enumerate(pack) if row.pk == item.pk), None)
    if place is None:
        return Neighbours()
    after, before = pack[place + 1 :], pack[:place]
    unread = next((row for row in (*after, *before) if not row.is_read), None)  # type: ignore[attr-defined]
    return Neighbours(before[-1] if before else None, after[0] if after else None, place + 1, len(pack), unread)


def _in_order(user: User, item: EvidenceItem) -> list[EvidenceItem]:
    """Each with `is_read` and `reading_url`: its first page when that can be shown, else the item's own page."""
    first = EvidenceLink.objects.filter(item=OuterRef("pk")).order_by("question__theme__place", "question__place")
    read = ReadingReceipt.objects.filter(reader=user, item=OuterRef("pk")).exclude(kind=ReadingReceipt.Kind.OPENED)
    rows = items_visible_to(user, item.challenge).filter(
        Q(kind=EvidenceItem.Kind.LINK) | READABLE, state=EvidenceItem.State.LIVE
    )
    rows = rows.annotate(
        theme_place=Subquery(first.values("question__theme__place")[:1]),
        question_place=Subquery(first.values("question__place")[:1]),
        is_read=Exists(read.filter(Q(version=OuterRef("current")) | Q(version=None))),
    ).order_by(F("theme_place").asc(nulls_last=True), "question_place", "title", "pk")
    files = ("media_type", "extension", "verdict", "state", "refusal")
    rows = rows.select_related(None).select_related("current__stored_file").only(
        "kind", "title", "challenge_id", "current__item_id", *(f"current__stored_file__{name}" for name in files)
    )  # fmt: skip
    pack: list[EvidenceItem] = [*rows]
    for row in pack:
        row.challenge = item.challenge
        row.reading_url = _reading_url(row)  # type: ignore[attr-defined]
    return pack


def _reading_url(item: EvidenceItem) -> str:
    stored = None if item.is_link or item.current is None else item.current.stored_file
    if stored is None or not (stored.verdict == Verdict.PENDING or preview_kind(stored)):
        return item.get_absolute_url()
    return reverse("evidence:preview", args=[item.challenge.ref, item.pk, 1])


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


def opened_of(user: User, challenge: Challenge) -> tuple[int, int]:
    """How many of the items that this person can read they have opened in any way, and how many there are."""
    mine = ReadingReceipt.objects.filter(reader=user, item=OuterRef("pk"))
    rows = items_visible_to(user, challenge).filter(state=EvidenceItem.State.LIVE).order_by()
    opened = list(rows.annotate(is_opened=Exists(mine)).values_list("is_opened", flat=True))
    return sum(opened), len(opened)
