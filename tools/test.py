"""`make test` and `make test-all`. What follows `--` goes to pytest as it is.

Whatever runs last ends with pytest's own summary line; a part that fails ends the run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from postgres import cluster, programs

ROOT = Path(__file__).resolve().parent.parent
BASE = "not browser and not postgres"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest(marker: str, title: str, extra: list[str], **variables: str) -> int:
    """One run of pytest; its summary line is the last that it prints. Returns its exit code.

    Spread over the cores, unless the person asked for a part, which is done before the cores have started.
    """
    print(f"\n== {title}", flush=True)
    cores = ["-n", "auto", "--maxprocesses", "8"] if not extra else []
    command = [sys.executable, "-m", "pytest", "-q", "-m", marker, *cores, *extra]
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}).returncode
    if code:
        print(f"== {title}: failed after {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return code


def base(extra: list[str]) -> int:
    print("Not in this run: browser and accessibility tests (they need Chromium), and the whole suite on PostgreSQL.")
    print("To run those as well: sudo apt-get install chromium postgresql poppler-utils, then make test-all")
    return pytest(BASE, "tests on SQLite", extra)


def everything(extra: list[str]) -> int:
    """SQLite, PostgreSQL (the tests that open a database), browser, in that order.

    Raises SystemExit when a program they need is missing.
    """
    missing = [] if any(map(shutil.which, CHROMIUM)) else ["chromium"]
    if not programs():
        missing.append("postgresql")
    if missing:
        raise SystemExit(
            f"Missing for test-all: {' and '.join(missing)}. Type: sudo apt-get install {' '.join(missing)}"
        )
    done = os.environ.get("SQLITE_DONE", "")
    if done:
        print("\n== tests on SQLite: not again, `make test` has just run them (SQLITE_DONE)", flush=True)
    if done == "but-for-programs" and (code := pytest("installed and not browser", "tests of programs", extra)):
        return code
    if not done and (code := pytest(BASE, "tests on SQLite", extra)):
        return code
    with cluster() as address:
        if code := pytest("not browser", "tests on PostgreSQL", extra, DATABASE_URL=address, ONLY_DATABASE="1"):
            return code
    return pytest("browser", "browser and accessibility tests", extra)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    which = everything if arguments[:1] == ["all"] else base
    rest = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    sys.exit(which(rest))
