"""Hashing, encrypting and writing a file while the next of its bytes are still coming in."""

import hashlib
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from cyber360.files import cipher
from cyber360.files.models import blob_path
from cyber360.files.storage import vault

WAITING_PIECES = 4  # of 1 MiB at most: what memory a slow disk may cost


class Sealing:
    """One file on its way into the vault. `finish` or `drop` ends it; dropping twice does no harm.

    The first piece is written at once. From the second on a thread does it, so that a large file is received on one
    side, hashed and written on the other; a fault of the store is raised by the next call. `look` is shown each piece
    on that side; it must not raise.
    """

    def __init__(
        self, key: bytes, scope: str, file_id: uuid.UUID, look: Callable[[bytes], object] | None = None
    ) -> None:
        self._look = look
        self._lock = cipher.encryptor(key, cipher.file_context(scope, file_id))
        self._digest = hashlib.sha256()
        self._writing = ExitStack()
        self._out = self._writing.enter_context(vault().write(blob_path(file_id)))
        self._begun = False
        self._beside: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()
        self._dropped = False

    def take(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            self._seal(data)
            return
        if self._beside is None:
            self._beside = ThreadPoolExecutor(1, "sealing")
        if len(self._waiting) >= WAITING_PIECES or (self._waiting and self._waiting[0].done()):
            self._waiting.popleft().result()
        self._waiting.append(self._beside.submit(self._seal, data))

    def finish(self) -> str:
        """The SHA-256 of the plain bytes, once the file is safe on the disk."""
        for piece in self._waiting:
            piece.result()
        self._end_thread()
        self._out.write(self._lock.finalize())
        self._writing.close()
        return self._digest.hexdigest()

    def drop(self) -> None:
        self._dropped = True
        self._end_thread()
        self._writing.pop_all().__exit__(_Dropped, _Dropped(), None)

    def _seal(self, data: bytes) -> None:
        if self._dropped:
            return
        self._digest.update(data)
        if self._look is not None:
            self._look(data)
        if sealed := self._lock.update(data):
            self._out.write(sealed)

    def _end_thread(self) -> None:
        if self._beside is not None:
            self._beside.shutdown()
            self._beside = None
        self._waiting.clear()


class _Dropped(Exception):
    """Thrown into the storage writer so that it removes its part; never leaves this module."""
