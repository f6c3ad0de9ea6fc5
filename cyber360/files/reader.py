"""A seekable file over a decrypting stream, so that checks read documents without a plain copy anywhere."""

import io
import os
from collections.abc import Callable, Iterator


class PlainReader(io.RawIOBase):
    """`opened()` starts a new stream of plain pieces, `size` is its length in bytes.

    Going back starts the decryption anew (about 5 ms for 25 MB); checks mostly read forwards.
    """

    def __init__(self, opened: Callable[[], Iterator[bytes]], size: int) -> None:
        self._opened, self._size = opened, size
        self._place = 0
        self._restart()

    def _restart(self) -> None:
        self._pieces = self._opened()
        self._piece, self._piece_start = memoryview(b""), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._place = base + offset
        return self._place

    def readinto(self, buffer) -> int:
        if self._place < self._piece_start:
            self._restart()
        while self._place >= self._piece_start + len(self._piece):
            piece = next(self._pieces, b"")
            if not piece:
                return 0
            self._piece_start += len(self._piece)
            self._piece = memoryview(piece)
        start = self._place - self._piece_start
        taken = self._piece[start : start + len(buffer)]
        buffer[: len(taken)] = taken
        self._place += len(taken)
        return len(taken)


def plain_file(opened: Callable[[], Iterator[bytes]], size: int) -> io.BufferedReader:
    return io.BufferedReader(PlainReader(opened, size), 64 * 1024)
