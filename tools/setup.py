"""Make this folder ready to run: packages, system libraries, front end. A second run finds nothing to do.

Runs on the machine's own Python 3.11 or newer with nothing installed. `python3 tools/setup.py run|test|all`.
Environment: `INSTALLER=pip` leaves uv out, `APT=0` never calls apt.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "cyber360-setup.json"
FRONT_STAMP = ROOT / "build" / "front-end.stamp"
LOCKS = ROOT / "requirements"

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
# What WeasyPrint opens by name when a report is drawn; each with the names that other systems give it.
LIBRARIES = {
    "gobject": ("libgobject-2.0.so.0", "gobject-2.0"),
    "pango": ("libpango-1.0.so.0", "pango-1.0"),
    "pangoft2": ("libpangoft2-1.0.so.0", "pangoft2-1.0"),
    "harfbuzz": ("libharfbuzz.so.0", "harfbuzz"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "harfbuzz-subset"),
    "fontconfig": ("libfontconfig.so.1", "fontconfig"),
}
# Liberation Sans has Arial's measures: without it the page counts of reports drift.
FONT_FOLDERS = (
    "/usr/share/fonts/truetype/liberation2",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/liberation",
)
SANDBOX_PACKAGES = ["bubblewrap"]  # shuts in the process that reads documents (docs/files.md)
APT_PACKAGES = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-liberation2"]
PURPOSES = {"run": ["base"], "test": ["base", "dev"], "all": ["base", "dev", "browser", "postgres"]}


class Stop(Exception):
    """Set-up cannot go on; the text says what the person can do."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def run(*command: str | Path, quiet: bool = False, environment: dict[str, str] | None = None) -> bool:
    """Run a program in this folder; False when it cannot be started or ends with an error.

    Only its errors are shown, and `quiet` hides those too, where a failure is one way of several.
    """
    sink = subprocess.DEVNULL if quiet else None
    try:
        words = [str(part) for part in command]
        done = subprocess.run(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=sink)
        return done.returncode == 0
    except OSError:
        return False


def digest(paths: list[Path]) -> str:
    """One hash over the names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def environment() -> dict[str, str]:
    """The variables for installers; a person without a writable home keeps their caches in `build/`."""
    result = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")}
    result.update(PIP_DISABLE_PIP_VERSION_CHECK="1", UV_NO_PROGRESS="1", npm_config_update_notifier="false")
    # Councils often read TLS at their own gateway, whose authority only the machine knows.
    result.setdefault("UV_SYSTEM_CERTS", "true")
    if not os.access(Path.home(), os.W_OK):
        cache = ROOT / "build" / "cache"
        result.update(
            UV_CACHE_DIR=str(cache / "uv"), PIP_CACHE_DIR=str(cache / "pip"), npm_config_cache=str(cache / "npm")
        )
        result["HOME"] = str(cache)
        cache.mkdir(parents=True, exist_ok=True)
    return result


def newest_python() -> None:
    """Go on under a newer interpreter when this one is too old and the machine has one."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(15, OLDEST_PYTHON[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            os.execv(found, [found, *sys.argv])
    raise Stop(f"Python 3.{OLDEST_PYTHON[1]} or newer is needed; this is {sys.version.split()[0]}.")


# --- system packages ----------------------------------------------------------------------------
def can_install() -> bool:
    return os.geteuid() == 0 and bool(shutil.which("apt-get")) and os.environ.get("APT") != "0"


def apt(packages: list[str]) -> bool:
    """Install Debian packages; False when apt refuses."""
    say(f"installing {' '.join(packages)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", quiet=True, environment=quiet)
    return run("apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages, quiet=True, environment=quiet)


def by_hand(packages: list[str]) -> str:
    """The one line that a person types where this program may not install."""
    if sys.platform == "darwin":
        return "brew install pango"
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def opens(names: tuple[str, ...]) -> bool:
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            if ctypes.util.find_library(name):
                return True
        else:
            return True
    return False


def missing_libraries() -> list[str]:
    return [name for name, names in LIBRARIES.items() if not opens(names)]


def has_fonts() -> bool:
    return sys.platform == "darwin" or any(Path(folder).is_dir() for folder in FONT_FOLDERS)


def system_libraries() -> None:
    """Raises Stop when the PDF libraries are missing and cannot be installed from here."""
    if not (missing := missing_libraries()) and has_fonts():
        return
    # Debian after 12 has the second Liberation fonts under the first's name.
    if can_install() and (apt(APT_PACKAGES) or apt([*APT_PACKAGES[:-1], "fonts-liberation"])):
        missing = missing_libraries()
    if missing:
        raise Stop(f"these libraries for PDF are missing: {', '.join(missing)}. Type:\n  {by_hand(APT_PACKAGES)}")
    if not has_fonts():
        say(f"the Liberation fonts are missing, so page counts may differ. Type: {by_hand(APT_PACKAGES[-1:])}")


def sandbox() -> None:
    """Bubblewrap is for Linux alone, and a demo starts without it: what is missing is said and nothing stops."""
    if sys.platform != "linux" or shutil.which("bwrap") or (can_install() and apt(SANDBOX_PACKAGES)):
        return
    say(f"bubblewrap is missing, so documents are read less safely or not at all. Type: {by_hand(SANDBOX_PACKAGES)}")


# --- Python packages ----------------------------------------------------------------------------
def make_venv() -> None:
    """Raises Stop when this Python cannot make virtual environments."""
    if PYTHON.exists():
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    package = f"python3.{sys.version_info.minor}-venv"
    can = "import ensurepip, venv"
    if not run(sys.executable, "-c", can, quiet=True) and not (can_install() and apt([package])):
        raise Stop(f"this Python cannot make virtual environments. Type:\n  {by_hand([package])}")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        raise Stop(f"making .venv failed; if the message names ensurepip, type:\n  {by_hand([package])}")


def find_uv(surroundings: dict[str, str]) -> str | None:
    """The path of a uv that works: the machine's, else one from the registry into .venv; None for neither."""
    if os.environ.get("INSTALLER") == "pip":
        return None
    own = VENV / "bin" / "uv"
    for candidate in (str(own), shutil.which("uv")):
        if candidate and run(candidate, "--version", quiet=True):
            return candidate
    lock = LOCKS / "setup.lock"
    got = run(
        PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock, quiet=True, environment=surroundings
    )
    return str(own) if got else None


def install(groups: list[str]) -> None:
    """Put exactly these locks into .venv. Raises Stop when neither uv nor pip manages."""
    surroundings = environment()
    locks = [LOCKS / f"{group}.lock" for group in groups]
    uv = find_uv(surroundings)
    say(f"installing {', '.join(groups)} with {'uv' if uv else 'pip'}")
    if uv and run(uv, "pip", "sync", "-q", "--require-hashes", "-p", PYTHON, *locks, environment=surroundings):
        return
    pairs = [part for lock in locks for part in ("-r", lock)]
    if not run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", *pairs, environment=surroundings):
        raise Stop("the packages could not be installed; the lines above say why.")


# --- front end ----------------------------------------------------------------------------------
def machine_has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return False
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        return int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE
    except (OSError, ValueError):
        return False


def front_end_files() -> list[Path]:
    named = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    return [path for path in [*named, *(ROOT / "frontend").rglob("*")] if path.is_file()]


def front_end_is_built() -> bool:
    if not (ROOT / "package.json").exists():
        return True
    return FRONT_STAMP.exists() and FRONT_STAMP.read_text() == digest(front_end_files())


def build_front_end() -> None:
    """Raises Stop when npm or the build fails."""
    say("building the front end")
    surroundings = environment()
    surroundings["PATH"] = f"{VENV / 'bin'}{os.pathsep}{surroundings['PATH']}"
    npm = shutil.which("npm", path=surroundings["PATH"]) or "npm"
    if not run(npm, "ci", "--loglevel=error", "--no-audit", "--no-fund", environment=surroundings):
        raise Stop("`npm ci` failed; the lines above say why.")
    if not run(npm, "run", "--silent", "build", environment=surroundings):
        raise Stop("`npm run build` failed; the lines above say why.")
    FRONT_STAMP.parent.mkdir(exist_ok=True)
    FRONT_STAMP.write_text(digest(front_end_files()))


# --- all of it ----------------------------------------------------------------------------------
def read_stamp() -> dict:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def groups_for(purpose: str, stamp: dict) -> list[str]:
    """The locks this purpose needs and those that are there already, so that one purpose never undoes another."""
    groups = [*PURPOSES[purpose], *stamp.get("groups", [])]
    if os.environ.get("DATABASE_URL", "").startswith(("postgres", "pgsql")):
        groups.append("postgres")
    if os.environ.get("FILES_STORAGE") == "s3":
        groups.append("s3")
    if (ROOT / "package.json").exists() and not front_end_is_built() and not machine_has_node():
        groups.append("node")
    return list(dict.fromkeys(groups))


def main(purpose: str) -> None:
    begun = time.monotonic()
    newest_python()
    stamp = read_stamp() if PYTHON.exists() else {}
    groups = groups_for(purpose, stamp)
    now = {"groups": groups, "locks": digest([LOCKS / f"{group}.lock" for group in groups])}
    if {key: stamp.get(key) for key in now} == now and front_end_is_built():
        return
    system_libraries()
    sandbox()
    make_venv()
    if {key: stamp.get(key) for key in now} != now:
        install(groups)
        STAMP.write_text(json.dumps(now))
    if not front_end_is_built():
        build_front_end()
    say(f"ready in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "run"
    if chosen not in PURPOSES:
        sys.exit(f"usage: python3 tools/setup.py [{'|'.join(PURPOSES)}]")
    try:
        main(chosen)
    except Stop as reason:
        sys.exit(f"setup: {reason}")
    except KeyboardInterrupt:
        sys.exit("setup: stopped")
