import pytest

from cyber360.files import index
from cyber360.files.blobs import find_blob
from cyber360.files.models import Blob, BlobKind, StoredFile, VaultKey, Verdict
from cyber360.files.rendering import words_of
from cyber360.files.services import delete_file
from cyber360.files.storage import vault
from cyber360.jobs.models import Job, State
from cyber360.jobs.registry import HANDLERS, SWEEPERS, discover
from cyber360.jobs.worker import run
from peers.evidence import tasks
from peers.evidence.models import EvidenceVersion
from peers.evidence.queries.search import search_evidence
from peers.evidence.services import following, withdraw_item

from .conftest import judge, make_file, make_item, make_link
from .conftest import withdraw as withdrawn

pytestmark = pytest.mark.django_db

WORDS = b"Restore the backup within four hours."


@pytest.fixture(autouse=True)
def read_plainly(monkeypatch):
    """The words without a child process: what is tried here is who reads them and when."""
    texts: dict = {}

    def words(stored: StoredFile) -> list[str]:
        return texts.get(stored.pk, [WORDS.decode()])

    monkeypatch.setattr(following, "words_of", words)
    monkeypatch.setattr(following, "make_pages", lambda stored: 1)
    return texts


@pytest.fixture
def no_jobs(monkeypatch):
    """What is asked of the worker, not done."""
    asked: list = []
    monkeypatch.setattr(following, "enqueue", lambda **given: asked.append(given))
    return asked


def known(challenge) -> dict:
    with index.opened(challenge.scope) as held:
        return held.known()


def file_of(item) -> StoredFile:
    return StoredFile.objects.get(pk=item.current.stored_file_id)


def follow(item) -> int:
    return following.follow_file(file_id=item.current.stored_file_id)


def change(item, **fields) -> StoredFile:
    StoredFile.objects.filter(pk=item.current.stored_file_id).update(**fields)
    return file_of(item)


# --- when it is asked for --------------------------------------------------------------------------------
@pytest.mark.parametrize("verdict", [Verdict.CLEAN, Verdict.INFECTED, Verdict.NOT_SCANNED])
def test_a_verdict_on_evidence_is_followed(room, scanner_says, no_jobs, verdict):
    item = make_item(room.challenge, verdict=Verdict.PENDING, data=WORDS)
    scanner_says(verdict)
    judge(item)
    (asked,) = no_jobs
    assert asked["kind"] == "evidence.follow"
    assert asked["payload"] == {"file_id": str(item.current.stored_file_id)}
    assert asked["again"]


def test_a_file_that_is_no_evidence_is_not_followed(room, no_jobs):
    following.follow_verdict(StoredFile, make_file(room.challenge))
    assert no_jobs == []


def test_a_deletion_and_a_withdrawal_are_followed(room, no_jobs):
    item, other = make_item(room.challenge), make_item(room.challenge)
    delete_file(stored_file=item.current.stored_file)
    withdraw_item(item=other, by=room.host_lead, reason="Wrong paper.")
    withdraw_item(item=make_link(room.challenge), by=room.host_lead, reason="Wrong page.")
    assert [asked["payload"]["file_id"] for asked in no_jobs] == [
        str(item.current.stored_file_id), str(other.current.stored_file_id)
    ]  # fmt: skip


def test_the_job_follows_and_may_run_twice(room):
    item = make_item(room.challenge)
    job = Job(kind="evidence.follow", payload={"file_id": str(item.current.stored_file_id)})
    assert tasks.follow(job) == tasks.follow(job) == {"pages": 1}
    assert known(room.challenge) == {item.current.stored_file_id: True}


def test_from_verdict_to_hit_by_the_worker(room, scanner_says):
    item = make_item(room.challenge, verdict=Verdict.PENDING, data=WORDS)
    scanner_says(Verdict.CLEAN)
    judge(item)
    run(Job.objects.get(kind="evidence.follow").pk)
    assert Job.objects.get(kind="evidence.follow").state == State.DONE
    assert search_evidence(room.host_lead, room.challenge, "backup").count == 1


def test_the_worker_knows_its_kinds():
    discover()
    assert {"evidence.follow", "evidence.index", "evidence.catch_up"} <= HANDLERS.keys()
    assert tasks.ask_to_catch_up in SWEEPERS


# --- what it does ------------------------------------------------------------------------------------------
def test_the_words_of_a_clean_file_can_be_found(room):
    item = make_item(room.challenge)
    assert follow(item) == 1
    (hit,) = index.search(room.challenge.scope, "backup", [item.current.stored_file_id])
    assert hit.page == 1


@pytest.mark.slow
def test_real_words_come_from_the_file(room, monkeypatch):
    monkeypatch.setattr(following, "words_of", words_of)
    item = make_item(room.challenge, data=WORDS)
    assert follow(item) == 1
    assert find_blob(scope=room.challenge.scope, kind=BlobKind.WORDS, owner=item.current.stored_file_id)
    assert index.search(room.challenge.scope, "backup hours", [item.current.stored_file_id])


@pytest.mark.parametrize(
    "fields",
    [{"verdict": Verdict.INFECTED}, {"state": "gone"}, {"refusal": "No."}, {"held_for": "marking"}],
    ids=["infected", "gone", "refused", "held"],
)
def test_what_may_not_be_read_any_more_leaves_the_index(room, fields):
    item, other = make_item(room.challenge), make_item(room.challenge)
    follow(item), follow(other)
    change(item, **fields)
    follow(item)
    assert known(room.challenge) == {other.current.stored_file_id: True}


def test_the_blobs_of_an_infected_file_are_deleted(room, django_capture_on_commit_callbacks):
    item = make_item(room.challenge)
    following.index.write_blob(
        scope=room.challenge.scope, kind=BlobKind.WORDS, owner=item.current.stored_file_id, pieces=[WORDS]
    )
    change(item, verdict=Verdict.INFECTED)
    with django_capture_on_commit_callbacks(execute=True):
        follow(item)
    assert not Blob.objects.filter(owner=item.current.stored_file_id).exists()


def test_a_withdrawn_items_words_leave_in_every_version(room):
    item = make_item(room.challenge)
    first = item.current
    item.current = EvidenceVersion.objects.create(item=item, number=2, stored_file=make_file(room.challenge))
    item.save()
    for version in item.versions.all():
        following.follow_file(file_id=version.stored_file_id)
    assert len(known(room.challenge)) == 2
    withdrawn(item)
    for version in (first, item.current):
        following.follow_file(file_id=version.stored_file_id)
    assert known(room.challenge) == {}


def test_a_file_that_is_still_checked_waits(room):
    item = make_item(room.challenge, verdict=Verdict.PENDING)
    assert follow(item) == 0
    assert not Blob.objects.exists()


def test_a_file_that_turns_infected_while_its_words_are_read_is_not_indexed(room, monkeypatch):
    item = make_item(room.challenge)

    def words(stored):
        change(item, verdict=Verdict.INFECTED)
        return [WORDS.decode()]

    monkeypatch.setattr(following, "words_of", words)
    follow(item)
    assert not Blob.objects.filter(kind=BlobKind.INDEX).exists()


def test_a_file_without_words_is_known_as_such(room, read_plainly):
    item = make_item(room.challenge)
    read_plainly[item.current.stored_file_id] = ["", " "]
    assert follow(item) == 0
    assert known(room.challenge) == {item.current.stored_file_id: False}


def test_without_a_key_following_does_nothing(room):
    item = make_item(room.challenge)
    VaultKey.objects.all().delete()
    follow(item)
    assert not Blob.objects.exists()
    assert not VaultKey.objects.exists()


# --- putting right -------------------------------------------------------------------------------------------
def test_a_lost_or_damaged_index_is_built_from_all_files(room):
    items = [make_item(room.challenge) for _ in range(3)]
    hidden = make_item(room.challenge, verdict=Verdict.INFECTED)
    for item in items:
        follow(item)
    vault().delete(find_blob(scope=room.challenge.scope, kind=BlobKind.INDEX).path)
    index.forget(room.challenge.scope)
    follow(items[0])
    assert set(known(room.challenge)) == {item.current.stored_file_id for item in items}
    Blob.objects.filter(kind=BlobKind.INDEX).delete()
    job = Job(kind="evidence.index", payload={"challenge_id": room.challenge.pk})
    assert tasks.build_index(job) == {"files": 3}
    assert hidden.current.stored_file_id not in known(room.challenge)


def test_what_was_missed_is_caught_up_with(room, no_jobs):
    done, gone = make_item(room.challenge), make_item(room.challenge)
    follow(done), follow(gone)
    withdrawn(gone)
    missed = make_item(room.challenge)
    make_item(room.challenge, verdict=Verdict.PENDING)
    no_jobs.clear()
    assert following.catch_up() == 2
    assert [asked["payload"]["file_id"] for asked in no_jobs] == [str(missed.current.stored_file_id)]
    assert set(known(room.challenge)) == {done.current.stored_file_id}
    no_jobs.clear()
    follow(missed)
    assert following.catch_up() == 0
    assert no_jobs == []


def test_without_an_index_catching_up_asks_for_one(room, no_jobs):
    make_item(room.challenge)
    make_item(room.other_challenge, verdict=Verdict.PENDING)
    following.catch_up()
    assert [asked["kind"] for asked in no_jobs] == ["evidence.index"]


def test_a_file_that_could_not_be_read_for_want_of_a_reader_is_tried_again(room, no_jobs, read_plainly):
    item = make_item(room.challenge)
    read_plainly[item.current.stored_file_id] = []
    follow(item)
    assert following.catch_up() == 1
    following.index.write_blob(
        scope=room.challenge.scope, kind=BlobKind.WORDS, owner=item.current.stored_file_id, pieces=[b"{}"]
    )
    assert following.catch_up() == 0


def test_a_picture_is_not_tried_for_words_every_night(room, no_jobs, read_plainly):
    item = make_item(room.challenge, name="door.png")
    read_plainly[item.current.stored_file_id] = []
    follow(item)
    assert following.catch_up() == 0


def test_catching_up_is_asked_for_once_a_day(db, monkeypatch):
    asked: list = []
    monkeypatch.setattr(tasks, "enqueue", lambda **given: asked.append(given["key"]))
    tasks.cache.delete("evidence.catch_up")
    tasks.ask_to_catch_up()
    tasks.ask_to_catch_up()
    assert asked == ["evidence.catch_up"]
    tasks.cache.delete("evidence.catch_up")


def test_a_finished_job_is_started_again_by_the_next_verdict(room):
    item = make_item(room.challenge)
    following.ask_to_follow(item.current.stored_file)
    Job.objects.update(state=State.DONE)
    following.ask_to_follow(item.current.stored_file)
    assert Job.objects.get(kind="evidence.follow").state == State.QUEUED
