"""The keys: masters from the environment or a file wrap one random key per scope.

Changing the master re-wraps the small keys and touches no file. A scope whose key was destroyed gets no other.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import NotNow
from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import DestroyedScope, Keyring, VaultKey
from cyber360.secrets import may_replace, one_at_a_time, read_secret, replace_secret

_ADVICE = "Expected VAULT_MASTER_KEYS as `id:hex,id:hex`, 64 hex digits each, the current one first; see docs/files.md."


# --- masters -----------------------------------------------------------------------------------
def masters() -> dict[str, bytes]:
    """Master id -> 32 bytes, the current one first. Raises ImproperlyConfigured, without quoting a key."""
    path = settings.VAULT_MASTER_KEYS_PATH
    if not path:
        return dict(_parsed(settings.VAULT_MASTER_KEYS))
    try:
        return dict(_parsed(read_secret(path)))
    except ImproperlyConfigured:  # read while it was being replaced: the name now stands for the new file
        return dict(_parsed(read_secret(path)))


@lru_cache(maxsize=1)  # one, so that no retired master is remembered
def _parsed(text: str) -> tuple[tuple[str, bytes], ...]:
    pairs: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _colon, digits = entry.partition(":")
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


def _written(pairs: dict[str, bytes]) -> str:
    return ",".join(f"{name}:{key.hex()}" for name, key in pairs.items())


def _current() -> tuple[str, bytes]:
    return next(iter(masters().items()))


def fingerprint(master: bytes) -> str:
    """32 hex digits that tell masters apart and say nothing of them; an id may be given twice, a key is itself."""
    return hmac.new(master, b"cyber360 vault master", hashlib.sha256).hexdigest()[:32]


def fingerprints() -> dict[str, str]:
    """Fingerprint -> id of every master that this process holds."""
    return {fingerprint(key): name for name, key in masters().items()}


def new_master() -> tuple[str, bytes]:
    """An id that was not used before (the moment), and 32 random bytes."""
    return f"{timezone.now():%Y%m%d-%H%M%S}", cipher.new_key()


def new_pair() -> str:
    """A new master as VAULT_MASTER_KEYS takes it: `id:hex`."""
    return _written(dict([new_master()]))


# --- keys of scopes ------------------------------------------------------------------------------
def hold_keyring() -> None:
    """In the caller's transaction: wait for every other change of the key table, and make the next ones wait.

    Masters must be read after this. Then no key can be wrapped by a master that is being retired.
    """
    now = timezone.now()
    if not Keyring.objects.filter(pk=1).update(changed_at=now):
        Keyring.objects.get_or_create(pk=1, defaults={"changed_at": now})
        Keyring.objects.filter(pk=1).update(changed_at=now)


def _wrap(scope: str, key: bytes) -> tuple[str, bytes]:
    master_id, master = _current()
    return master_id, cipher.seal(master, cipher.key_context(scope), key)


def key_for(scope: str) -> bytes:
    """The scope's key, made on first use. Raises DamagedFile when no master we hold opens it, NotNow when destroyed."""
    return unwrap(VaultKey.objects.filter(scope=scope).first() or _add_key(scope))


@transaction.atomic
def _add_key(scope: str) -> VaultKey:
    hold_keyring()
    if DestroyedScope.objects.filter(scope=scope).exists():
        raise NotNow(_("What was kept here was disposed of. Nothing can be added any more."))
    master_id, wrapped = _wrap(scope, cipher.new_key())
    return VaultKey.objects.get_or_create(scope=scope, defaults={"wrapped": wrapped, "master_id": master_id})[0]


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


# --- changing the master -------------------------------------------------------------------------
@transaction.atomic
def rotate_masters() -> int:
    """Wrap every key under the current master; the number re-wrapped. One that does not open stops the whole."""
    hold_keyring()
    current_id, _key = _current()
    rows = list(VaultKey.objects.select_for_update().exclude(master_id=current_id))
    for row in rows:
        row.master_id, row.wrapped = _wrap(row.scope, unwrap(row))
    VaultKey.objects.bulk_update(rows, ["master_id", "wrapped"], batch_size=500)
    return len(rows)


def may_change_masters() -> bool:
    """Whether the masters lie in a file that we may replace; else an administrator changes them."""
    return may_replace(settings.VAULT_MASTER_KEYS_PATH)


def drop_masters(doomed: set[str], *, before: Callable[[], None] = lambda: None) -> None:
    """Do away with the masters of these fingerprints: a new one if needed, every key re-wrapped, then the old ones out.

    `before` is called once all is re-wrapped and before the old ones go. Killed between any two steps, everything
    opens, and the next call goes on. Raises DamagedFile when a key does not open: then nothing is dropped.
    """
    path = settings.VAULT_MASTER_KEYS_PATH
    with one_at_a_time(path):
        held = masters()
        if fingerprint(next(iter(held.values()))) in doomed:
            held = dict([new_master(), *held.items()])
            replace_secret(path, _written(held))
        rotate_masters()
        kept = {name: key for name, key in held.items() if fingerprint(key) not in doomed}
        _refuse_when_needed(set(kept))
        before()
        if kept != held:
            replace_secret(path, _written(kept))


def _refuse_when_needed(kept: set[str]) -> None:
    if VaultKey.objects.exclude(master_id__in=kept).exists():
        raise DamagedFile("A key is still wrapped by a master that was to go. Nothing was dropped.")
