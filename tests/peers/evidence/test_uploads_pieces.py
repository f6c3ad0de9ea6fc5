"""Files that come in pieces: the right is asked at every step, nothing is added twice, and every refusal says why."""

import base64
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import TestCase

from cyber360.files.destruction import destroy_scope
from cyber360.files.models import Blob, StoredFile, Upload
from cyber360.files.resumable.finishing import finish
from cyber360.files.waiting_words import opened_words
from peers.access import SeatName
from peers.evidence.models import EvidenceItem, Unpacking
from peers.stages import Stage
from tests.cyber360.files.conftest import word, zipped
from tests.factories.worlds import make_user, sit

from .conftest import a_request, hand, items_of, make_item, on_disk, url

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


def body(response) -> str:
    return response.content.decode()


class Sender:
    """A person's browser with the page's script."""

    def __init__(self, room, person, request=None) -> None:
        self.room, self.client, self.token = room, room.client_for(person), str(uuid.uuid4())
        self.prefix, self.args = ("request_", [request.pk]) if request else ("", [])

    def tell(self, **words):
        given = {"token": self.token, "marking": "official-sensitive", **words}
        return self.client.post(url(self.room, f"{self.prefix}upload_words", *self.args), given)

    def begin(self, name: str, size: int, path: str = ""):
        told = {"filename": name, "token": self.token, "path": path}
        pairs = [f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items() if value]
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        return self.client.generic("POST", url(self.room, f"{self.prefix}uploads", *self.args), headers=headers)

    def piece(self, where: str, data: bytes, offset: int = 0):
        headers = {**TUS, "Upload-Offset": str(offset)}
        return self.client.patch(where, data, content_type=PIECE, headers=headers)

    def send(self, name: str, data: bytes, path: str = "", **words) -> Upload:
        assert self.tell(**words).status_code == 204
        begun = self.begin(name, len(data), path)
        assert begun.status_code == 201, body(begun)
        assert self.piece(begun["Location"], data).status_code == 204
        return done(Upload.objects.latest("created_at"))

    def fate(self, row: Upload) -> dict:
        return self.client.get(url(self.room, "upload_states"), {"id": str(row.pk)}).json()["uploads"][0]


def done(row: Upload) -> Upload:
    """What the worker does with an upload that is whole."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        finish(row.pk)
    return Upload.objects.get(pk=row.pk)


@pytest.fixture
def host(room) -> Sender:
    return Sender(room, room.host_lead)


def test_a_file_becomes_an_item_with_its_words(room, host, vault_dir):
    questions = [question.pk for question in room.questions[:2]]
    row = host.send("plan.docx", word(), shows="What we do.", questions=questions, document_date="2027-03-27")
    [item] = items_of(room)
    assert (item.title, item.shows, str(item.document_date)) == ("plan", "What we do.", "2027-03-27")
    assert item.added_by == room.host_lead
    assert sorted(question.pk for question in item.questions.all()) == questions
    fate = host.fate(row)
    assert (fate["state"], fate["title"], fate["waits"]) == ("checking", "plan", True)  # the scanner has not answered
    assert fate["links"] == [["plan", item.get_absolute_url()]]
    assert Blob.objects.count() == 0
    assert len(on_disk(vault_dir)) == 1


def test_the_folder_stays_in_the_title(room, host):
    host.send("plan.docx", word(), path="Policies/2026/plan.docx")
    host.send("plan.docx", word("Another"), path="Old/plan.docx", title="Given title")
    assert [item.title for item in items_of(room)] == ["plan (from folder Policies/2026)", "Given title"]


def test_pieces_are_gone_on_with_after_a_break(room, host):
    data = b"A line of words.\n" * 500
    host.tell()
    where = host.begin("notes.txt", len(data))["Location"]
    host.piece(where, data[:1000])
    page = body(host.client.get(url(room, "add")))
    assert "notes.txt: 11 % received" in page
    assert host.client.head(where, headers=TUS)["Upload-Offset"] == "1000"
    assert host.piece(where, data[1000:], 1000).status_code == 204
    done(Upload.objects.get())
    assert items_of(room)[0].current.stored_file.size == len(data)


def test_one_that_waits_can_be_cancelled_without_a_script(room, host, vault_dir):
    host.tell()
    where = host.begin("notes.txt", 100)["Location"]
    host.piece(where, b"x" * 50)
    row = Upload.objects.get()
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = host.client.post(url(room, "upload_cancel", row.pk), follow=True)
    assert "“notes.txt” is cancelled." in body(answer)
    assert Upload.objects.count() == 0
    assert on_disk(vault_dir) == []


def test_the_same_file_of_the_same_form_is_added_once(room, host, vault_dir):
    host.send("plan.docx", word())
    row = host.send("plan.docx", items_of(room)[0] and _bytes(room))
    assert row.state == "refused"
    assert "was added before and was not added twice" in host.fate(row)["words"]
    assert len(items_of(room)) == 1
    assert len(on_disk(vault_dir)) == StoredFile.objects.count() == 1


def _bytes(room) -> bytes:
    from cyber360.files.services import open_for_reading  # noqa: PLC0415 - used here only

    return b"".join(open_for_reading(items_of(room)[0].current.stored_file))


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("plan.docx", 0, "is empty"),
        ("tool.exe", 10, "Programs and scripts are not accepted"),
        ("SECRET plan.docx", 10, "carries the marking"),
        ("plan.docx", 26 * 1024 * 1024, "is larger than 25 MB"),
        ("all.zip", 251 * 1024 * 1024, "is larger than 250 MB"),
        ("\u202e\u0007", 10, "A file has no name"),
    ],
)
def test_what_cannot_be_taken_is_said_before_a_byte_is_sent(room, host, name, size, words):
    host.tell()
    answer = host.begin(name, size)
    assert answer.status_code in (400, 413)
    assert words in body(answer)
    assert Upload.objects.count() == 0


def test_a_hostile_name_is_cleaned(room, host):
    host.send("../..\\con.txt", b"words", path="..\u202e/<b>/x.txt")
    [item] = items_of(room)
    assert item.current.stored_file.name == "file-con.txt"
    assert "\u202e" not in item.title
    assert "<" not in item.title


def test_content_that_is_not_what_the_name_says(room, host, vault_dir):
    row = host.send("plan.docx", b"not a Word file")
    assert row.state == "refused"
    assert "was not accepted" in host.fate(row)["words"]
    assert (items_of(room), on_disk(vault_dir)) == ([], [])


def test_a_zip_is_unpacked(room, host):
    row = host.send("All.zip", zipped({"a.txt": b"one"}), shows="From the drive.")
    unpacking = Unpacking.objects.get()
    assert unpacking.stored_file.verdict == "not_scanned"
    fate = host.fate(row)
    assert (fate["state"], fate["links"][0][1]) == ("unpacking", unpacking.get_absolute_url())
    assert unpacking.words["shows"] == "From the drive."


def test_words_that_are_wrong_are_told_before_a_file_is_sent(room, host):
    answer = host.tell(document_date="2027-02-31")
    assert answer.status_code == 400
    assert "There is a problem" in body(answer)
    assert host.begin("notes.txt", 5).status_code == 428


def test_five_at_once_and_then_wait(room, host):
    host.tell()
    for number in range(5):
        assert host.begin(f"{number}.txt", 5).status_code == 201
    answer = host.begin("6.txt", 5)
    assert answer.status_code == 429
    assert "5 uploads that are not finished" in body(answer)


# --- the right, at every step -------------------------------------------------------------------------------------
def lock(room) -> None:
    room.at(Stage.DESK_REVIEW)


def links_only(room) -> None:
    room.challenge.evidence_policy = "links"
    room.challenge.save()


def lose_seat(room) -> None:
    room.host_lead.challenge_seats.all().delete()


CHANGES = {
    "the pack is released": (lock, 403, "is closed: the challenge is in “Desk review”"),
    "links only": (links_only, 403, "takes links only"),
    "the seat is lost": (lose_seat, 404, ""),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_in_the_middle_stops_the_next_piece(room, host, case):
    change, status, words = CHANGES[case]
    host.tell()
    where = host.begin("notes.txt", 10)["Location"]
    assert host.piece(where, b"12345").status_code == 204
    change(room)
    answer = host.piece(where, b"67890", 5)
    assert answer.status_code == status
    assert words in body(answer)
    assert Upload.objects.get().offset == 5
    assert host.tell().status_code == status


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_before_it_is_kept_keeps_nothing(room, host, vault_dir, case):
    host.tell()
    where = host.begin("notes.txt", 10)["Location"]
    host.piece(where, b"1234567890")
    CHANGES[case][0](room)
    row = done(Upload.objects.get())
    assert row.state == "refused"
    assert row.refusal
    assert items_of(room) == []
    assert (StoredFile.objects.count(), on_disk(vault_dir)) == (0, [])


def test_signed_out_in_the_middle(room, host):
    host.tell()
    where = host.begin("notes.txt", 10)["Location"]
    host.client.logout()
    answer = host.piece(where, b"12345")
    assert answer.status_code == 401
    assert "Sign in" in body(answer)
    assert host.client.get(url(room, "upload_states")).status_code == 302


def test_nobody_elses_upload_is_there(room, host):
    sit(other := make_user("Second Lead"), SeatName.HOST_LEAD, room.challenge)
    host.tell()
    where = host.begin("notes.txt", 10)["Location"]
    row = Upload.objects.get()
    never = where.replace(str(row.pk), str(uuid.uuid4()))
    for person in (other, room.host_sponsor, room.coordinator, room.stranger, room.other_host, room.superuser):
        client = room.client_for(person)
        for method in (client.head, client.patch, client.delete):
            found, lost = (method(place, headers=TUS) for place in (where, never))
            assert found.status_code == lost.status_code == 404, person
            assert found.content == lost.content
        states = client.get(url(room, "upload_states"), {"id": str(row.pk)})
        assert states.status_code == 404 or states.json()["uploads"] == []
        assert client.post(url(room, "upload_cancel", row.pk)).status_code == 404
    assert Upload.objects.get().offset == 0


def test_nobody_without_the_right_begins(room):
    for person in ("peer", "lead_peer", "observer", "manager", "coordinator", "contributor", *room.outsiders):
        sender = Sender(room, getattr(room, person))
        assert sender.tell().status_code == 404, person
        assert sender.begin("notes.txt", 5).status_code == 404, person
    assert Sender(room, None).begin("notes.txt", 5).status_code == 401
    assert Upload.objects.count() == 0


def test_a_contributor_who_came_by_link_sends_to_their_own_request(room):
    row = hand(room)
    sender = Sender(room, room.contributor, row)
    session = sender.client.session
    session["by_link"] = True
    session.save()
    sender.send("plan.docx", word())
    assert [item.request for item in items_of(room)] == [row]
    assert Sender(room, room.contributor, a_request(room, "T1.2")).tell().status_code == 404
    page = body(sender.client.get(row.get_absolute_url()))
    assert "uploads.js" in page
    assert url(room, "request_uploads", row.pk) in page


def test_a_request_that_went_to_somebody_else_meanwhile(room):
    row = hand(room)
    sender = Sender(room, room.contributor, row)
    sender.tell()
    where = sender.begin("notes.txt", 5)["Location"]
    sit(second := make_user("Second Contributor"), SeatName.CONTRIBUTOR, room.challenge)
    hand(room, "T1.1", second)
    hand(room, "T1.2")
    assert sender.piece(where, b"12345").status_code == 404
    assert items_of(room) == []


# --- the pages ----------------------------------------------------------------------------------------------------
def test_the_plain_form_is_there_when_asked_for(room, host):
    assert "uploads.js" in body(host.client.get(url(room, "add")))
    plain = body(host.client.get(url(room, "add") + "?plain"))
    assert "uploads.js" not in plain
    assert 'enctype="multipart/form-data"' in plain


@pytest.mark.parametrize("many", [1, 5])
def test_the_pages_cost_the_same(room, host, django_assert_max_num_queries, many):
    host.tell()
    for number in range(many):
        host.begin(f"{number}.txt", 5)
    row = hand(room, person=room.host_lead)
    ids = [str(pk) for pk in Upload.objects.values_list("pk", flat=True)]
    for address, query in (
        (url(room, "add"), {}),
        (url(room, "request", row.pk), {}),
        (url(room, "upload_states"), {"id": ids}),
    ):
        with django_assert_max_num_queries(15):
            assert host.client.get(address, query).status_code == 200


def new_items(room, count: int) -> list[EvidenceItem]:
    items = [make_item(room.challenge, title=f"Paper {number}") for number in range(count)]
    EvidenceItem.objects.update(shows="", added_by=room.host_lead)
    return items


def described(items, **changes) -> dict:
    data: dict = {"item": [item.pk for item in items]}
    for item in items:
        words = {"version": item.version, "title": item.title, "shows": f"Shows {item.pk}.", **changes}
        data |= {f"item{item.pk}-{key}": value for key, value in words.items()}
    return data


def test_what_each_shows_is_said_ten_at_a_time(room, django_assert_max_num_queries):
    items = new_items(room, 13)
    client = room.client_for(room.host_lead)
    with django_assert_max_num_queries(15):
        page = client.get(url(room, "describe"))
    assert [form.item for form in page.context["forms"]] == items[:10]
    assert "3 more wait" in body(page)
    answer = client.post(url(room, "describe"), described(items[:10], questions=[room.questions[0].pk]))
    assert answer.url.endswith(f"?after={items[9].pk}")
    rows = EvidenceItem.objects.filter(pk__in=[item.pk for item in items[:10]])
    assert {row.shows == f"Shows {row.pk}." for row in rows} == {True}
    assert {row.questions.get() for row in rows} == {room.questions[0]}
    again = client.post(url(room, "describe"), described(items[:10], questions=[room.questions[0].pk]))
    assert again.status_code == 302
    assert set(rows.values_list("version", flat=True)) == {items[0].version + 1}
    assert client.post(url(room, "describe"), described(items[10:])).url == url(room)
    assert client.get(url(room, "describe")).url == url(room)


def test_a_missing_title_and_a_stale_page_lose_nothing(room):
    [item] = new_items(room, 1)
    client = room.client_for(room.host_lead)
    page = client.post(url(room, "describe"), described([item], title="", shows="Kept words."))
    assert "Enter a title" in body(page)
    assert "Kept words." in body(page)
    EvidenceItem.objects.update(version=7, title="Changed by a colleague")
    assert client.post(url(room, "describe"), described([item])).status_code == 409
    assert EvidenceItem.objects.get().shows == ""


def test_nobody_describes_what_is_not_theirs_to_change(room):
    [item] = new_items(room, 1)
    for person in (room.peer, room.contributor, room.manager, room.coordinator, room.other_host, room.stranger):
        answer = room.client_for(person).post(url(room, "describe"), described([item]))
        assert answer.status_code in (302, 403, 404)
    lock(room)
    assert room.client_for(room.host_lead).post(url(room, "describe"), described([item])).status_code == 403
    assert EvidenceItem.objects.get().shows == ""


# --- words that wait -----------------------------------------------------------------------------------
def words_in_sessions() -> str:
    return repr([row.get_decoded() for row in Session.objects.all()])


def test_words_wait_under_the_challenges_key_and_go_when_all_is_sent(room, host):
    host.tell(shows="The heating pump’s pass code")
    assert "evidence-upload-words" in words_in_sessions()
    assert "heating" not in words_in_sessions()
    data = b"A line of words.\n" * 50
    where = host.begin("notes.txt", len(data))["Location"]
    host.piece(where, data[:100])
    host.fate(Upload.objects.get())
    assert host.token in words_in_sessions()  # more may come
    host.piece(where, data[100:], 100)
    host.fate(done(Upload.objects.get()))
    assert host.token not in words_in_sessions()
    assert host.begin("more.txt", 10).status_code == 428  # the script tells them again


def test_the_words_stay_while_the_script_has_more_to_send(room, host):
    host.send("notes.txt", b"words")
    for query, status in (({"more": "1"}, 201), ({}, 201)):
        assert host.client.get(url(room, "upload_states"), query).status_code == 200
        assert host.begin("next.txt", 10).status_code == status
    Upload.objects.filter(state="receiving").delete()
    host.client.get(url(room, "upload_states"))
    assert host.begin("late.txt", 10).status_code == 428


def test_words_of_a_challenge_end_with_its_key(room, host):
    host.tell(shows="The heating pump’s pass code")
    session = Session.objects.get(session_key=host.client.session.session_key)
    [(token, (_at, sealed))] = session.get_decoded()["evidence-upload-words"].items()
    assert "pass+code" in opened_words(room.challenge.scope, token, sealed)
    for scope, name in (("challenge:999", token), (room.challenge.scope, "another")):
        assert opened_words(scope, name, sealed) is None
    destroy_scope(room.challenge.scope)
    assert opened_words(room.challenge.scope, token, sealed) is None
