"""The bench's own data folders: one with a single challenge, one with the ten-year programme."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from django.conf import settings

SIZES = (1, 400)
QUESTIONNAIRE = "fixtures/frameworks/cyber360-example-1.0.yaml"
HERE = Path(__file__).resolve().parent
# Nothing of the person's own environment decides what is measured.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "TMPDIR", "VIRTUAL_ENV")


def root() -> Path:
    return Path(settings.BASE_DIR)


def folder(size: int) -> Path:
    return Path(settings.VAR_DIR) / "bench" / str(size)


def environment(size: int) -> dict[str, str]:
    """A production start without TLS, on loopback, with counting settings. `size` names the data."""
    var_dir = folder(size)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "peers.overview.bench.settings",
        "VAR_DIR": str(var_dir),
        "SECRET_KEY": _kept_secret(var_dir, "secret_key", secrets.token_urlsafe(60)),
        "VAULT_MASTER_KEYS": _kept_secret(var_dir, "master_keys", f"1:{secrets.token_hex(32)}"),
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "0",
        "EMAIL_URL": f"filemail:///{var_dir / 'mail'}",
        "LOG_LEVEL": "WARNING",
    }


def _kept_secret(var_dir: Path, name: str, fresh: str) -> str:
    var_dir.mkdir(parents=True, exist_ok=True)
    path = var_dir / name
    if not path.exists():
        path.write_text(fresh)
        path.chmod(0o600)
    return path.read_text()


def manage(size: int, *arguments: str, **options) -> subprocess.CompletedProcess:
    """A management command on the data of `size`. Raises CalledProcessError."""
    command = [sys.executable, str(root() / "manage.py"), *arguments]
    return subprocess.run(command, cwd=root(), env=environment(size), check=True, text=True, **options)  # noqa: S603


def build(size: int, *, afresh: bool = False) -> float | None:
    """Make the data when it is missing or made by other code; the seconds that the programme took, as kept with it."""
    var_dir, state = folder(size), fingerprint()
    note = var_dir / "made.json"
    made = json.loads(note.read_text()) if note.exists() else {}
    if afresh or made.get("state") != state:
        for old in (*var_dir.glob("db.sqlite3*"), note):
            old.unlink(missing_ok=True)
        environment(size)
        (var_dir / "static").mkdir(exist_ok=True)
        for step in (
            ("migrate", "--run-syncdb", "--verbosity=0"),
            ("createcachetable", "--verbosity=0"),
            ("collectstatic", "--noinput", "--clear", "--verbosity=0"),
            ("load_defaults",),
            ("import_framework", QUESTIONNAIRE, "--publish"),
        ):
            manage(size, *step, stdout=subprocess.DEVNULL)
        told = manage(size, "make_programme", "--challenges", str(size), stdout=subprocess.PIPE).stdout
        seconds = next(line.split()[-1] for line in told.splitlines() if line.split()[0] == "seconds")
        made = {"state": state, "seconds": float(seconds), "counts": told}
        note.write_text(json.dumps(made, indent=1))
    else:
        manage(size, "collectstatic", "--noinput", "--verbosity=0", stdout=subprocess.DEVNULL)
    return made["seconds"]


def fingerprint() -> str:
    """Changes with the tables and with the generator."""
    makers = [HERE / f"{name}.py" for name in ("words", "cast", "frames", "content", "trail", "programme")]
    tables = sorted(root().glob("*/**/migrations/0*.py"))
    total = hashlib.sha256()
    for path in (*makers, *tables, root() / QUESTIONNAIRE):
        total.update(path.read_bytes())
    return total.hexdigest()
