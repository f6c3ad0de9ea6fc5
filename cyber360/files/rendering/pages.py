"""Pictures of a file's pages, each an encrypted blob; number 0 is the list of what there is."""

import json
import logging
import struct
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from cyber360.files.blobs import blob_bytes, delete_blobs, find_blob
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import Blob, BlobKind, StoredFile
from cyber360.files.sandbox import SandboxFailed, stream
from cyber360.files.services import open_for_reading

from .failures import TRIES, counts, no_preview
from .keeping import keep, require_still_there
from .kinds import PICTURED, require_readable
from .png import require_plain_png

log = logging.getLogger(__name__)

PAGES = 50
_PICTURE_BYTES = 16 * 1024 * 1024
_ALL_BYTES = 400 * 1024 * 1024


def make_pages(stored: StoredFile) -> int:
    """Make the pictures unless they stand, at most `PAGES`; how many there are. Raises NoPreview, DamagedFile."""
    require_readable(stored, PICTURED)
    known = _kept(stored)
    if "count" in known and _pictures(stored).count() == known["count"]:
        return known["count"]
    if known.get("tries", 0) >= TRIES:
        raise no_preview(known["failed"])
    return _made(stored, known.get("tries", 0))


def page_count(stored: StoredFile) -> int:
    """The number of pictures, which are made when they are not there yet. Raises NoPreview."""
    return make_pages(stored)


def pages_in_document(stored: StoredFile) -> int:
    """How many pages the document itself has, which may be more than there are pictures. Raises NoPreview."""
    make_pages(stored)
    return _kept(stored).get("all", 0)


def page_picture(stored: StoredFile, number: int) -> bytes:
    """The PNG of a page, numbered from 1, at most 1,600 points long. Raises NoPreview."""
    require_readable(stored, PICTURED)
    picture = _picture(stored, number)
    if picture is None and number <= make_pages(stored):
        picture = _picture(stored, number)
        if picture is None:
            _made(stored, 0)
            picture = _picture(stored, number)
    if picture is None:
        raise no_preview("number")
    return picture


def _picture(stored: StoredFile, number: int) -> bytes | None:
    """None when it is not there or damaged."""
    if not 1 <= number <= PAGES:
        raise no_preview("number")
    blob = find_blob(scope=stored.scope, kind=BlobKind.PAGE, owner=stored.pk, number=number)
    try:
        return None if blob is None else blob_bytes(blob)
    except DamagedFile:
        log.warning("Page %d of file %s is damaged and is made again", number, stored.pk)
        return None


def _pictures(stored: StoredFile) -> QuerySet[Blob]:
    return Blob.objects.filter(scope=stored.scope, kind=BlobKind.PAGE, owner=stored.pk, number__gt=0)


def _kept(stored: StoredFile) -> dict:
    """`{"count": pictures, "all": pages of the document}`, `{"failed": word, "tries": number}` or nothing."""
    blob = find_blob(scope=stored.scope, kind=BlobKind.PAGE, owner=stored.pk, number=0)
    if blob is None:
        return {}
    try:
        return json.loads(blob_bytes(blob))
    except (DamagedFile, ValueError):
        log.warning("The list of pages of file %s is damaged and is made again", stored.pk)
        return {}


def _made(stored: StoredFile, tries: int) -> int:
    options = {"kind": stored.extension, "pages": PAGES}
    count = 0
    try:
        answer = stream("pages", pieces=open_for_reading(stored), size=stored.size, options=options, most=_ALL_BYTES)
        frames = _frames(answer)
        total = next(frames)
        for count, picture in enumerate(frames, start=1):
            if count > PAGES:
                raise SandboxFailed("output")
            require_plain_png(picture)
            keep(stored, BlobKind.PAGE, [picture], count)
        if not count:
            raise SandboxFailed("crash")
    except SandboxFailed as failed:
        delete_blobs(_pictures(stored))
        if counts(failed):
            _keep_list(stored, {"failed": failed.word, "tries": tries + 1})
        raise no_preview(failed.word) from failed
    _keep_list(stored, {"count": count, "all": struct.unpack("!L", total)[0]})
    return count


def _frames(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The first four bytes, then each picture whole. Raises SandboxFailed for anything else."""
    waiting, wanted, is_length = bytearray(), 4, False
    first = True
    for piece in pieces:
        waiting += piece
        while len(waiting) >= wanted:
            part = bytes(waiting[:wanted])
            del waiting[:wanted]
            if is_length:
                wanted, is_length = struct.unpack("!L", part)[0], False
                if wanted > _PICTURE_BYTES:
                    raise SandboxFailed("output")
            else:
                yield part
                wanted, is_length, first = 4, True, False
    if waiting or first or not is_length:
        raise SandboxFailed("crash")


def _keep_list(stored: StoredFile, known: dict) -> None:
    keep(stored, BlobKind.PAGE, [json.dumps(known).encode()])
    require_still_there(stored)
