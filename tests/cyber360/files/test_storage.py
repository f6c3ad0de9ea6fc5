import errno
import itertools
import stat
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from cyber360.files.cipher import PIECE, DamagedFile
from cyber360.files.storage import LocalVault, S3Vault, vault


@pytest.fixture
def folder(tmp_path):
    return LocalVault(str(tmp_path / "vault"))


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def store(request):
    """What every store must do, whichever it is."""
    if request.param == "folder":
        return request.getfixturevalue("folder")
    return S3Vault(**request.getfixturevalue("s3_options"))


def put(store, path="ab/abcd", data=b"sealed"):
    with store.write(path) as out:
        out.write(data)


def write_half(store, failure):
    with store.write("ab/abcd") as out:
        out.write(b"half")
        raise failure


def test_settings_name_the_store(vault_dir):
    assert isinstance(vault(), LocalVault)
    assert vault().root == vault_dir


def test_written_read_listed_deleted(store):
    put(store, data=b"x" * (PIECE + 5))
    assert store.exists("ab/abcd")
    assert [len(piece) for piece in store.read("ab/abcd")] == [PIECE, 5]
    [(path, changed)] = store.paths()
    assert path == "ab/abcd"
    assert timezone.now() - changed < timedelta(minutes=1)
    store.delete("ab/abcd")
    store.delete("ab/abcd")
    assert not store.exists("ab/abcd")


def test_only_our_account_may_open_it(folder):
    put(folder)
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.root / "ab").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.root / "ab/abcd").stat().st_mode) == 0o600


def test_nothing_is_there_under_its_name_before_the_end(store):
    with store.write("ab/abcd") as out:
        out.write(b"half")
        assert not store.exists("ab/abcd")
    assert store.exists("ab/abcd")


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), GeneratorExit()]
)
def test_a_failed_write_leaves_nothing(store, failure):
    with pytest.raises(type(failure)):
        write_half(store, failure)
    assert list(store.paths()) == []


def test_a_full_disk_at_the_last_moment_leaves_nothing(folder, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cyber360.files.storage.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        put(folder)
    assert list(folder.paths()) == []


OUTSIDE = (
    "../outside",
    "ab/../../outside",
    "ab/../ab/cd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "ab//cd",
    "ab/",
    "a\\..\\b",
    "a\0b",
)


def test_a_path_cannot_leave_the_store(store):
    """Whatever is asked: no place outside, and no second name for one inside."""
    asks = (put, lambda store, path: list(store.read(path)), type(store).delete, type(store).exists)
    for path, ask in itertools.product(OUTSIDE, asks):
        with pytest.raises(ValueError, match="Not a vault path"):
            ask(store, path)


def test_no_address_and_no_plain_save(store):
    for attempt in (lambda: store.url("ab/abcd"), lambda: store.open("ab/abcd"), lambda: store.save("ab", None)):
        with pytest.raises((NotImplementedError, AttributeError)):
            attempt()


def test_a_missing_file_is_damage(store):
    with pytest.raises(DamagedFile):
        list(store.read("ab/none"))


def test_a_bucket_needs_a_name():
    with pytest.raises(ImproperlyConfigured, match="S3_BUCKET"):
        S3Vault(bucket_name="")
