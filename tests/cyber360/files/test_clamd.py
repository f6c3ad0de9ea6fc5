"""A real ClamAV daemon with signatures of our own: nothing is downloaded, EICAR's is written here."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cyber360.files import rechecks, services
from cyber360.files.models import Verdict
from cyber360.files.scanner import Clamd
from tests.cyber360.files.conftest import pdf, word, zipped
from tests.cyber360.files.test_scanner import EICAR

PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
CLAMD = shutil.which("clamd") or shutil.which("clamd", path=PLACES)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.installed,
    pytest.mark.skipif(CLAMD is None, reason="no clamd here: apt-get install clamav-daemon"),
]
OURS = b"CYBER360-TEST-SIGNATURE-not-a-virus-0f3a"
WHOLE = b"One whole file that stands in our list of hashes.\n"


class Daemon:
    """clamd as an ordinary foreground process with its own folder; by socket, and by TCP when `port` is given."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{port}" if port else str(folder / "d.sock")
        (folder / "db").mkdir()
        (folder / "db/test.ndb").write_text(
            f"Eicar-Test-Signature:0:0:{EICAR.hex()}\nCyber360.Test.Words:0:*:{OURS.hex()}\n"
        )
        (folder / "db/test.hdb").write_text(f"{hashlib.md5(WHOLE).hexdigest()}:{len(WHOLE)}:Cyber360.Test.Whole\n")
        door = f"TCPSocket {port}\nTCPAddr 127.0.0.1" if port else f"LocalSocket {self.address}\nLocalSocketMode 600"
        (folder / "clamd.conf").write_text(
            f"Foreground yes\n{door}\nDatabaseDirectory {folder}/db\nTemporaryDirectory {folder}\n"
            f"LogFile {folder}/log\nPidFile {folder}/pid\nStreamMaxLength 2M\nMaxThreads 2\nReadTimeout 5\n"
            "AlertExceedsMax yes\nAlertEncrypted yes\n"
            + (f"User {os.environ.get('USER', 'root')}\n" if os.getuid() == 0 else "")
        )
        self.process = subprocess.Popen(
            [CLAMD, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        for _try in range(300):
            if self.scan(b"x").verdict == Verdict.CLEAN:
                return
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError((self.folder / "log").read_text() if (self.folder / "log").exists() else "did not start")

    def scan(self, data: bytes, size: int | None = None):
        return Clamd(self.address, call_seconds=10).scan([data], len(data) if size is None else size)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory) -> Iterator[Daemon]:
    running = Daemon(tmp_path_factory.mktemp("clamd"))
    yield running
    running.end()


def test_eicar_ours_and_a_clean_file(daemon):
    assert daemon.scan(EICAR).verdict == Verdict.INFECTED
    found = daemon.scan(b"Before it. " + OURS + b" Behind it.")
    assert (found.verdict, found.detail) == (Verdict.INFECTED, "Cyber360.Test.Words.UNOFFICIAL")
    assert daemon.scan(WHOLE).detail == "Cyber360.Test.Whole.UNOFFICIAL"
    assert daemon.scan(WHOLE[:-1]).verdict == Verdict.CLEAN
    assert daemon.scan(pdf()).verdict == Verdict.CLEAN


def test_it_looks_into_what_is_packed(daemon):
    assert daemon.scan(zipped({"a/b.txt": OURS})).verdict == Verdict.INFECTED
    assert daemon.scan(word(OURS.decode())).verdict == Verdict.INFECTED


def test_too_big_is_said_as_that(daemon):
    assert daemon.scan(os.urandom(3 * 1024 * 1024)).verdict == Verdict.TOO_BIG
    assert daemon.scan(os.urandom(1024 * 1024)).verdict == Verdict.CLEAN


@pytest.mark.django_db
def test_from_the_vault_to_the_verdict(daemon, keep, settings):
    settings.CLAMD = daemon.address
    clean = services.check_and_scan(file_id=keep(b"An honest text").pk)
    infected = services.check_and_scan(file_id=keep(b"A text. " + OURS).pk)
    assert (clean.verdict, infected.verdict) == (Verdict.CLEAN, Verdict.INFECTED)
    assert clean.scanner_version.startswith("ClamAV")
    assert infected.check_steps.get(step="scan").state == "refused"
    assert rechecks.ask_scanner().version == clean.scanner_version


@pytest.mark.django_db
def test_new_signatures_find_what_was_clean(daemon, keep, settings, tmp_path):
    """The nightly batch: yesterday's list did not have it."""
    settings.CLAMD = daemon.address
    stored = services.check_and_scan(file_id=keep(b"Not known yet 91c2").pk)
    assert stored.verdict == Verdict.CLEAN
    newer = Daemon(tmp_path)
    try:
        newer.end()
        with (tmp_path / "db/test.ndb").open("a") as signatures:
            signatures.write(f"Cyber360.Test.New:0:*:{b'Not known yet 91c2'.hex()}\n")
        newer.process = subprocess.Popen(
            [CLAMD, "-c", str(tmp_path / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        newer._wait()
        settings.CLAMD = newer.address
        assert services.check_and_scan(file_id=stored.pk, again=True, only_scan=True).verdict == Verdict.INFECTED
    finally:
        newer.end()


def test_killed_in_the_middle_is_an_error(tmp_path):
    running = Daemon(tmp_path)

    def pieces():
        yield b"abc"
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(20)
        yield b"def"

    assert Clamd(running.address, call_seconds=5).scan(pieces(), 6).verdict == Verdict.ERROR
    assert running.scan(b"x").verdict == Verdict.ERROR


def test_by_tcp_as_well(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    running = Daemon(tmp_path, port)
    try:
        assert running.scan(EICAR).verdict == Verdict.INFECTED
        assert running.scan(b"An honest text").verdict == Verdict.CLEAN
        assert running.scan(b"An honest text", size=99).verdict == Verdict.ERROR
    finally:
        running.end()
