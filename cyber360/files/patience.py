"""How long a body may hold its thread. gunicorn waits for each `recv` alone, so a client that sends a byte now and
then would hold one of its few threads for as long as it likes.

Where the server lends us its socket, our side of reading is closed when time is up: a waiting `recv` ends at once,
whatever came is kept, and the answer can still be sent. Other servers are only asked the time between reads.
"""

import socket
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
    watch = _Watch(request, total)
    if _connection(request) is not None:
        watch.start()
    try:
        yield watch.read
    finally:
        watch.over.set()


class _Watch(threading.Thread):
    def __init__(self, request: Any, total: float | None) -> None:
        super().__init__(name="slow-body", daemon=True)
        self.request, self.total, self.count, self.over = request, total, 0, threading.Event()

    def read(self, size: int) -> bytes:
        """In small steps, so that what has come is counted before all of `size` is there."""
        pieces: list[bytes] = []
        while size:
            piece = self.request.read(min(STEP, size))
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
            self.count += len(piece)
        return b"".join(pieces)

    def run(self) -> None:
        until = None if self.total is None else time.monotonic() + self.total
        while True:
            before, pause = self.count, RATE_SECONDS
            if until is not None:
                pause = max(0.0, min(pause, until - time.monotonic()))
            if self.over.wait(pause):
                return
            if (until is not None and time.monotonic() >= until) or self.count - before < RATE_BYTES:
                stop_reading(self.request)
                return


def _connection(request: Any) -> socket.socket | None:
    return request.environ.get("gunicorn.socket") if hasattr(request, "environ") else None
