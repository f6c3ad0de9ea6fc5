"""`make check`: everything that can be said about the code without running its tests.

Two checks at a time, each with its own lines kept together; all of them run even when one has failed.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SLOWEST = 300  # seconds that any one check may take


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


CHECKS = {
    "types": module("mypy"),
    "format": module("ruff", "format", "--check", "."),
    "lint": module("ruff", "check", "."),
    "templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
    "imports": [str(BIN / "lint-imports"), "--no-logo"],
    "migrations": manage("makemigrations", "--check", "--dry-run"),
    "tables": manage("tables", "--check"),
    "locks": [sys.executable, "tools/lock.py", "--check"],
    "deployment": manage("check", "--deploy", "--fail-level", "WARNING"),
}


def environment(name: str, folder: str) -> dict[str, str]:
    """Tests' settings for all but the deployment check, which starts as production does."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DEMO", "DEBUG", "DATABASE_URL", "TESTING")}
    kept.update(DJANGO_SETTINGS_MODULE="cyber360.settings", VAR_DIR=folder, SECRET_KEY=secrets.token_urlsafe(60))
    kept["VAULT_MASTER_KEYS"] = f"1:{secrets.token_hex(32)}"
    if name == "deployment":
        kept.update(ALLOWED_HOSTS="cyber360.example.org", SITE_URL="https://cyber360.example.org")
        kept.update(DATABASE_URL=f"sqlite:///{folder}/deployment.sqlite3")
    else:
        kept["TESTING"] = "1"
    return kept


def perform(name: str) -> tuple[bool, str]:
    """Whether a check passed, and its lines."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cyber360-check-") as folder:
        try:
            done = subprocess.run(
                CHECKS[name], cwd=ROOT, env=environment(name, folder), capture_output=True, text=True, timeout=SLOWEST
            )
        except subprocess.TimeoutExpired:
            return False, f"FAILED  {name}: not done in {SLOWEST} s"
    good = done.returncode == 0
    lines = f"{'ok    ' if good else 'FAILED'}  {name} ({time.monotonic() - begun:.1f} s)"
    return good, lines if good else f"{lines}\n{done.stdout}{done.stderr}"


def main(names: list[str]) -> int:
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting = {pool.submit(perform, name): name for name in names}
        for done in as_completed(waiting):
            good, lines = done.result()
            print(lines, flush=True)
            if not good:
                failed.append(waiting[done])
    print(f"{len(names) - len(failed)} checks passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    asked = sys.argv[1:] or list(CHECKS)
    if unknown := set(asked) - set(CHECKS):
        sys.exit(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    sys.exit(main(asked))
