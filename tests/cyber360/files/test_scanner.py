"""Every answer a scanner can give: from a tiny one of our own in a thread, then from a real one if installed."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cyber360.files.models import Verdict
from cyber360.files.scanner import Clamd, NoScanner, Scan, scanner

VERSION = b"ClamAV 1.4.6/27500/Sun Nov 22 09:00:00 2026\0"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
with_clamd = pytest.mark.skipif(CLAMD is None, reason="no clamd here: apt-get install clamav-daemon")


class FakeClamd:
    """Answers VERSION, reads a whole INSTREAM, then does what `act(connection, received)` says."""

    def __init__(self, act: Callable[[socket.socket], None], path: Path | None = None) -> None:
        self.act = act
        if path is None:
            self.door = socket.create_server(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{self.door.getsockname()[1]}"
        else:
            self.door = socket.create_server(str(path), family=socket.AF_UNIX)
            self.address = str(path)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError, struct.error):
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        command = line.recv(10, socket.MSG_WAITALL) if line.recv(2, socket.MSG_PEEK) == b"zI" else line.recv(9)
        if command == b"zVERSION\0":
            line.sendall(VERSION)
        else:
            self.act(line)

    def close(self) -> None:
        # A blocked accept() keeps the socket open on Linux; shutting it down wakes it.
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        self.thread.join(5)


def whole_stream(line: socket.socket) -> list[bytes]:
    chunks = []
    while size := struct.unpack("!L", line.recv(4, socket.MSG_WAITALL))[0]:
        chunks.append(line.recv(size, socket.MSG_WAITALL))
    return chunks


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    def act(line):
        whole_stream(line)
        line.sendall(answer)

    return act


@pytest.fixture
def asked():
    """`asked(act, pieces, size)` -> the verdict from a scanner that acts so."""
    running: list[FakeClamd] = []

    def ask(act, pieces=(b"abc", b"def"), size=None, path=None, **times) -> Scan:
        fake = FakeClamd(act, path)
        running.append(fake)
        times = {"call_seconds": 5, "total_seconds": 10, **times}
        return Clamd(fake.address, **times).scan(iter(pieces), sum(map(len, pieces)) if size is None else size)

    yield ask
    for fake in running:
        fake.close()


@pytest.mark.parametrize(
    ("answer", "verdict", "detail"),
    [
        (b"stream: OK\0", Verdict.CLEAN, ""),
        (b"stream: Eicar-Test FOUND\0", Verdict.INFECTED, "Eicar-Test"),
        (b"stream: Win.Test FOUND\n", Verdict.INFECTED, "Win.Test"),
        (b"stream: Heuristics.Encrypted.Zip FOUND\0", Verdict.ERROR, "Cannot be scanned (Heuristics.Encrypted.Zip)."),
        (
            b"stream: Heuristics.Limits.Exceeded FOUND\0",
            Verdict.ERROR,
            "Cannot be scanned (Heuristics.Limits.Exceeded).",
        ),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.TOO_BIG, "Larger than the scanner takes."),
        (b"COMMAND READ TIMED OUT\n", Verdict.ERROR, "COMMAND READ TIMED OUT"),
        (b"UNKNOWN COMMAND\0", Verdict.ERROR, "UNKNOWN COMMAND"),
        (b"Can't allocate memory ERROR\0", Verdict.ERROR, "Can't allocate memory ERROR"),
        (b"", Verdict.ERROR, "The scanner gave no answer."),
        (b"stream: OK", Verdict.ERROR, "stream: OK"),
        (b"stream: OK\n", Verdict.ERROR, "stream: OK"),
        (b"OK\0", Verdict.ERROR, "OK"),
        (b"stream: OKAY\0", Verdict.ERROR, "OKAY"),
        (b"\xff\xfe\0", Verdict.ERROR, "\ufffd\ufffd"),
    ],
)
def test_each_answer(asked, answer, verdict, detail):
    found = asked(saying(answer))
    assert found.verdict == verdict
    assert detail in found.detail
    assert found.version == VERSION[:-1].decode()


def test_empty_pieces_are_dropped_and_all_bytes_arrive(asked):
    arrived = []

    def act(line):
        arrived.extend(whole_stream(line))
        line.sendall(b"stream: OK\0")

    assert asked(act, [b"abc", b"", b"def", b""]).verdict == Verdict.CLEAN
    assert arrived == [b"abc", b"def"]


@pytest.mark.parametrize("size", [5, 7])
def test_ok_for_another_number_of_bytes_is_not_clean(asked, size):
    assert asked(saying(b"stream: OK\0"), size=size).verdict == Verdict.ERROR


def test_the_reason_is_read_after_a_broken_pipe(asked, tmp_path):
    """A Unix socket, as in earnest: there what was said before closing can still be read."""

    def act(line):
        line.recv(4)
        line.sendall(b"INSTREAM size limit exceeded. ERROR\0")

    pieces = [bytes(1024 * 1024)] * 8
    assert asked(act, pieces, path=tmp_path / "c.sock").verdict == Verdict.TOO_BIG


def test_ok_before_a_reset_is_not_clean(asked, tmp_path):
    def act(line):
        line.recv(4)
        line.sendall(b"stream: OK\0")

    assert asked(act, path=tmp_path / "c.sock").verdict == Verdict.ERROR


def test_ok_before_everything_was_sent_is_not_clean(asked):
    def act(line):
        line.recv(4)
        line.sendall(b"stream: OK\0")

    assert asked(act, [bytes(1024 * 1024)] * 8).verdict == Verdict.ERROR


def test_a_reset_is_an_error(asked):
    def act(line):
        line.recv(4)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert asked(act).verdict == Verdict.ERROR


def test_a_scanner_that_hangs_is_an_error_within_the_call_limit(asked):
    started = time.monotonic()
    found = asked(lambda line: time.sleep(2), call_seconds=0.3)
    assert found.verdict == Verdict.ERROR
    assert "TimeoutError" in found.detail
    assert time.monotonic() - started < 1.5


def test_a_scanner_that_drips_is_an_error_within_the_whole_limit(asked):
    def act(line):
        whole_stream(line)
        for _again in range(20):
            line.sendall(b"s")
            time.sleep(0.1)

    started = time.monotonic()
    assert asked(act, call_seconds=5, total_seconds=0.5).verdict == Verdict.ERROR
    assert time.monotonic() - started < 1.5


def test_an_endless_answer_is_cut(asked):
    def act(line):
        whole_stream(line)
        while True:
            line.sendall(b"x" * 5000)

    assert asked(act).verdict == Verdict.ERROR


def test_nobody_listening_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert Clamd(f"127.0.0.1:{port}").scan([b"x"], 1).verdict == Verdict.ERROR
    assert Clamd(str(tmp_path / "none.sock")).scan([b"x"], 1).verdict == Verdict.ERROR


def test_without_a_scanner_nothing_is_clean(settings):
    settings.CLAMD = ""
    assert isinstance(scanner(), NoScanner)
    assert scanner().scan([b"x"], 1) == Scan(Verdict.NOT_SCANNED)
    settings.CLAMD = "/run/clamd.sock"
    assert scanner() == Clamd("/run/clamd.sock")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A clamd of our own as an ordinary foreground process, with one signature."""
    folder = tmp_path_factory.mktemp("clamd")
    process = started(folder, folder / "d.sock")
    yield folder / "d.sock", process
    process.send_signal(signal.SIGCONT)
    process.terminate()
    process.wait(20)


def started(folder: Path, door: Path) -> subprocess.Popen:
    (folder / "db").mkdir()
    (folder / "db/test.ndb").write_text(f"Eicar-Test-Signature:0:0:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {door}\nLocalSocketMode 600\nDatabaseDirectory {folder}/db\n"
        f"TemporaryDirectory {folder}\nLogFile {folder}/log\nPidFile {folder}/pid\nStreamMaxLength 2M\n"
        "ReadTimeout 1\nCommandReadTimeout 1\nMaxThreads 2\nAlertExceedsMax yes\nAlertEncrypted yes\n"
        + (f"User {os.environ.get('USER', 'root')}\n" if os.getuid() == 0 else "")
    )
    process = subprocess.Popen(
        [CLAMD, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _try in range(200):
        if Clamd(str(door)).scan([b"x"], 1).verdict == Verdict.CLEAN:
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError((folder / "log").read_text() if (folder / "log").exists() else "clamd did not start")


@pytest.mark.installed
@with_clamd
def test_a_real_scanner_tells_clean_from_infected(real):
    door, _process = real
    assert Clamd(str(door)).scan([b"an honest text"], 14).verdict == Verdict.CLEAN
    found = Clamd(str(door)).scan([EICAR[:20], b"", EICAR[20:]], len(EICAR))
    assert found.verdict == Verdict.INFECTED
    assert found.detail.startswith("Eicar-Test-Signature")
    assert found.version.startswith("ClamAV")


@pytest.mark.installed
@with_clamd
def test_a_real_scanner_says_too_big(real):
    door, _process = real
    pieces = [bytes(512 * 1024)] * 8
    assert Clamd(str(door)).scan(pieces, 4 * 1024 * 1024).verdict == Verdict.TOO_BIG


@pytest.mark.installed
@with_clamd
def test_a_real_scanner_that_is_stopped_is_an_error_and_recovers(real):
    door, process = real
    process.send_signal(signal.SIGSTOP)
    try:
        assert Clamd(str(door), call_seconds=0.5).scan([b"abc"], 3).verdict == Verdict.ERROR
    finally:
        process.send_signal(signal.SIGCONT)
    assert Clamd(str(door)).scan([b"abc"], 3).verdict == Verdict.CLEAN


@pytest.mark.installed
@with_clamd
def test_a_stream_left_open_is_never_clean(real):
    """We stop in the middle: the scanner answers with a newline and no NUL."""
    door, _process = real

    def slow():
        yield b"abc"
        time.sleep(2.5)
        yield b"def"

    assert Clamd(str(door)).scan(slow(), 6).verdict == Verdict.ERROR
