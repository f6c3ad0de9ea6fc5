import json
import shutil
import threading
import uuid
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from cyber360.exceptions import NotNow
from cyber360.files import cipher, destruction, keys
from cyber360.files.blobs import write_blob
from cyber360.files.cipher import DamagedFile
from cyber360.files.destruction import destroy_scope, is_destroyed, masters_to_retire, move_to_scope, retire_master
from cyber360.files.models import Blob, BlobKind, CheckStep, DestroyedScope, State, StoredFile, VaultKey
from cyber360.files.services import open_for_reading, sweep_orphans
from cyber360.files.storage import vault

HELD, RECORD = "challenge:12", "record:12"
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process ends here: nothing catches it, as nothing catches a kill."""


@pytest.fixture
def key_file(settings, tmp_path):
    """Masters in a file that we may replace."""
    path = tmp_path / "secrets" / "masters"
    path.parent.mkdir()
    path.write_text("1:" + "ab" * 32)
    path.chmod(0o400)
    settings.VAULT_MASTER_KEYS, settings.VAULT_MASTER_KEYS_PATH = "", str(path)
    return path


def read(stored: StoredFile) -> bytes:
    return b"".join(open_for_reading(StoredFile.objects.get(pk=stored.pk)))


def die(*_args, **_kwargs):
    raise Killed


# --- moving what stays -------------------------------------------------------------------------
def test_a_moved_file_reads_the_same_and_lies_under_the_other_key(keep, django_capture_on_commit_callbacks):
    stored = keep(b"the report" * 90_000, name="report.pdf")
    before, path = StoredFile.objects.values().get(pk=stored.pk), stored.path
    with django_capture_on_commit_callbacks(execute=True):
        moved = move_to_scope(stored, RECORD)
    after = StoredFile.objects.values().get()
    assert {**after, "id": before["id"], "scope": HELD} == before
    assert after["scope"] == RECORD
    assert read(moved) == b"the report" * 90_000
    assert not vault().exists(path)
    assert move_to_scope(moved, RECORD) == moved


def test_whatever_pointed_to_the_old_row_points_to_the_new(keep):
    stored = keep(b"the report")
    step = CheckStep.objects.create(stored_file=stored, step="size", at=timezone.now())
    moved = move_to_scope(stored, RECORD)
    step.refresh_from_db()
    assert step.stored_file_id == moved.pk != stored.pk


@pytest.mark.parametrize("where", ["_copied", "_repoint"])
def test_a_move_that_is_killed_leaves_the_old_file_whole(keep, monkeypatch, where):
    stored = keep(b"the report")
    monkeypatch.setattr(destruction, where, die)
    with pytest.raises(Killed):
        move_to_scope(stored, RECORD)
    assert read(stored) == b"the report"
    monkeypatch.undo()


def test_a_damaged_file_is_not_moved(keep):
    stored = keep(b"the report")
    with vault().write(stored.path) as out:
        out.write(b"something else")
    with pytest.raises(DamagedFile):
        move_to_scope(stored, RECORD)
    assert StoredFile.objects.get().scope == HELD


# --- destroying --------------------------------------------------------------------------------
def test_nothing_of_a_destroyed_scope_is_left(keep, vault_dir):
    stored, other = keep(b"the plan", name="plan of the tower.txt"), keep(b"another", scope="challenge:13")
    blob = write_blob(scope=HELD, kind=BlobKind.WORDS, pieces=[b"the plan"], owner=stored.pk)
    found = destroy_scope(HELD)
    assert (found.files, found.blobs) == (1, 1)
    stored.refresh_from_db()
    assert (stored.state, stored.name) == (State.GONE, destruction.DISPOSED_NAME)
    assert not VaultKey.objects.filter(scope=HELD).exists()
    assert not Blob.objects.filter(pk=blob.pk).exists()
    assert [path.name for path in vault_dir.glob("*/*")] == [str(other.pk)]
    assert read(other) == b"another"


def test_a_destroyed_scope_gets_no_new_key(keep):
    keep(b"the plan")
    destroy_scope(HELD)
    with pytest.raises(NotNow, match="disposed of"):
        keys.key_for(HELD)
    assert not VaultKey.objects.filter(scope=HELD).exists()


def test_a_refusal_stops_before_the_key(keep):
    stored = keep(b"the plan")

    def refuse() -> None:
        raise NotNow("A hold.")

    with pytest.raises(NotNow):
        destroy_scope(HELD, may=refuse)
    assert read(stored) == b"the plan"
    assert not DestroyedScope.objects.exists()


@pytest.mark.parametrize("where", ["_empty_rows", "_remove_files", "_remove_blobs"])
def test_a_destruction_that_is_killed_goes_on(keep, monkeypatch, vault_dir, where):
    stored = keep(b"the plan")
    write_blob(scope=HELD, kind=BlobKind.INDEX, pieces=[b"words"])
    monkeypatch.setattr(destruction, where, die)
    with pytest.raises(Killed):
        destroy_scope(HELD)
    monkeypatch.undo()
    stored.refresh_from_db()
    whole = VaultKey.objects.filter(scope=HELD).exists()
    assert whole == (stored.state == State.STORED) == (where == "_empty_rows")
    destroy_scope(HELD)
    destroy_scope(HELD)
    assert not list(vault_dir.glob("*/*"))
    assert DestroyedScope.objects.count() == 1


# --- the masters -------------------------------------------------------------------------------
def test_the_master_of_a_file_is_changed_and_everything_else_stays_readable(keep, key_file):
    other = keep(b"another", scope="challenge:13")
    keep(b"the plan")
    destroy_scope(HELD)
    assert masters_to_retire() == ["1"]
    assert not is_destroyed(HELD)
    assert retire_master() == []
    assert is_destroyed(HELD)
    assert "ab" * 32 not in key_file.read_text()
    assert len(key_file.read_text().split(",")) == 1
    assert key_file.stat().st_mode & 0o777 == 0o400
    assert read(other) == b"another"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_change_of_masters_that_is_killed_anywhere_loses_nothing_and_goes_on(keep, key_file, monkeypatch, number):
    other = keep(b"another", scope="challenge:13")
    keep(b"the plan")
    destroy_scope(HELD)
    steps = [
        (keys, "replace_secret"),
        (keys, "rotate_masters"),
        (keys, "_refuse_when_needed"),
        (keys, "replace_secret"),
    ]
    target, calls = steps[min(number, 4) - 1], []

    def dying(*args):
        calls.append(args)
        if number == 5:
            real(*args)
        if len(calls) >= (2 if number >= 4 else 1):
            raise Killed
        return real(*args)

    real = getattr(*target)
    monkeypatch.setattr(*target, dying)
    with pytest.raises(Killed):
        retire_master()
    monkeypatch.undo()
    assert read(other) == b"another"
    assert not is_destroyed(HELD)
    assert retire_master() == []
    assert is_destroyed(HELD)
    assert read(other) == b"another"


def test_masters_of_the_environment_are_waited_for(keep, settings):
    other = keep(b"another", scope="challenge:13")
    settings.VAULT_MASTER_KEYS = old = "1:" + "ab" * 32
    keep(b"the plan")
    destroy_scope(HELD)
    assert retire_master() == ["1"]
    settings.VAULT_MASTER_KEYS = "2:" + "cd" * 32 + f",{old}"
    assert retire_master() == ["1"]
    call_command("rotate_vault_master")
    assert retire_master() == ["1"]
    settings.VAULT_MASTER_KEYS = "9:" + "ab" * 32  # the same key under another name is still the same key
    assert retire_master() == ["9"]
    settings.VAULT_MASTER_KEYS = "2:" + "cd" * 32
    assert retire_master() == []
    assert is_destroyed(HELD)
    assert read(other) == b"another"


def test_a_master_taken_away_too_early_is_not_called_destroyed(keep, settings):
    keep(b"another", scope="challenge:13")
    settings.VAULT_MASTER_KEYS = "1:" + "ab" * 32
    keep(b"the plan")
    destroy_scope(HELD)
    settings.VAULT_MASTER_KEYS = "2:" + "cd" * 32
    retire_master()
    assert not is_destroyed(HELD)


def test_a_key_that_does_not_open_stops_the_change_and_nothing_is_dropped(keep, key_file):
    other = keep(b"another", scope="challenge:13")
    keep(b"the plan")
    keys.key_for("challenge:14")
    VaultKey.objects.filter(scope="challenge:14").update(wrapped=b"x" * 104)
    destroy_scope(HELD)
    with pytest.raises(DamagedFile):
        retire_master()
    assert "1:" + "ab" * 32 in key_file.read_text()
    assert read(other) == b"another"


# --- backups -----------------------------------------------------------------------------------
class Backup:
    """A copy of the files, of the database's rows and of the key table, as an operator keeps them."""

    def __init__(self, vault_dir, folder) -> None:
        self.vault_dir, self.folder = vault_dir, folder
        folder.mkdir()
        shutil.copytree(vault_dir, folder / "vault")
        self.rows = serializers.serialize("json", [*StoredFile.objects.all(), *VaultKey.objects.all()])
        call_command("dump_vault_keys", str(folder / "keys.json"))
        self.keys = json.loads((folder / "keys.json").read_text())["keys"]

    def restore(self) -> None:
        shutil.rmtree(self.vault_dir)
        shutil.copytree(self.folder / "vault", self.vault_dir)
        for model in (StoredFile, VaultKey, DestroyedScope):
            model.objects.all().delete()
        for row in serializers.deserialize("json", self.rows):
            row.save()


def opens(stored: StoredFile) -> bool:
    try:
        return read(stored) == b"the plan"
    except DamagedFile:
        return False


def test_a_restored_backup_no_longer_opens_once_the_master_is_changed(keep, key_file, vault_dir, tmp_path, capsys):
    evidence, report = keep(b"the plan"), keep(b"the report", scope=RECORD)
    backup = Backup(vault_dir, tmp_path / "old")
    destroy_scope(HELD)
    backup.restore()
    assert opens(evidence)  # a deleted row is no end: before the change of the master the backup brings all back

    destroy_scope(HELD)
    assert retire_master() == []
    call_command("dump_vault_keys", str(tmp_path / "newest.json"))
    backup.restore()
    assert not opens(evidence)
    with pytest.raises(CommandError, match="No master"):
        call_command("load_vault_keys", str(tmp_path / "old" / "keys.json"))
    call_command("load_vault_keys", str(tmp_path / "newest.json"))
    assert not opens(evidence)
    assert read(report) == b"the report"
    wrapped = next(bytes.fromhex(line["wrapped"]) for line in backup.keys if line["scope"] == HELD)
    for master in keys.masters().values():
        with pytest.raises(InvalidTag):
            cipher.unseal(master, cipher.key_context(HELD), wrapped)
    with pytest.raises(NotNow):
        keys.key_for(HELD)


def test_the_copy_of_the_key_table_is_renewed_before_the_old_master_goes(
    keep, key_file, settings, tmp_path, monkeypatch
):
    settings.VAULT_KEYS_COPY = str(tmp_path / "copy.json")
    other = keep(b"another", scope="challenge:13")
    keep(b"the plan")
    call_command("dump_vault_keys", settings.VAULT_KEYS_COPY)
    destroy_scope(HELD)
    retire_master()
    table = json.loads((tmp_path / "copy.json").read_text())
    assert [line["scope"] for line in table["keys"]] == ["challenge:13"]
    assert [line["scope"] for line in table["destroyed"]] == [HELD]
    assert (tmp_path / "copy.json").stat().st_mode & 0o777 == 0o600
    VaultKey.objects.all().delete()
    call_command("load_vault_keys", settings.VAULT_KEYS_COPY)
    assert read(other) == b"another"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other"}', "\x00"])
def test_what_is_no_copy_of_the_key_table_changes_nothing(keep, tmp_path, text):
    stored = keep(b"the plan")
    (tmp_path / "keys").write_text(text)
    with pytest.raises(CommandError):
        call_command("load_vault_keys", str(tmp_path / "keys"))
    assert read(stored) == b"the plan"


def test_a_new_master_is_printed_and_kept_nowhere(capsys, settings):
    before = settings.VAULT_MASTER_KEYS
    call_command("new_vault_master")
    name, _colon, digits = capsys.readouterr().out.strip().partition(":")
    assert name
    assert len(bytes.fromhex(digits)) == cipher.KEY_BYTES
    assert before == settings.VAULT_MASTER_KEYS


def test_bytes_that_were_on_their_way_are_swept(keep, vault_dir):
    keep(b"the plan")
    with vault().write(f"aa/{uuid.uuid4()}") as out:
        out.write(b"half an upload")
    destroy_scope(HELD)
    assert len(list(vault_dir.glob("*/*"))) == 1
    assert sweep_orphans(older_than=timedelta(0)) == 1
    assert not list(vault_dir.glob("*/*"))


# --- two at once -------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_being_made_is_never_left_under_a_master_that_goes(keep, key_file):
    """An upload makes its key in a long transaction while a disposal changes the master: the change waits for it."""
    keep(b"the plan")
    destroy_scope(HELD)
    made, ended = threading.Event(), []

    def change() -> None:
        made.wait(10)
        ended.append(retire_master())
        connection.close()

    changing = threading.Thread(target=change)
    changing.start()
    with transaction.atomic():
        key = keys.key_for("challenge:99")
        made.set()
        changing.join(1)
        assert not ended
    changing.join(20)
    assert ended == [[]]
    assert keys.existing_key("challenge:99") == key
    assert VaultKey.objects.get(scope="challenge:99").master_id != "1"
