"""The keys: masters from the environment wrap one random key per scope.

A master is never stored by us. Changing the master re-wraps the small keys and touches no file.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import VaultKey

_ADVICE = "Expected VAULT_MASTER_KEYS as `id:hex,id:hex`, 64 hex digits each, the current one first; see docs/files.md."


def masters() -> dict[str, bytes]:
    """Master id -> 32 bytes, the current one first. Raises ImproperlyConfigured, without quoting a key."""
    return dict(_parsed(settings.VAULT_MASTER_KEYS))


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[tuple[str, bytes], ...]:
    pairs: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, digits = entry.partition(":")
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            key = b""
        if not name or name in pairs or len(key) != cipher.KEY_BYTES:
            raise ImproperlyConfigured(_ADVICE)
        pairs[name] = key
    if not pairs:
        raise ImproperlyConfigured(_ADVICE)
    return tuple(pairs.items())


def _current() -> tuple[str, bytes]:
    return next(iter(masters().items()))


def _wrap(scope: str, key: bytes) -> tuple[str, bytes]:
    master_id, master = _current()
    return master_id, cipher.seal(master, cipher.key_context(scope), key)


def key_for(scope: str) -> bytes:
    """The scope's key, made on first use. Raises DamagedFile when no master we hold opens it."""
    row = VaultKey.objects.filter(scope=scope).first()
    if row is None:
        master_id, wrapped = _wrap(scope, cipher.new_key())
        row, _ = VaultKey.objects.get_or_create(scope=scope, defaults={"wrapped": wrapped, "master_id": master_id})
    return unwrap(row)


def existing_key(scope: str) -> bytes:
    """The scope's key. Raises DamagedFile when it has none (destroyed) or no master fits."""
    row = VaultKey.objects.filter(scope=scope).first()
    if row is None:
        raise DamagedFile("The key of this store is gone.")
    return unwrap(row)


def unwrap(row: VaultKey) -> bytes:
    master = masters().get(row.master_id)
    if master is None:
        raise DamagedFile("The master key of this store is not loaded.")
    try:
        return cipher.unseal(master, cipher.key_context(row.scope), bytes(row.wrapped))
    except InvalidTag as error:
        raise DamagedFile("The key of this store does not open.") from error


@transaction.atomic
def rotate_masters() -> int:
    """Wrap every key under the current master; the number re-wrapped. One that does not open stops the whole."""
    current_id, _ = _current()
    rows = list(VaultKey.objects.select_for_update().exclude(master_id=current_id))
    for row in rows:
        row.master_id, row.wrapped = _wrap(row.scope, unwrap(row))
    VaultKey.objects.bulk_update(rows, ["master_id", "wrapped"], batch_size=500)
    return len(rows)
