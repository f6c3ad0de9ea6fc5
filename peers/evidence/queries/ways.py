"""In which form a reader may take a file away, if at all."""

from enum import Enum
from typing import NamedTuple

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow
from cyber360.files.models import StoredFile, Verdict
from peers.access import HOST, LGA, TEAM, SeatName, decide, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion

from .visibility import get_item


class Way(Enum):
    """`MARKED` is a copy whose pages carry the reader's name."""

    ORIGINAL = "original"
    MARKED = "marked"
    NONE = ""


PDF = "application/pdf"


def way_for(seat: SeatName | None, challenge: Challenge, stored: StoredFile) -> Way:
    """The council takes its own files as they are; readers from outside as its policy says."""
    if seat is None:
        return Way.NONE
    if seat not in LGA | TEAM or challenge.download_policy == Challenge.DownloadPolicy.ORIGINALS:
        return Way.ORIGINAL
    if challenge.download_policy == Challenge.DownloadPolicy.MARKED and stored.media_type == PDF:
        return Way.MARKED
    return Way.NONE


class Readings(NamedTuple):
    """What the item's page offers: `preview` is whether the present version opens in the page, `older` whether the
    older ones do, `ways` how each version (by id) may be taken; `is_watched` when the council sees that one reads."""

    preview: bool
    older: bool
    ways: dict[int, Way]
    is_watched: bool

    @property
    def original(self) -> list[int]:
        return [pk for pk, way in self.ways.items() if way == Way.ORIGINAL]

    @property
    def marked(self) -> list[int]:
        return [pk for pk, way in self.ways.items() if way == Way.MARKED]


def readings_of(user: User, item: EvidenceItem, versions: list[EvidenceVersion]) -> Readings:
    """For the item's page: only what the person can do."""
    reads = decide(user, Act.EVIDENCE_PREVIEW, item).seat
    takes = decide(user, Act.EVIDENCE_DOWNLOAD, item).seat
    ways = {
        row.pk: way_for(takes, item.challenge, row.stored_file) if is_takable(row, takes) else Way.NONE
        for row in versions
    }
    current = next((row for row in versions if row.pk == item.current_id), None)
    is_there = current is not None and current.stored_file.is_readable and not current.is_held_from(reads)
    return Readings(reads is not None and is_there, reads in HOST | LGA, ways, is_watched(user, item))


def is_takable(version: EvidenceVersion, seat: SeatName | None) -> bool:
    """The bytes are there, were checked, and are not held back from this seat."""
    stored = version.stored_file
    return stored.is_readable and stored.verdict != Verdict.PENDING and not version.is_held_from(seat)


def require_way(user: User, version: EvidenceVersion) -> Way:
    """How this person takes this version. Raises NoSeat, NotNow with what to do instead."""
    seat = require(user, Act.EVIDENCE_DOWNLOAD, version.item)
    way = way_for(seat, version.item.challenge, version.stored_file)
    if way == Way.NONE:
        raise NotNow(_("The council lets this be read in the page only. Open the preview instead."))
    return way


def version_to_read(user: User, ref: str, pk: int, number: str = "") -> EvidenceVersion:
    """The present version, or an older one by its number for the host and the LGA. Raises NoSeat, NotNow."""
    item = get_item(user, ref, pk, Act.EVIDENCE_PREVIEW)
    seat = require(user, Act.EVIDENCE_PREVIEW, item)
    row = item.current
    if number and (row is None or number != str(row.number)):
        row = _older(item, number) if seat in HOST | LGA else None
    if row is None:
        raise NoSeat
    if row.is_held_from(seat):
        raise NotNow(_("This file is held back until the council has answered. Nobody else can open it before that."))
    row.item = item
    return row


def _older(item: EvidenceItem, number: str) -> EvidenceVersion | None:
    if not number.isascii() or not number.isdecimal() or len(number) > 6:
        return None
    return item.versions.select_related("stored_file", "release").filter(number=int(number)).first()


def is_watched(user: User, item: EvidenceItem) -> bool:
    """Whether the council sees that this person reads: everybody but its own lead and sponsor."""
    return decide(user, Act.EVIDENCE_PREVIEW, item).seat not in HOST
