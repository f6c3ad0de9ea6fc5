"""Who has read what: per item, per person, and for the whole pack. For the host and the coordinator alone."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from peers.access import LGA, TEAM, SeatName, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, PackExport, ReadingReceipt

# The council's own reading is not shown to it as if somebody else had read.
READERS = TEAM | LGA | {SeatName.CONTRIBUTOR}

SHOWN_SEATS = Q(seat__in=sorted(READERS))


# What counts as reading: that somebody looked at an item's page says nothing about what is in it.
READ_KINDS = (
    ReadingReceipt.Kind.PREVIEWED, ReadingReceipt.Kind.DOWNLOAD, ReadingReceipt.Kind.LINK, ReadingReceipt.Kind.PACK
)  # fmt: skip


class Reader(NamedTuple):
    """One person's reading in sum: how many of the items in use were read, of how many others only the page was
    looked at, and when last. Names can be alike, the address is not."""

    pk: int
    name: str
    email: str
    seat: str
    items: int
    looked_at: int
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
    """`wanted`: person (id), item (id), kind, copy (id as it is kept), first and last (days by the time of the last
    reading), each optional."""
    columns = {
        "person": "reader_id",
        "item": "item_id",
        "kind": "kind",
        "copy": "copy_id",
        "first": "at__date__gte",
        "last": "first_at__date__lte",
    }
    return rows.filter(**{column: wanted[name] for name, column in columns.items() if wanted.get(name)})


def readers_of(challenge: Challenge) -> list[Reader]:
    """Everybody who has read or looked at anything here, by name. Withdrawn items count for the last time alone."""
    live = Q(item__state=EvidenceItem.State.LIVE)
    rows = ReadingReceipt.objects.filter(SHOWN_SEATS, item__challenge=challenge)
    sums = rows.order_by("reader__full_name", "reader").values("reader", "reader__full_name", "reader__email").annotate(
        seen=Count("item", filter=live, distinct=True),
        read=Count("item", filter=live & Q(kind__in=READ_KINDS), distinct=True),
        newest=Max(Coalesce("last_at", "first_at")),
        sat=Max("seat"),
    )  # fmt: skip
    return [
        Reader(
            row["reader"], row["reader__full_name"], row["reader__email"], str(SeatName(row["sat"]).label),
            row["read"], row["seen"] - row["read"], row["newest"],
        )
        for row in sums
    ]  # fmt: skip


def read_items(challenge: Challenge) -> QuerySet[EvidenceItem]:
    """Every item with `readers`, how many people have read it, `team_readers`, those of the team among them, and
    `lookers`, how many have looked at its page or read it."""
    shown = Q(receipts__seat__in=sorted(READERS))
    team = Q(receipts__seat__in=sorted(TEAM))
    read = Q(receipts__kind__in=READ_KINDS)
    return (
        EvidenceItem.objects.filter(challenge=challenge)
        .annotate(
            readers=Count("receipts__reader", filter=shown & read, distinct=True),
            team_readers=Count("receipts__reader", filter=team & read, distinct=True),
            lookers=Count("receipts__reader", filter=shown, distinct=True),
        )
        .order_by("title", "pk")
    )


class InformationCopy(NamedTuple):
    """One copy of the record, made for an information request, that held evidence."""

    name: str
    email: str
    at: datetime
    files: int
    reference: str


def information_copies_of(challenge: Challenge) -> list[InformationCopy]:
    """Newest first, as they were recorded; two queries. The caller has required EVIDENCE_RECEIPTS_READ.

    An earlier record does not say how many evidence files were in a copy: that is `files` 0.
    """
    events = AuditEvent.objects.filter(scope=challenge.scope, act=Act.INFORMATION_EXPORT).order_by("-number")
    held = [event for event in events if "files" in event.detail.get("parts", ()) and event.detail.get("evidence", 1)]
    people = User.objects.in_bulk({event.actor_id for event in held if event.actor_id})
    return [_information_copy(event, people.get(event.actor_id or 0)) for event in held]


def _information_copy(event: AuditEvent, person: User | None) -> InformationCopy:
    name, email = (person.full_name, person.email) if person else ("", "")
    detail = event.detail
    return InformationCopy(name, email, event.at, detail.get("evidence", 0), detail.get("reference", ""))


def exports_of(challenge: Challenge) -> list[PackExport]:
    """Who took the whole pack, newest first."""
    return list(challenge.pack_exports.select_related("by").order_by(F("started_at").desc(), "-pk"))
