"""One child for one document: fed through a pipe, read through a pipe, ended by its parent's clock."""

import json
import logging
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import IO

from .ladder import command, rung

log = logging.getLogger(__name__)

SECONDS = 30
SECONDS_WHILE_READ = 900  # how long somebody on a slow line may take to fetch an answer that stands ready
SLOWEST = 4 * 1024 * 1024  # bytes a second at which a large file may still come out of the store
OUTPUT_BYTES = 32 * 1024 * 1024
PIECE = 256 * 1024
_LIMIT_CODE = 3  # what programs/start.py ends with when memory ran out


class SandboxFailed(Exception):
    """The child gave no answer. `word` is limit, crash, time, output or missing."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def run(
    program: str, *, pieces: Iterable[bytes], size: int, options: dict | None = None, most: int = OUTPUT_BYTES
) -> bytes:
    """The whole answer of `programs/<program>.py` to the document in `pieces`. Raises SandboxFailed."""
    return b"".join(stream(program, pieces=pieces, size=size, options=options, most=most))


def stream(
    program: str,
    *,
    pieces: Iterable[bytes],
    size: int,
    options: dict | None = None,
    most: int = OUTPUT_BYTES,
    patient: bool = False,
) -> Iterator[bytes]:
    """The answer in pieces of at most `PIECE` bytes; it is not whole before the iterator ends.

    Whatever fails before the first piece raises SandboxFailed here. `size` is that of the document in bytes, `most`
    that of the answer. With `patient` the clock stops at the first piece, because a person fetches the rest.
    """
    answer = _answer(program, pieces, size, options or {}, most, patient)
    first = next(answer, b"")  # a generator that has begun is closed with its reader, so no child is left behind
    return chain([first], answer) if first else answer


def _answer(
    program: str, pieces: Iterable[bytes], size: int, options: dict, most: int, patient: bool
) -> Iterator[bytes]:
    kind = rung()
    if kind == "missing":
        raise SandboxFailed("missing")
    process = _started(command(kind, program, size))
    clock = _Clock(process, SECONDS + size / SLOWEST)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        # What was asked goes through the pipe too: other users of the machine see the words of a command.
        _feed(process.stdin, chain([json.dumps(options).encode() + b"\n"], pieces))
        yield from _read(process.stdout, most, clock, patient)
        if word := _word(process.wait(), clock.rang):
            raise SandboxFailed(word)
    except SandboxFailed as failed:
        process.kill()
        log.warning("%s of %d bytes (%s): %s, ended with %s", program, size, kind, failed.word, _ending(process))
        raise
    finally:
        clock.stop()
        process.kill()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None  # both are asked for where the process is started
            with suppress(OSError):
                pipe.close()
        process.wait()


def _started(words: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and program
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            close_fds=True,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        log.error("The sandbox could not be started: %s", error)
        raise SandboxFailed("missing") from error


class _Clock:
    """Kills the process when its time is over."""

    def __init__(self, process: subprocess.Popen, seconds: float) -> None:
        self.rang, self._process = False, process
        self.set(seconds)

    def set(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        self.rang = True
        self._process.kill()

    def stop(self) -> None:
        self._timer.cancel()


def _feed(door: IO[bytes], pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[door.write(rest) :]
        except BrokenPipeError:  # it ended early; its exit code tells
            return
    with suppress(BrokenPipeError):
        door.close()


def _read(door: IO[bytes], most: int, clock: _Clock, patient: bool) -> Iterator[bytes]:
    total = 0
    while piece := door.read(PIECE):
        if patient and not total:
            clock.stop()
            clock.set(SECONDS_WHILE_READ)
        total += len(piece)
        if total > most:
            raise SandboxFailed("output")
        yield piece


def _word(code: int, rang: bool) -> str:
    """Why the child ended; empty when all went well. bwrap tells a signal as 128 and its number."""
    if code == 0:
        return ""
    if rang:
        return "time"
    number = -code if code < 0 else code - 128
    return "limit" if code == _LIMIT_CODE or number in (signal.SIGXCPU, signal.SIGKILL) else "crash"


def _ending(process: subprocess.Popen) -> str:
    code = process.wait()
    number = -code if code < 0 else code - 128
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"code {code}"
