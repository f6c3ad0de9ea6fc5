"""The whole pack as one archive: streamed, each file verified before its first byte, what is damaged left out.

Nothing of it is written to disk, and no more than a few pieces of one file are held at a time.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from stream_zip import ZIP_AUTO, MemberFile, stream_zip

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import StoredFile
from cyber360.files.rendering import NoPreview
from cyber360.files.services import open_for_reading
from peers.access import HOST
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, PackExport, ReadingReceipt
from peers.evidence.queries.pack import Entry, Pack
from peers.evidence.queries.visibility import SAFE
from peers.evidence.queries.ways import Way

from . import manifest
from .copies import marked_copy
from .damage import record_damage
from .receipts import record_taken_with_pack

READ_ONLY = 0o100400
# Office files, PDFs and pictures are compressed already.
_WORTH_COMPRESSING = frozenset({"txt", "csv", "eml", "msg"})
_ONE_AT_A_TIME_SECONDS = 120


class _LeftOut(Exception):
    """A file that was to be sent is not; `args[0]` is the sentence for the manifest."""


@transaction.atomic
def begin_export(*, pack: Pack, by: User) -> PackExport:
    """The record and the audit event of an export, before its first byte. `pack` is `queries.pack_for(by, ...)`.

    Raises NotNow while another export of this pack is on its way to the same person.
    """
    if not cache.add(_lock(pack.challenge, by), 1, _ONE_AT_A_TIME_SECONDS):
        raise NotNow(
            _("This pack is on its way to you already. Wait until it has arrived, or try again in two minutes.")
        )
    export = PackExport(
        challenge=pack.challenge, by=by, seat=pack.seat, started_at=timezone.now(), files=len(pack.sent), size=pack.size
    )
    export.full_clean()
    export.save()
    record(
        act=Act.EVIDENCE_PACK_EXPORT, by=by, seat=pack.seat, obj=pack.challenge, scope=pack.challenge.scope,
        detail={"files": export.files, "size": export.size, "export": export.pk},
    )  # fmt: skip
    return export


def _lock(challenge: Challenge, by: User) -> str:
    return f"evidence.pack:{challenge.pk}:{by.pk}"


def archive(*, pack: Pack, export: PackExport, by: User) -> Iterator[bytes]:
    """The archive in pieces. One that breaks off leaves the record without its end."""
    try:
        yield from stream_zip(_members(pack, export, by))
        export.finished_at = timezone.now()
        export.save(update_fields=["finished_at", "left_out"])
    finally:
        cache.delete(_lock(pack.challenge, by))


def _members(pack: Pack, export: PackExport, by: User) -> Iterator[MemberFile]:
    """A sheet to read first, the files, and last the manifest, which says what was really sent."""
    at = timezone.localtime(export.started_at)
    yield _small(_("Read me first.txt"), manifest.cover(pack, by, at), at)
    lines = []
    for entry in pack.entries:
        reason, copied = entry.reason, hashlib.sha256()
        if entry.is_sent:
            cache.touch(_lock(pack.challenge, by), _ONE_AT_A_TIME_SECONDS)
            try:
                pieces = _verified(entry, pack, by)
            except _LeftOut as left:
                reason = left.args[0]
                export.left_out += 1
            else:
                yield _member(entry, at, _summed(pieces, copied) if entry.way == Way.MARKED else pieces)
        is_copy = entry.way == Way.MARKED and not reason
        lines.append(manifest.line(entry, reason, copied.hexdigest() if is_copy else ""))
    yield _small("manifest.json", manifest.as_json(pack, lines, at), at)
    yield _small("manifest.csv", manifest.as_csv(lines), at)


def _small(name: str, data: bytes, at: datetime) -> MemberFile:
    return name, at, READ_ONLY, ZIP_AUTO(len(data), level=6), [data]


def _member(entry: Entry, at: datetime, pieces: Iterable[bytes]) -> MemberFile:
    stored = _stored(entry)
    level = 6 if stored.extension in _WORTH_COMPRESSING else 0
    return entry.path, at, READ_ONLY, ZIP_AUTO(stored.size, level=level), pieces


def _stored(entry: Entry) -> StoredFile:
    assert entry.item.current is not None  # an entry with a path has a file
    return entry.item.current.stored_file


def _verified(entry: Entry, pack: Pack, by: User) -> Iterator[bytes]:
    """The file's bytes, or those of its marked copy, after it was read through once. Raises _LeftOut.

    What is so now counts, not what was so when the archive began: it may take long.
    """
    rows = EvidenceItem.objects.filter(pk=entry.item.pk, state=EvidenceItem.State.LIVE, current=entry.item.current_id)
    if not (rows if pack.seat in HOST else rows.filter(SAFE)).exists():
        raise _LeftOut(_("It was withdrawn, replaced or held back while the archive was made."))
    stored, copy_id = StoredFile.objects.get(pk=_stored(entry).pk), ""
    try:
        pieces = open_for_reading(stored)
        if entry.way == Way.MARKED:
            copy_id, pieces = _marked(entry.item, by, stored)
    except DamagedFile as damage:
        record_damage(stored_file=stored, by=by, damage=damage)
        raise _LeftOut(_("It is damaged in the store. It has been recorded; tell the coordinator.")) from damage
    except (NotNow, NoPreview) as refusal:
        raise _LeftOut(refusal.message) from refusal
    if pack.seat not in HOST:
        record_taken_with_pack(item=entry.item, by=by, seat=pack.seat, copy_id=copy_id)
    return pieces


def _marked(item: EvidenceItem, by: User, stored: StoredFile) -> tuple[str, Iterator[bytes]]:
    assert item.current is not None  # an entry that is sent has a file
    item.current.item = item
    copy = marked_copy(version=item.current, by=by, kind=ReadingReceipt.Kind.PACK, stored=stored)
    return copy.copy_id, _begun(copy.pieces)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, after the first piece is there: what fails, fails before anything of it is sent."""
    first = next(pieces)
    return _after(first, pieces)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _summed(pieces: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece
