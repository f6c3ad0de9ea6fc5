"""Writing what was made of a file while the file itself may be replaced or deleted by somebody else."""

import logging
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from cyber360.files.blobs import delete_blobs, write_blob
from cyber360.files.models import Blob, BlobKind, State, StoredFile

from .failures import no_preview

log = logging.getLogger(__name__)


def keep(stored: StoredFile, kind: BlobKind, pieces: Iterable[bytes], number: int = 0) -> None:
    """One blob of the file, in place of the one that was there."""
    try:
        write_blob(scope=stored.scope, kind=kind, owner=stored.pk, number=number, pieces=pieces)
    except IntegrityError:  # another process was quicker with the same
        log.info("%s %d of file %s was made twice", kind, number, stored.pk)


def require_still_there(stored: StoredFile) -> None:
    """To be called after the last blob is written: nothing may outlast a file that was deleted meanwhile.

    The lock waits for a deletion that is under way. Raises NoPreview.
    """
    with transaction.atomic():
        states = StoredFile.objects.select_for_update().filter(pk=stored.pk).values_list("state", flat=True)
        gone = list(states) != [State.STORED]
        if gone:
            delete_blobs(Blob.objects.filter(scope=stored.scope, owner=stored.pk))
    if gone:
        log.info("File %s was deleted while it was read", stored.pk)
        raise no_preview("gone")
