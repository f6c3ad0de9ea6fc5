"""The words of a file, page by page, kept as one encrypted blob."""

import json
import logging

from cyber360.files.blobs import blob_bytes, find_blob
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import BlobKind, StoredFile
from cyber360.files.sandbox import SandboxFailed, run
from cyber360.files.services import open_for_reading

from .failures import TRIES, counts, no_preview
from .keeping import keep, require_still_there
from .kinds import PICTURED, WORDED, require_readable

log = logging.getLogger(__name__)


def words_of(stored: StoredFile) -> list[str]:
    """One text for each page, sheet or slide; a picture has none. Raises NoPreview, DamagedFile of the original."""
    return _known(stored)["pages"]


def words_are_cut(stored: StoredFile) -> bool:
    """True when the document is longer than what is read of it. Raises as `words_of`."""
    return _known(stored)["cut"]


def words_with_end(stored: StoredFile) -> tuple[list[str], bool]:
    """`words_of` and `words_are_cut` in one reading."""
    known = _known(stored)
    return known["pages"], known["cut"]


def _known(stored: StoredFile) -> dict:
    require_readable(stored, WORDED | PICTURED)
    if stored.extension not in WORDED:
        return {"pages": [], "cut": False}
    known = _kept(stored)
    if known.get("tries", 0) >= TRIES:
        raise no_preview(known["failed"])
    return known if "pages" in known else _made(stored, known.get("tries", 0))


def _kept(stored: StoredFile) -> dict:
    """What was made before, or `{"failed": word, "tries": number}`, or nothing; a damaged blob counts as nothing."""
    blob = find_blob(scope=stored.scope, kind=BlobKind.WORDS, owner=stored.pk)
    if blob is None:
        return {}
    try:
        return json.loads(blob_bytes(blob))
    except (DamagedFile, ValueError):
        log.warning("The words of file %s are damaged and are made again", stored.pk)
        return {}


def _made(stored: StoredFile, tries: int) -> dict:
    try:
        answer = run("words", pieces=open_for_reading(stored), size=stored.size, options={"kind": stored.extension})
        made = _checked(answer)
    except SandboxFailed as failed:
        if counts(failed):
            _keep(stored, {"failed": failed.word, "tries": tries + 1})
        raise no_preview(failed.word) from failed
    _keep(stored, made)
    return made


def _checked(answer: bytes) -> dict:
    """The child may have been taken over: its answer is only ever a list of texts. Raises SandboxFailed."""
    try:
        made = json.loads(answer)
        pages, cut = made["pages"], made["cut"] is True
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailed("crash") from error
    if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
        raise SandboxFailed("crash")
    return {"pages": pages, "cut": cut}


def _keep(stored: StoredFile, known: dict) -> None:
    data = json.dumps(known, ensure_ascii=False).encode("utf-8", "replace")
    keep(stored, BlobKind.WORDS, [data])
    require_still_there(stored)
