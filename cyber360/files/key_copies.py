"""The key table's own backup: one file, the newest only, apart from the backups of the database.

After a disposal an older copy would be the way back to what is gone, so a new one takes the place of the one before.
It holds wrapped keys and is worth nothing without a master.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cyber360.exceptions import BadInput
from cyber360.files import cipher
from cyber360.files.keys import hold_keyring, masters
from cyber360.files.models import DestroyedScope, VaultKey
from cyber360.secrets import sync_folder

FORMAT = "cyber360 vault keys 1"


def dump_keys(path: str) -> int:
    """Write the key table over whatever lies there, in one step, mode 0600; the number of keys."""
    with transaction.atomic():
        hold_keyring()
        table = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "keys": [_key_line(row) for row in VaultKey.objects.order_by("scope")],
            "destroyed": [_destroyed_line(row) for row in DestroyedScope.objects.all()],
        }
    _replace(Path(path), json.dumps(table, indent=1))
    return len(table["keys"])


def keep_copy() -> None:
    """Renew the copy that VAULT_KEYS_COPY names, if any."""
    if settings.VAULT_KEYS_COPY:
        dump_keys(settings.VAULT_KEYS_COPY)


def _replace(place: Path, text: str) -> None:
    new = place.with_name(f".{place.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(place)
    sync_folder(place.parent)


def _key_line(row: VaultKey) -> dict[str, str]:
    return {
        "scope": row.scope,
        "wrapped": bytes(row.wrapped).hex(),
        "master_id": row.master_id,
        "created_at": row.created_at.isoformat(),
    }


def _destroyed_line(row: DestroyedScope) -> dict[str, Any]:
    return {
        "scope": row.scope,
        "key_made_at": row.key_made_at.isoformat() if row.key_made_at else None,
        "master_id": row.master_id,
        "masters": row.masters,
        "destroyed_at": row.destroyed_at.isoformat(),
        "retired_at": row.retired_at.isoformat() if row.retired_at else None,
    }


def load_keys(path: str) -> tuple[int, int]:
    """Make the key table equal to the copy; (keys loaded, rows of the database that the copy does not have, removed).

    Raises BadInput, and changes nothing, when the file is no such copy or holds a key that no master of ours opens.
    """
    table = _read(Path(path))
    held = masters()
    shut = [line["scope"] for line in table["keys"] if not _opens(line, held)]
    if shut:
        raise BadInput(f"No master that is loaded opens the key of {', '.join(shut[:5])}. Nothing was changed.")
    with transaction.atomic():
        hold_keyring()
        scopes = [line["scope"] for line in table["keys"]]
        removed, _by_model = VaultKey.objects.exclude(scope__in=scopes).delete()
        for line in table["keys"]:
            _load_key(line)
        for line in table["destroyed"]:
            DestroyedScope.objects.update_or_create(scope=line["scope"], defaults=_destroyed_values(line))
    return len(scopes), removed


def _read(place: Path) -> dict[str, Any]:
    try:
        table = json.loads(place.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{place.name} cannot be read as a copy of the key table.") from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise BadInput(f"{place.name} is no copy of the key table.")
    return table


def _opens(line: dict[str, str], held: dict[str, bytes]) -> bool:
    master = held.get(line["master_id"])
    if master is None:
        return False
    try:
        cipher.unseal(master, cipher.key_context(line["scope"]), bytes.fromhex(line["wrapped"]))
    except (InvalidTag, ValueError):
        return False
    return True


def _load_key(line: dict[str, str]) -> None:
    values = {"wrapped": bytes.fromhex(line["wrapped"]), "master_id": line["master_id"]}
    row, _made = VaultKey.objects.update_or_create(scope=line["scope"], defaults=values)
    VaultKey.objects.filter(pk=row.pk).update(created_at=datetime.fromisoformat(line["created_at"]))


def _destroyed_values(line: dict[str, Any]) -> dict[str, Any]:
    days = ("key_made_at", "destroyed_at", "retired_at")
    moments = {name: datetime.fromisoformat(line[name]) if line[name] else None for name in days}
    return {"master_id": line["master_id"], "masters": line["masters"], **moments}
