"""A kept file again under another scope's key: decrypted and encrypted piece by piece, never plain on disk."""

import hashlib
import uuid

from django.db import models, transaction
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput
from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.keys import key_for
from cyber360.files.models import State, StoredFile, blob_path
from cyber360.files.receiving import disk_is_full, pack_room
from cyber360.files.services import ask_for_check, open_for_reading
from cyber360.files.storage import vault


def copy_to_scope(
    stored_file: StoredFile, scope: str, by: models.Model | None, *, file_id: uuid.UUID | None = None
) -> StoredFile:
    """A new file with the same bytes and name under `scope`; its content is checked and scanned anew.

    With `file_id` a second call gives the file of the first, so that a job may run twice. The bytes are written
    outside any transaction: a caller that dies leaves bytes without a row, which the sweep removes.
    Raises NotNow for a file that may not be read, BadInput without room for it, DamagedFile.
    """
    known = StoredFile.objects.filter(pk=file_id, scope=scope).first() if file_id else None
    if known is not None:
        return known
    _refuse_without_room(stored_file, scope)
    copy = StoredFile(
        id=file_id or uuid.uuid4(),
        scope=scope,
        name=stored_file.name,
        extension=stored_file.extension,
        size=stored_file.size,
        sha256=stored_file.sha256,
        state=State.STORED,
        uploaded_by_id=None if by is None else by.pk,
    )
    _write(stored_file, copy)
    with transaction.atomic():
        copy.full_clean()
        copy.save(force_insert=True)
        ask_for_check(stored_file=copy)
    return copy


def _refuse_without_room(stored_file: StoredFile, scope: str) -> None:
    if sentence := disk_is_full():
        raise BadInput(sentence)
    if stored_file.size > pack_room(scope):
        raise BadInput(
            _("“%(name)s” does not fit into what is left of the space for this challenge.") % {"name": stored_file.name}
        )


def _write(source: StoredFile, copy: StoredFile) -> None:
    """Nothing stays when the source does not read to its end, or is not what was kept."""
    lock, digest, size = (
        cipher.encryptor(key_for(copy.scope), cipher.file_context(copy.scope, copy.pk)),
        hashlib.sha256(),
        0,
    )
    with vault().write(blob_path(copy.pk)) as out:
        for piece in open_for_reading(source):
            digest.update(piece)
            size += len(piece)
            if sealed := lock.update(piece):
                out.write(sealed)
        out.write(lock.finalize())
        if (size, digest.hexdigest()) != (source.size, source.sha256):
            raise DamagedFile(_("The stored file is not the one that was uploaded."))
