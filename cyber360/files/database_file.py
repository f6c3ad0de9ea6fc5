"""An SQLite database is for the service's own account alone, whatever umask it was first made under."""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_BESIDE = ("", "-wal", "-shm", "-journal")  # sqlite.org/tempfiles.html; new ones get the database's own mode
_closed: set[str] = set()


def close_to_others(place: str) -> None:
    """Take the rights of group and others off the database and the files beside it, where they are ours."""
    for name in (place + end for end in _BESIDE):
        with suppress(OSError):
            found = Path(name).lstat()
            if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & _OTHERS:
                Path(name).chmod(0o600)
                log.info("%s could be read by others of this machine, and no longer can.", Path(name).name)


def _opened(connection: BaseDatabaseWrapper, **_given: Any) -> None:
    place = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and place not in _closed and Path(place).is_absolute():
        _closed.add(place)
        close_to_others(place)


def watch() -> None:
    """Every start opens the database, migrating does as well."""
    connection_created.connect(_opened, dispatch_uid="files.database_file")
