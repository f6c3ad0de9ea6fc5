"""Encrypted bytes that we make beside the files: words, page pictures, parts of uploads, search indexes.

They lie in the same store under the same key of the scope, so they end with it.
"""

import uuid
from collections.abc import Iterable, Iterator
from functools import partial

from django.db import models, transaction

from cyber360.files import cipher
from cyber360.files.keys import existing_key, key_for
from cyber360.files.models import Blob, BlobKind
from cyber360.files.storage import vault


def write_blob(
    *, scope: str, kind: BlobKind, pieces: Iterable[bytes], owner: uuid.UUID | None = None, number: int = 0
) -> Blob:
    """Encrypt `pieces` into the store, then write the row; one that stood in its place is removed on commit.

    The bytes are written outside any transaction of ours: a caller that fails leaves bytes without a row, which the
    sweep removes. Raises OSError when the store is full, and then nothing is left.
    """
    blob = Blob(scope=scope, kind=kind, owner=owner, number=number)
    lock = cipher.encryptor(key_for(scope), cipher.blob_context(scope, kind, owner, number))
    with vault().write(blob.path) as out:
        for piece in pieces:
            blob.size += len(piece)
            if sealed := lock.update(piece):
                out.write(sealed)
        out.write(lock.finalize())
    with transaction.atomic():
        delete_blobs(Blob.objects.filter(scope=scope, kind=kind, owner=owner, number=number))
        blob.save(force_insert=True)
    return blob


def read_blob(blob: Blob) -> Iterator[bytes]:
    """The plain bytes in pieces. Raises DamagedFile, which may come after some authentic pieces."""
    context = cipher.blob_context(blob.scope, blob.kind, blob.owner, blob.number)
    return cipher.decrypted(vault().read(blob.path), existing_key(blob.scope), context)


def blob_bytes(blob: Blob) -> bytes:
    """The whole at once, for what is known to be small. Raises DamagedFile."""
    return b"".join(read_blob(blob))


def find_blob(*, scope: str, kind: BlobKind, owner: uuid.UUID | None = None, number: int = 0) -> Blob | None:
    return Blob.objects.filter(scope=scope, kind=kind, owner=owner, number=number).first()


@transaction.atomic
def delete_blobs(blobs: models.QuerySet[Blob]) -> int:
    """Delete the rows, and the bytes once the transaction commits; the number of rows."""
    rows = list(blobs)
    Blob.objects.filter(pk__in=[blob.pk for blob in rows]).delete()
    for blob in rows:
        transaction.on_commit(partial(vault().delete, blob.path))
    return len(rows)
