"""Making one stored file of the parts, in a job that may be killed at any step and run again.

A run writes its own id into `making` before the first byte. The next run removes what stands there, and a run may only
keep its file while its id still stands there: so two runs at once keep one file between them, and a kill leaves nothing
that the next run does not find.
"""

import logging
import uuid
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import ExpectedError, TooBig
from cyber360.files.archives import keep_archive
from cyber360.files.blobs import delete_blobs
from cyber360.files.cipher import DamagedFile
from cyber360.files.handler import Receipt, VaultUpload, no_room_in_pack
from cyber360.files.keys import existing_key
from cyber360.files.models import Blob, BlobKind, Upload, UploadState, blob_path
from cyber360.files.names import ARCHIVE
from cyber360.files.receiving import pack_room
from cyber360.files.services import check_plain, keep_upload
from cyber360.files.storage import vault

from .parts import part_pieces
from .registry import FINISHERS
from .uploads import refuse

log = logging.getLogger(__name__)


class _Overtaken(Exception):
    """Another run, or the end of the upload, came first."""


def finish(upload_id: uuid.UUID | str) -> Upload | None:
    """Make the file, check its content, hand it to what it is for. None when there is nothing (more) to do.

    Refused content, or a refusal of the registered function, ends the upload with its words. Any other failure is
    raised and leaves the parts, so that the job tries again.
    """
    upload = _begun(upload_id)
    if upload is None or upload.making is None:
        return None
    place = upload.making
    try:
        made = _made(upload, place)
        if made.extension != ARCHIVE:
            made.checked = check_plain(made)
        return _kept(upload, made)
    except _Overtaken:
        vault().delete(blob_path(place))
        return None
    except ExpectedError as refusal:  # also "damaged", when another run has removed what this one made
        return refuse(upload, _words(upload, refusal), making=place)


@transaction.atomic
def _begun(upload_id: uuid.UUID | str) -> Upload | None:
    """The upload under a new id for its file; what an earlier run left is removed."""
    upload = Upload.objects.select_for_update().filter(pk=upload_id, state=UploadState.FINISHING).first()
    if upload is None:
        return None
    if upload.making:
        transaction.on_commit(partial(vault().delete, blob_path(upload.making)))
    upload.making, upload.touched_at = uuid.uuid4(), timezone.now()
    upload.save(update_fields=["making", "touched_at"])
    return upload


def _made(upload: Upload, place: uuid.UUID) -> VaultUpload:
    """The parts decrypted once, into one message under the file's own context."""
    receipt = Receipt(upload.scope, upload.name, id=place)
    receipt.start(existing_key(upload.scope))
    try:
        for piece in part_pieces(upload):
            receipt.take(piece)
        receipt.finish()
    except BaseException:
        receipt.drop("")
        raise
    return receipt.upload()


@transaction.atomic
def _kept(upload: Upload, made: VaultUpload) -> Upload:
    row = Upload.objects.select_for_update().filter(pk=upload.pk, making=made.id).first()
    if row is None:
        raise _Overtaken
    if row.size > pack_room(row.scope):
        raise TooBig(no_room_in_pack(row.name))
    keep = keep_archive if made.extension == ARCHIVE else keep_upload
    stored = keep(upload=made, by=row.owner)
    FINISHERS[row.target["kind"]](row, stored)
    row.state, row.stored_file, row.making = UploadState.DONE, stored, None
    row.touched_at = timezone.now()
    row.save()
    delete_blobs(Blob.objects.filter(scope=row.scope, kind=BlobKind.PART, owner=row.pk))
    return row


def _words(upload: Upload, refusal: ExpectedError) -> str:
    if isinstance(refusal, DamagedFile):
        log.error("Upload %s of %s: %s", upload.pk, upload.scope, refusal.message)
        return _("“%(name)s” was damaged in the store. Upload it again.") % {"name": upload.name}
    return refusal.message or _("“%(name)s” cannot be added here any more.") % {"name": upload.name}
