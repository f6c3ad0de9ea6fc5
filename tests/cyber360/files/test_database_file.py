"""An earlier installation's database that others of the machine could read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cyber360.files import database_file
from cyber360.files.database_file import close_to_others

ROOT = Path(__file__).parents[3]


def mode(place: Path) -> int:
    return place.stat().st_mode & 0o777


@pytest.fixture
def database(tmp_path):
    for end in ("", "-wal", "-shm"):
        place = tmp_path / f"db.sqlite3{end}"
        place.touch()
        place.chmod(0o644)
    return tmp_path / "db.sqlite3"


def test_it_and_the_files_beside_it_are_closed(database):
    close_to_others(str(database))
    assert [mode(place) for place in sorted(database.parent.iterdir())] == [0o600] * 3


def test_only_what_is_ours_and_no_link(database, tmp_path, monkeypatch):
    other = tmp_path / "another.txt"
    other.touch()
    other.chmod(0o644)
    database.with_name("db.sqlite3-journal").symlink_to(other)
    monkeypatch.setattr(database_file.os, "geteuid", lambda: os.getuid() + 1)
    close_to_others(str(database))
    assert mode(database) == 0o644
    monkeypatch.undo()
    close_to_others(str(database))
    assert (mode(database), mode(other)) == (0o600, 0o644)


@pytest.mark.slow
def test_any_command_that_opens_it_closes_it(tmp_path):
    """As an update does: an empty database that was made under the usual umask, then a command."""
    place = tmp_path / "db.sqlite3"
    place.touch()
    place.chmod(0o644)
    environment = {**os.environ, "DEMO": "1", "VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{place}"}
    command = [sys.executable, "manage.py", "shell", "-c", "from django.db import connection; connection.cursor()"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert mode(place) == 0o600
