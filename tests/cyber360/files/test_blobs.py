import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from cyber360.files.blobs import blob_bytes, delete_blobs, find_blob, write_blob
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import Blob, BlobKind
from cyber360.files.services import delete_file, sweep_orphans
from cyber360.files.storage import vault

from .conftest import SCOPE

pytestmark = pytest.mark.django_db(transaction=True)


def write(data=b"words of a plan", owner=None, number=0, scope=SCOPE) -> Blob:
    return write_blob(scope=scope, kind=BlobKind.WORDS, pieces=[data], owner=owner, number=number)


def test_what_is_written_is_read_and_lies_encrypted(vault_dir):
    blob = write()
    assert blob_bytes(blob) == b"words of a plan"
    assert blob.size == 15
    assert b"plan" not in (vault_dir / blob.path).read_bytes()


def test_writing_again_replaces_the_one_before(vault_dir):
    first = write(b"first")
    second = write(b"second")
    assert list(Blob.objects.all()) == [second]
    assert not vault().exists(first.path)
    assert blob_bytes(find_blob(scope=SCOPE, kind=BlobKind.WORDS)) == b"second"


def test_a_write_that_fails_leaves_the_one_before(vault_dir):
    first = write(b"first")

    def breaking():
        yield b"sec"
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        write_blob(scope=SCOPE, kind=BlobKind.WORDS, pieces=breaking())
    assert blob_bytes(first) == b"first"
    assert [path for path, _changed in vault().paths()] == [first.path]


def test_a_rolled_back_deletion_keeps_the_bytes(vault_dir):
    blob = write()
    with transaction.atomic():
        delete_blobs(Blob.objects.all())
        transaction.set_rollback(True)
    assert blob_bytes(Blob.objects.get()) == b"words of a plan"
    assert vault().exists(blob.path)


@pytest.mark.parametrize("change", [{"owner": uuid.uuid4()}, {"number": 1}, {"kind": BlobKind.PAGE}])
def test_a_blob_moved_to_another_place_does_not_open(vault_dir, change):
    blob = write()
    Blob.objects.filter(pk=blob.pk).update(**change)
    with pytest.raises(DamagedFile):
        blob_bytes(Blob.objects.get())


def test_a_files_blobs_go_with_it(keep):
    stored = keep(b"a plan")
    blob, other = write(owner=stored.pk), write(owner=uuid.uuid4())
    delete_file(stored_file=stored)
    assert list(Blob.objects.all()) == [other]
    assert not vault().exists(blob.path)


def test_the_sweep_spares_what_has_a_row(vault_dir):
    kept, lost = write(b"kept", number=0), write(b"lost", number=1)
    Blob.objects.filter(pk=lost.pk).delete()
    assert sweep_orphans(older_than=timedelta(seconds=-5)) == 1
    assert vault().exists(kept.path)
    assert not vault().exists(lost.path)
