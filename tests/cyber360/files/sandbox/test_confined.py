"""What a child cannot do, on each rung that this machine has."""

import json
import logging
import os
import resource
import socket
import subprocess
import threading
import time
from functools import partial

import pytest
from django.conf import settings as given

from cyber360.files.sandbox import SandboxFailed, ladder, process, stream

on = partial(pytest.mark.parametrize, "rung", indirect=True)
ATTEMPTS = {
    "reach the network": "import socket; socket.socket()",
    "reach a neighbour": "import socket; socket.socketpair()",
    "fork": "import os; os.fork()",
    "become another program": "import os; os.execv('/bin/sh', ['sh'])",
    "start another program": "import subprocess; subprocess.run(['/bin/true'])",
    "start a thread": "import threading; threading.Thread(target=print).start()",
    "write a file": "open('/tmp/mine', 'w')",
    "write here": "open('mine', 'w')",
    "make a folder": "import os; os.mkdir('/tmp/mine')",
    "open for writing": "import os; os.open('/dev/urandom', os.O_RDWR)",
    "leave its namespaces": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "look into another process": "import ctypes; assert ctypes.CDLL(None).ptrace(0) == 0",
}
FAILURES = {"PermissionError", "OSError", "RuntimeError", "AssertionError", "FileNotFoundError"}
# Every attempt answers with the name of its failure, so that nothing passes for want of a proper try.
TRY = """
import json
found = {}
for name, line in ATTEMPTS.items():
    try:
        exec(line)
        found[name] = "done"
    except Exception as failure:
        found[name] = type(failure).__name__
answer = json.dumps(found).encode()
"""


def attempts(told, lines: dict[str, str]) -> dict[str, str]:
    return json.loads(told(f"ATTEMPTS = {lines!r}\n{TRY}"))


def test_an_honest_program_answers(rung, told):
    assert told("answer = data[::-1]", b"abc") == b"cba"


def test_a_large_document_goes_in_and_comes_out(rung):
    pieces = [bytes([number]) * 300_000 for number in range(20)]
    answer = stream("told", pieces=iter(pieces), size=6_000_000, options={"code": "answer = [data]"})
    assert b"".join(answer) == b"".join(pieces)


def test_what_it_cannot_do(rung, told):
    found = attempts(told, ATTEMPTS)
    assert found.keys() == ATTEMPTS.keys()
    assert {name: said for name, said in found.items() if said not in FAILURES} == {}


def test_it_cannot_remove_or_rename(rung, told, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("here")
    lines = {
        "remove": f"import os; os.unlink({str(victim)!r})",
        "rename": f"import os; os.rename({str(victim)!r}, '/tmp/x')",
    }
    assert set(attempts(told, lines).values()) <= FAILURES
    assert victim.read_text() == "here"


def test_limits_hold_and_nothing_of_our_environment_is_there(rung, told):
    code = (
        "import json, os, resource\n"
        "names = ('AS', 'CPU', 'FSIZE', 'NOFILE', 'NPROC', 'CORE')\n"
        "found = [resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[0] for n in names]\n"
        "answer = json.dumps([found, os.getpriority(os.PRIO_PROCESS, 0), dict(os.environ)]).encode()\n"
    )
    limits, nice, environment = json.loads(told(code, b"x" * 1000))
    assert limits == [512 * 1024 * 1024 + 3000, 1, 0, 24, 0, 0]
    assert nice >= 10
    assert set(environment) <= {"PWD", "LC_CTYPE"}
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
    assert os.environ["SECRET_KEY"]


@pytest.mark.parametrize(
    ("code", "word", "ending"),
    [
        ("answer = bytearray(900_000_000)", "limit", "code 3"),
        pytest.param("while True: pass", "limit", "SIGXCPU", marks=pytest.mark.slow),
        ("import os; os.abort()", "crash", "SIGABRT"),
        ("1 / 0", "crash", "code 1"),
        ("answer = (b'x' * 9999 for _ in iter(int, 1))", "output", "SIGKILL"),
    ],
)
def test_every_other_end_has_its_word_and_is_logged(rung, told, code, word, ending, caplog):
    with pytest.raises(SandboxFailed) as failed, caplog.at_level(logging.WARNING):
        told(code, most=100_000)
    assert failed.value.word == word
    assert f": {word}, ended with {ending}" in caplog.text


def test_a_child_that_hangs_is_ended_by_the_clock(rung, told, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 0.6)
    begun = time.monotonic()
    with pytest.raises(SandboxFailed, match="time"):
        told("import time; time.sleep(60)")
    assert time.monotonic() - begun < 20


@on(["limits"])
def test_a_reader_on_a_slow_line_is_not_hurried(rung, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 1.2)
    answer = stream(
        "told", pieces=[], size=0, options={"code": "answer = (b'x' * 200_000 for _ in range(9))"}, patient=True
    )
    got = len(next(answer))
    time.sleep(1.4)
    assert got + sum(map(len, answer)) == 1_800_000


@on(["limits"])
def test_a_failure_while_the_document_is_read_reaches_the_caller_and_leaves_no_child(rung):
    def pieces():
        yield b"x" * 100
        raise KeyError("damaged")

    before = children()
    with pytest.raises(KeyError, match="damaged"):
        stream("told", pieces=pieces(), size=200, options={"code": "answer = data"})
    assert children() == before


@on(["limits"])
def test_an_answer_that_nobody_fetches_leaves_no_child(rung):
    before = children()
    answer = stream("told", pieces=[], size=0, options={"code": "answer = (b'x' * 90_000 for _ in range(99))"})
    next(answer)
    assert children() != before
    del answer
    assert children() == before


def children() -> set[str]:
    """Processes that this one started and that still run."""
    listed = subprocess.run(["ps", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    return {pid for pid, parent, command in rows if parent == str(os.getpid()) and command != "ps"}


# --- what a rung adds: tried without our own filter ---------------------------------------------------
@pytest.fixture
def bare(rung):
    """`bare(code)` -> what plain Python says on this rung without limits and filter of its own."""

    def ask(code: str) -> str:
        words = [*ladder.PREFIXES[rung](), *ladder.python(), "-c", code]
        done = subprocess.run(words, capture_output=True, text=True, env={}, timeout=20)
        return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]

    return ask


@on(["bwrap", "unshare"])
def test_no_network_not_even_this_machine(rung, bare):
    with socket.create_server(("127.0.0.1", 0)) as here:
        caught: list[object] = []
        threading.Thread(target=lambda: caught.append(here.accept()), daemon=True).start()
        port = here.getsockname()[1]
        said = bare(f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=3)")
        assert "Error" in said
        assert caught == []


@on(["bwrap"])
def test_no_other_file_of_this_machine(rung, bare):
    secret = given.BASE_DIR / "cyber360" / "settings.py"
    assert secret.exists()
    for place in ("/etc/passwd", secret, given.VAR_DIR, "/proc/self/environ", "/home", "/var/lib"):
        assert "FileNotFoundError" in bare(f"import os; os.stat({str(place)!r})")
    assert "Read-only file system" in bare("open('/mine', 'w')")


@on(["bwrap"])
def test_only_the_folders_that_are_needed_are_shown(rung, told, programs):
    places = ["/dev", str(programs.parent)]
    code = f"import os, json; answer = json.dumps([os.listdir(place) for place in {places!r}]).encode()"
    assert json.loads(told(code)) == [["urandom"], ["programs"]]


@on(["bwrap"])
def test_no_other_process_is_seen(rung, bare):
    assert int(bare("import os; print(os.getpid())")) < 5
    assert "ProcessLookupError" in bare(f"import os; os.kill({os.getpid()}, 0)")
