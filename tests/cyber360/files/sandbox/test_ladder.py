"""Which rung is chosen, what is said of it, and what happens when there is none."""

import json
import logging
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from cyber360.files.sandbox import SandboxFailed, health_line, ladder, run, shown, state


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


def test_code_and_data_inside_a_folder_that_is_shown_are_hidden(settings, tmp_path):
    """As in an image where everything lies below /usr/src, or an interpreter's folder around the repository."""
    around, repository = tmp_path / "around", tmp_path / "around" / "app"
    settings.BASE_DIR, settings.VAR_DIR = repository, repository / "var"
    words = shown.binds([around, around / "lib", repository / ".venv", repository / ".venv" / "lib"])
    assert words == [
        *("--ro-bind", str(around), str(around)),
        *("--tmpfs", str(repository)),
        *("--ro-bind", str(repository / ".venv"), str(repository / ".venv")),
        *("--tmpfs", str(repository / "var")),
    ]


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
        usual = Path("/usr/bin/python3").resolve()
        monkeypatch.setattr(shown, "interpreter", lambda: str(usual))
        monkeypatch.setattr(shown, "fixed_places", lambda: {usual, Path("/usr/lib") / usual.name})
        monkeypatch.setattr(shown, "package_folders", list)
        words, nobody = ladder.command(kind, "probe", 0), {"user": 65534, "group": 65534, "extra_groups": []}
        done = subprocess.run(words, input=b"{}\n", capture_output=True, env={}, timeout=30, **nobody)
    assert (done.returncode, done.stdout) == (0, b"ready")


@pytest.mark.installed
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
    places = shown.fixed_places()
    monkeypatch.setattr(shown, "fixed_places", lambda: {*places, around})
    settings.BASE_DIR = repository
    settings.FILES_SANDBOX = "bwrap"
    assert run("look", pieces=[], size=0) == b"['programs']"


# --- what bubblewrap shows ------------------------------------------------------------------------
needs_bwrap = pytest.mark.skipif(not ladder.works("bwrap"), reason="bubblewrap does not work here")
LOOK = """
import json, os
seen = {}
for place in PLACES:
    try:
        seen[place] = sorted(os.listdir(place))
    except OSError as failure:
        seen[place] = type(failure).__name__
print(json.dumps(seen))
"""


def seen(*places: Path | str) -> dict[str, list[str] | str]:
    """What a child finds there: the names, or the failure's."""
    words = [*ladder.bwrap_prefix(), *ladder.python(), "-c", LOOK.replace("PLACES", repr([str(one) for one in places]))]
    done = subprocess.run(words, capture_output=True, env={}, timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.mark.installed
@needs_bwrap
def test_no_program_no_setting_and_nobodys_data_is_seen(settings):
    program = Path(shown.interpreter())
    found = seen("/usr/bin", "/usr/share", "/usr/local/bin", "/etc", "/home", "/tmp", "/var", settings.VAR_DIR, "/opt")
    assert found["/etc"] == ["ld.so.cache"]
    assert found["/usr/bin"] in ("FileNotFoundError", [program.name])
    assert found["/usr/share"] in ("FileNotFoundError", ["fonts"])
    for place in ("/usr/local/bin", "/opt", "/home", "/tmp", "/var", str(settings.VAR_DIR)):
        inside = [one for one in (program, *shown.fixed_places(), ladder.PROGRAMS) if Path(place) in one.parents]
        assert inside or found[place] == "FileNotFoundError", place


@pytest.mark.installed
@needs_bwrap
def test_of_the_system_s_libraries_only_those_that_are_loaded():
    libraries = ladder._libraries()
    assert any(place.name.startswith("libc.") for place in libraries)
    folder = next(place.parent for place in libraries if place.name.startswith("libc."))
    own = {place.name for place in (*libraries, *shown.fixed_places()) if place.parent == folder}
    assert set(seen(folder)[str(folder)]) <= own | {"ld.so.cache"}


@pytest.mark.installed
@needs_bwrap
def test_a_build_that_names_too_little_is_shown_all_libraries_and_no_more(monkeypatch, caplog):
    monkeypatch.setattr(ladder, "_known", {})
    real = shown.libraries_of
    monkeypatch.setattr(
        shown, "libraries_of", lambda words: {one for one in real(words) if not one.name.startswith("libm.")}
    )
    with caplog.at_level(logging.WARNING):
        assert ladder.works("bwrap")
    assert "every library of the system" in caplog.text
    found = seen("/usr/lib", "/usr/bin", "/etc")
    assert len(found["/usr/lib"]) > 3
    assert found["/usr/bin"] in ("FileNotFoundError", [Path(shown.interpreter()).name])
    assert found["/etc"] == ["ld.so.cache"]


@pytest.mark.installed
@needs_bwrap
def test_an_interpreter_behind_links_or_copied_into_its_environment(monkeypatch, tmp_path):
    """As uv and pyenv install them, and `venv --copies`."""
    home = Path(shown.sysconfig.get_config_var("prefix"))
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "3").symlink_to(home)
    for options in ([], ["--copies"]):
        place = tmp_path / "-".join(["env", *options])
        linked = tmp_path / "versions" / "3" / "bin" / Path(shown.interpreter()).name
        subprocess.run([linked, "-m", "venv", "--without-pip", *options, place], check=True)
        monkeypatch.setattr(ladder, "_known", {})
        monkeypatch.setattr(shown.sys, "executable", str(place / "bin" / "python"))
        assert ladder.works("bwrap")
        assert ladder._libraries()
