"""How long a body may hold its thread. gunicorn waits for each `recv` alone, so a client that sends a byte now and
then would hold one of its few threads for as long as it likes.

Where the server lends us its socket, our side of reading is closed when time is up: a waiting `recv` ends at once,
whatever came is kept, and the answer can still be sent. Other servers are only asked the time between reads.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

READ_AWAY_SECONDS = 20.0
STEP = 64 * 1024
RATE_SECONDS = 30.0
RATE_BYTES = 8 * 1024 * int(RATE_SECONDS)  # fewer bytes than this in RATE_SECONDS: the line is given up


def stop_reading(request: Any) -> None:
    """Nothing more is read of this connection: the answer goes out and the connection ends.

    gunicorn drops a `Connection: close` of ours and would read the rest away itself.
    """
    connection = _connection(request)
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)


def read_away(request: Any) -> None:
    """Browsers show a broken connection instead of an answer that comes before they have sent everything.

    Only for people with a right to be here. READ_AWAY_SECONDS in all, and at the least rate.
    """
    until = time.monotonic() + READ_AWAY_SECONDS
    with at_least_rate(request, READ_AWAY_SECONDS) as read, suppress(OSError):
        while read(STEP) and time.monotonic() < until:
            pass


@contextmanager
def at_least_rate(request: Any, total: float | None = None) -> Iterator[Callable[[int], bytes]]:
    """A `read(size)` for the body that ends early on a line slower than the least rate, or after `total` seconds."""
    watch = Watch(request, total)
    if is_watched(request):
        watch.start()
    try:
        yield watch.read
    finally:
        watch.over.set()


class Watch(threading.Thread):
    """Counts what is read of a body, and gives the line up when it is too little: then `gave_up` says so.

    `ended`: the last read found nothing more. With `while_reading` the clock runs only while somebody waits for the
    line, not while the product works.
    """

    def __init__(self, request: Any, total: float | None = None, *, while_reading: bool = False) -> None:
        super().__init__(name="slow-body", daemon=True)
        self.request, self.total, self.while_reading = request, total, while_reading
        self.count, self.gave_up, self.ended, self.over = 0, False, False, threading.Event()
        self._read, self._turn, self._is_reading = request.read, 0, False

    def read(self, size: int = -1) -> bytes:
        """In small steps, so that what has come is counted before all of `size` is there."""
        self._turn, self._is_reading = self._turn + 1, True
        pieces: list[bytes] = []
        left = size if size >= 0 else sys.maxsize
        try:
            while left:
                piece = self._read(min(STEP, left))
                self.ended = not piece
                if self.ended:
                    break
                pieces.append(piece)
                left -= len(piece)
                self.count += len(piece)
        finally:
            self._is_reading = False
        return b"".join(pieces)

    def run(self) -> None:
        until = None if self.total is None else time.monotonic() + self.total
        while True:
            before, turn, was_reading, pause = self.count, self._turn, self._is_reading, RATE_SECONDS
            if until is not None:
                pause = max(0.0, min(pause, until - time.monotonic()))
            if self.over.wait(pause):
                return
            waited = not self.while_reading or (was_reading and self._is_reading and turn == self._turn)
            too_slow = waited and self.count - before < RATE_BYTES
            if too_slow or (until is not None and time.monotonic() >= until):
                self.gave_up = True
                stop_reading(self.request)
                return


def is_watched(request: Any) -> bool:
    """Whether the server lends us the socket of this request."""
    return _connection(request) is not None


def _connection(request: Any) -> socket.socket | None:
    return request.environ.get("gunicorn.socket") if hasattr(request, "environ") else None
