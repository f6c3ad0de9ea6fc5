import os
import time
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cyber360.exceptions import BadInput, NotNow
from cyber360.files import services, tasks
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import State, StoredFile, VaultKey, Verdict
from cyber360.files.scanner import Scan
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from tests.cyber360.files.conftest import SCOPE, word
from tests.cyber360.files.test_scanner import EICAR, FakeClamd, saying

pytestmark = pytest.mark.django_db


def read(stored, *span) -> bytes:
    return b"".join(services.open_for_reading(stored, *span))


@pytest.fixture
def verdicts():
    """What the signal told, in order."""
    heard = []

    def hear(sender, file, **kwargs):
        heard.append((file.pk, file.verdict))

    services.verdict_given.connect(hear)
    yield heard
    services.verdict_given.disconnect(hear)


@pytest.fixture
def clamd(settings):
    """`clamd(answer)` puts a scanner into the settings that always answers so."""
    running = []

    def run(answer: bytes) -> None:
        running.append(FakeClamd(saying(answer)))
        settings.CLAMD = running[-1].address

    yield run
    for fake in running:
        fake.close()


def test_what_was_kept_comes_back_whole_and_in_parts(keep):
    data = os.urandom(3_000_000)
    stored = keep(data)
    assert read(stored) == data
    assert read(stored, 0, 1) == data[:1]
    assert read(stored, 1_500_000, 1_500_010) == data[1_500_000:1_500_010]
    assert read(stored, 2_999_990) == data[-10:]


def test_a_file_that_we_made_is_kept_like_an_upload(vault_dir, person):
    data = os.urandom(2_500_000)
    stored = services.keep_bytes(
        data=data, name="r" * 200 + ".pdf", media_type="application/pdf", scope=SCOPE, by=person
    )
    assert (stored.name, stored.extension) == ("r" * 146 + ".pdf", "pdf")
    assert (stored.media_type, stored.uploaded_by, stored.verdict) == ("application/pdf", person, Verdict.PENDING)
    assert read(StoredFile.objects.get(pk=stored.pk)) == data
    assert Job.objects.get().payload == {"file_id": str(stored.pk)}


def test_nothing_plain_lies_in_the_store(keep, vault_dir):
    secret = b"the admin pass phrase is correct horse battery staple"
    stored = keep(secret * 1000, name="confidential name.txt")
    for folder, _folders, files in os.walk(vault_dir):
        for file in files:
            path = os.path.join(folder, file)
            assert "confidential" not in path
            with open(path, "rb") as handle:
                content = handle.read()
            assert secret not in content
            assert stored.name.encode() not in content
    assert SCOPE not in stored.path


def spoil(stored, change) -> None:
    place = vault()._place(stored.path)
    place.write_bytes(change(place.read_bytes()))


DAMAGES = {
    "flipped": lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
    "cut": lambda data: data[:-1],
    "cut at a chunk's edge": lambda data: data[: 56 + 16400],
    "emptied": lambda data: b"",
    "appended": lambda data: data + b"x",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_gives_not_a_single_byte(keep, damage):
    stored = keep(b"a" * 40_000)
    spoil(stored, DAMAGES[damage])
    with pytest.raises(DamagedFile):
        services.open_for_reading(stored, 0, 10)


def test_a_file_put_in_anothers_place_or_scope_is_refused(keep):
    one, other, elsewhere = keep(b"one"), keep(b"other"), keep(b"elsewhere", scope="challenge:99")
    for wrong in (other, elsewhere):
        spoil(one, lambda data, wrong=wrong: vault()._place(wrong.path).read_bytes())
        with pytest.raises(DamagedFile):
            services.open_for_reading(one)
    StoredFile.objects.filter(pk=other.pk).update(scope="challenge:99")
    with pytest.raises(DamagedFile):
        services.open_for_reading(StoredFile.objects.get(pk=other.pk))


def test_a_missing_file_or_key_is_refused(keep):
    stored, second = keep(b"one"), keep(b"two")
    vault().delete(stored.path)
    with pytest.raises(DamagedFile):
        services.open_for_reading(stored)
    VaultKey.objects.all().delete()
    with pytest.raises(DamagedFile):
        services.open_for_reading(second)
    assert not VaultKey.objects.exists()


def test_a_row_that_tells_another_length_is_refused(keep):
    stored = keep(b"one")
    stored.size = 4
    with pytest.raises(DamagedFile):
        services.open_for_reading(stored)


@pytest.mark.parametrize("fields", [{"verdict": Verdict.INFECTED}, {"refusal": "No."}, {"state": State.GONE}])
def test_what_may_not_be_read_is_not(keep, fields):
    stored = keep(b"one")
    for name, value in fields.items():
        setattr(stored, name, value)
    with pytest.raises(NotNow):
        services.open_for_reading(stored)


def test_without_a_scanner_the_verdict_is_not_scanned(keep, verdicts, settings):
    settings.CLAMD = ""
    stored = services.check_and_scan(file_id=keep(b"one").pk)
    assert (stored.verdict, stored.scanned_at) == (Verdict.NOT_SCANNED, None)
    assert verdicts == [(stored.pk, Verdict.NOT_SCANNED)]
    services.check_and_scan(file_id=stored.pk)
    assert len(verdicts) == 1


def test_clean_infected_and_a_scanner_that_comes_later(keep, verdicts, clamd, settings):
    settings.CLAMD = ""
    stored = services.check_and_scan(file_id=keep(b"one").pk)
    clamd(b"stream: OK\0")
    stored = services.check_and_scan(file_id=str(stored.pk))
    assert stored.verdict == Verdict.CLEAN
    assert stored.scanned_at
    assert stored.scanner_version.startswith("ClamAV")
    clamd(b"stream: New.Signature FOUND\0")
    assert services.check_and_scan(file_id=stored.pk).verdict == Verdict.CLEAN
    stored = services.check_and_scan(file_id=stored.pk, again=True)
    assert (stored.verdict, stored.verdict_detail) == (Verdict.INFECTED, "New.Signature")
    assert [verdict for _pk, verdict in verdicts] == [Verdict.NOT_SCANNED, Verdict.CLEAN, Verdict.INFECTED]
    with pytest.raises(NotNow):
        services.open_for_reading(stored)


def test_a_scanner_that_is_down_is_an_error_and_can_be_asked_again(keep, clamd, settings, tmp_path):
    settings.CLAMD = str(tmp_path / "none.sock")
    stored = services.check_and_scan(file_id=keep(b"one").pk)
    assert stored.verdict == Verdict.ERROR
    clamd(b"stream: OK\0")
    assert services.check_and_scan(file_id=stored.pk).verdict == Verdict.CLEAN


def test_a_damaged_file_is_never_clean(keep, clamd):
    stored = keep(b"a" * 40_000)
    spoil(stored, lambda data: data[: 56 + 16400])
    clamd(b"stream: OK\0")
    assert services.check_and_scan(file_id=stored.pk).verdict == Verdict.ERROR


def test_content_not_checked_before_is_checked_and_refused_later(
    keep, verdicts, vault_dir, django_capture_on_commit_callbacks
):
    stored = keep(EICAR, name="plan.docx", media_type="")
    with django_capture_on_commit_callbacks(execute=True):
        stored = services.check_and_scan(file_id=stored.pk)
    assert "was not accepted" in stored.refusal
    assert (stored.state, stored.verdict) == (State.GONE, Verdict.ERROR)
    assert not vault().exists(stored.path)
    assert verdicts == [(stored.pk, Verdict.ERROR)]


def test_content_not_checked_before_is_checked_and_accepted(keep):
    stored = services.check_and_scan(file_id=keep(word(), name="plan.docx", media_type="").pk)
    assert stored.media_type.endswith("wordprocessingml.document")
    assert not stored.refusal


def test_the_signal_and_the_verdict_stand_or_fall_together(keep, settings):
    settings.CLAMD = ""
    stored = keep(b"one")

    def fail(**kwargs):
        raise RuntimeError("a receiver")

    services.verdict_given.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            services.check_and_scan(file_id=stored.pk)
    finally:
        services.verdict_given.disconnect(fail)
    stored.refresh_from_db()
    assert stored.verdict == Verdict.PENDING


def test_deleting_keeps_the_row_and_waits_for_the_commit(keep, django_capture_on_commit_callbacks):
    stored = keep(b"one")
    with django_capture_on_commit_callbacks() as waiting:
        services.delete_file(stored_file=stored)
    assert vault().exists(stored.path)
    for callback in waiting:
        callback()
    assert not vault().exists(stored.path)
    assert StoredFile.objects.get(pk=stored.pk).state == State.GONE


def test_the_sweep_takes_old_orphans_and_nothing_else(keep, vault_dir):
    kept, gone, young = keep(b"one"), keep(b"two"), keep(b"three")
    StoredFile.objects.filter(pk=gone.pk).update(state=State.GONE)
    orphan, half = f"ab/{uuid.uuid4()}", f"cd/{uuid.uuid4()}"
    for path in (orphan, half, f"{half}.tmp", "zz/not-ours"):
        place = vault_dir / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")
    (vault_dir / half).unlink()
    fresh = vault_dir / f"ef/{uuid.uuid4()}"
    fresh.parent.mkdir()
    fresh.write_bytes(b"x")
    long_ago = time.time() - 90_000
    for place in vault_dir.glob("*/*"):
        if place not in {fresh, vault_dir / young.path}:
            os.utime(place, (long_ago, long_ago))
    assert services.sweep_orphans() == 4
    assert {str(place.relative_to(vault_dir)) for place in vault_dir.glob("*/*")} == {
        kept.path,
        young.path,
        str(fresh.relative_to(vault_dir)),
    }
    assert services.sweep_orphans(older_than=timedelta(seconds=-5)) == 1


def test_the_sweep_asks_the_database_twice_for_many(keep, vault_dir, django_assert_num_queries):
    for _number in range(20):
        keep(b"one")
    with django_assert_num_queries(2):
        assert services.sweep_orphans(older_than=timedelta(seconds=-5)) == 0


def test_bytes_in_scope(keep):
    assert services.bytes_in_scope(SCOPE) == 0
    keep(b"12345")
    gone = keep(b"123")
    keep(b"1234567", scope="challenge:99")
    services.delete_file(stored_file=gone)
    assert services.bytes_in_scope(SCOPE) == 5


def test_the_job_calls_the_service(keep, settings):
    settings.CLAMD = ""
    stored = keep(b"one")
    services.ask_for_check(stored_file=stored)
    services.ask_for_check(stored_file=stored)
    job = Job.objects.get(kind="files.check")
    assert tasks.check(job) == {"verdict": Verdict.NOT_SCANNED}


@pytest.mark.parametrize(
    "fields",
    [
        {"sha256": "short"},
        {"name": ""},
        {"scope": ""},
        {"state": "lost"},
        {"verdict": "fine"},
        {"verdict": "clean", "scanned_at": None},
        {"size": -1},
    ],
)
def test_the_database_refuses_nonsense(keep, fields):
    stored = keep(b"one")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).update(**fields)


def test_a_refused_upload_is_never_kept(person):
    class Refused:
        refusal = "No."

    with pytest.raises(BadInput, match="No"):
        services.keep_upload(upload=Refused(), by=person)
    assert not StoredFile.objects.exists()


def test_a_scan_is_never_clean_by_default():
    assert Scan(Verdict.NOT_SCANNED).verdict != Verdict.CLEAN
