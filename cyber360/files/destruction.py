"""Destroying what a scope held: its key, its bytes, and then the masters that once wrapped the key.

Deleting a row shreds nothing: databases keep old pages, logs and dumps. The wrap that lies in them opens with no master
that anybody holds once `retire_master` is through, and only then is a scope destroyed. Every function may be called
again after it was killed anywhere: what must stay is moved before the key goes, and stays readable throughout.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils import timezone

from cyber360.audit.services import record
from cyber360.files import cipher
from cyber360.files.cipher import DamagedFile
from cyber360.files.index import forget
from cyber360.files.key_copies import keep_copy
from cyber360.files.keys import (
    drop_masters,
    existing_key,
    fingerprints,
    hold_keyring,
    key_for,
    masters,
    may_change_masters,
)
from cyber360.files.models import (
    Blob,
    CheckStep,
    Concern,
    DestroyedScope,
    State,
    StoredFile,
    Upload,
    VaultKey,
    Verdict,
)
from cyber360.files.services import ask_for_check
from cyber360.files.storage import vault

DISPOSED_NAME = "disposed-of"
_BATCH = 200


class Destroyed(NamedTuple):
    """What one call found: the key's row is gone since `at`; `files` and `blobs` are the bytes removed just now."""

    scope: str
    at: datetime
    files: int
    blobs: int


# --- what must stay ------------------------------------------------------------------------------
def move_to_scope(stored_file: StoredFile, scope: str) -> StoredFile:
    """The same file under the key of `scope`; whatever pointed to the old row points to the new one.

    A file's id is bound into its bytes, so the moved one has another. It is read back before the old one goes. Does
    nothing for a file that is there already or has no bytes. Raises DamagedFile, and then all is as before.
    """
    if stored_file.scope == scope or stored_file.state != State.STORED:
        return stored_file
    moved = _copied(stored_file, scope)
    with transaction.atomic():
        old = StoredFile.objects.select_for_update().filter(pk=stored_file.pk, state=State.STORED).first()
        if old is None:  # moved or deleted meanwhile: our copy has no row, so the sweep removes it
            return stored_file
        moved.verdict, moved.verdict_detail, moved.scanned_at = old.verdict, old.verdict_detail, old.scanned_at
        moved.save(force_insert=True)
        StoredFile.objects.filter(pk=moved.pk).update(uploaded_at=old.uploaded_at)
        _repoint(old, moved)
        _forget_blobs(Blob.objects.filter(owner=old.pk))
        StoredFile.objects.filter(pk=old.pk).delete()
        transaction.on_commit(partial(vault().delete, old.path))
        if moved.verdict == Verdict.PENDING:
            ask_for_check(stored_file=moved)
    return moved


def _copied(stored: StoredFile, scope: str) -> StoredFile:
    """A new row, not saved yet, whose bytes are written and were read back."""
    kept = {field.attname: getattr(stored, field.attname) for field in stored._meta.concrete_fields}
    del kept["id"]
    moved = StoredFile(**{**kept, "scope": scope})
    lock = cipher.encryptor(key_for(scope), cipher.file_context(scope, moved.pk))
    with vault().write(moved.path) as out:
        for piece in _plain(stored):
            if sealed := lock.update(piece):
                out.write(sealed)
        out.write(lock.finalize())
    if cipher.measure(_plain(moved)) != (stored.size, stored.sha256):
        raise DamagedFile("A file that must stay could not be moved: it is not the one that was kept.")
    return moved


def _plain(stored: StoredFile) -> Iterator[bytes]:
    context = cipher.file_context(stored.scope, stored.pk)
    return cipher.decrypted(vault().read(stored.path), existing_key(stored.scope), context)


def _repoint(old: StoredFile, new: StoredFile) -> None:
    fields: list[Any] = list(StoredFile._meta.get_fields(include_hidden=True))
    for field in fields:
        if field.auto_created and (field.one_to_many or field.one_to_one):
            rows = field.related_model._base_manager.filter(**{field.field.name: old.pk})
            rows.update(**{field.field.name: new.pk})


# --- the key and the bytes -------------------------------------------------------------------------
def destroy_scope(scope: str, *, may: Callable[[], None] = lambda: None) -> Destroyed:
    """Delete the scope's key for good, then every byte it had. From the first on nothing of it can be read by us.

    `may` is called inside the transaction that deletes the key, and stops it by raising.
    """
    row = _destroy_key(scope, may)
    forget(scope)
    return Destroyed(scope, row.destroyed_at, _remove_files(scope), _remove_blobs(scope))


@transaction.atomic
def _destroy_key(scope: str, may: Callable[[], None]) -> DestroyedScope:
    hold_keyring()
    if known := DestroyedScope.objects.filter(scope=scope).first():
        return known
    may()
    key = VaultKey.objects.filter(scope=scope).first()
    row = DestroyedScope.objects.create(
        scope=scope,
        key_made_at=key.created_at if key else None,
        master_id=key.master_id if key else "",
        masters=sorted(fingerprints()) if key else [],
        destroyed_at=timezone.now(),
    )
    VaultKey.objects.filter(scope=scope).delete()
    _empty_rows(scope)
    return row


def _empty_rows(scope: str) -> None:
    """Files become rows without a name or a word on their content; what was only on its way goes altogether."""
    files = StoredFile.objects.filter(scope=scope)
    CheckStep.objects.filter(stored_file__scope=scope).delete()
    Concern.objects.filter(stored_file__scope=scope).delete()
    Upload.objects.filter(scope=scope).delete()
    files.update(state=State.GONE, name=DISPOSED_NAME, verdict_detail="", refusal="", notes=[])


def _remove_files(scope: str) -> int:
    store, count = vault(), 0
    for stored in StoredFile.objects.filter(scope=scope).iterator(chunk_size=_BATCH):
        if store.exists(stored.path):
            store.delete(stored.path)
            count += 1
    return count


def _remove_blobs(scope: str) -> int:
    count = 0
    while some := list(Blob.objects.filter(scope=scope)[:_BATCH]):
        for blob in some:
            vault().delete(blob.path)
        Blob.objects.filter(pk__in=[blob.pk for blob in some]).delete()
        count += len(some)
    return count


def _forget_blobs(blobs: models.QuerySet[Blob]) -> None:
    for blob in blobs:
        transaction.on_commit(partial(vault().delete, blob.path))
    blobs.delete()


# --- the masters ---------------------------------------------------------------------------------
def is_destroyed(scope: str) -> bool:
    """The key is gone, and so is every master that could open an old copy of it."""
    return DestroyedScope.objects.filter(scope=scope, retired_at__isnull=False).exists()


def masters_to_retire() -> list[str]:
    """Ids of the masters that this process holds and that must go before what was destroyed is beyond recovery."""
    held = fingerprints()
    doomed = _doomed()
    return [name for mark, name in held.items() if mark in doomed]


def _doomed() -> set[str]:
    marks = DestroyedScope.objects.filter(retired_at=None).values_list("masters", flat=True)
    return {mark for some in marks for mark in some}


def retire_master() -> list[str]:
    """Change the master where that is ours to do, and note what is destroyed by it; ids of masters still in the way.

    Where the masters come from the environment, or from a file that we may not replace, only an administrator can take
    the old one away: then this is called again until none is in the way.
    """
    if (old := masters_to_retire()) and may_change_masters():
        drop_masters(_doomed(), before=keep_copy)
        with transaction.atomic():
            record(act="vault.master_changed", label="master", detail={"retired": old})
    _note_retired()
    return masters_to_retire()


@transaction.atomic
def _note_retired() -> None:
    """Nothing counts as retired while a key is wrapped by any but the current master."""
    if not DestroyedScope.objects.filter(retired_at=None).exists():
        return
    hold_keyring()
    held = set(fingerprints())
    if VaultKey.objects.exclude(master_id=next(iter(masters()))).exists():
        return
    for row in DestroyedScope.objects.filter(retired_at=None):
        if not held & set(row.masters):
            row.retired_at = timezone.now()
            row.save(update_fields=["retired_at"])
