"""Files through the pages: honest ones, several at once, sent twice, and every kind of bad one."""

import errno
import hashlib
import uuid

import pytest

from cyber360.audit.models import AuditEvent
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.services import open_for_reading
from cyber360.jobs.models import Job
from peers.acts import Act
from peers.evidence.models import EvidenceItem
from peers.stages import Stage
from tests.cyber360.files.conftest import pdf, sheet, with_members, word
from tests.cyber360.files.test_scanner import EICAR

from .conftest import a_request, given, hand, items_of, judge, make_item, on_disk, send, url

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
HONEST = {"Plan.docx": word, "Assets.xlsx": sheet, "Report.pdf": pdf}


def body(response) -> str:
    return response.content.decode()


# --- in -----------------------------------------------------------------------------------------------------------
def test_real_files_several_at_once(room, vault_dir):
    row = a_request(room)
    data = {name: make() for name, make in HONEST.items()}
    files = [given(name, content) for name, content in data.items()]
    answer = send(room, room.host_lead, *files, to="request", args=[row.pk], shows="What we do.")
    assert (answer.status_code, answer.url) == (302, url(room, "request", row.pk))
    items = items_of(room)
    assert [item.title for item in items] == ["Plan", "Assets", "Report"]
    assert {(item.shows, item.request_id, item.marking) for item in items} == {
        ("What we do.", row.pk, "official-sensitive")
    }
    for item in items:
        stored = item.current.stored_file
        assert stored.sha256 == hashlib.sha256(data[stored.name]).hexdigest()
        assert b"".join(open_for_reading(stored)) == data[stored.name]
        assert [question.code for question in item.questions.all()] == ["T1.1"]
    assert a_request(room).state == "met"
    assert Job.objects.filter(kind="files.check").count() == 3
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_UPLOAD, scope=room.challenge.scope).count() == 3
    assert all(word()[:40] not in place.read_bytes() for place in vault_dir.rglob("*") if place.is_file())


def test_one_file_takes_the_title_and_the_questions(room):
    codes = [question.pk for question in room.questions[:2]]
    send(room, room.host_lead, given("plan.docx", word()), title="Incident plan 2027", questions=codes)
    [item] = items_of(room)
    assert item.title == "Incident plan 2027"
    assert [question.code for question in item.questions.order_by("code")] == ["T1.1", "T1.2"]


def test_a_contributor_adds_to_their_own_request(room):
    row = hand(room)
    assert send(room, room.contributor, given("plan.docx", word()), to="request", args=[row.pk]).status_code == 302
    assert [item.added_by for item in items_of(room)] == [room.contributor]
    for args in ({}, {"to": "request", "args": [a_request(room, "T1.2").pk]}):
        assert send(room, room.contributor, given("plan.docx", word()), **args).status_code == 404
    assert len(items_of(room)) == 1


def test_the_same_form_sent_twice_adds_nothing(room, vault_dir):
    token, plan = str(uuid.uuid4()), word()
    for _again in range(2):
        files = [given("plan.docx", plan), given("notes.txt", b"notes")]
        assert send(room, room.host_lead, *files, token=token).status_code == 302
    assert [item.title for item in items_of(room)] == ["plan", "notes"]
    assert len(on_disk(vault_dir)) == StoredFile.objects.count() == 2
    page = room.client_for(room.host_lead).get(url(room))
    assert page.status_code == 200


def test_the_same_form_with_another_file_is_not_lost(room):
    token = str(uuid.uuid4())
    send(room, room.host_lead, given("notes.txt", b"first"), token=token)
    send(room, room.host_lead, given("notes.txt", b"second"), token=token)
    assert len(items_of(room)) == 2


def test_a_refused_file_loses_no_other(room, vault_dir):
    client = room.client_for(room.host_lead)
    files = [given("plan.docx", word()), given("tool.exe", b"MZ"), given("empty.txt", b"")]
    words = {"files": files, "marking": "official", "token": str(uuid.uuid4())}
    page = client.post(url(room, "add"), words, follow=True)
    assert [item.title for item in items_of(room)] == ["plan"]
    assert "1 file is added: plan." in body(page)
    assert "“tool.exe” was not accepted." in body(page)
    assert "“empty.txt” is empty." in body(page)
    assert "Nothing else on the page was lost." in body(page)
    assert len(on_disk(vault_dir)) == 1


def test_nothing_but_refused_files_keeps_the_words(room, vault_dir):
    page = send(room, room.host_lead, given("empty.docx", b""), shows="Kept words.", title="Kept title")
    assert page.status_code == 200
    assert "Kept words." in body(page)
    assert "Kept title" in body(page)
    assert "<title>Error: " in body(page)
    assert items_of(room) == []
    assert on_disk(vault_dir) == []


def test_no_file_at_all(room):
    assert "Choose at least one file" in body(send(room, room.host_lead))


def test_twenty_one_files_in_one_form(room):
    send(room, room.host_lead, *[given(f"{number}.txt", f"words {number}".encode()) for number in range(21)])
    assert len(items_of(room)) == 21


def test_more_files_than_a_form_may_have_keep_nothing(room, vault_dir):
    answer = send(room, room.host_lead, *[given(f"{number}.txt", b"words") for number in range(101)])
    assert answer.status_code == 413
    assert "more than 100 files in one go, and none of them was kept" in body(answer)
    assert "100 at a time, or put them into one zip" in body(answer)
    assert items_of(room) == []
    assert not StoredFile.objects.exists()
    assert on_disk(vault_dir) == []


BAD = {
    "empty": ("plan.docx", lambda: b"", "is empty"),
    "wrong content": ("plan.docx", lambda: b"not a Word file at all", "was not accepted"),
    "a script as a picture": ("door.png", lambda: b"<script>alert(1)</script>", "was not accepted"),
    "zip bomb": (
        "bomb.docx",
        lambda: with_members(word(), members={"word/media/image1.png": bytes(61 * MEGABYTE)}),
        "unpacks to far more",
    ),
    "a type we do not take": ("page.html", lambda: b"<p>", "was not accepted"),
    "old office": ("plan.doc", lambda: b"x", "was not accepted"),
    "marked secret": ("SECRET plan.docx", word, "carries the marking"),
    "too large": (
        "big.txt",
        lambda: b"x" * (MEGABYTE + 1),
        "is larger than 1 MB. Make it smaller or split it. It was not",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_and_leave_nothing(room, vault_dir, settings, case):
    settings.EVIDENCE_FILE_MB = 1
    name, make, words = BAD[case]
    page = send(room, room.host_lead, given(name, make()))
    assert page.status_code == 200
    assert words in body(page)
    assert items_of(room) == []
    assert StoredFile.objects.count() == 0
    assert on_disk(vault_dir) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Ann\\plan.txt", "plan.txt"),
        ("x" * 300 + ".txt", "x" * 146 + ".txt"),
        ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
        ("<b>plan.txt", "-b-plan.txt"),
    ],
)
def test_names_are_made_safe(room, name, kept):
    page = send(room, room.host_lead, given(name, b"words"))
    assert page.status_code == 302
    [item] = items_of(room)
    stored = item.current.stored_file
    assert stored.name == kept
    assert room.client_for(room.host_lead).get(url(room, "item", item.pk)).status_code == 200


class Endless:
    """A body that is made as it is read; it remembers the largest piece that anybody held at once."""

    def __init__(self, size: int) -> None:
        self.left, self.largest = size, 0

    def read(self, size: int = -1) -> bytes:
        taken = self.left if size < 0 else min(size, self.left)
        self.left -= taken
        self.largest = max(self.largest, taken)
        return bytes(taken)

    readline = read


def test_600_megabytes_are_refused_by_their_announced_length(room, vault_dir):
    """Parsed never, kept nowhere; at most read away in small pieces, so that the browser gets to show the page."""
    sent = Endless(600 * MEGABYTE)
    answer = room.client_for(room.host_lead).generic(
        "POST",
        url(room, "add"),
        CONTENT_TYPE="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(600 * MEGABYTE),
        **{"wsgi.input": sent},
    )
    assert answer.status_code == 413
    assert "larger than 500 MB" in body(answer)
    assert sent.largest <= MEGABYTE
    assert on_disk(vault_dir) == []


def test_a_full_pack_says_so(room, settings):
    settings.EVIDENCE_PACK_MB = 1
    make_item(room.challenge, data=b"x" * (MEGABYTE - 100))
    page = send(room, room.host_lead, given("notes.txt", b"y" * 200))
    assert "does not fit into what is left" in body(page)


def test_a_full_disk_says_so_and_loses_nothing_else(room, monkeypatch, vault_dir):
    def full(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("cyber360.files.storage._WholeWrites.write", full)
    page = send(room, room.host_lead, given("notes.txt", b"y" * 200), shows="Kept words.")
    assert page.status_code == 200
    assert "there is no room left in the store" in body(page)
    assert "Kept words." in body(page)
    assert items_of(room) == []
    assert on_disk(vault_dir) == []


def test_a_forged_form_adds_nothing(room, vault_dir):
    client = room.client_for(room.host_lead)
    client.handler.enforce_csrf_checks = True
    answer = client.post(url(room, "add"), {"files": [given("notes.txt", b"y")], "marking": "official"})
    assert answer.status_code == 403
    assert items_of(room) == []
    assert on_disk(vault_dir) == []


def test_nobody_else_uploads_and_nothing_is_read(room, vault_dir):
    for person in ("peer", "lead_peer", "observer", "manager", "coordinator", *room.outsiders):
        answer = send(room, getattr(room, person), given("notes.txt", b"y"))
        assert answer.status_code == 404, person
    assert room.client_for(None).post(url(room, "add"), {"files": [given("n.txt", b"y")]}).status_code == 302
    assert items_of(room) == []
    assert on_disk(vault_dir) == []


def test_the_wrong_stage_says_why(room):
    room.at(Stage.DESK_REVIEW)
    answer = send(room, room.host_lead, given("notes.txt", b"y"))
    assert answer.status_code == 403
    assert "is closed: the challenge is in “Desk review”" in body(answer)


# --- checks -----------------------------------------------------------------------------------------------------
def test_without_a_scanner_nothing_is_ever_clean(room, settings):
    assert settings.CLAMD == ""
    send(room, room.host_lead, given("notes.txt", b"words"))
    [item] = items_of(room)
    item = judge(item)
    assert item.current.stored_file.verdict == Verdict.NOT_SCANNED
    page = body(room.client_for(room.host_lead).get(url(room), {"by": "item"}))
    assert "Scanning is off" in page
    assert "Not scanned for viruses" in page
    assert "No virus found" not in page
    room.at(Stage.DESK_REVIEW)
    assert room.client_for(room.peer).get(url(room, "item", item.pk)).status_code == 404


def test_eicar_is_found_and_shut_to_all(room, scanner_says):
    scanner_says(Verdict.INFECTED, "Eicar-Test-Signature")
    send(room, room.host_lead, given("notes.txt", EICAR))
    [item] = items_of(room)
    item = judge(item)
    assert item.current.stored_file.verdict == Verdict.INFECTED
    for person in ("host_lead", "coordinator"):
        client = room.client_for(getattr(room, person))
        assert client.get(url(room, "download", item.pk, 1)).status_code == 403
    release = room.client_for(room.coordinator).post(url(room, "release", item.pk, 1), {"reason": "Please."})
    assert release.status_code == 403
    assert "infected" in body(release)
    held = body(room.client_for(room.coordinator).get(url(room, "quarantine")))
    assert "Release with a reason" not in held


def test_a_scanner_that_is_down_is_an_error_never_clean(room, settings, tmp_path):
    settings.CLAMD = str(tmp_path / "no-socket")
    send(room, room.host_lead, given("notes.txt", b"words"))
    [item] = items_of(room)
    assert judge(item).current.stored_file.verdict == Verdict.ERROR
    client = room.client_for(room.coordinator)
    assert "Could not be checked" in body(client.get(url(room, "quarantine")))
    assert client.post(url(room, "check_again", item.pk)).status_code == 302


def test_replacing_keeps_the_version_before(room, vault_dir):
    item = make_item(room.challenge, data=b"first")
    client = room.client_for(room.host_lead)
    token = str(uuid.uuid4())
    for version in (1, 1):  # the second is the double click, with the version it began on
        answer = client.post(
            url(room, "replace", item.pk), {"file": given("new.txt", b"second"), "version": version, "token": token}
        )
        assert answer.status_code == 302
    item = EvidenceItem.objects.get(pk=item.pk)
    assert [row.number for row in item.versions.all()] == [2, 1]
    assert b"".join(open_for_reading(item.current.stored_file)) == b"second"
    assert len(on_disk(vault_dir)) == 2
    stale = client.post(url(room, "replace", item.pk), {"file": given("third.txt", b"third"), "version": 1})
    assert stale.status_code == 409
    assert len(on_disk(vault_dir)) == 2
    bad = client.post(url(room, "replace", item.pk), {"file": given("new.txt", b""), "version": item.version})
    assert "is empty" in body(bad)


def test_the_state_shows_itself_and_is_asked_again(room, scanner_says):
    item = make_item(room.challenge, verdict=Verdict.PENDING, data=b"words", name="plan.txt")
    client = room.client_for(room.host_lead)
    piece = client.get(url(room, "state", item.pk), headers={"HX-Request": "true"})
    assert "every 3s" in body(piece)
    assert "Being checked" in body(piece)
    assert client.get(url(room, "state", item.pk)).url == url(room, "item", item.pk)
    scanner_says(Verdict.CLEAN)
    judge(item)
    piece = body(client.get(url(room, "state", item.pk), headers={"HX-Request": "true"}))
    assert "No virus found" in piece
    assert "every 3s" not in piece
