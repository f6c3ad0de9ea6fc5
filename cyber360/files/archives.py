"""Zips that a room takes in to unpack them, and never hands out: the only way past "archives are not accepted".

A zip is not checked or scanned as a whole: each of its files is, once it is unpacked.
"""

from django.db import models, transaction

from cyber360.exceptions import BadInput
from cyber360.files.checks import Checked, refuse_extension
from cyber360.files.handler import VaultUpload
from cyber360.files.models import State, StoredFile, Verdict
from cyber360.files.names import ARCHIVE, extension_of

ARCHIVE_TYPE = Checked("application/zip", ARCHIVE, [])


def refuse_type(name: str, *, archives: bool) -> None:
    """As `refuse_extension`, but for a zip where zips are unpacked."""
    if not (archives and extension_of(name) == ARCHIVE):
        refuse_extension(name)


@transaction.atomic
def keep_archive(*, upload: VaultUpload, by: models.Model | None) -> StoredFile:
    """The row of a zip that waits to be unpacked, in the caller's transaction. Raises BadInput with the refusal."""
    if upload.refusal:
        raise BadInput(upload.refusal)
    stored = StoredFile(
        id=upload.id,
        scope=upload.scope,
        name=upload.name,
        extension=ARCHIVE_TYPE.extension,
        media_type=ARCHIVE_TYPE.media_type,
        size=upload.size,
        sha256=upload.sha256,
        state=State.STORED,
        verdict=Verdict.NOT_SCANNED,
        uploaded_by_id=None if by is None else by.pk,
    )
    stored.full_clean()
    stored.save(force_insert=True)
    return stored
