"""Reading in the page: pictures with the reader's name, words beside them, and nobody else's eyes."""

import io
import json

import pytest
from django.utils import timezone
from PIL import Image

from cyber360.audit.models import AuditEvent
from cyber360.files.blobs import write_blob
from cyber360.files.models import Blob, BlobKind, StoredFile, Verdict
from cyber360.jobs.models import Job
from peers.access import SeatName
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt
from peers.evidence.queries import mark_lines
from peers.stages import Stage
from tests.factories.worlds import sit

from .conftest import hand, make_file, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db

SECRET_WORDS = "Wattle Lane has no second line"


def png(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), colour).save(out, "PNG")
    return out.getvalue()


def draw(item: EvidenceItem, words: list[str], *, pictures: int = 0, kind: str = "pdf") -> EvidenceItem:
    """What the worker leaves beside a file: its words, and a picture of each page."""
    stored = item.current.stored_file
    stored.extension, stored.media_type = kind, "application/pdf" if kind == "pdf" else "application/x"
    stored.save()
    keep(stored, BlobKind.WORDS, 0, {"pages": words, "cut": False})
    if kind in {"pdf", "png"}:
        keep(stored, BlobKind.PAGE, 0, {"count": pictures, "all": len(words)})
        for number in range(1, pictures + 1):
            write_blob(scope=stored.scope, kind=BlobKind.PAGE, owner=stored.pk, number=number, pieces=[png()])
    return item


def keep(stored: StoredFile, kind: BlobKind, number: int, known: dict) -> None:
    data = json.dumps(known).encode()
    write_blob(scope=stored.scope, kind=kind, owner=stored.pk, number=number, pieces=[data])


def paper(room, *, pages: int = 3, **fields) -> EvidenceItem:
    words = [f"{SECRET_WORDS}, page {number}" for number in range(1, pages + 1)]
    return draw(make_item(room.challenge, title="Incident plan", **fields), words, pictures=pages)


def body(response) -> str:
    return response.content.decode()


def open_to_the_team(room, item):
    room.at(Stage.DESK_REVIEW)
    return EvidenceItem.objects.get(pk=item.pk)


# --- the page ---------------------------------------------------------------------------------------------------
def test_a_page_has_its_picture_its_words_and_the_way_on(room):
    item = open_to_the_team(room, paper(room, pages=12))
    client = room.client_for(room.peer)
    page = body(client.get(url(room, "preview", item.pk, 3)))
    assert "<h1" in page
    assert "Incident plan, page 3 of 12" in page
    assert f"{SECRET_WORDS}, page 3" in page
    assert url(room, "picture", item.pk, 3) in page
    assert url(room, "preview", item.pk, 2) in page
    assert url(room, "preview", item.pk, 4) in page
    assert 'name="go"' in page
    assert "Its words follow" in page
    assert "The council sees when you open, read or download" in page
    assert page.count("OFFICIAL-SENSITIVE") >= 2


def test_the_first_and_last_page_end_the_way(room):
    item = open_to_the_team(room, paper(room, pages=2))
    client = room.client_for(room.peer)
    assert 'rel="prev"' not in body(client.get(url(room, "preview", item.pk, 1)))
    assert 'rel="next"' not in body(client.get(url(room, "preview", item.pk, 2)))


@pytest.mark.parametrize(("typed", "number"), [("2", 2), ("0", 1), ("x", 1), ("9" * 40, 1), ("²", 1), ("", 1)])
def test_the_field_leads_to_its_page(room, typed, number):
    item = open_to_the_team(room, paper(room))
    answer = room.client_for(room.peer).get(url(room, "preview", item.pk, 1), {"go": typed})
    assert (answer.status_code, answer.url) == (302, url(room, "preview", item.pk, number))


@pytest.mark.parametrize("number", [0, 4, 999_999])
def test_a_page_that_is_not_there_is_not_found(room, number):
    item = open_to_the_team(room, paper(room))
    client = room.client_for(room.peer)
    assert client.get(url(room, "preview", item.pk, number)).status_code == 404
    assert client.get(url(room, "picture", item.pk, number)).status_code == 404
    assert ReadingReceipt.objects.count() == 0


def test_a_picture_without_words_says_so(room):
    item = open_to_the_team(room, draw(make_item(room.challenge), [], pictures=1, kind="png"))
    page = body(room.client_for(room.peer).get(url(room, "preview", item.pk, 1)))
    assert "No words could be read from this picture." in page
    assert "It has no words that can be read out." in page
    assert item.shows in page


def test_a_sheet_is_a_table_and_nothing_in_it_is_markup(room):
    words = ["Assets\nName\tCount\n<script>alert(1)</script>\t=1+1\n"]
    item = open_to_the_team(room, draw(make_item(room.challenge), words, kind="xlsx"))
    page = body(room.client_for(room.peer).get(url(room, "preview", item.pk, 1)))
    assert "Preview of the words only" in page
    assert "sheet 1 of 1" in page
    assert "Sheet “Assets”" in page
    assert ">Count</td>" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<img class" not in page


def test_pages_beyond_the_pictures_have_their_words(room):
    item = draw(make_item(room.challenge), ["one", "two", "three"], pictures=2)
    item = open_to_the_team(room, item)
    page = body(room.client_for(room.peer).get(url(room, "preview", item.pk, 3)))
    assert "The first 2 pages are shown as pictures" in page
    assert "three" in page
    assert url(room, "picture", item.pk, 3) not in page


# --- what is not ready, and what never will be ------------------------------------------------------------------
def test_what_is_not_made_yet_is_asked_for_once_and_looks_again(room):
    item = make_item(room.challenge, name="plan.docx")
    client = room.client_for(room.manager)
    for _again in range(2):
        page = body(client.get(url(room, "preview", item.pk, 1)))
    assert "Being prepared" in page
    assert 'hx-trigger="every 3s"' in page
    assert "Look again" in page
    assert Job.objects.filter(kind="evidence.follow").count() == 1
    piece = client.get(url(room, "preview", item.pk, 1), headers={"HX-Request": "true"})
    assert b"<html" not in piece.content
    draw(item, ["Words"], kind="docx")
    ready = client.get(url(room, "preview", item.pk, 1), headers={"HX-Request": "true"})
    assert ready["HX-Refresh"] == "true"
    assert ReadingReceipt.objects.count() == 0


def test_a_file_that_is_being_checked_asks_for_nothing(room):
    item = make_item(room.challenge, verdict=Verdict.PENDING)
    page = body(room.client_for(room.host_lead).get(url(room, "preview", item.pk, 1)))
    assert "still being checked" in page
    assert Job.objects.count() == 0


def test_why_there_is_no_preview_is_said(room):
    client = room.client_for(room.host_lead)
    infected = make_item(room.challenge, verdict=Verdict.INFECTED)
    assert "A virus was found in it" in body(client.get(url(room, "preview", infected.pk, 1)))
    odd = make_item(room.challenge, name="plan.xyz")
    assert "There is no preview of this kind of file" in body(client.get(url(room, "preview", odd.pk, 1)))
    refused = make_item(room.challenge)
    StoredFile.objects.filter(pk=refused.current.stored_file_id).update(refusal="It holds a macro.", state="gone")
    assert "It holds a macro." in body(client.get(url(room, "preview", refused.pk, 1)))
    broken = make_item(room.challenge, name="plan.docx")
    keep(broken.current.stored_file, BlobKind.WORDS, 0, {"failed": "crash", "tries": 2})
    assert "No preview could be made" in body(client.get(url(room, "preview", broken.pk, 1)))
    for item in (infected, odd, refused, broken):
        assert client.get(url(room, "picture", item.pk, 1)).status_code == 404


# --- the picture ------------------------------------------------------------------------------------------------
def test_the_picture_carries_the_reader_and_no_browser_keeps_it(room):
    item = open_to_the_team(room, paper(room))
    answer = room.client_for(room.peer).get(url(room, "picture", item.pk, 1))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Disposition" not in answer
    with Image.open(io.BytesIO(answer.content)) as seen:
        assert seen.format == "PNG"
        assert seen.convert("L").getextrema()[0] < 250  # something is drawn on what was white
    other = room.client_for(room.second_peer).get(url(room, "picture", item.pk, 1))
    assert other.content != answer.content


def test_the_mark_names_person_council_time_and_marking(room):
    item = open_to_the_team(room, paper(room))
    lines = mark_lines(room.peer, item, timezone.now())
    assert room.peer.full_name in lines[0]
    assert room.peer_profile.council.name in lines[0]
    assert lines[1] == room.peer.email
    assert lines[2].endswith("(UK time)")
    assert mark_lines(room.peer, item, timezone.now(), "7KQM4TRA")[3:] == [lines[3], "Copy 7KQM-4TRA"]
    assert lines[3] == f"OFFICIAL-SENSITIVE, {room.challenge.ref}"
    assert mark_lines(room.coordinator, item, timezone.now())[0].endswith("Coordinator")
    assert mark_lines(room.host_lead, item, timezone.now())[0].endswith("Northmere")


# --- whom it is kept from ---------------------------------------------------------------------------------------
def both(room, item, number: int = 1, query: str = "") -> list[str]:
    return [url(room, name, item.pk, number) + query for name in ("preview", "picture")]


def test_nobody_else_sees_a_page_or_a_picture(room):
    item = open_to_the_team(room, paper(room))
    for name, person in room.outsiders.items():
        client = room.client_for(person)
        gone = body(client.get(url(room, "preview", 10**6, 1)))
        for address in both(room, item):
            answer = client.get(address)
            assert answer.status_code == 404, name
            assert SECRET_WORDS not in body(answer)
        assert len(gone) == pytest.approx(len(body(client.get(url(room, "preview", item.pk, 1)))), abs=40)
    assert ReadingReceipt.objects.count() == 0
    assert AuditEvent.objects.filter(scope=room.challenge.scope).count() == 0
    theirs = f"/challenges/{room.other_challenge.ref}/evidence/{item.pk}/pages/1/"
    assert room.client_for(room.other_host).get(theirs).status_code == 404


@pytest.mark.parametrize(
    "verdict", [Verdict.NOT_SCANNED, Verdict.INFECTED, Verdict.PENDING, Verdict.ERROR, Verdict.TOO_BIG]
)
def test_the_team_sees_nothing_of_what_is_not_safe(room, verdict):
    items = [paper(room, verdict=verdict), withdraw(paper(room))]
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(room.peer)
    codes = {client.get(address).status_code for item in items for address in both(room, item)}
    assert codes == {404}
    assert ReadingReceipt.objects.count() == 0


@pytest.mark.parametrize("person", ["lead_peer", "peer", "observer"])
def test_before_the_release_the_team_sees_nothing(room, person):
    item = paper(room)
    client = room.client_for(getattr(room, person))
    answers = [client.get(address) for address in both(room, item)]
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert not any(SECRET_WORDS.encode() in answer.content for answer in answers)


def test_a_held_file_opens_for_those_who_can_answer(room):
    item = paper(room)
    StoredFile.objects.filter(pk=item.current.stored_file_id).update(held_for="private_key")
    for person in (room.coordinator, room.manager):
        assert {room.client_for(person).get(address).status_code for address in both(room, item)} == {403}
    assert room.client_for(room.host_lead).get(both(room, item)[0]).status_code == 200
    room.at(Stage.DESK_REVIEW)
    assert {room.client_for(room.peer).get(address).status_code for address in both(room, item)} == {404}


def test_a_contributor_reads_what_was_given_for_their_own_request(room):
    mine, other = paper(room, request=hand(room)), paper(room)
    client = room.client_for(room.contributor)
    assert [client.get(address).status_code for address in both(room, mine)] == [200, 200]
    assert [client.get(address).status_code for address in both(room, other)] == [404, 404]


def test_old_versions_are_for_the_host_and_the_lga(room):
    item = draw(make_item(room.challenge, request=hand(room)), ["The old text"], pictures=1)
    old = item.current
    stored = make_file(room.challenge, b"new", "plan.pdf")
    EvidenceItem.objects.filter(pk=item.pk).update(current=None)
    new = EvidenceVersion.objects.create(item=item, number=2, stored_file=stored)
    EvidenceItem.objects.filter(pk=item.pk).update(current=new)
    item.current = new
    draw(item, ["The new text"], pictures=1)
    room.at(Stage.DESK_REVIEW)
    address = url(room, "preview", item.pk, 1)
    for person in (room.host_lead, room.coordinator, room.manager):
        page = body(room.client_for(person).get(f"{address}?version={old.number}"))
        assert "The old text" in page
        assert "It has been replaced." in page
        assert f"{url(room, 'picture', item.pk, 1)}?version=1" in page
    for person in (room.peer, room.observer, room.contributor):
        client = room.client_for(person)
        assert {client.get(one).status_code for one in both(room, item, query="?version=1")} == {404}
        assert "The new text" in body(client.get(f"{address}?version=2"))
    for odd in ("9", "x", "-1", "9" * 30, "²"):
        assert room.client_for(room.host_lead).get(f"{address}?version={odd}").status_code == 404


def test_a_link_has_no_pages(room):
    item = make_link(room.challenge)
    assert {room.client_for(room.host_lead).get(address).status_code for address in both(room, item)} == {404}


def test_reading_ends_with_the_seat_and_on_the_last_day(room):
    item = open_to_the_team(room, paper(room))
    client = room.client_for(room.peer)
    assert client.get(both(room, item)[0]).status_code == 200
    room.challenge.team_reads_until = "2020-01-01"
    room.challenge.save()
    assert {client.get(address).status_code for address in both(room, item)} == {403}
    room.challenge.seats.filter(user=room.peer).update(starts_on="2020-01-01", ends_on="2020-01-02")
    assert {client.get(address).status_code for address in both(room, item)} == {404}


def test_what_is_deleted_shows_nothing(room):
    item = paper(room)
    Blob.objects.filter(owner=item.current.stored_file_id).delete()
    StoredFile.objects.filter(pk=item.current.stored_file_id).update(state="gone")
    assert "no longer here" in body(room.client_for(room.host_lead).get(both(room, item)[0]))


# --- what a page costs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pages", [1, 40])
def test_a_page_costs_the_same_for_one_and_for_many(room, pages, django_assert_max_num_queries):
    item = open_to_the_team(room, paper(room, pages=pages))
    sit(room.stranger, SeatName.PEER, room.challenge)
    client = room.client_for(room.peer)
    client.get(url(room, "preview", item.pk, 1))  # the first time also writes the receipt and the event
    with django_assert_max_num_queries(15):
        assert client.get(url(room, "preview", item.pk, 1)).status_code == 200
    with django_assert_max_num_queries(15):
        assert client.get(url(room, "picture", item.pk, 1)).status_code == 200


def test_the_picture_opens_alone_and_stands_high_on_later_pages(room):
    item = open_to_the_team(room, paper(room, pages=3))
    client, said = room.client_for(room.peer), "The council sees when you open"
    for number, is_told_first in ((1, True), (2, False)):
        page = body(client.get(url(room, "preview", item.pk, number)))
        assert f'href="{url(room, "picture", item.pk, number)}"' in page
        assert page.count(said) == 1
        assert (page.index(said) < page.index("<figure")) is is_told_first
