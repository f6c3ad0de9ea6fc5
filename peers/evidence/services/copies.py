"""A copy of a PDF with the reader's name and an id of its own on every page."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.files.models import StoredFile
from cyber360.files.rendering import marked_pdf
from peers.evidence.models import EvidenceVersion, ReadingReceipt
from peers.evidence.queries.marks import mark_lines

from .receipts import copy_id_for


class MarkedCopy(NamedTuple):
    """`copy_id` goes to `record_download` or `record_taken_with_pack` before the first of the pieces goes out."""

    copy_id: str
    pieces: Iterator[bytes]


def marked_copy(
    *, version: EvidenceVersion, by: User, kind: ReadingReceipt.Kind, stored: StoredFile | None = None
) -> MarkedCopy:
    """The caller has checked the right. `stored` is the version's file, read again. Raises NoPreview, DamagedFile."""
    copy_id = copy_id_for(version=version, by=by, kind=kind)
    lines = mark_lines(by, version.item, timezone.now(), copy_id)
    return MarkedCopy(copy_id, marked_pdf(stored or version.stored_file, lines, copy_id))
