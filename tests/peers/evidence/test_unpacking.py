"""Zips: each file becomes an item, the rest is told with its reason, and nothing is done twice or lost by a kill."""

import uuid
import zipfile

import pytest
from django.test import TestCase

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NotNow
from cyber360.files.models import State
from cyber360.files.services import open_for_reading
from cyber360.jobs import worker
from cyber360.jobs.models import Job
from peers.access import SeatName
from peers.evidence import services
from peers.evidence.models import EvidenceItem, Unpacking
from peers.evidence.services import unpacking as unpacking_module
from peers.stages import Stage
from tests.cyber360.files.conftest import pdf, sheet, word, zipped
from tests.factories.worlds import make_user, sit

from .conftest import given, hand, items_of, on_disk, send, url

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return response.content.decode()


def quiet(percent: int, words: str) -> None:
    """Nobody waits."""


def run(row: Unpacking, show=quiet) -> Unpacking:
    """As the worker does it; the zip's bytes go once that is committed."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        services.unpack(unpacking_id=row.pk, show=show)
    return Unpacking.objects.get(pk=row.pk)


def sent(room, data: bytes, name: str = "Evidence.zip", **fields) -> Unpacking:
    answer = send(room, room.host_lead, given(name, data), **fields)
    assert answer.status_code == 302, body(answer)
    row = Unpacking.objects.latest("pk")
    assert answer.url == row.get_absolute_url()
    return row


GOOD = {"Plan.docx": word, "Lists/Assets.xlsx": sheet, "Lists/2026/Report.pdf": pdf}


def test_each_file_becomes_an_item(room, vault_dir):
    codes = [question.pk for question in room.questions[:1]]
    data = {name: make() for name, make in GOOD.items()}
    row = sent(room, zipped(data), shows="From the shared drive.", questions=codes, title="Not used")
    assert items_of(room) == []
    row = run(row)
    assert (row.state, row.total, row.added, row.left_out) == ("done", 3, 3, [])
    items = items_of(room)
    assert [item.title for item in items] == [
        "Plan",
        "Assets (from folder Lists)",
        "Report (from folder Lists/2026)",
    ]
    assert {(item.shows, item.added_by, item.marking) for item in items} == {
        ("From the shared drive.", room.host_lead, "official-sensitive")
    }
    for item, content in zip(items, data.values(), strict=True):
        assert b"".join(open_for_reading(item.current.stored_file)) == content
        assert [question.code for question in item.questions.all()] == ["T1.1"]
        assert item.current.stored_file.media_type
    assert row.stored_file.state == State.GONE
    assert len(on_disk(vault_dir)) == 3
    assert Job.objects.filter(kind="files.check").count() == 3
    assert AuditEvent.objects.filter(detail__what="zip unpacked").get().detail["added"] == 3


def test_nothing_plain_is_written(room, vault_dir):
    secret = b"Only the board knows that the aviary was left open."
    row = sent(room, zipped({"notes.txt": secret}, zipfile.ZIP_STORED))
    before = [place.read_bytes() for place in vault_dir.rglob("*") if place.is_file()]
    run(row)
    after = [place.read_bytes() for place in vault_dir.rglob("*") if place.is_file()]
    assert before
    assert after
    assert all(secret not in content for content in before + after)


def test_what_is_left_out_is_told_with_its_reason(room, vault_dir):
    members = {
        "plan.docx": word(),
        "inner.zip": zipped({"a.txt": b"a"}),
        "tool.exe": b"MZ",
        "empty.txt": b"",
        "door.png": b"<script>",
        "/".join(["deep"] * 9) + "/notes.txt": b"words",
        "SECRET/notes.txt": b"words",
        "__MACOSX/._plan.docx": b"junk",
        ".DS_Store": b"junk",
    }
    row = run(sent(room, zipped(members)))
    assert (row.state, row.total, row.added) == ("done", 7, 1)
    reasons = dict(row.left_out)
    assert "Archives are not accepted" in reasons["inner.zip"]
    assert "Programs and scripts" in reasons["tool.exe"]
    assert "is empty" in reasons["empty.txt"]
    assert "was not accepted" in reasons["door.png"]
    assert "folders deep" in next(reason for name, reason in row.left_out if name.startswith("deep/"))
    assert "carries the marking" in reasons["SECRET/notes.txt"]
    page = body(room.client_for(room.host_lead).get(row.get_absolute_url()))
    assert "1 file is added." in page
    for name in reasons:
        assert name in page
    assert "MACOSX" not in page
    assert len(on_disk(vault_dir)) == 1


HOSTILE = {
    "not a zip": b"PK no, not at all",
    "outside": zipped({"../../etc/passwd.txt": b"x"}),
    "no file": zipped({"folder/": b""}),
    "bomb": zipped({"a.txt": bytes(30 * 1024 * 1024)}),
    "twice": zipped({"a.txt": b"1", "A.txt": b"2"}),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_zips_are_refused_whole_and_leave_nothing(room, vault_dir, case):
    row = run(sent(room, HOSTILE[case]))
    assert (row.state, row.added, row.ended_at is None) == ("refused", 0, False)
    assert "Evidence.zip" in row.refusal
    assert items_of(room) == []
    assert on_disk(vault_dir) == []
    assert row.refusal in body(room.client_for(room.host_lead).get(row.get_absolute_url())).replace("&quot;", '"')


def test_too_many_files(room, monkeypatch):
    monkeypatch.setattr(unpacking_module, "FILES_IN_ZIP", 2)
    row = run(sent(room, zipped({f"{n}.txt": b"x" for n in range(3)})))
    assert "There are 3 files" in row.refusal


def test_hostile_names_are_cleaned(room):
    data = zipped(
        {"a\u202etxt.exe.txt": b"one", "con.txt": b"two", "b\x07c.txt": b"three", "x" * 250 + ".txt": b"four"}
    )
    row = run(sent(room, data))
    assert row.added == 4
    names = {item.current.stored_file.name for item in items_of(room)}
    assert {"atxt.exe.txt", "file-con.txt", "bc.txt"} < names
    assert max(map(len, names)) == 150


def test_a_member_that_lies_of_its_length(room):
    data = bytearray(zipped({"notes.txt": b"words " * 50, "good.txt": b"fine"}))
    data[data.index(b"words ") if b"words " in data else 40] ^= 0xFF
    row = run(sent(room, bytes(data)))
    assert row.added == 1
    assert dict(row.left_out) == {"notes.txt": "It is damaged in the zip. Add it by itself."}


def test_the_same_form_twice_unpacks_once(room, vault_dir):
    token, data = str(uuid.uuid4()), zipped({"plan.docx": word()})
    for _again in range(2):
        send(room, room.host_lead, given("E.zip", data), token=token)
    assert Unpacking.objects.count() == 1
    run(Unpacking.objects.get())
    run(Unpacking.objects.get())
    assert len(items_of(room)) == 1
    send(room, room.host_lead, given("E.zip", data), token=token)
    assert len(on_disk(vault_dir)) == 1


def test_a_kill_in_the_middle_is_gone_on_with(room, vault_dir):
    row = sent(room, zipped({f"{n}.txt": f"words {n}".encode() for n in range(4)}))

    class Killed(BaseException):
        """As when the process ends."""

    def die(percent: int, words: str) -> None:
        if percent == 50:
            raise Killed

    with pytest.raises(Killed):
        services.unpack(unpacking_id=row.pk, show=die)
    row.refresh_from_db()
    assert (row.state, row.added, len(items_of(room))) == ("unpacking", 2, 2)
    assert "2 of 4" in body(room.client_for(room.host_lead).get(row.get_absolute_url()))
    row = run(row)
    assert (row.state, row.added, len(items_of(room))) == ("done", 4, 4)
    assert len(on_disk(vault_dir)) == 4


def test_a_stopped_one_is_gone_on_with_by_the_host(room):
    row = sent(room, zipped({"a.txt": b"one"}))
    job = Job.objects.get(key=row.job_key)
    client = room.client_for(room.host_lead)
    again = url(room, "unpack_again", row.pk)
    assert client.post(again).status_code == 403
    Job.objects.filter(pk=job.pk).update(state="stopped")
    assert "Go on with unpacking" in body(client.get(row.get_absolute_url()))
    assert client.post(again).status_code == 302
    worker.run(job.pk)
    assert len(items_of(room)) == 1


def test_the_pack_locked_in_the_middle(room, vault_dir):
    row = sent(room, zipped({f"{n}.txt": b"words" + bytes([65 + n]) for n in range(4)}))

    def lock(percent: int, words: str) -> None:
        if percent == 50:
            room.at(Stage.DESK_REVIEW)

    row = run(row, lock)
    assert (row.state, row.added) == ("done", 2)
    assert "is closed" in row.refusal
    assert len(on_disk(vault_dir)) == 2
    assert "It ended early" in body(room.client_for(room.host_lead).get(row.get_absolute_url()))


def test_links_only_since(room, vault_dir):
    row = sent(room, zipped({"a.txt": b"one"}))
    room.challenge.evidence_policy = "links"
    room.challenge.save()
    row = run(row)
    assert (row.state, row.added) == ("refused", 0)
    assert "links only" in row.refusal
    assert on_disk(vault_dir) == []


def test_a_seat_lost_in_between(room, vault_dir):
    row = sent(room, zipped({"a.txt": b"one"}))
    room.host_lead.challenge_seats.all().delete()
    row = run(row)
    assert row.refusal == "You can no longer add evidence here."
    assert on_disk(vault_dir) == []


def test_what_does_not_fit_the_pack_is_left_out(room, settings):
    settings.EVIDENCE_PACK_MB = 1
    row = run(sent(room, zipped({"a.txt": b"x" * 700_000, "b.txt": b"y" * 700_000})))
    assert row.added == 1
    assert "does not fit into what is left" in dict(row.left_out)["b.txt"]


def test_a_contributor_unpacks_into_their_own_request_and_nobody_else_sees_it(room):
    request = hand(room)
    answer = send(
        room,
        room.contributor,
        given("E.zip", zipped({"a.txt": b"one", "b.exe": b"MZ"})),
        to="request",
        args=[request.pk],
    )
    row = run(Unpacking.objects.get())
    assert answer.url == row.get_absolute_url()
    assert [item.request for item in items_of(room)] == [request]
    assert "b.exe" in body(room.client_for(room.contributor).get(row.get_absolute_url()))
    second = make_user("Second Contributor")
    sit(second, SeatName.CONTRIBUTOR, room.challenge)
    hand(room, "T1.2", second)
    for stage in (Stage.PREPARATION, Stage.DESK_REVIEW):
        room.at(stage)
        for person in (second, room.peer, room.manager, room.coordinator, *map(room.__dict__.get, room.outsiders)):
            answer, never = (room.client_for(person).get(url(room, "unpacking", pk)) for pk in (row.pk, row.pk + 99))
            assert answer.status_code in (403, 404), person
            assert answer.status_code == never.status_code
            assert "E.zip" not in body(answer)
    assert room.client_for(room.host_lead).get(row.get_absolute_url()).status_code == 200
    request.owner = second
    request.save()
    assert room.client_for(room.contributor).get(row.get_absolute_url()).status_code == 404


def test_a_zip_is_taken_nowhere_else(room):
    from .conftest import make_item  # noqa: PLC0415 - used here only

    item = make_item(room.challenge)
    client = room.client_for(room.host_lead)
    page = client.post(url(room, "replace", item.pk), {"file": given("new.zip", zipped({"a.txt": b"a"})), "version": 1})
    assert "Archives are not accepted" in body(page)
    assert EvidenceItem.objects.get(pk=item.pk).versions.count() == 1


def test_the_page_costs_little(room, django_assert_max_num_queries):
    row = run(sent(room, zipped({f"{n}.txt": b"" for n in range(60)})))
    client = room.client_for(room.host_lead)
    client.get(row.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(row.get_absolute_url())


def test_going_on_with_one_that_runs_is_refused(room):
    row = sent(room, zipped({"a.txt": b"one"}))
    with pytest.raises(NotNow):
        services.unpack_again(unpacking=row, by=room.host_lead)
