"""Writing beside receiving: what a fault, an end in the middle and a slow store leave behind."""

import errno
import threading
import uuid

import pytest

from cyber360.files import cipher
from cyber360.files.keys import key_for
from cyber360.files.models import blob_path
from cyber360.files.sealing import Sealing
from cyber360.files.storage import vault
from tests.cyber360.files.conftest import SCOPE

pytestmark = pytest.mark.django_db
PIECES = [bytes([number]) * 200_000 for number in range(12)]


@pytest.fixture
def begun(vault_dir):
    file_id = uuid.uuid4()
    return Sealing(key_for(SCOPE), SCOPE, file_id), blob_path(file_id), cipher.file_context(SCOPE, file_id)


@pytest.mark.parametrize("count", [0, 1, 2, 12])
def test_the_pieces_arrive_whole_and_in_order(begun, count):
    sealing, path, context = begun
    for piece in PIECES[:count]:
        sealing.take(piece)
    sealing.finish()
    assert b"".join(cipher.decrypted(vault().read(path), key_for(SCOPE), context)) == b"".join(PIECES[:count])
    assert threads() == []


def test_dropped_in_the_middle_it_leaves_nothing(begun, vault_dir):
    sealing, _path, _context = begun
    for piece in PIECES[:5]:
        sealing.take(piece)
    sealing.drop()
    sealing.drop()
    assert [place for place in vault_dir.rglob("*") if place.is_file()] == []
    assert threads() == []


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), LookupError("No space in it")])
def test_a_fault_of_the_store_is_raised_by_a_later_call_and_never_blocks(begun, vault_dir, monkeypatch, fault):
    """Of whatever kind: a bucket's faults are no OSError."""
    sealing, _path, _context = begun
    sealing.take(PIECES[0])

    def full(*args):
        raise fault

    monkeypatch.setattr("cyber360.files.storage._WholeWrites.write", full)
    with pytest.raises(type(fault), match="No space"):
        go_on(sealing)
    sealing.drop()
    assert [place for place in vault_dir.rglob("*") if place.is_file()] == []
    assert threads() == []


def go_on(sealing) -> None:
    for piece in PIECES[1:] * 3:
        sealing.take(piece)
    sealing.finish()


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("sealing")]
