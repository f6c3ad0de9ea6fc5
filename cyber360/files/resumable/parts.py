"""Taking in the body of one request: cut into parts, each encrypted from its first byte and counted once it is safe.

A part is written, synced and renamed; then its row and the new offset are committed together. A process that is
killed in between leaves ciphertext without a row, which the sweep removes. One request writes at a time: it holds
the upload by `held_by` until `held_until` and renews that while bytes come. The hold of a killed process runs out;
a request that lost it can no longer commit, because each commit asks for its own name.
"""

import errno
import hmac
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.files import cipher
from cyber360.files.keys import existing_key, key_for
from cyber360.files.models import Blob, BlobKind, Upload, UploadState
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from cyber360.jobs.services import enqueue

from .protocol import CHECKSUM_MISMATCH, Checksum, Refusal

PART_BYTES = 16 * 1024 * 1024
MOST_PARTS = 4000  # a client that sends a file in crumbs would fill the store with rows and small files
HOLD = timedelta(seconds=30)
_RENEW_SECONDS = 5.0
FINISH_KIND = "files.finish"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Body:
    """The body of a request, `length` bytes long, read 1 MiB at a time by `read`.

    A connection that drops ends it early (`broken`): what came until then is kept.
    """

    def __init__(self, read: Callable[[int], bytes], length: int) -> None:
        self._read, self.left = read, length
        self.broken = False

    def pieces(self, most: int) -> Iterator[bytes]:
        """Up to `most` bytes of what is left."""
        while most and self.left:
            piece = self._piece(min(cipher.PIECE, most, self.left))
            if not piece:
                self.left, self.broken = 0, True
                return
            most -= len(piece)
            self.left -= len(piece)
            yield piece

    def _piece(self, size: int) -> bytes:
        try:
            return self._read(size)
        except OSError:  # reset by the client, or silent for too long
            return b""


@dataclass
class Hold:
    """This request's hold on an upload. `offset` counts what is committed."""

    upload: Upload
    offset: int
    name: uuid.UUID = field(default_factory=uuid.uuid4)
    renewed: float = field(default_factory=time.monotonic)

    def take(self) -> None:
        """Raises Refusal: 423 while another request holds it, 409 when the offset is not (or no longer) this."""
        now = timezone.now()
        taken = (
            Upload.objects.filter(pk=self.upload.pk, state=UploadState.RECEIVING, offset=self.offset)
            .filter(Q(held_until=None) | Q(held_until__lt=now))
            .update(held_by=self.name, held_until=now + HOLD, touched_at=now)
        )
        if not taken:
            raise self._why_not()

    def _why_not(self) -> Refusal:
        row = Upload.objects.filter(pk=self.upload.pk).first()
        if row is None:
            return gone()
        return held() if is_held(row) else wrong_offset()

    def renew(self) -> None:
        """Called while bytes come in. Raises Refusal (423) when another request has taken over."""
        if time.monotonic() - self.renewed < _RENEW_SECONDS:
            return
        self.renewed = time.monotonic()
        if not self._mine().update(held_until=timezone.now() + HOLD):
            raise _lost()

    def release(self) -> None:
        self._mine().update(held_by=None, held_until=None)

    @transaction.atomic
    def commit(self, parts: list[Blob]) -> None:
        """Count the parts, which lie whole in the store; the last ones also ask for the finishing."""
        now = timezone.now()
        reached = self.offset + sum(part.size for part in parts)
        whole = reached == self.upload.size
        fields: dict[str, Any] = {"held_until": now + HOLD}
        if whole:
            fields = {"held_by": None, "held_until": None, "state": UploadState.FINISHING}
        if not self._mine().filter(offset=self.offset).update(offset=reached, touched_at=now, **fields):
            raise _lost()
        Blob.objects.bulk_create(parts)
        self.offset = reached
        if whole:
            ask_to_finish(self.upload)

    def _mine(self) -> QuerySet[Upload]:
        return Upload.objects.filter(pk=self.upload.pk, held_by=self.name, state=UploadState.RECEIVING)


def ask_to_finish(upload: Upload) -> Job:
    """Asking twice gives the same job."""
    return enqueue(
        kind=FINISH_KIND,
        key=f"{FINISH_KIND}:{upload.pk}",
        payload={"upload": str(upload.pk)},
        by=upload.owner,
        scope=upload.scope,
    )


def receive(upload: Upload, body: Body, offset: int, checksum: Checksum | None) -> int:
    """Take in the body from `offset` on; the offset then reached.

    Raises Refusal: 409, 423 (see Hold.take), 410 when it was ended meanwhile, 460 when the checksum does not fit,
    507 when the store is full. With a checksum nothing is counted before the whole body was proved.
    """
    hold = Hold(upload, offset)
    hold.take()
    try:
        if checksum is None:
            _take_parts(hold, body)
        else:
            _take_proved(hold, body, checksum)
    finally:
        hold.release()
    return hold.offset


def _take_parts(hold: Hold, body: Body) -> None:
    number = _next_number(hold)
    while body.left:
        part = _written(hold, body.pieces(PART_BYTES), number)
        if part is None:
            return
        _commit(hold, [part])
        number += 1


def _take_proved(hold: Hold, body: Body, checksum: Checksum) -> None:
    digest, number = checksum.started(), _next_number(hold)
    parts: list[Blob] = []
    try:
        while body.left:
            part = _written(hold, _fed(body.pieces(PART_BYTES), digest.update), number + len(parts))
            parts += [part] if part else []
        if body.broken or not hmac.compare_digest(digest.digest(), checksum.digest):
            raise Refusal(CHECKSUM_MISMATCH, _("This piece was changed on its way. It is sent again."))
    except BaseException:  # a kill excepted, nothing of an unproved body stays
        _remove(parts)
        raise
    if parts:
        _commit(hold, parts)


def _fed(pieces: Iterator[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for piece in pieces:
        update(piece)
        yield piece


def _next_number(hold: Hold) -> int:
    last = Blob.objects.filter(scope=hold.upload.scope, kind=BlobKind.PART, owner=hold.upload.pk)
    number = 0 if (found := last.order_by("-number").values_list("number", flat=True).first()) is None else found + 1
    if number >= MOST_PARTS:
        raise Refusal(413, _("The file came in too many small pieces. Cancel the upload and start it again."))
    return number


def _written(hold: Hold, pieces: Iterator[bytes], number: int) -> Blob | None:
    """One part in the store, without its row; None when no byte came."""
    first = next(pieces, None)
    if first is None:
        return None
    upload = hold.upload
    part = Blob(scope=upload.scope, kind=BlobKind.PART, owner=upload.pk, number=number)
    lock = cipher.encryptor(key_for(upload.scope), cipher.blob_context(upload.scope, part.kind, upload.pk, number))
    try:
        with vault().write(part.path) as out:
            piece: bytes | None = first
            while piece is not None:
                part.size += len(piece)
                if sealed := lock.update(piece):
                    out.write(sealed)
                hold.renew()
                piece = next(pieces, None)
            out.write(lock.finalize())
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise no_room_on_disk() from error
    return part


def _commit(hold: Hold, parts: list[Blob]) -> None:
    try:
        hold.commit(parts)
    except Refusal:  # rolled back for certain; after a fault of the database the sweep decides by the rows
        _remove(parts)
        raise


def _remove(parts: list[Blob]) -> None:
    for part in parts:
        vault().delete(part.path)


def part_pieces(upload: Upload) -> Iterator[bytes]:
    """The plain bytes of all parts in order. Raises DamagedFile, also when one is missing."""
    key, reached = existing_key(upload.scope), 0
    parts = Blob.objects.filter(scope=upload.scope, kind=BlobKind.PART, owner=upload.pk).order_by("number")
    for number, part in enumerate(parts):
        if part.number != number:
            break
        context = cipher.blob_context(upload.scope, BlobKind.PART, upload.pk, number)
        for piece in cipher.decrypted(vault().read(part.path), key, context):
            reached += len(piece)
            yield piece
    if reached != upload.size:
        raise cipher.DamagedFile("Parts of the upload are missing.")


def is_held(upload: Upload) -> bool:
    return upload.is_open and upload.held_until is not None and upload.held_until >= timezone.now()


def held() -> Refusal:
    return Refusal(423, _("This file is being uploaded in another window, or was a moment ago."))


def gone() -> Refusal:
    return Refusal(410, _("This upload is over. Choose the file again."))


def wrong_offset() -> Refusal:
    return Refusal(409, _("The piece does not follow on what came before."))


def no_room_on_disk() -> Refusal:
    return Refusal(507, _("The store has no room at the moment. What came so far is kept; try again later."))


def _lost() -> Refusal:
    return Refusal(423, _("This upload was taken over by another window, or ended."))
