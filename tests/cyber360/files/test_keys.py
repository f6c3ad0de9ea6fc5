import fcntl
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cyber360 import secrets
from cyber360.files import keys
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import VaultKey
from cyber360.files.services import open_for_reading

ONE, TWO = "1:" + "ab" * 32, "2:" + "cd" * 32

pytestmark = pytest.mark.django_db


def test_a_scope_keeps_its_key_and_scopes_differ():
    first = keys.key_for("challenge:1")
    assert keys.key_for("challenge:1") == keys.existing_key("challenge:1") == first
    assert keys.key_for("challenge:2") != first
    assert len(bytes(VaultKey.objects.get(scope="challenge:1").wrapped)) == 104


def test_the_key_itself_is_nowhere_in_the_row():
    key = keys.key_for("challenge:1")
    row = VaultKey.objects.get()
    assert key not in bytes(row.wrapped)


def test_reading_makes_no_key():
    with pytest.raises(DamagedFile):
        keys.existing_key("challenge:1")
    assert not VaultKey.objects.exists()


def test_a_wrapped_key_moved_to_another_row_is_refused():
    keys.key_for("challenge:1")
    keys.key_for("challenge:2")
    VaultKey.objects.filter(scope="challenge:2").update(wrapped=VaultKey.objects.get(scope="challenge:1").wrapped)
    with pytest.raises(DamagedFile):
        keys.existing_key("challenge:2")


@pytest.mark.parametrize("masters", ["1:" + "ef" * 32, TWO])
def test_a_wrong_or_missing_master_is_refused(settings, masters):
    settings.VAULT_MASTER_KEYS = ONE
    keys.key_for("challenge:1")
    settings.VAULT_MASTER_KEYS = masters
    with pytest.raises(DamagedFile):
        keys.existing_key("challenge:1")


def test_rotation_rewraps_keys_and_the_old_master_opens_nothing(settings, keep):
    settings.VAULT_MASTER_KEYS = ONE
    stored = keep(b"the plan")
    before = keys.existing_key(stored.scope)
    settings.VAULT_MASTER_KEYS = f"{TWO},{ONE}"
    assert b"".join(open_for_reading(stored)) == b"the plan"
    assert keys.rotate_masters() == 1
    assert keys.rotate_masters() == 0
    settings.VAULT_MASTER_KEYS = TWO
    assert keys.existing_key(stored.scope) == before
    assert b"".join(open_for_reading(stored)) == b"the plan"
    settings.VAULT_MASTER_KEYS = ONE
    with pytest.raises(DamagedFile):
        keys.existing_key(stored.scope)


def test_rotation_is_all_or_nothing(settings, capsys):
    settings.VAULT_MASTER_KEYS = ONE
    keys.key_for("challenge:1")
    keys.key_for("challenge:2")
    VaultKey.objects.filter(scope="challenge:2").update(wrapped=b"x" * 104)
    settings.VAULT_MASTER_KEYS = f"{TWO},{ONE}"
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_vault_master")
    assert set(VaultKey.objects.values_list("master_id", flat=True)) == {"1"}


def test_the_command_says_how_many(settings, capsys):
    settings.VAULT_MASTER_KEYS = ONE
    keys.key_for("challenge:1")
    settings.VAULT_MASTER_KEYS = f"{TWO},{ONE}"
    call_command("rotate_vault_master")
    assert capsys.readouterr().out.startswith("1 keys are now wrapped by master 2.")


def test_many_keys_take_as_many_queries_as_one(settings, django_assert_num_queries):
    def rotated(text: str) -> int:
        settings.VAULT_MASTER_KEYS = text
        with CaptureQueriesContext(connection) as queries:
            keys.rotate_masters()
        return len(queries)

    settings.VAULT_MASTER_KEYS = ONE
    keys.key_for("challenge:1")
    one = rotated(f"{TWO},{ONE}")
    for number in range(2, 60):
        keys.key_for(f"challenge:{number}")
    assert rotated(f"{ONE},{TWO}") == one


@pytest.mark.parametrize(
    "text", ["", "1", "1:abcd", "1:" + "zz" * 32, f"{ONE},{ONE}", ":" + "ab" * 32, ONE + ";" + TWO]
)
def test_malformed_masters_stop_the_start_without_quoting_a_key(settings, text):
    settings.VAULT_MASTER_KEYS = text
    with pytest.raises(ImproperlyConfigured) as failure:
        keys.masters()
    assert "ab" * 8 not in str(failure.value)


# --- masters in a file ---------------------------------------------------------------------------
@pytest.fixture
def key_file(settings, tmp_path):
    path = tmp_path / "masters"
    path.write_text(ONE)
    settings.VAULT_MASTER_KEYS, settings.VAULT_MASTER_KEYS_PATH = "", str(path)
    return path


def test_a_changed_file_is_noticed_by_a_running_process(key_file):
    assert list(keys.masters()) == ["1"]
    secrets.replace_secret(str(key_file), f"{TWO},{ONE}")
    assert list(keys.masters()) == ["2", "1"]
    secrets.replace_secret(str(key_file), TWO)
    assert list(keys.masters()) == ["2"]


def test_a_replaced_file_is_read_only_and_the_old_bytes_are_overwritten(key_file):
    old = key_file.open("rb")
    secrets.replace_secret(str(key_file), TWO)
    assert key_file.stat().st_mode & 0o777 == 0o400
    with old:
        assert set(old.read()) == {0}
    assert [path.name for path in key_file.parent.iterdir()] == ["masters"]


def test_a_replacement_that_is_killed_leaves_the_old_file(key_file, monkeypatch):
    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(secrets.os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        secrets.replace_secret(str(key_file), TWO)
    monkeypatch.undo()
    assert key_file.read_text() == ONE
    secrets.replace_secret(str(key_file), TWO)
    assert key_file.read_text() == TWO


def test_a_link_or_nothing_is_not_ours_to_replace(key_file, settings, tmp_path):
    assert keys.may_change_masters()
    link = tmp_path / "link"
    link.symlink_to(key_file)
    settings.VAULT_MASTER_KEYS_PATH = str(link)
    assert not keys.may_change_masters()
    settings.VAULT_MASTER_KEYS_PATH = ""
    assert not keys.may_change_masters()


def test_one_process_at_a_time_changes_the_file(key_file):
    with (
        secrets.one_at_a_time(str(key_file)),
        Path(f"{key_file}.lock").open() as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_fingerprint_tells_keys_apart_and_not_names():
    assert keys.fingerprint(b"a" * 32) == keys.fingerprint(b"a" * 32) != keys.fingerprint(b"b" * 32)
