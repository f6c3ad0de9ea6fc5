"""What stands between a fresh folder and a page: tables, static files, reference data, the demo programme.

Each step is a management command that may be run twice without harm. It is left out when its stamp says that
nothing it reads has changed since it last succeeded, so that a second start costs no time and keeps the data.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = "fixtures/frameworks/cyber360-example-1.0.yaml"


@dataclass(frozen=True)
class Step:
    """A management command, what to call it for a person, and the files that it reads (glob patterns)."""

    command: tuple[str, ...]
    title: str
    reads: tuple[str, ...] = ()
    demo_only: bool = False


STEPS = (
    Step(("migrate", "--verbosity=0"), "updating the tables", ("**/migrations/*.py", "requirements/base.lock")),
    Step(("createcachetable",), "making the cache table", ("cyber360/settings.py",)),
    Step(
        ("collectstatic", "--noinput", "--clear", "--verbosity=0"),
        "collecting static files",
        ("build/static/**/*", "cyber360/**/static/**/*", "peers/**/static/**/*", "requirements/base.lock"),
    ),
    Step(("import_councils", "--if-empty"), "loading the council directory", ("fixtures/councils/**/*",)),
    Step(("load_defaults",), "making the programme and the document templates", ("peers/**/defaults.py",)),
    Step(
        ("import_framework", EXAMPLE, "--publish"), "loading the example questionnaire", (EXAMPLE, "fixtures/caf/**/*")
    ),
    Step(("load_demo",), "making the demo programme (about a minute, once)", demo_only=True),
)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def files_of(step: Step) -> Iterator[Path]:
    for top in ("cyber360", "peers", "build/static", "fixtures", "requirements"):
        for path in sorted((ROOT / top).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and any(matches(name, pattern) for pattern in step.reads):
                yield path


def matches(name: str, pattern: str) -> bool:
    """Whether a path below the root meets a pattern in which `**/` stands for any folders, none included."""
    parts = pattern.split("**/")
    if not name.startswith(parts[0]):
        return False
    rest = name[len(parts[0]) :]
    if len(parts) == 1:
        return not rest
    middle, last = parts[1:-1], parts[-1]
    return all(f"/{piece}" in f"/{rest}" for piece in middle) and Path(rest).match(last)


def state_of(step: Step, database: str) -> str:
    """A hash of everything that would change what the step does: names, sizes and contents of its files."""
    total = hashlib.sha256(f"{step.command} {database}".encode())
    for path in files_of(step):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


class Stamps:
    """Which steps are done, as a small file beside the data that they made."""

    def __init__(self, var_dir: Path) -> None:
        self.path = var_dir / "prepared.json"
        try:
            self.done: dict[str, str] = json.loads(self.path.read_text())
        except (OSError, ValueError):
            self.done = {}

    def forget(self) -> None:
        self.done = {}

    def set(self, name: str, state: str) -> None:
        self.done[name] = state
        self.path.write_text(json.dumps(self.done, indent=1))


def prepare(var_dir: Path, demo: bool) -> bool:
    """Run the steps that are due; False when one of them failed (its own message is on the screen)."""
    var_dir.mkdir(parents=True, exist_ok=True)
    stamps = Stamps(var_dir)
    database = os.environ.get("DATABASE_URL", "")
    if not database and not (var_dir / "db.sqlite3").exists():
        stamps.forget()
    for step in STEPS:
        if step.demo_only and not demo:
            continue
        state = state_of(step, database)
        if stamps.done.get(step.command[0]) == state and not (database and step.command[0] == "migrate"):
            continue
        begun = time.monotonic()
        print(f"  {step.title} ...", end=" ", flush=True)
        done = subprocess.run(
            manage(*step.command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            print(f"\n{done.stdout}\n`manage.py {step.command[0]}` failed.", file=sys.stderr)
            return False
        print(f"{time.monotonic() - begun:.0f} s", flush=True)
        stamps.set(step.command[0], state)
    return True
