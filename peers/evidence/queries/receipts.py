"""Who has read what: per item, per person, and for the whole pack. For the host and the coordinator alone."""

from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from cyber360.accounts.models import User
from peers.access import LGA, TEAM, SeatName, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, PackExport, ReadingReceipt

# The council's own reading is not shown to it as if somebody else had read.
READERS = TEAM | LGA | {SeatName.CONTRIBUTOR}

SHOWN_SEATS = Q(seat__in=sorted(READERS))


class Reader(NamedTuple):
    """One person's reading in sum: how many items, and when last."""

    pk: int
    name: str
    seat: str
    items: int
    latest: Any


def receipts_of(challenge: Challenge) -> QuerySet[ReadingReceipt]:
    """Every reading of the challenge's evidence, newest first. The caller has required EVIDENCE_RECEIPTS_READ."""
    rows = ReadingReceipt.objects.filter(SHOWN_SEATS, item__challenge=challenge)
    latest = Coalesce("last_at", "first_at")
    return rows.select_related("reader", "item", "version").annotate(at=latest).order_by("-at", "-pk")


def receipts_for(user: User, item: EvidenceItem) -> list[ReadingReceipt]:
    """Who read the item, newest last; empty for a seat that may not see it."""
    if not may(user, Act.EVIDENCE_RECEIPTS_READ, item):
        return []
    return list(item.receipts.filter(SHOWN_SEATS).select_related("reader", "version"))


def filtered_receipts(rows: QuerySet[ReadingReceipt], wanted: dict) -> QuerySet[ReadingReceipt]:
    """`wanted`: person (id), item (id), kind, first and last (days by the time of the last reading), each optional."""
    columns = {
        "person": "reader_id",
        "item": "item_id",
        "kind": "kind",
        "first": "at__date__gte",
        "last": "first_at__date__lte",
    }
    return rows.filter(**{column: wanted[name] for name, column in columns.items() if wanted.get(name)})


def readers_of(challenge: Challenge) -> list[Reader]:
    """Everybody who has read anything here, by name."""
    rows = ReadingReceipt.objects.filter(SHOWN_SEATS, item__challenge=challenge).order_by("reader__full_name", "reader")
    sums = rows.values("reader", "reader__full_name").annotate(
        items=Count("item", distinct=True), newest=Max(Coalesce("last_at", "first_at")), sat=Max("seat")
    )
    return [
        Reader(row["reader"], row["reader__full_name"], str(SeatName(row["sat"]).label), row["items"], row["newest"])
        for row in sums
    ]


def read_items(challenge: Challenge) -> QuerySet[EvidenceItem]:
    """Every item with `readers`, how many people have read it, and `team_readers`, those of the team among them."""
    read = Q(receipts__seat__in=sorted(READERS))
    team = Q(receipts__seat__in=sorted(TEAM))
    return (
        EvidenceItem.objects.filter(challenge=challenge)
        .annotate(
            readers=Count("receipts__reader", filter=read, distinct=True),
            team_readers=Count("receipts__reader", filter=team, distinct=True),
        )
        .order_by("title", "pk")
    )


def exports_of(challenge: Challenge) -> list[PackExport]:
    """Who took the whole pack, newest first."""
    return list(challenge.pack_exports.select_related("by").order_by(F("started_at").desc(), "-pk"))
