"""Keeping, checking, reading and deleting files. Everything that another room needs stands here."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.dispatch import Signal

from .models import StoredFile

# Sent inside the transaction that writes a changed verdict: sender=StoredFile, file=<StoredFile>.
verdict_given = Signal()


def keep_upload(*, upload, by) -> StoredFile:
    """Finish an upload into a row, inside the caller's transaction; the scope is the one it was received for.

    `upload` is one item of `request.FILES` in a view under `receiving.receives_files`.
    The caller then enqueues `tasks.check_file` with `{"file_id": str(file.pk)}`.
    Raises BadInput with the refusal when the upload was refused (empty, too big, wrong content, no room).
    """
    raise NotImplementedError


def check_and_scan(*, file_id: uuid.UUID | str) -> StoredFile:
    """Check the content (if not yet done) and ask the scanner. May run any number of times."""
    raise NotImplementedError


def open_for_reading(stored_file: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The plain bytes [start, end), after the whole file was verified. Raises DamagedFile, NotNow."""
    raise NotImplementedError


def delete_file(*, stored_file: StoredFile) -> StoredFile:
    """Set `gone` and remove the bytes once the transaction commits. The row stays as a trace."""
    raise NotImplementedError


def sweep_orphans(*, older_than: timedelta = timedelta(hours=24)) -> int:
    """Delete stored bytes without a living row; the number removed."""
    raise NotImplementedError


def bytes_in_scope(scope: str) -> int:
    """Plain bytes that the scope's stored files take."""
    raise NotImplementedError
