"""Which rung is chosen, what is said of it, and what happens when there is none."""

import logging
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from cyber360.files.sandbox import SandboxFailed, health_line, ladder, run, state


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(ladder, "_chosen", {})


@pytest.fixture
def having(monkeypatch):
    """`having("unshare")`: a machine on which only these rungs work; the list of what was asked of it."""

    def set_up(*kinds: str) -> list[str]:
        asked: list[str] = []
        monkeypatch.setattr(ladder, "works", lambda kind: bool(asked.append(kind)) or kind in kinds)
        return asked

    return set_up


@pytest.mark.parametrize(
    ("setting", "production", "there", "chosen"),
    [
        ("auto", True, ("bwrap", "unshare", "limits"), "bwrap"),
        ("auto", True, ("unshare", "limits"), "unshare"),
        ("auto", True, ("limits",), "missing"),
        ("auto", False, ("limits",), "limits"),
        ("auto", False, ("unshare", "limits"), "unshare"),
        ("limits", True, ("bwrap", "unshare", "limits"), "limits"),
        ("unshare", True, ("bwrap", "unshare", "limits"), "unshare"),
        ("bwrap", False, ("unshare", "limits"), "missing"),
        ("nonsense", False, ("bwrap",), "missing"),
    ],
)
def test_the_strongest_that_the_setting_allows(settings, having, setting, production, there, chosen):
    settings.FILES_SANDBOX, settings.PRODUCTION = setting, production
    having(*there)
    assert state().kind == chosen


def test_each_state_says_what_it_means_and_how_to_mend_it(settings, having):
    told = {}
    for kind in ("bwrap", "unshare", "limits", "missing"):
        settings.FILES_SANDBOX = kind
        having(kind)
        told[kind] = state().sentence
        assert health_line().sentence == told[kind]
        assert (health_line().colour == "red") == (kind in {"limits", "missing"})
    assert len(set(told.values())) == 4
    assert all("nstall bubblewrap" in told[kind] for kind in ("unshare", "limits", "missing"))
    assert "nstall" not in told["bwrap"]


def test_it_is_asked_once(having):
    asked = having("unshare")
    for _time in range(3):
        assert state().kind == "unshare"
    assert asked == ["bwrap", "unshare"]


def test_a_machine_without_is_asked_again_after_a_minute(settings, having, monkeypatch):
    settings.PRODUCTION = True
    asked = having()
    assert state().kind == state().kind == "missing"
    assert len(asked) == 2
    monkeypatch.setattr(ladder.time, "monotonic", lambda: 10.0**9)
    state()
    assert len(asked) == 4


def test_no_sandbox_no_child(settings, having, caplog):
    settings.PRODUCTION = True
    having()
    with pytest.raises(SandboxFailed, match="missing"), caplog.at_level(logging.WARNING):
        run("probe", pieces=[], size=0)
    assert "Sandbox for documents: missing" in caplog.text


def test_a_sandbox_that_vanished_is_missing_and_no_fault(settings, having, monkeypatch):
    settings.FILES_SANDBOX = "bwrap"
    having("bwrap")
    monkeypatch.setattr(ladder, "_found", lambda program: "/nowhere/bwrap")
    with pytest.raises(SandboxFailed, match="missing"):
        run("probe", pieces=[], size=0)


def test_a_rung_that_cannot_start_does_not_work(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for place in (program, tmp_path / "none"):
        monkeypatch.setattr(ladder, "_found", lambda _name, place=place: str(place))
        assert not ladder.works("bwrap")


def test_code_and_data_inside_a_folder_that_is_shown_are_hidden(settings, monkeypatch, tmp_path):
    """As in an image where everything lies below /usr/src, or an interpreter's folder around the repository."""
    around, repository = tmp_path / "around", tmp_path / "around" / "app"
    monkeypatch.setattr(ladder.sys, "base_prefix", str(around))
    monkeypatch.setattr(ladder.sys, "prefix", str(repository / ".venv"))
    settings.BASE_DIR, settings.VAR_DIR = repository, repository / "var"
    words = ladder.bwrap_prefix()
    places = [Path(words[place + 1]) for place, word in enumerate(words) if word in {"--ro-bind", "--tmpfs"}]
    assert words[words.index(str(repository)) - 1] == "--tmpfs"
    assert words[words.index(str(repository / "var")) - 1] == "--tmpfs"
    assert places.index(around) < places.index(repository) < places.index(repository / ".venv")


@pytest.mark.skipif(os.getuid() != 0, reason="the other tests run as an ordinary user already")
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="an ordinary user may have no other interpreter")
@pytest.mark.parametrize("kind", ["bwrap", "unshare", "limits"])
def test_an_ordinary_user_has_the_same_rungs(monkeypatch, kind):
    if not ladder.works(kind):
        pytest.skip("not on this machine")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        programs = Path(name) / "sandbox" / "programs"
        shutil.copytree(ladder.PROGRAMS, programs, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(ladder, "PROGRAMS", programs)
        usual = {"prefix": "/usr", "base_prefix": "/usr", "executable": "/usr/bin/python3"}
        for attribute, value in usual.items():
            monkeypatch.setattr(ladder.sys, attribute, value)
        words, nobody = ladder.command(kind, "probe", 0), {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run(words, input=b"{}\n", capture_output=True, env={}, timeout=30, **nobody)
    assert (done.returncode, done.stdout) == (0, b"ready")


@pytest.mark.skipif(not ladder.works("bwrap"), reason="bubblewrap does not work here: apt-get install bubblewrap")
def test_what_is_hidden_is_really_hidden(settings, monkeypatch, tmp_path):
    around = tmp_path / "around"
    repository = around / "app"
    shutil.copytree(ladder.PROGRAMS, repository / "programs", ignore=shutil.ignore_patterns("__pycache__"))
    (repository / "secret").write_text("key")
    (repository / "programs" / "look.py").write_text(
        f"import os\ndef main(data, options): return [repr(os.listdir({str(repository)!r})).encode()]\n"
    )
    monkeypatch.setattr(ladder, "PROGRAMS", repository / "programs")
    shown = ladder._folders()
    monkeypatch.setattr(ladder, "_folders", lambda: {**shown, around: True, repository: False})
    settings.FILES_SANDBOX = "bwrap"
    assert run("look", pieces=[], size=0) == b"['programs']"
