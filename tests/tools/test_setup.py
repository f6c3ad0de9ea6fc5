"""Set-up on machines that lack something: what it says, and that it stops."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def no_database_of_the_runs_own(monkeypatch):
    """A run on PostgreSQL has an address that set-up would read."""
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def may_not_install(monkeypatch):
    monkeypatch.setenv("APT", "0")


def test_missing_libraries_stop_with_one_line_to_type(monkeypatch, may_not_install):
    monkeypatch.setattr(setup, "LIBRARIES", {"pango": ("libno-such-pango.so.0", "no-such-pango")})
    with pytest.raises(setup.Stop) as stopped:
        setup.system_libraries()
    assert str(stopped.value).splitlines() == [
        "these libraries for PDF are missing: pango. Type:",
        "  sudo apt-get install --no-install-recommends "
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2",
    ]


def test_missing_fonts_alone_do_not_stop(monkeypatch, may_not_install, capsys):
    monkeypatch.setattr(setup, "LIBRARIES", {})
    monkeypatch.setattr(setup, "FONT_FOLDERS", ("/no/such/folder",))
    monkeypatch.setattr(sys, "platform", "linux")
    setup.system_libraries()
    assert "apt-get install --no-install-recommends fonts-liberation2" in capsys.readouterr().out


@pytest.fixture
def without_bubblewrap(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")


def test_a_machine_without_bubblewrap_is_told_and_goes_on(without_bubblewrap, may_not_install, capsys):
    setup.sandbox()
    assert "sudo apt-get install --no-install-recommends bubblewrap" in capsys.readouterr().out


def test_bubblewrap_is_installed_where_that_is_allowed(without_bubblewrap, monkeypatch, capsys):
    installed = []
    monkeypatch.setattr(setup, "can_install", lambda: True)
    monkeypatch.setattr(setup, "apt", lambda packages: not installed.append(packages))
    setup.sandbox()
    assert installed == [["bubblewrap"]]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("platform", "there"), [("darwin", False), ("linux", True)])
def test_nothing_is_said_of_bubblewrap_where_it_is_there_or_cannot_be(monkeypatch, tmp_path, capsys, platform, there):
    if there:
        program = tmp_path / "bwrap"
        program.write_text("#!/bin/sh\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    setup.sandbox()
    assert capsys.readouterr().out == ""


def test_python_without_venv_names_the_package(monkeypatch, may_not_install, tmp_path):
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "venv" / "bin" / "python")
    with pytest.raises(setup.Stop, match=rf"apt-get install .* python3\.{sys.version_info.minor}-venv$"):
        setup.make_venv()


@pytest.mark.parametrize(
    ("version", "good"), [("v18.0.0", True), ("v24.19.0", True), ("v16.20.2", False), ("?", False)]
)
def test_only_a_node_that_is_new_enough_is_used(monkeypatch, tmp_path, version, good):
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    assert setup.machine_has_node() is good


def test_a_machine_without_node_gets_it_from_the_registry(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(setup, "front_end_is_built", lambda: False)
    assert setup.groups_for("run", {}) == ["base", "node"]


def test_one_purpose_never_undoes_another(monkeypatch):
    monkeypatch.setattr(setup, "front_end_is_built", lambda: True)
    assert setup.groups_for("run", {"groups": ["base", "dev", "browser"]}) == ["base", "dev", "browser"]


@pytest.mark.parametrize(
    ("name", "value", "group"),
    [("DATABASE_URL", "postgresql://x@/y", "postgres"), ("FILES_STORAGE", "s3", "s3")],
)
def test_what_the_environment_chooses_is_installed(monkeypatch, name, value, group):
    monkeypatch.setattr(setup, "front_end_is_built", lambda: True)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(name, value)
    assert setup.groups_for("run", {}) == ["base", group]


def test_a_spoilt_stamp_counts_as_none(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "STAMP", tmp_path / "stamp.json")
    setup.STAMP.write_text("{half")
    assert setup.read_stamp() == {}


def test_an_unknown_purpose_is_refused():
    done = subprocess.run([sys.executable, ROOT / "tools/setup.py", "wrong"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "usage: python3 tools/setup.py [run|test|all]\n")
