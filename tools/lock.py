"""Write `requirements/*.lock` from pyproject.toml (`make lock`), or prove that they are what it says (`--check`).

One lock for each set of packages; `base` is a constraint of all the others, so any of them can be installed
together. The locks carry hashes and no addresses: which registry a machine asks is that machine's business.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
OLDEST_PYTHON = "3.11"
FLAGS = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
FLAGS += ["--python-version", OLDEST_PYTHON]


def wanted() -> dict[str, list[str]]:
    """Each lock's name and its direct requirements; base first, for the others are bound by it."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "base": data["project"]["dependencies"],
        **data["project"]["optional-dependencies"],
        **data["dependency-groups"],
    }


def uv() -> str:
    """The virtual environment's uv, else the machine's. Raises SystemExit without one."""
    own = ROOT / ".venv" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if not found:
        sys.exit("Locking needs uv: run `make setup` first, or install uv.")
    return found


def compile_lock(name: str, requirements: list[str], folder: Path, upgrade: bool) -> str | None:
    """Write `<folder>/<name>.lock`, keeping the versions that stand in it. Returns what went wrong, or None."""
    command = [uv(), "pip", "compile", "-", *FLAGS, "-o", str(folder / f"{name}.lock")]
    if name != "base":
        command += ["-c", str(folder / "base.lock")]
    if upgrade:
        command.append("--upgrade")
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run(command, input="\n".join(requirements), text=True, capture_output=True, env=environment)
    return done.stderr.strip() if done.returncode else None


def write(upgrade: bool) -> int:
    for name, requirements in wanted().items():
        if problem := compile_lock(name, requirements, LOCKS, upgrade):
            print(f"{name}.lock: {problem}", file=sys.stderr)
            return 1
        print(f"requirements/{name}.lock")
    return 0


def check() -> int:
    """Compile again beside copies of the locks: the same text must come out, without an address in it."""
    problems = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in wanted():
            lock = LOCKS / f"{name}.lock"
            if lock.exists():
                shutil.copy(lock, folder)
        for name, requirements in wanted().items():
            if problem := compile_lock(name, requirements, folder, upgrade=False):
                problems.append(f"{name}.lock cannot be compiled: {problem}")
                continue
            committed = (LOCKS / f"{name}.lock").read_text() if (LOCKS / f"{name}.lock").exists() else ""
            if committed != (folder / f"{name}.lock").read_text():
                problems.append(f"requirements/{name}.lock is not what pyproject.toml says: run `make lock`")
            if "://" in committed:
                problems.append(f"requirements/{name}.lock holds an address")
    for stray in {path.stem for path in LOCKS.glob("*.lock")} - set(wanted()):
        problems.append(f"requirements/{stray}.lock belongs to nothing in pyproject.toml")
    print("\n".join(problems) if problems else f"{len(wanted())} locks agree with pyproject.toml")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a lock is out of date")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args()
    sys.exit(check() if options.check else write(options.upgrade))
