"""Where the secrets come from: the environment, or a file named by it; a demo makes its own once."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def _fresh(name: str) -> str:
    return f"1:{secrets.token_hex(32)}" if name == "VAULT_MASTER_KEYS" else secrets.token_urlsafe(50)


def _read_or_create(path: Path, name: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as out:
        value = _fresh(name)
        out.write(value)
    return value


def secret_for(name: str, env, var_dir: Path, *, may_create: bool) -> str:
    """The secret `name`: from the variable, else from the file that `<name>_FILE` names, else (demo) made once.

    Raises ImproperlyConfigured when a production start lacks it.
    """
    if value := env.str(name, default=""):
        return value
    if file := env.str(f"{name}_FILE", default=""):
        return Path(file).read_text().strip()
    if may_create:
        return _read_or_create(var_dir / "secrets" / name.lower(), name)
    raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE, before starting; see docs/running.md.")
