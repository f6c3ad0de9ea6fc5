"""Taking a file away: who gets the original, who a copy with their name, and who only the page."""

import io

import pikepdf
import pytest
from django.urls import reverse

from cyber360.audit.models import AuditEvent
from cyber360.files.models import Verdict
from cyber360.files.services import open_for_reading
from peers.acts import Act
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt
from peers.evidence.views.reading import _name_for
from peers.stages import Stage

from .conftest import make_file, make_item, url

pytestmark = pytest.mark.django_db


def a_pdf() -> bytes:
    made = pikepdf.new()
    made.add_blank_page(page_size=(300, 400))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def pdf_item(room, **fields) -> EvidenceItem:
    item = make_item(room.challenge, title="Incident plan", data=a_pdf(), name="incident plan.pdf", **fields)
    stored = item.current.stored_file
    stored.media_type = "application/pdf"
    stored.save()
    return item


def policy(room, value: str) -> None:
    room.challenge.download_policy = value
    room.challenge.save()


def ask(room, person, item):
    return room.client_for(getattr(room, person)).get(url(room, "download", item.pk, 1))


def said_of_itself(data: bytes) -> set[str]:
    """The ids of the copy in Info and XMP."""
    with pikepdf.open(io.BytesIO(data)) as copy:
        return {str(copy.docinfo["/CopyId"]), copy.open_metadata()["dc:identifier"]}


OUTSIDE = ["peer", "lead_peer", "observer", "coordinator", "manager"]


@pytest.mark.parametrize("value", ["page", "marked", "originals"])
def test_the_council_always_takes_its_own_originals(room, value):
    item = pdf_item(room)
    policy(room, value)
    for person in ("host_lead", "host_sponsor"):
        answer = ask(room, person, item)
        assert answer.getvalue() == a_pdf_of(item)
        assert answer["Accept-Ranges"] == "bytes"


def a_pdf_of(item) -> bytes:
    return b"".join(open_for_reading(item.current.stored_file))


@pytest.mark.parametrize("person", OUTSIDE)
def test_in_the_page_only_nothing_goes_out(room, person):
    item = pdf_item(room)
    policy(room, "page")
    room.at(Stage.DESK_REVIEW)
    answer = ask(room, person, item)
    assert answer.status_code == 403
    assert "read in the page only" in answer.content.decode()
    page = room.client_for(getattr(room, person)).get(url(room, "item", item.pk)).content.decode()
    assert url(room, "download", item.pk, 1) not in page
    assert url(room, "preview", item.pk, 1) in page
    assert not ReadingReceipt.objects.filter(kind="download").exists()


@pytest.mark.parametrize("person", OUTSIDE)
def test_other_kinds_than_pdf_stay_in_the_page(room, person):
    item = make_item(room.challenge, data=b"words that stay", name="plan.txt")
    policy(room, "marked")
    room.at(Stage.DESK_REVIEW)
    answer = ask(room, person, item)
    assert answer.status_code == 403
    assert "read in the page only" in answer.content.decode()
    assert b"words that stay" not in answer.content
    page = room.client_for(getattr(room, person)).get(url(room, "item", item.pk)).content.decode()
    assert url(room, "download", item.pk, 1) not in page


@pytest.mark.slow
def test_a_marked_copy_carries_the_name_and_is_never_the_original(room):
    item = pdf_item(room)
    policy(room, "marked")
    room.at(Stage.DESK_REVIEW)
    address = url(room, "download", item.pk, 1)
    client = room.client_for(room.peer)
    assert "a copy with your name on it" in client.get(url(room, "item", item.pk)).content.decode()
    answer = client.get(address)
    data = answer.getvalue()
    assert data != a_pdf_of(item)
    with pikepdf.open(io.BytesIO(data)) as copy:
        assert len(copy.pages) == 1
        copy.pages[0].contents_coalesce()
        assert len(copy.pages[0].Contents.read_bytes()) > 0
    assert answer["Content-Disposition"] == f'attachment; filename="incident plan ({room.peer.full_name}).pdf"'
    assert answer["Accept-Ranges"] == "none"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    part = client.get(address, headers={"Range": "bytes=4-"})
    assert part.status_code == 200
    again = part.getvalue()
    receipt = ReadingReceipt.objects.get(kind="download")
    assert (receipt.is_marked, receipt.times, receipt.seat) == (True, 2, "peer")
    events = AuditEvent.objects.filter(act=Act.EVIDENCE_DOWNLOAD)
    assert [event.detail["copy"] for event in events] == [receipt.copy_id] * 2
    for taken in (data, again):
        assert said_of_itself(taken) == {receipt.copy_id}
    assert client.head(address).status_code == 200
    assert ReadingReceipt.objects.get(kind="download").times == 2


def test_originals_go_out_where_the_council_says_so(room):
    item = make_item(room.challenge, data=b"words that may go", name="plan.txt")
    policy(room, "originals")
    room.at(Stage.DESK_REVIEW)
    for person in OUTSIDE:
        answer = ask(room, person, item)
        assert answer.getvalue() == b"words that may go"
        assert answer["Content-Disposition"] == 'attachment; filename="plan.txt"'
    part = room.client_for(room.peer).get(url(room, "download", item.pk, 1), headers={"Range": "bytes=6-9"})
    assert (part.status_code, part.getvalue()) == (206, b"that")


def test_a_damaged_file_makes_no_marked_copy(room, vault_dir):
    item = pdf_item(room)
    policy(room, "marked")
    room.at(Stage.DESK_REVIEW)
    place = vault_dir / item.current.stored_file.path
    sealed = bytearray(place.read_bytes())
    sealed[100] ^= 1
    place.write_bytes(sealed)
    answer = ask(room, "peer", item)
    assert answer.status_code == 500
    assert "is damaged in the store" in answer.content.decode()
    assert AuditEvent.objects.get(act="file.damaged").object_id == str(item.current.stored_file_id)
    assert not ReadingReceipt.objects.filter(kind="download").exists()


@pytest.mark.parametrize("value", ["page", "marked", "originals"])
def test_nobody_else_finds_a_download(room, value):
    item = pdf_item(room)
    policy(room, value)
    room.at(Stage.DESK_REVIEW)
    for name in room.outsiders:
        answer = ask(room, name, item)
        assert answer.status_code == 404, name
    assert ask(room, "contributor", item).status_code == 404
    theirs = reverse("evidence:download", args=[room.other_challenge.ref, item.pk, 1])
    assert room.client_for(room.other_host).get(theirs).status_code == 404
    assert ReadingReceipt.objects.count() == 0


def test_a_held_file_goes_out_to_the_council_alone(room):
    item = pdf_item(room)
    policy(room, "originals")
    stored = item.current.stored_file
    stored.held_for = "private_key"
    stored.save()
    assert ask(room, "coordinator", item).status_code == 403
    assert ask(room, "host_lead", item).status_code == 200
    room.at(Stage.DESK_REVIEW)
    assert ask(room, "peer", item).status_code == 404


def test_an_unsafe_file_never_reaches_the_team_by_any_policy(room):
    room.at(Stage.DESK_REVIEW)
    policy(room, "originals")
    for verdict in (Verdict.INFECTED, Verdict.NOT_SCANNED, Verdict.PENDING):
        item = pdf_item(room, verdict=verdict)
        assert ask(room, "peer", item).status_code == 404
    infected = pdf_item(room, verdict=Verdict.INFECTED)
    assert ask(room, "host_lead", infected).status_code == 403
    assert ask(room, "coordinator", infected).status_code == 403
    assert ReadingReceipt.objects.count() == 0


def test_the_readers_name_cannot_spoil_the_header(room):
    item = make_file(room.challenge, a_pdf(), "plan.pdf")
    assert item.name == "plan.pdf"
    room.peer.full_name = 'Ann "x"\r\nSet-Cookie: a/../b' + "é" * 200
    name = _name_for(room.peer, EvidenceVersion(stored_file=item))
    assert name.endswith(").pdf")
    assert len(name) <= 150
    assert not set(name) & set('"\r\n/:')
