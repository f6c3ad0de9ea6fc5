"""The throw-away cluster: there for one command, and gone after it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent.parent


def test_without_postgresql_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(SystemExit, match="apt-get install postgresql"), postgres.cluster():
        pass


@pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed: make test-all")
@pytest.mark.slow
def test_a_cluster_lives_as_long_as_its_command():
    asks = (
        "import os, urllib.parse as u; folder = u.parse_qs(u.urlsplit(os.environ['DATABASE_URL']).query)['host'][0];"
        "print(folder, os.path.exists(folder + '/.s.PGSQL.5432'))"
    )
    command = [sys.executable, ROOT / "tools/postgres.py", sys.executable, "-c", asks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    folder, was_there = done.stdout.split()
    assert (done.returncode, was_there) == (0, "True")
    assert not Path(folder).exists()


@pytest.mark.skipif(postgres.programs() is None, reason="PostgreSQL is not installed: make test-all")
@pytest.mark.slow
def test_the_exit_code_is_the_commands():
    command = [sys.executable, ROOT / "tools/postgres.py", "false"]
    assert subprocess.run(command, timeout=60).returncode == 1
