"""Hashing, encrypting and writing a file while the next of its bytes are still coming in."""

import hashlib
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from queue import Queue

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
        self._line: Queue[bytes | None] = Queue(WAITING_PIECES)
        self._thread: threading.Thread | None = None
        self._fault: Exception | None = None
        self._dropped = False

    def take(self, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            self._seal(data)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="sealing", daemon=True)
            self._thread.start()
        self._raise_fault()
        self._line.put(data)

    def finish(self) -> str:
        """The SHA-256 of the plain bytes, once the file is safe on the disk."""
        self._end_thread()
        self._raise_fault()
        self._out.write(self._lock.finalize())
        self._writing.close()
        return self._digest.hexdigest()

    def drop(self) -> None:
        self._dropped = True
        self._end_thread()
        self._writing.pop_all().__exit__(_Dropped, _Dropped(), None)

    def _seal(self, data: bytes) -> None:
        self._digest.update(data)
        if self._look is not None:
            self._look(data)
        if sealed := self._lock.update(data):
            self._out.write(sealed)

    def _work(self) -> None:
        """Until the end mark; after a fault, or when dropped, the rest is only taken off the line."""
        while (data := self._line.get()) is not None:
            if self._fault is None and not self._dropped:
                try:
                    self._seal(data)
                except Exception as fault:
                    self._fault = fault

    def _end_thread(self) -> None:
        if self._thread is not None:
            self._line.put(None)
            self._thread.join()
            self._thread = None

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault


class _Dropped(Exception):
    """Thrown into the storage writer so that it removes its part; never leaves this module."""
