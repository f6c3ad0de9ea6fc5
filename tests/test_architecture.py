"""The rules of the house that need no import graph: sizes, an act for every page, nothing of any one machine.

The order of imports is held by import-linter and the banned imports by ruff (`make check`).
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 400
FUNCTION_LINES = 50
PAGE_LINES = 150

# Pages that name no act, because anyone may open them, or anyone who is signed in. Keep it short.
PUBLIC = {
    "healthz": "says that the server answers",
    "readyz": "says that database and worker answer",
    "offline": "what a browser shows without a connection",
    "help:index": "the guides, which hold nothing of any council",
    "help:page": "the same",
    "account_signup": "says that accounts are made by invitation",
    "planning:calendar_feed": "whoever holds the secret address reads its owner's dates",
    "accounts:invitation": "whoever holds the mailed link may accept it",
    "accounts:link": "whoever holds the mailed link may open its questions",
    "accounts:own": "a person's own account, whoever they are",
}
# Where any fault at all must become a line in the log, so that the rest goes on.
CATCHES_ALL = {"cyber360/jobs/worker.py"}
# Pages of packages that guard themselves: sign-in, and the admin site for reference data.
THIRD_PARTY = (
    "allauth.",
    "django.contrib.admin.",
    "django.contrib.staticfiles.",
    "django.contrib.contenttypes.",
    "django.views.",
)


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """The files that git knows; without git (an unpacked archive) the tests that ask are skipped."""
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("not a git working tree")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# --- sizes ------------------------------------------------------------------------------------------
def test_no_file_is_too_long():
    long = {relative(path): lines for path in sources("cyber360", "peers") if (lines := count(path)) > FILE_LINES}
    assert long == {}


def test_no_function_is_too_long():
    assert {name: lines for name, lines in functions("cyber360", "peers", "tools") if lines > FUNCTION_LINES} == {}


def test_no_page_is_too_long():
    pages = (ROOT / "templates").rglob("*.html")
    assert {relative(page): count(page) for page in pages if count(page) > PAGE_LINES} == {}


def count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(*folders: str) -> Iterator[tuple[str, int]]:
    for path in sources(*folders):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{relative(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


# --- rooms ------------------------------------------------------------------------------------------
def test_every_room_is_under_the_contract():
    """A new room must be named in the contract for the inside of rooms, or nothing would hold it."""
    text = (ROOT / "pyproject.toml").read_text()
    rooms = {path.parent.name for path in (ROOT / "peers").glob("*/__init__.py")}
    rooms -= {"migrations", "management", "templatetags"}
    assert {room for room in rooms if f'"peers.{room}"' not in text} == set()


def test_no_fault_is_swallowed():
    """Catching everything hides what nobody expected, unless it is raised again at the end of the clean-up."""
    assert {place for place in broad_handlers() if place.partition(":")[0] not in CATCHES_ALL} == set()


def broad_handlers() -> Iterator[str]:
    for path in sources("cyber360", "peers"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler) or isinstance(node.body[-1], ast.Raise):
                continue
            named = ast.walk(node.type) if node.type else []
            names = {part.id for part in named if isinstance(part, ast.Name)}
            if not node.type or names & {"Exception", "BaseException"}:
                yield f"{relative(path)}:{node.lineno}"


# --- every page names its act -----------------------------------------------------------------------
def patterns(resolver: URLResolver, names: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, (*names, entry.namespace) if entry.namespace else names)
        else:
            yield ":".join([*names, entry.name or str(entry.pattern)]), entry


def own_patterns() -> list[tuple[str, URLPattern]]:
    return [
        (name, entry)
        for name, entry in patterns(get_resolver())
        if not getattr(entry.callback, "__module__", "").startswith(THIRD_PARTY)
    ]


def test_every_page_names_its_act():
    nameless = [name for name, entry in own_patterns() if not getattr(entry.callback, "acts", ())]
    assert sorted(nameless) == sorted(PUBLIC)


def test_no_page_is_public_and_names_an_act():
    assert [name for name, entry in own_patterns() if name in PUBLIC and getattr(entry.callback, "acts", ())] == []


# --- nothing of any one machine -----------------------------------------------------------------------
def registry_addresses() -> re.Pattern[str]:
    """Hosts from which packages are fetched; written in pieces so that this file does not name one."""
    hosts = ["pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "deb" + r"\.debian\.org"]
    return re.compile("|".join(hosts))


def test_no_tracked_file_names_a_machine_or_a_registry():
    folders = re.compile("|".join(["/" + "work/", "/" + "root/", r"/" + r"home/\w+/", "/opt/" + "pypi"]))
    registries = registry_addresses()
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{relative(path)}: {hit.group()}" for hit in [*folders.finditer(text), *registries.finditer(text)]]
    assert found == []


def test_locks_hold_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        pins = re.findall(r"^[a-z0-9].*$", text, re.MULTILINE)
        assert pins, lock.name
        assert all(re.match(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+ .*\\$", pin) for pin in pins), lock.name
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pins), lock.name


def test_no_lock_with_addresses_is_tracked():
    names = {relative(path) for path in tracked()}
    assert names & {"uv.lock", "pylock.toml"} == set()
    for name in names:
        if name.endswith("package-lock.json"):
            assert '"resolved": "http' not in (ROOT / name).read_text(), name


def test_the_tools_need_nothing_but_python():
    """Set-up and supervisor run before anything is installed, so they may only import the standard library."""
    own = {path.stem for path in (ROOT / "tools").glob("*.py")}
    for name in ("setup.py", "prepare.py", "run.py", "lock.py", "postgres.py", "test.py", "check.py"):
        for node in ast.walk(ast.parse((ROOT / "tools" / name).read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                top = module.partition(".")[0]
                assert top in sys.stdlib_module_names or top in own, f"tools/{name} imports {module}"


def test_every_variable_of_the_settings_is_explained():
    names = set(
        re.findall(r"""(?:env\.\w+|secret_for)\(\s*"([A-Z][A-Z0-9_]+)\"""", (ROOT / "cyber360/settings.py").read_text())
    )
    told = "".join((ROOT / "docs" / page).read_text() for page in ("running.md", "development.md"))
    assert {name for name in names if f"`{name}`" not in told} == set()


@pytest.mark.slow
def test_a_web_process_loads_no_solver_and_no_numpy():
    """Both cost seconds and tens of megabytes; openpyxl brings numpy along, so workbooks are made when asked for."""
    script = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        "print(sorted({'ortools', 'numpy', 'pandas', 'openpyxl', 'weasyprint'} & set(sys.modules)))"
    )
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "cyber360.settings"}
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
