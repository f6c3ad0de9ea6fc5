"""Asking the virus scanner. Only a full and unbroken OK is `clean`; everything unexpected is `error`."""

import re
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple, Protocol

from django.conf import settings

from cyber360.files.models import Verdict

CALL_SECONDS = 30.0  # one send or receive
TOTAL_SECONDS = 300.0
ANSWER_BYTES = 4096
_FOUND = re.compile(r"stream: (.{1,180}) FOUND")
# Not a virus, but a place the scanner could not look into.
_NOT_LOOKED = ("Heuristics.Encrypted", "Heuristics.Limits")


class Scan(NamedTuple):
    """`detail` is the signature's name or what went wrong; `version` names engine and signatures."""

    verdict: Verdict
    detail: str = ""
    version: str = ""


class Scanner(Protocol):
    def version(self) -> str:
        """Engine and signatures as the scanner names them, empty without a scanner. Raises OSError."""
        ...

    def scan(self, pieces: Iterable[bytes], size: int) -> Scan:
        """Judge the plain `pieces`, `size` bytes in all. Never raises for what the scanner does or says."""
        ...


class NoScanner:
    """No scanner is configured: the file stays unscanned, and says so."""

    def version(self) -> str:
        return ""

    def scan(self, pieces: Iterable[bytes], size: int) -> Scan:
        return Scan(Verdict.NOT_SCANNED)


@dataclass(frozen=True)
class Clamd:
    """ClamAV's daemon at `address`: a socket path, or `host:port`. Times are seconds."""

    address: str
    call_seconds: float = CALL_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def version(self) -> str:
        return self._version(time.monotonic() + min(self.total_seconds, self.call_seconds))

    def scan(self, pieces: Iterable[bytes], size: int) -> Scan:
        deadline = time.monotonic() + self.total_seconds
        try:
            version = self._version(deadline)
            sent, answer, ended = self._instream(pieces, deadline)
        except OSError as error:
            return Scan(Verdict.ERROR, f"The scanner did not answer ({type(error).__name__}).")
        return _judged(answer, whole=ended and sent == size, version=version)

    def _version(self, deadline: float) -> str:
        with self._connected(deadline) as line:
            line.sendall(b"zVERSION\0")
            return _text(self._answer(line, deadline)[0])[:200]

    def _instream(self, pieces: Iterable[bytes], deadline: float) -> tuple[int, bytes, bool]:
        """Bytes handed over (-1 when the scanner stopped listening before the end mark), then as `_answer`."""
        with self._connected(deadline) as line:
            sent = 0
            try:
                line.sendall(b"zINSTREAM\0")
                for piece in pieces:
                    if not piece:
                        continue  # a chunk of no length would end the stream: what follows would pass unseen
                    self._wait(line, deadline)
                    line.sendall(struct.pack("!L", len(piece)))
                    line.sendall(piece)
                    sent += len(piece)
                line.sendall(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                sent = -1  # it says why before it closes
            return sent, *self._answer(line, deadline)

    def _connected(self, deadline: float) -> socket.socket:
        family, place = _place(self.address)
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._wait(line, deadline)
            line.connect(place)
        except OSError:
            line.close()
            raise
        return line

    def _wait(self, line: socket.socket, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no verdict in time")
        line.settimeout(min(self.call_seconds, left))

    def _answer(self, line: socket.socket, deadline: float) -> tuple[bytes, bool]:
        """All that is said up to the end of the stream (some answers end in a newline, not in NUL).

        False when the line broke instead of ending, as it does behind an answer to a stream cut short.
        """
        answer = b""
        while len(answer) < ANSWER_BYTES:
            self._wait(line, deadline)
            try:
                piece = line.recv(ANSWER_BYTES)
            except ConnectionResetError:
                if not answer:
                    raise
                return answer, False
            if not piece:
                return answer, True
            answer += piece
        return answer, False


def _place(address: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    bare = address.removeprefix("unix:").removeprefix("tcp://")
    host, colon, port = bare.rpartition(":")
    if bare.startswith("/") or not colon:
        return socket.AF_UNIX, bare
    host = host.strip("[]")
    return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(port))


def _text(answer: bytes) -> str:
    return answer.rstrip(b"\0\r\n").decode("utf-8", "replace").strip()


def _judged(answer: bytes, *, whole: bool, version: str) -> Scan:
    text = _text(answer)
    if "size limit exceeded" in text and text.endswith("ERROR"):
        return Scan(Verdict.TOO_BIG, "Larger than the scanner takes.", version)
    if found := _FOUND.fullmatch(text):
        return _found(found.group(1), version)
    if answer == b"stream: OK\0" and whole:
        return Scan(Verdict.CLEAN, "", version)
    return Scan(Verdict.ERROR, text[:180] or "The scanner gave no answer.", version)


def _found(name: str, version: str) -> Scan:
    if name.startswith(_NOT_LOOKED):
        return Scan(Verdict.ERROR, f"Cannot be scanned ({name}).", version)
    return Scan(Verdict.INFECTED, name, version)


def signatures_day(version: str) -> date | None:
    """The day in ClamAV's version line, `ClamAV <engine>/<signatures>/<date as of ctime>`; None when it names none."""
    given = version.rpartition("/")[2].strip()
    try:
        return datetime.strptime(given, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def scanner() -> Scanner:
    """The one that `settings.CLAMD` names."""
    return Clamd(settings.CLAMD) if settings.CLAMD else NoScanner()
