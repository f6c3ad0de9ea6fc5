"""The parent of web server and worker: refuses what cannot work, and leaves nothing behind when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tools"))
import prepare  # noqa: E402  (the tools are programs, not a package of the product)
import run  # noqa: E402


@pytest.fixture
def place(tmp_path):
    """A folder for data, as the variables of a run with it."""
    return {**os.environ, "VAR_DIR": str(tmp_path / "var"), "TESTING": "1"}


def call(variables, *arguments):
    command = [sys.executable, str(ROOT / "tools/run.py"), *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)


def test_a_taken_port_is_said_with_the_way_out(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = call({**place, "PORT": str(port)})
    assert done.returncode == 1
    assert f"127.0.0.1:{port}: Address already in use. Choose another: make run PORT={port + 1}" in done.stderr


@pytest.mark.parametrize("port", ["", "http", "0", "70000"])
def test_a_port_that_is_none_is_refused(place, port):
    assert "PORT must be a number" in call({**place, "PORT": port}).stderr


def test_two_runs_never_share_data(place):
    folder = Path(place["VAR_DIR"])
    handle = run.hold(folder)
    try:
        done = call({**place, "PORT": "45871"})
        assert done.returncode == 1
        assert f"Already running on the data in {folder}" in done.stderr
        assert "Already running on the data" in call(place, "reset").stderr
    finally:
        os.close(handle)


def test_reset_removes_the_data_and_says_what(place):
    folder = Path(place["VAR_DIR"])
    (folder / "vault" / "ab").mkdir(parents=True)
    (folder / "vault" / "ab" / "cd").write_text("x")
    (folder / "prepared.json").write_text("{}")
    done = call(place, "reset")
    assert done.returncode == 0
    assert f"removing {folder / 'vault'}" in done.stdout
    assert list(folder.iterdir()) == []


def test_reset_leaves_a_folder_alone_that_is_not_ours(place):
    folder = Path(place["VAR_DIR"])
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    done = call(place, "reset")
    assert done.returncode == 1
    assert (folder / "letter.txt").exists()


def test_reset_with_nothing_to_do_is_no_error(place):
    assert call(place, "reset").stdout.startswith("Nothing to remove")


def test_stop_ends_a_child_that_ignores_it_and_its_children(monkeypatch):
    monkeypatch.setattr(run, "STOPS_WITHIN", 0.5)
    deaf = "import signal, subprocess, time; signal.signal(15, signal.SIG_IGN); "
    deaf += 'print(subprocess.Popen(["sleep", "60"]).pid, flush=True); time.sleep(60)'
    child = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE, text=True)
    with child.stdout:
        grandchild = int(child.stdout.readline())
        run.stop([child])
    assert child.returncode == -signal.SIGKILL
    assert ended(grandchild)


def ended(pid: int) -> bool:
    """Whether a process is gone, or only waits for its parent to notice."""
    for _ in range(50):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


# --- preparing -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "pattern", "meets"),
    [
        ("peers/migrations/0001_first.py", "**/migrations/*.py", True),
        ("peers/models.py", "**/migrations/*.py", False),
        ("build/static/cyber360/govuk.css", "build/static/**/*", True),
        ("build/front-end.stamp", "build/static/**/*", False),
        ("cyber360/ui/static/cyber360/app.js", "cyber360/**/static/**/*", True),
        ("cyber360/ui/tags.py", "cyber360/**/static/**/*", False),
        ("requirements/base.lock", "requirements/base.lock", True),
        ("requirements/base.lock.old", "requirements/base.lock", False),
    ],
)
def test_which_files_a_step_reads(name, pattern, meets):
    assert prepare.matches(name, pattern) is meets


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """Two steps in a made-up house; returns the list of the commands that were called."""
    called = []
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(
        prepare,
        "STEPS",
        (prepare.Step(("load",), "loading", ("fixtures/**/*",)), prepare.Step(("demo",), "demo", demo_only=True)),
    )

    def manage(*arguments):
        called.append(arguments[0])
        return [sys.executable, "-c", "raise SystemExit(0)"]

    monkeypatch.setattr(prepare, "manage", manage)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "a.csv").write_text("1")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "db.sqlite3").touch()
    return called


def test_a_second_start_repeats_nothing(steps, tmp_path):
    assert prepare.prepare(tmp_path / "var", demo=True)
    assert prepare.prepare(tmp_path / "var", demo=True)
    assert steps == ["load", "demo"]


def test_a_changed_file_repeats_its_step_alone(steps, tmp_path):
    prepare.prepare(tmp_path / "var", demo=True)
    (tmp_path / "fixtures" / "a.csv").write_text("2")
    prepare.prepare(tmp_path / "var", demo=True)
    assert steps == ["load", "demo", "load"]


def test_a_lost_database_repeats_everything(steps, tmp_path):
    prepare.prepare(tmp_path / "var", demo=True)
    (tmp_path / "var" / "db.sqlite3").unlink()
    prepare.prepare(tmp_path / "var", demo=True)
    assert steps == ["load", "demo", "load", "demo"]


def test_no_demo_data_where_it_is_not_a_demo(steps, tmp_path):
    prepare.prepare(tmp_path / "var", demo=False)
    assert steps == ["load"]


def test_a_failed_step_stops_and_is_tried_again(steps, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(prepare, "manage", lambda *a: [sys.executable, "-c", "print('why'); raise SystemExit(1)"])
    assert not prepare.prepare(tmp_path / "var", demo=True)
    error = capfd.readouterr().err
    assert "why" in error
    assert "`manage.py load` failed." in error
    assert prepare.Stamps(tmp_path / "var").done == {}
