"""Where ciphertext lies: a folder of this machine, or an S3-compatible bucket.

Both offer `write`, `read`, `delete`, `exists`, `paths`. Neither gives a URL: a link to the storage would pass
by rights and receipts.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages

from cyber360.files.cipher import PIECE, DamagedFile

try:
    from botocore.exceptions import ClientError
    from storages.backends.s3 import S3Storage
except ImportError:  # the optional extra `s3` is not installed
    S3Storage = None

TEMPORARY = ".tmp"


class Writer(Protocol):
    """Takes every byte it is handed."""

    def write(self, data: bytes, /) -> int: ...


class Vault(Storage):
    """What a store offers, and what both refuse: everything that could leak a link or write plain bytes."""

    def write(self, path: str) -> AbstractContextManager[Writer]:
        """A file to write once: on leaving it is kept under its name, on an error nothing is left."""
        raise NotImplementedError

    def read(self, path: str) -> Iterator[bytes]:
        """The ciphertext in pieces of at most 1 MiB. Raises DamagedFile when it is not there."""
        raise NotImplementedError

    def paths(self) -> Iterator[tuple[str, datetime]]:
        """Every stored path with its last change, half-written ones too."""
        raise NotImplementedError

    def url(self, name):
        raise NotImplementedError("Files in the vault have no address; they are read through the rights checks.")

    def _open(self, name, mode="rb"):
        raise NotImplementedError("Use read() or write().")

    def _save(self, name, content):
        raise NotImplementedError("Use write().")

    def free_bytes(self) -> int | None:
        """Room left in bytes, or None where the store does not say."""
        return None


def checked_path(path: str) -> str:
    """The path itself, or ValueError when it could mean another place than the one below the store that it names."""
    if not _is_path(path):
        raise ValueError(f"Not a vault path: {path!r}")
    return path


def _is_path(path: str) -> bool:
    return all(part not in {"", ".", ".."} and part.isprintable() and "\\" not in part for part in path.split("/"))


def vault() -> Vault:
    return cast(Vault, storages["vault"])


class LocalVault(Vault):
    """A folder that only the service's own account may open."""

    def __init__(self, location: str) -> None:
        self.root = Path(location)

    def _place(self, path: str) -> Path:
        return self.root / checked_path(path)

    @contextmanager
    def write(self, path: str) -> Iterator[Writer]:
        place = self._place(path)
        for folder in (self.root, place.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = place.with_name(place.name + TEMPORARY)
        handle = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=0) as out:
                yield _WholeWrites(out)
                os.fsync(out.fileno())
            temporary.rename(place)
            _sync_folder(place.parent)
        except BaseException:  # GeneratorExit and KeyboardInterrupt too: no part of a file may stay behind
            temporary.unlink(missing_ok=True)
            raise

    def read(self, path: str) -> Iterator[bytes]:
        try:
            handle = self._place(path).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise DamagedFile("The stored file is missing.") from error
        with handle:
            while piece := handle.read(PIECE):
                yield piece

    def delete(self, path: str) -> None:
        self._place(path).unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        return self._place(path).exists()

    def paths(self) -> Iterator[tuple[str, datetime]]:
        for place in sorted(self.root.glob("*/*")):
            yield (
                str(place.relative_to(self.root)),
                datetime.fromtimestamp(place.stat().st_mtime, tz=UTC),
            )

    def free_bytes(self) -> int | None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free


class _WholeWrites:
    """An unbuffered file may take only part of what it is handed; this writes on until all is taken."""

    def __init__(self, out: Any) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]
        return len(data)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3Vault(Vault):
    """A bucket of an S3-compatible store. `options` are those of django-storages' S3Storage.

    Written by parts and read by ranges: its own `save()` and `open('rb')` hold a whole object in memory.
    """

    def __init__(self, **options) -> None:
        if not options.get("bucket_name"):
            raise ImproperlyConfigured("FILES_STORAGE=s3 needs S3_BUCKET.")
        if S3Storage is None:
            raise ImproperlyConfigured("FILES_STORAGE=s3 needs the extra `s3` (pip install 'cyber360[s3]').")
        self._s3 = S3Storage(**{"file_overwrite": True, "default_acl": None, **options})

    @contextmanager
    def write(self, path: str) -> Iterator[Writer]:
        out = self._s3.open(checked_path(path), "wb")
        try:
            yield out
            out.close()
        except BaseException:  # as above: an upload in parts that is not ended costs money until it is aborted
            if out._multipart is not None:
                out._multipart.abort()
            raise

    def read(self, path: str) -> Iterator[bytes]:
        try:
            body = self._s3.bucket.Object(self._s3._normalize_name(checked_path(path))).get()["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise DamagedFile("The stored file is missing.") from error
            raise
        with body:
            yield from body.iter_chunks(PIECE)

    def delete(self, path: str) -> None:
        self._s3.delete(checked_path(path))

    def exists(self, path: str) -> bool:
        return self._s3.exists(checked_path(path))

    def paths(self) -> Iterator[tuple[str, datetime]]:
        prefix = self._s3.location
        for item in self._s3.bucket.objects.filter(Prefix=prefix):
            path = item.key.removeprefix(prefix).lstrip("/")
            if _is_path(path):  # other tools leave empty objects named like folders
                yield path, item.last_modified
