"""Writing down who read what: opened, read in the page, downloaded, followed as a link, taken with the pack.

The council's own reading of its own evidence is no receipt, but what it downloads is in the audit trail as well.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.files.models import Verdict
from peers.access import HOST, require
from peers.acts import Act
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt
from peers.evidence.models.receipts import COPY_LENGTH, COPY_LETTERS

Kind = ReadingReceipt.Kind

# A page that is loaded again within this time belongs to the same reading.
ONE_READING = timedelta(minutes=10)


def record_opened(
    *, item: EvidenceItem, by: User, at: datetime | None = None, mine: Sequence[ReadingReceipt] | None = None
) -> ReadingReceipt | None:
    """Somebody opened the item's page. One event for the first time; None for the council's own people.

    `mine` are the person's receipts of the item, read a moment ago, which spares reading them again.
    """
    seat = require(by, Act.EVIDENCE_READ, item)
    if seat in HOST:
        return None
    at = at or timezone.now()
    if mine is None:
        known = _known(item, item.current, by, Kind.OPENED)
    else:
        known = next((row for row in mine if row.kind == Kind.OPENED and row.version_id == item.current_id), None)
    if known is not None and at - known.latest < ONE_READING:
        return known
    try:
        return _opened(item, by, seat, at, is_new=known is None)
    except IntegrityError:  # another page of this person's was quicker
        return _opened(item, by, seat, at, is_new=False)


def record_preview(
    *, version: EvidenceVersion, by: User, page: int, at: datetime | None = None
) -> ReadingReceipt | None:
    """A page of the version was shown. One event for the first time; None for the council's own people."""
    seat = require(by, Act.EVIDENCE_PREVIEW, version.item)
    if seat in HOST:
        return None
    at = at or timezone.now()
    known = _known(version.item, version, by, Kind.PREVIEWED)
    if known is not None and at - known.latest < ONE_READING and page in known.pages and known.copy_id:
        return known
    try:
        return _previewed(version, by, seat, page, at, is_new=known is None)
    except IntegrityError:  # as above
        return _previewed(version, by, seat, page, at, is_new=False)


def _known(
    item: EvidenceItem, version: EvidenceVersion | None, by: User, kind: ReadingReceipt.Kind
) -> ReadingReceipt | None:
    """So that turning pages of a reading that still goes on writes nothing."""
    return ReadingReceipt.objects.filter(item=item, version=version, reader=by, kind=kind).first()


@transaction.atomic
def _opened(item: EvidenceItem, by: User, seat: str, at: datetime, *, is_new: bool) -> ReadingReceipt:
    receipt, first = _note(item, item.current, by, seat, Kind.OPENED, at, apart=ONE_READING, is_new=is_new)
    if first:
        _event(item, by, seat, Act.EVIDENCE_PREVIEW, {"kind": Kind.OPENED.value})
    return receipt


@transaction.atomic
def _previewed(
    version: EvidenceVersion, by: User, seat: str, page: int, at: datetime, *, is_new: bool
) -> ReadingReceipt:
    item = version.item
    receipt, first = _note(
        item, version, by, seat, Kind.PREVIEWED, at,
        apart=ONE_READING, pages=[page], copy_id=_new_copy_id(), is_new=is_new,
    )  # fmt: skip
    if page not in receipt.pages:
        receipt.pages = [*receipt.pages, page]
        receipt.save(update_fields=["pages"])
    if first:
        detail = {"kind": Kind.PREVIEWED.value, "version": version.number, "sha256": version.stored_file.sha256}
        _event(item, by, seat, Act.EVIDENCE_PREVIEW, detail | {"copy": receipt.copy_id})
    return receipt


def copy_id_for(*, version: EvidenceVersion, by: User, kind: ReadingReceipt.Kind) -> str:
    """The id to draw across a copy before it is made: the one this person's copies of this version carry, or a new one.

    It is kept by `record_download` or `record_taken_with_pack`, which the caller calls before the first byte goes out.
    """
    rows = ReadingReceipt.objects.filter(item=version.item, version=version, reader=by, kind=kind).exclude(copy_id="")
    return rows.values_list("copy_id", flat=True).first() or _new_copy_id()


def _new_copy_id() -> str:
    return "".join(secrets.choice(COPY_LETTERS) for _letter in range(COPY_LENGTH))


@transaction.atomic
def record_download(
    *, version: EvidenceVersion, by: User, at: datetime | None = None, counts: bool = True, copy_id: str = ""
) -> ReadingReceipt:
    """Before the first byte goes out: the right again, the receipt, the audit event.

    `counts` is False for the continuation of an interrupted download: the right is checked, nothing is added.
    `copy_id` (of `copy_id_for`) says that the copy carries the reader's name, and this id.
    """
    item = version.item
    seat = require(by, Act.EVIDENCE_DOWNLOAD, item)
    if version.stored_file.verdict == Verdict.PENDING:
        raise NotNow(_("The file is still being checked. Try again in a minute."))
    apart = timedelta(0) if counts else None
    receipt, first = _note(item, version, by, seat, Kind.DOWNLOAD, at or timezone.now(), apart=apart, copy_id=copy_id)
    if counts or first:
        detail = {"version": version.number, "sha256": version.stored_file.sha256}
        marked = {"kind": "marked copy", "copy": copy_id} if copy_id else {}
        _event(item, by, seat, Act.EVIDENCE_DOWNLOAD, detail | marked)
    return receipt


@transaction.atomic
def record_link_opened(*, item: EvidenceItem, by: User, at: datetime | None = None) -> ReadingReceipt:
    """Somebody follows a link from here; what lies behind it is not ours to log."""
    seat = require(by, Act.EVIDENCE_DOWNLOAD, item)
    receipt, _first = _note(item, None, by, seat, Kind.LINK, at or timezone.now())
    _event(item, by, seat, Act.EVIDENCE_DOWNLOAD, {"kind": "link"})
    return receipt


@transaction.atomic
def record_taken_with_pack(*, item: EvidenceItem, by: User, seat: str, copy_id: str = "") -> ReadingReceipt:
    """One file, or link, of the archive; the export itself is the audit event (`services.exports`).

    `copy_id` (of `copy_id_for`) is what a marked copy carries.
    """
    receipt, _first = _note(item, item.current, by, seat, Kind.PACK, timezone.now(), copy_id=copy_id)
    return receipt


def _note(
    item: EvidenceItem,
    version: EvidenceVersion | None,
    by: User,
    seat: str,
    kind: ReadingReceipt.Kind,
    at: datetime,
    *,
    apart: timedelta | None = timedelta(0),
    pages: list[int] | None = None,
    copy_id: str = "",
    is_new: bool = False,
) -> tuple[ReadingReceipt, bool]:
    """The receipt under lock, and whether it is new.

    With `is_new` none is looked for, and IntegrityError says that there was one. It counts once more when at least
    `apart` went by since the last time; never for None. Raises NotNow when the copy was made with another id than the
    one that a copy made at the same time has left here.
    """
    rows = ReadingReceipt.objects.select_for_update()
    is_marked = bool(copy_id) and kind != Kind.PREVIEWED
    place = {"item": item, "version": version, "reader": by, "kind": kind}
    fresh = {"seat": seat, "first_at": at, "is_marked": is_marked, "pages": pages or [], "copy_id": copy_id}
    if is_new:
        return rows.create(**place, **fresh), True
    receipt, first = rows.get_or_create(**place, defaults=fresh)
    if is_marked and receipt.copy_id not in {"", copy_id}:
        raise NotNow(_("Another copy of this was made for you at the same moment. Try again."))
    changed = [] if receipt.copy_id or not copy_id else ["copy_id"]
    receipt.copy_id = receipt.copy_id or copy_id
    if not first and apart is not None and at - receipt.latest >= apart:
        receipt.times += 1
        receipt.last_at, receipt.seat, receipt.is_marked = at, seat, is_marked
        changed += ["times", "last_at", "seat", "is_marked"]
    if changed:
        receipt.save(update_fields=changed)
    return receipt, first


def _event(item: EvidenceItem, by: User, seat: str, act: Act, detail: dict) -> None:
    record(act=act, by=by, seat=seat, obj=item, scope=item.challenge.scope, detail=detail)
