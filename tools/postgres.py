"""A PostgreSQL cluster for one command: `python tools/postgres.py COMMAND...` runs it with DATABASE_URL set.

The cluster lives in a temporary folder, listens on a Unix socket there and nowhere else, and is not made to
survive a power cut. PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

USER = "cyber360"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
}


def programs() -> Path | None:
    """The folder that holds initdb and pg_ctl: Debian keeps them out of PATH. None when not installed."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists() and (folder / "initdb").exists()), None)


def owner() -> pwd.struct_passwd | None:
    """Whom root hands the cluster to; None when this process may run it itself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody` to run it.")


def call(command: list[str], user: pwd.struct_passwd | None, folder: Path) -> None:
    """Raises SystemExit with the program's own words when it fails."""
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with (folder / "commands.log").open("a+") as log:
        # Not a pipe: the server that pg_ctl leaves behind would hold it open.
        done = subprocess.run(command, cwd=folder, stdout=log, stderr=log, **who)
        if done.returncode:
            log.seek(0)
            raise SystemExit(log.read())


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Yields a DATABASE_URL; the cluster is gone afterwards."""
    if not (bin_folder := programs()):
        raise SystemExit("PostgreSQL is not installed. Type: sudo apt-get install postgresql")
    user = owner()
    folder = Path(tempfile.mkdtemp(prefix="cyber360-pg-"))
    data = folder / "data"
    options = " ".join(f"-c {key}={value or chr(39) * 2}" for key, value in SETTINGS.items())
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        ways = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        call([str(bin_folder / "initdb"), "-D", str(data), *ways], user, folder)
        control = [str(bin_folder / "pg_ctl"), "-D", str(data), "-w"]
        call([*control, "-l", str(folder / "server.log"), "-o", f"{options} -k {folder}", "start"], user, folder)
        try:
            yield f"postgresql://{USER}@/postgres?host={quote(str(folder))}"
        finally:
            call([*control, "-m", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with cluster() as address:
        code = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": address}).returncode
    sys.exit(code)
