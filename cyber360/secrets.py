"""Where the secrets come from: the environment, or a file named by it; a demo makes its own once.

A file may be replaced while we run: `read_secret` notices it, `replace_secret` does it in one step.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_seen: dict[str, tuple[tuple[int, int, int], str]] = {}


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


def _own_file(name: str, var_dir: Path) -> Path:
    return var_dir / "secrets" / name.lower()


def secret_for(name: str, env, var_dir: Path, *, may_create: bool) -> str:
    """The secret `name`: from the variable, else from the file that `<name>_FILE` names, else (demo) made once.

    Raises ImproperlyConfigured when a production start lacks it.
    """
    if value := env.str(name, default=""):
        return value
    if file := env.str(f"{name}_FILE", default=""):
        return Path(file).read_text().strip()
    if may_create:
        return _read_or_create(_own_file(name, var_dir), name)
    raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE, before starting; see docs/running.md.")


def secret_file(name: str, env, var_dir: Path) -> str:
    """The path of the file that `secret_for` read the secret from, "" when it came from the environment."""
    if env.str(name, default=""):
        return ""
    return env.str(f"{name}_FILE", default="") or str(_own_file(name, var_dir))


# --- a file that changes -----------------------------------------------------------------------
def read_secret(path: str) -> str:
    """The file's text, read again when the file was replaced or changed. Raises OSError."""
    kept = _seen.get(path)
    if kept is not None and kept[0] == _identity(os.stat(path)):
        return kept[1]
    with Path(path).open() as file:
        identity = _identity(os.fstat(file.fileno()))
        text = file.read().strip()
    _seen[path] = (identity, text)
    return text


def _identity(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def may_replace(path: str) -> bool:
    """Whether we may put another file in its place: not in a read-only folder, nor where the name is only a link."""
    file = Path(path)
    return bool(path) and file.is_file() and not file.is_symlink() and os.access(file.parent, os.W_OK)


@contextmanager
def one_at_a_time(path: str) -> Iterator[None]:
    """Held by one process of this machine; let go when the process dies."""
    with Path(f"{path}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def replace_secret(path: str, text: str) -> None:
    """Put a file with mode 0400 in the place of the old one in one step, then overwrite the old one's bytes.

    Killed at any point, the file is whole and either the old or the new one. Overwriting is worth what the disk makes
    of it: a solid-state disk may keep the old blocks for a while.
    """
    place = Path(path)
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    old = _open_to_wipe(place)
    new.replace(place)
    sync_folder(place.parent)
    if old is not None:
        _wipe(old)


def _open_to_wipe(place: Path) -> int | None:
    with suppress(OSError):
        place.chmod(0o600)
        return os.open(place, os.O_RDWR)
    return None


def _wipe(handle: int) -> None:
    with suppress(OSError):
        os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
        os.fsync(handle)
    os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
