"""Zips that a room takes in to unpack them, and never hands out: the only way past "archives are not accepted".

A zip is not checked or scanned as a whole: each of its files is, once it is unpacked.
"""

from django.db import models

from cyber360.files.checks import Checked, refuse_extension
from cyber360.files.handler import VaultUpload
from cyber360.files.models import StoredFile
from cyber360.files.names import ARCHIVE, extension_of
from cyber360.files.services import keep_upload

ARCHIVE_TYPE = Checked("application/zip", ARCHIVE, [])


def refuse_type(name: str, *, archives: bool) -> None:
    """As `refuse_extension`, but for a zip where zips are unpacked."""
    if not (archives and extension_of(name) == ARCHIVE):
        refuse_extension(name)


def keep_archive(*, upload: VaultUpload, by: models.Model | None) -> StoredFile:
    """The row of a zip that waits to be unpacked, in the caller's transaction. Raises BadInput with the refusal."""
    return keep_upload(upload=upload, by=by, taken_as=ARCHIVE_TYPE)
