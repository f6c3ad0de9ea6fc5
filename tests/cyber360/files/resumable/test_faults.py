"""Limits, two windows at once, a full disk, refused content: what is said, and what is left."""

import errno
import socket
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from cyber360.exceptions import BadInput
from cyber360.files import tasks
from cyber360.files.keys import key_for
from cyber360.files.models import Blob, StoredFile, Upload, UploadState, VaultKey
from cyber360.files.resumable import finishing, forget_scope, parts, registry, uploads
from cyber360.files.resumable.finishing import finish
from cyber360.files.resumable.parts import Body, Hold, receive
from cyber360.files.resumable.protocol import Refusal
from cyber360.files.services import sweep_orphans
from cyber360.files.storage import vault
from cyber360.jobs import worker
from cyber360.jobs.models import Job
from cyber360.jobs.models import State as JobState
from cyber360.jobs.registry import SWEEPERS
from tests.cyber360.files.conftest import pdf
from tests.cyber360.files.resumable import urls
from tests.cyber360.files.resumable.conftest import STREAM, lines, on_disk, plain_places, settle

pytestmark = pytest.mark.django_db
DATA = lines(60_000)
MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """The doorbell is left alone: these tests do the job themselves."""
    monkeypatch.setattr("cyber360.jobs.services.async_task", lambda *args, **kwargs: None)


# --- limits -----------------------------------------------------------------------------------------------
def test_five_open_uploads_for_one_person(tus):
    for number in range(5):
        assert tus.create(5, f"{number}.txt").status_code == 201
    answer = tus.create(5, "one more.txt")
    assert answer.status_code == 429
    assert "You have 5 uploads that are not finished" in answer.content.decode()
    tus.patch(0, b"12345")
    assert tus.create(5, "one more.txt").status_code == 201


def test_the_same_file_begun_again_ends_the_one_before(tus, room):
    tus.create(len(DATA))
    before = tus.upload.pk
    tus.patch(0, DATA[:1000])
    assert tus.create(len(DATA)).status_code == 201
    assert tus.upload.pk != before
    assert Upload.objects.count() == 1
    assert on_disk(room) == []


def test_the_same_file_that_is_coming_in_right_now_is_not_begun_again(tus):
    tus.create(len(DATA))
    Hold(tus.upload, 0).take()
    answer = tus.create(len(DATA))
    assert (answer.status_code, Upload.objects.count()) == (423, 1)
    assert tus.create(len(DATA) + 1).status_code == 201  # another file of the same name


def test_the_pack_s_room_is_asked_at_creation_and_with_every_piece(tus, keep, settings):
    settings.EVIDENCE_PACK_MB = 1
    keep(b"x" * 500_000)
    assert tus.create(600_000).status_code == 413
    tus.create(400_000)
    assert tus.patch(0, DATA).status_code == 204
    keep(b"y" * 300_000, name="meanwhile.txt")
    answer = tus.patch(len(DATA), DATA)
    assert answer.status_code == 413
    assert "does not fit into what is left" in answer.content.decode()
    assert tus.upload.offset == len(DATA)


def test_what_others_have_sent_so_far_counts(tus, settings):
    settings.EVIDENCE_PACK_MB = 1
    tus.create(MEGABYTE // 2, "first.txt")
    tus.patch(0, b"x" * 300_000)
    assert tus.create(MEGABYTE - 300_000, "second.txt").status_code == 201
    assert tus.create(MEGABYTE - 299_999, "third.txt").status_code == 413


def test_the_floor_of_the_disk_is_asked_at_creation_and_with_every_piece(tus, settings):
    tus.create(len(DATA))
    settings.FILES_DISK_FLOOR_MB = 10**9
    assert tus.patch(0, DATA).status_code == 507
    assert "nearly full" in tus.create(5, "b.txt").content.decode()
    settings.FILES_DISK_FLOOR_MB = 1
    assert tus.patch(0, DATA).status_code == 204


def test_a_file_in_crumbs_is_ended(tus, monkeypatch):
    monkeypatch.setattr(parts, "MOST_PARTS", 3)
    tus.create(10)
    for offset in range(3):
        assert tus.patch(offset, b"x").status_code == 204
    assert tus.patch(3, b"x").status_code == 413


def test_a_long_body_is_cut_into_parts(tus, monkeypatch, room):
    monkeypatch.setattr(parts, "PART_BYTES", 16_000)
    tus.create(len(DATA))
    tus.patch(0, DATA)
    assert list(Blob.objects.order_by("number").values_list("number", "size")) == [
        (0, 16_000), (1, 16_000), (2, 16_000), (3, 12_000),
    ]  # fmt: skip
    assert len(on_disk(room)) == 4
    assert finish(tus.upload.pk).state == UploadState.DONE


# --- two at once ---------------------------------------------------------------------------------------------
def test_a_second_window_waits_until_the_hold_runs_out(tus):
    tus.create(len(DATA))
    hold = Hold(tus.upload, 0)
    hold.take()
    answer = tus.patch(0, DATA)
    assert answer.status_code == 423
    assert "in another window" in answer.content.decode()
    asked = tus.ask("HEAD")
    assert asked.status_code == 423
    assert "Upload-Offset" not in asked
    Upload.objects.update(held_until=timezone.now() - timedelta(seconds=1))  # its process was killed
    assert tus.ask("HEAD").headers["Upload-Offset"] == "0"
    assert tus.patch(0, DATA[:1000]).status_code == 204
    with pytest.raises(Refusal) as lost:
        hold.commit([])
    assert lost.value.status == 423


def test_a_request_that_was_overtaken_counts_nothing(tus, room):
    tus.create(len(DATA))

    def read(size: int) -> bytes:
        """While this body comes in slowly, another request takes the upload over."""
        Upload.objects.update(held_by=uuid.uuid4())
        return DATA[:size]

    with pytest.raises(Refusal) as lost:
        receive(tus.upload, Body(read, 1000), 0, None)
    assert lost.value.status == 423
    assert tus.upload.offset == 0
    assert on_disk(room) == []


def test_a_request_whose_upload_is_cancelled_meanwhile_keeps_nothing(tus, room):
    tus.create(len(DATA))
    upload = tus.upload

    def read(size: int) -> bytes:
        assert tus.ask("DELETE").status_code == 204
        return DATA[:size]

    with pytest.raises(Refusal):
        receive(upload, Body(read, 1000), 0, None)
    assert not Upload.objects.exists()
    assert not Blob.objects.exists()
    assert on_disk(room) == []


@pytest.mark.parametrize("fault", [ConnectionResetError, TimeoutError, BrokenPipeError])
def test_a_line_that_breaks_keeps_what_came(tus, fault):
    tus.create(len(DATA))
    pieces = [DATA[:1000]]

    def read(size: int) -> bytes:
        if not pieces:
            raise fault
        return pieces.pop()

    assert receive(tus.upload, Body(read, len(DATA)), 0, None) == 1000
    assert (tus.upload.offset, tus.upload.held_by) == (1000, None)
    assert tus.patch(1000, DATA[1000:]).status_code == 204


def test_a_silent_line_does_not_hold_its_thread_for_ever(tus, person, monkeypatch):
    monkeypatch.setattr("cyber360.files.patience.RATE_SECONDS", 0.05)
    tus.create(len(DATA))
    request = RequestFactory().generic("PATCH", tus.place, b"x", STREAM)
    request.META |= {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "0", "CONTENT_LENGTH": str(len(DATA))}
    request.user = person
    server, client = socket.socketpair()
    with server, client, server.makefile("rb") as line:
        client.sendall(DATA[:1000])
        request._stream, request.environ["gunicorn.socket"] = line, server
        answer = urls.upload(request, 12, tus.upload.pk)
        assert server.gettimeout() is None
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "1000")  # what came is kept
    assert tus.upload.held_by is None


# --- the disk ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["os.open", "os.fsync", "Path.rename", "_WholeWrites.write"])
def test_a_disk_that_fills_keeps_what_was_counted(tus, room, monkeypatch, step):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"cyber360.files.storage.{step}", full)
        answer = tus.patch(1000, DATA[1000:])
    assert answer.status_code == 507
    assert "What came so far is kept" in answer.content.decode()
    assert tus.upload.offset == 1000
    assert len(on_disk(room)) == 1
    assert tus.patch(1000, DATA[1000:]).status_code == 204
    assert finish(tus.upload.pk).state == UploadState.DONE


def test_a_disk_that_fills_while_the_file_is_made_is_tried_again(tus, room, monkeypatch):
    tus.create(len(DATA))
    tus.patch(0, DATA)

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cyber360.files.storage._WholeWrites.write", full)
        with pytest.raises(OSError, match="No space"):
            finish(tus.upload.pk)
    assert (tus.upload.state, len(on_disk(room))) == (UploadState.FINISHING, 1)
    assert finish(tus.upload.pk).state == UploadState.DONE
    assert len(on_disk(room)) == 1


# --- finishing ------------------------------------------------------------------------------------------------------
def received(tus, data: bytes = DATA, name: str = "plan.txt") -> Upload:
    tus.create(len(data), name)
    assert tus.patch(0, data).status_code == 204
    return tus.upload


def nothing_kept(room) -> bool:
    return not (StoredFile.objects.exists() or Blob.objects.exists() or on_disk(room))


def test_the_last_piece_asks_for_the_finishing(tus, person):
    upload = received(tus)
    job = Job.objects.get(kind="files.finish")
    assert (job.payload, job.scope, job.by) == ({"upload": str(upload.pk)}, "challenge:12", person)


def test_the_worker_does_it(tus):
    upload = received(tus)
    job = Job.objects.get(kind="files.finish")
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"state": "done"})
    assert tus.upload.stored_file.size == upload.size
    assert tasks.sweep_uploads in SWEEPERS


def test_a_finished_file_is_scanned_like_any_other(tus, person):
    row = finish(received(tus, pdf(), "Plan.pdf").pk)
    stored = row.stored_file
    assert (stored.name, stored.media_type, stored.uploaded_by) == ("Plan.pdf", "application/pdf", person)
    assert Job.objects.filter(kind="files.check", payload={"file_id": str(stored.pk)}).count() == 1
    assert finish(row.pk) is None
    assert StoredFile.objects.count() == 1


def test_refused_content_leaves_its_words_and_nothing_else(tus, room):
    row = finish(received(tus, b"MZ" + bytes(500), "Plan.pdf").pk)
    assert row.state == UploadState.REFUSED
    assert "“Plan.pdf” was not accepted." in row.refusal
    assert nothing_kept(room)
    assert tus.ask("HEAD").status_code == 410
    assert finish(row.pk) is None


def test_what_the_room_refuses_leaves_its_words_and_nothing_else(tus, room):
    row = finish(received(tus, name="unwanted.txt").pk)
    assert (row.state, row.refusal) == (UploadState.REFUSED, "The room does not want it.")
    assert nothing_kept(room)


def test_a_right_lost_before_the_end_is_told(tus, room):
    upload = received(tus)
    urls.CLOSED.add("challenge:12")
    assert finish(upload.pk).refusal == "The pack is locked."
    assert nothing_kept(room)
    upload = Upload.objects.create(
        scope="challenge:12", name="plan.txt", size=5, offset=5, owner=upload.owner, fingerprint="x",
        target={"kind": "tests", "challenge": 404}, state=UploadState.FINISHING, touched_at=timezone.now(),
    )  # fmt: skip
    Blob.objects.bulk_create([part_of(upload, b"12345")])
    assert finish(upload.pk).refusal == "“plan.txt” cannot be added here any more."
    assert nothing_kept(room)


def part_of(upload: Upload, data: bytes) -> Blob:
    part = parts._written(Hold(upload, 0), iter([data]), 0)
    assert part is not None
    return part


@pytest.mark.parametrize("damage", ["byte", "missing", "row", "key"])
def test_a_damaged_part_ends_the_upload_in_words(tus, room, damage):
    upload = received(tus)
    part = Blob.objects.get()
    if damage == "byte":
        place = vault()._place(part.path)
        content = bytearray(place.read_bytes())
        content[len(content) // 2] ^= 1
        place.write_bytes(content)
    elif damage == "missing":
        vault().delete(part.path)
    elif damage == "row":
        part.delete()
    else:
        VaultKey.objects.all().delete()
    row = finish(upload.pk)
    assert row.refusal == "“plan.txt” was damaged in the store. Upload it again."
    sweep_orphans(older_than=timedelta(0))
    assert nothing_kept(room)


def test_parts_do_not_open_in_another_order_or_upload(tus):
    tus.create(len(DATA))
    tus.patch(0, DATA[:30_000])
    tus.patch(30_000, DATA[30_000:])
    first, second = Blob.objects.order_by("number")
    one, two = vault()._place(first.path), vault()._place(second.path)
    one_bytes, two_bytes = one.read_bytes(), two.read_bytes()
    one.write_bytes(two_bytes)
    two.write_bytes(one_bytes)
    assert "damaged" in finish(tus.upload.pk).refusal


@pytest.mark.parametrize("place", ["before its check", "after its check"])
def test_two_runs_at_once_keep_one_file(tus, room, monkeypatch, place):
    """The second run begins while the first checks: the first finds itself overtaken and its bytes removed."""
    upload, real, runs = received(tus), finishing.check_plain, []

    def checking(made):
        runs.append(made.id)
        if len(runs) == 2:
            return real(made)
        if place == "before its check":
            assert finish(upload.pk).state == UploadState.DONE
            settle()
            return real(made)
        checked = real(made)
        assert finish(upload.pk).state == UploadState.DONE
        return checked

    monkeypatch.setattr(finishing, "check_plain", checking)
    assert finish(upload.pk) is None
    assert len(runs) == 2
    assert StoredFile.objects.count() == len(urls.taken) == 1
    assert len(on_disk(room)) == 1
    assert tus.upload.state == UploadState.DONE


def test_a_run_that_lost_its_bytes_to_another_refuses_nothing(tus, room, monkeypatch):
    """The other run is still at work when the first one finds its bytes gone."""
    upload, real = received(tus), finishing.check_plain

    def checking(made):
        finishing._begun(upload.pk)
        settle()
        return real(made)

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "check_plain", checking)
        assert finish(upload.pk) is None
    assert tus.upload.state == UploadState.FINISHING
    assert finish(upload.pk).state == UploadState.DONE


def test_a_fault_in_the_room_is_tried_again(tus, monkeypatch):
    upload = received(tus)

    def broken(upload, stored_file):
        raise RuntimeError("a fault in the room")

    with monkeypatch.context() as patch:
        patch.setitem(registry.FINISHERS, urls.KIND, broken)
        with pytest.raises(RuntimeError):
            finish(upload.pk)
    assert tus.upload.state == UploadState.FINISHING
    assert finish(upload.pk).state == UploadState.DONE


# --- sweeping -------------------------------------------------------------------------------------------------------
def test_a_lost_job_is_asked_for_again_and_a_stopped_one_ends_the_upload(tus, room):
    upload = received(tus)
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    Job.objects.all().delete()
    uploads.sweep()
    assert Job.objects.get(kind="files.finish").payload == {"upload": str(upload.pk)}
    Job.objects.update(state=JobState.STOPPED)
    uploads.sweep()
    assert tus.upload.refusal == "“plan.txt” could not be kept. Upload it again."
    assert nothing_kept(room)


def test_parts_of_a_deleted_person_are_swept(tus, room, person):
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    person.delete()
    assert len(on_disk(room)) == 1
    uploads.sweep()
    assert nothing_kept(room)


def test_ended_uploads_are_told_for_a_month(tus):
    finish(received(tus, b"MZ", "Plan.pdf").pk)
    uploads.sweep()
    assert Upload.objects.count() == 1
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=31))
    uploads.sweep()
    assert not Upload.objects.exists()


def test_a_scope_is_forgotten_whole(tus, room, keep):
    stored = keep(b"stays until the files are destroyed")
    tus.create(len(DATA))
    tus.patch(0, DATA[:1000])
    finish(received(tus, name="other.txt").pk)
    assert forget_scope("challenge:12") == 2
    assert not Upload.objects.exists()
    assert not Blob.objects.exists()
    assert StoredFile.objects.filter(pk=stored.pk).exists()
    assert len(on_disk(room)) == 2


def test_no_plain_byte_of_a_part_or_a_file_is_on_the_disk(tus, room, settings):
    tus.create(len(DATA))
    tus.patch(0, DATA[:30_000])
    assert plain_places(room, settings.VAR_DIR) == []
    tus.patch(30_000, DATA[30_000:])
    finish(tus.upload.pk)
    assert plain_places(room, settings.VAR_DIR) == []


# --- the database refuses nonsense ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "wrong",
    [
        {"offset": 6}, {"size": 0, "offset": 0}, {"state": "lost"}, {"state": "done", "offset": 4},
        {"state": "refused"}, {"refusal": "No."}, {"held_by": uuid.UUID(int=1)}, {"making": uuid.UUID(int=1)},
        {"state": "finishing", "offset": 5, "held_by": uuid.UUID(int=1), "held_until": timezone.now()},
    ],
)  # fmt: skip
def test_rows_that_cannot_be(tus, wrong):
    tus.create(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.update(**wrong)


def test_one_open_upload_per_file_and_person(tus):
    tus.create(5)
    row = tus.upload
    row.pk = uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_two_functions_for_one_kind_are_a_mistake():
    registry.finishes(urls.KIND)(urls.take_over)
    with pytest.raises(ValueError, match="Two functions"):
        registry.finishes(urls.KIND)(lambda upload, stored_file: None)


def test_creating_needs_a_name_and_a_key_is_made_once(tus, person):
    with pytest.raises(BadInput):
        uploads.create(scope="challenge:12", name=" ", size=5, owner=person, target={"kind": urls.KIND})
    assert key_for("challenge:12") == key_for("challenge:12")
