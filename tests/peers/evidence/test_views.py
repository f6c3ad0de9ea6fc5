"""The pages: who may open which, what leaks, what a download does, and what a page costs."""

import hashlib
import uuid

import pytest
from django.urls import reverse
from django.urls.converters import UUIDConverter

from cyber360.audit.models import AuditEvent
from cyber360.files.models import Verdict
from peers.acts import Act
from peers.evidence import urls as evidence_urls
from peers.evidence.models import EvidenceItem, ReadingReceipt
from peers.stages import Stage

from .conftest import a_request, hand, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return response.content.decode()


SPEAK_TUS = {"uploads", "upload", "request_uploads"}  # they ask for their protocol first: see test_uploads_pieces


def every_url(cast, item, row, ref: str = "") -> dict[str, str]:
    """Each address of the room, for one item and one request."""
    found = {}
    for pattern in evidence_urls.urlpatterns:
        of = row.pk if pattern.name.startswith("request") else item.pk
        if isinstance(pattern.pattern.converters.get("pk"), UUIDConverter):
            of = uuid.uuid4()
        known = {"ref": ref or cast.challenge.ref, "pk": of, "number": 1, "code": "T1"}
        args = {name: known[name] for name in pattern.pattern.converters}
        if "ref" in args and pattern.name not in SPEAK_TUS:
            found[pattern.name] = reverse(f"evidence:{pattern.name}", kwargs=args)
    return found


def statuses(client, addresses: dict[str, str]) -> dict[str, set[int]]:
    return {
        name: {client.get(a).status_code, client.post(a, {"reason": "x"}).status_code} for name, a in addresses.items()
    }


# --- wrong seats --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.DESK_REVIEW, Stage.CLOSED])
def test_nobody_without_a_seat_finds_any_page(room, stage):
    item, row = make_item(room.challenge), a_request(room)
    room.at(stage)
    for name, person in room.outsiders.items():
        found = statuses(room.client_for(person), every_url(room, item, row))
        assert {page for page, codes in found.items() if not codes <= {404, 405}} == set(), name
    before = AuditEvent.objects.filter(scope=room.challenge.scope).count()
    assert before == 0
    assert ReadingReceipt.objects.count() == 0


def test_nobody_who_is_not_signed_in_finds_any_page(room):
    item, row = make_item(room.challenge), a_request(room)
    for name, address in every_url(room, item, row).items():
        answer = room.client_for(None).get(address)
        assert (answer.status_code, "/login/" in answer.url or "?next=" in answer.url) == (302, True), name


@pytest.mark.parametrize("person", ["lead_peer", "peer", "observer"])
def test_before_release_the_team_finds_no_page(room, person):
    item, row = make_item(room.challenge), a_request(room)
    found = statuses(room.client_for(getattr(room, person)), every_url(room, item, row))
    assert {page for page, codes in found.items() if not codes <= {403, 404, 405}} == set()


@pytest.mark.parametrize(
    "verdict", [Verdict.NOT_SCANNED, Verdict.INFECTED, Verdict.PENDING, Verdict.ERROR, Verdict.TOO_BIG]
)
def test_after_release_the_team_never_finds_what_is_not_safe(room, verdict):
    items = [
        make_item(room.challenge, verdict=verdict, title="Hidden paper"),
        withdraw(make_item(room.challenge, title="Hidden paper")),
    ]
    make_item(room.challenge, title="Open paper")
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(room.peer)
    assert "Hidden paper" not in body(client.get(url(room) + "?file=withdrawn"))
    assert "Open paper" in body(client.get(url(room) + "?by=item&file=held"))
    for item in items:
        pages = every_url(room, item, a_request(room))
        of_item = {name: a for name, a in pages.items() if f"/{item.pk}/" in a and not name.startswith("request")}
        assert len(of_item) >= 12
        assert {name for name, codes in statuses(client, of_item).items() if not codes <= {404, 405}} == set()
    assert ReadingReceipt.objects.count() == 0


def test_a_contributor_finds_their_own_and_nothing_else(room):
    mine, theirs = hand(room, "T1.1"), a_request(room, "T1.2")
    own, other = (
        make_item(room.challenge, request=mine, title="My paper"),
        make_item(room.challenge, request=theirs, title="Other paper"),
    )
    client = room.client_for(room.contributor)
    page = body(client.get(url(room)))
    assert "My paper" in page
    assert "Other paper" not in page
    assert "Paper on T1.2" not in page
    for name in ("item", "state", "download"):
        args = [other.pk, *([1] if name == "download" else [])]
        assert client.get(url(room, name, *args)).status_code == 404
    assert client.get(url(room, "request", theirs.pk)).status_code == 404
    assert client.get(url(room, "item", own.pk)).status_code == 200
    assert client.get(url(room, "download", own.pk, 1)).status_code == 200
    for name in ("request_edit", "request_hand_over"):
        assert client.get(url(room, name, mine.pk)).status_code == 404
    assert client.get(url(room, "request_settle", theirs.pk)).status_code == 404
    said = {"state": "not_held", "reason": "Never written down.", "version": mine.version}
    assert client.post(url(room, "request_settle", mine.pk), said).url == url(room, "request", mine.pk)
    assert a_request(room, "T1.1").state == "not_held"
    assert client.get(url(room, "quarantine")).status_code == 404


def test_a_contributor_without_a_request_finds_nothing(room):
    make_item(room.challenge)
    assert room.client_for(room.contributor).get(url(room)).status_code == 404


def test_the_other_councils_ids_are_not_found_under_ones_own_address(room):
    theirs = make_item(room.challenge)
    row = a_request(room)
    client = room.client_for(room.other_host)
    addresses = every_url(room, theirs, row, ref=room.other_challenge.ref)
    with_id = {
        name: a
        for name, a in addresses.items()
        if a.rstrip("/").split("/evidence/")[-1][:1].isdigit() or "requests/" in a
    }
    with_id.pop("request_add")
    with_id.pop("several")
    found = statuses(client, with_id)
    assert {page for page, codes in found.items() if not codes <= {404, 405}} == set()


def test_the_lga_reads_but_adds_nothing(room):
    item, row = make_item(room.challenge), a_request(room)
    room.challenge.download_policy = "originals"
    room.challenge.save()
    for person in (room.manager, room.coordinator):
        client = room.client_for(person)
        for name, args in (("list", []), ("item", [item.pk]), ("request", [row.pk]), ("download", [item.pk, 1])):
            assert client.get(url(room, name, *args)).status_code == 200
        for name, args in (("add", []), ("add_link", []), ("replace", [item.pk]), ("withdraw", [item.pk])):
            assert client.get(url(room, name, *args)).status_code == 404
        page = body(client.get(url(room, "request", row.pk)))
        assert 'type="file"' not in page
        assert client.get(url(room, "request_hand_over", row.pk)).status_code == 404


def test_list_and_counts_do_not_tell_what_is_hidden(room):
    row = a_request(room)
    make_item(room.challenge, request=row, verdict=Verdict.NOT_SCANNED, title="Hidden paper")
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(room.peer)
    without = body(client.get(url(room))), body(client.get(url(room, "request", row.pk)))
    for _number in range(3):
        make_item(room.challenge, request=row, verdict=Verdict.INFECTED, title="Hidden paper")
    with_more = body(client.get(url(room))), body(client.get(url(room, "request", row.pk)))
    assert [scrub(page) for page in without] == [scrub(page) for page in with_more]
    assert "Hidden paper" not in without[0] + without[1]


def scrub(page: str) -> str:
    """The page without what differs at every request: token and nonce."""
    kept = [line for line in page.splitlines() if "nonce" not in line and "csrf" not in line.lower()]
    return "\n".join(kept)


# --- out ------------------------------------------------------------------------------------------------------------
def test_a_download_is_whole_an_attachment_and_logged(room):
    data = b"the plan\n" * 5000
    item = make_item(room.challenge, data=data, name="plan.txt")
    room.challenge.download_policy = "originals"
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(room.peer)
    answer = client.get(url(room, "download", item.pk, 1))
    assert hashlib.sha256(answer.getvalue()).hexdigest() == hashlib.sha256(data).hexdigest()
    assert answer["Content-Disposition"] == 'attachment; filename="plan.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    event = AuditEvent.objects.get(act=Act.EVIDENCE_DOWNLOAD)
    assert (event.actor_id, event.seat, event.detail["version"]) == (room.peer.pk, "peer", 1)
    receipt = ReadingReceipt.objects.get()
    assert (receipt.kind, receipt.reader, receipt.version, receipt.seat) == (
        "download", room.peer, item.current, "peer"
    )  # fmt: skip
    host = body(room.client_for(room.host_lead).get(url(room) + "?by=item"))
    assert "Who has read it" in host
    assert room.peer.full_name in host
    assert "Who has read it" not in body(client.get(url(room) + "?by=item"))
    assert "Who has read it" not in body(client.get(url(room, "item", item.pk)))


def test_a_range_goes_on_without_a_second_event(room):
    item = make_item(room.challenge, data=b"0123456789")
    client = room.client_for(room.host_lead)
    address = url(room, "download", item.pk, 1)
    client.get(address).getvalue()
    part = client.get(address, headers={"Range": "bytes=4-"})
    assert (part.status_code, part.getvalue()) == (206, b"456789")
    assert client.get(address, headers={"Range": "bytes=99-"}).status_code == 416
    assert client.head(address).status_code == 200
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_DOWNLOAD).count() == 1


def test_a_damaged_file_sends_nothing_and_is_no_reading(room, vault_dir):
    item = make_item(room.challenge, data=b"x" * 5000)
    [place] = [place for place in vault_dir.rglob("*") if place.is_file()]
    sealed = bytearray(place.read_bytes())
    sealed[100] ^= 1
    place.write_bytes(sealed)
    answer = room.client_for(room.host_lead).get(url(room, "download", item.pk, 1))
    assert answer.status_code == 500
    assert "is damaged in the store" in body(answer)
    assert ReadingReceipt.objects.count() == 0


def test_the_team_gets_the_present_version_only(room):
    item = make_item(room.challenge, data=b"old")
    newer = make_item(room.challenge, data=b"new").current
    newer.item, newer.number = item, 2
    EvidenceItem.objects.filter(current=newer).update(current=None)
    newer.save()
    item.current = newer
    item.save()
    room.challenge.download_policy = "originals"
    room.at(Stage.DESK_REVIEW)
    peer, host = room.client_for(room.peer), room.client_for(room.host_lead)
    assert peer.get(url(room, "download", item.pk, 1)).status_code == 404
    assert peer.get(url(room, "download", item.pk, 2)).getvalue() == b"new"
    assert host.get(url(room, "download", item.pk, 1)).getvalue() == b"old"
    assert url(room, "download", item.pk, 1) not in body(peer.get(url(room, "item", item.pk)))


def test_following_a_link_is_logged_and_says_not_whence(room):
    item = make_link(room.challenge)
    room.at(Stage.DESK_REVIEW)
    answer = room.client_for(room.peer).get(url(room, "open", item.pk))
    assert (answer.status_code, answer.url) == (302, "https://intranet.example.org/plan")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert ReadingReceipt.objects.get().kind == "link"
    assert room.client_for(room.peer).get(url(room, "open", make_item(room.challenge).pk)).status_code == 404


def test_access_ends_with_the_seat(room):
    item = make_item(room.challenge)
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(room.peer)
    assert client.get(url(room, "item", item.pk)).status_code == 200
    room.challenge.seats.filter(user=room.peer).update(starts_on="2020-01-01", ends_on="2020-01-02")
    for name, args in (("list", []), ("item", [item.pk]), ("download", [item.pk, 1])):
        assert client.get(url(room, name, *args)).status_code == 404


# --- the host's pages ---------------------------------------------------------------------------------------------
def test_asking_changing_handing_over_and_settling(room):
    client = room.client_for(room.host_lead)
    answer = client.post(url(room, "request_add"), {"prompt": "Staff survey", "kind": "data"})
    row = room.challenge.evidence_requests.get(prompt="Staff survey")
    assert answer.url == url(room, "request", row.pk)
    words = {"prompt": "Staff survey 2027", "kind": "data", "version": 1, "owner": room.host_sponsor.pk}
    assert client.post(url(room, "request_edit", row.pk), words).status_code == 302
    stale = client.post(url(room, "request_edit", row.pk), words | {"prompt": "My own words"})
    assert stale.status_code == 409
    assert "My own words" in body(stale)
    assert "Staff survey 2027" in body(stale)
    day = {"due_on_day": "3", "due_on_month": "3", "due_on_year": "2099"}
    handed = {"version": 2, "person": "new", "full_name": "Ann New", "email": "ann@example.org", **day}
    assert client.post(url(room, "request_hand_over", row.pk), handed).status_code == 302
    row.refresh_from_db()
    assert row.owner.email == "ann@example.org"
    assert "Give the reason" in body(
        client.post(url(room, "request_settle", row.pk), {"state": "not_held", "version": 3})
    )
    settled = {"state": "not_held", "reason": "There was none.", "version": 3}
    assert client.post(url(room, "request_settle", row.pk), settled).status_code == 302
    assert "There was none." in body(client.get(url(room, "request", row.pk)))
    assert client.post(url(room, "request_reopen", row.pk)).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason) == ("open", "")


def test_links_words_and_withdrawal(room):
    client, row = room.client_for(room.host_lead), a_request(room)
    link = {"title": "Plan", "url": "intranet.example.org/a", "marking": "official", "token": str(uuid.uuid4())}
    for _again in range(2):
        assert client.post(url(room, "request_link", row.pk), link).url == url(room, "request", row.pk)
    item = EvidenceItem.objects.get()
    assert item.url == "https://intranet.example.org/a"
    bad = client.post(url(room, "add_link"), link | {"url": "javascript:alert(1)"})
    assert bad.status_code == 200
    assert EvidenceItem.objects.count() == 1
    changed = {"title": "New title", "url": item.url, "marking": "official-sensitive", "version": 1}
    assert client.post(url(room, "item_edit", item.pk), changed).url == url(room, "item", item.pk)
    page = client.get(url(room, "item", item.pk))
    assert "New title" in body(page)
    assert "OFFICIAL-SENSITIVE" in body(page)
    assert "Give the reason" in body(client.post(url(room, "withdraw", item.pk), {"version": 2}))
    assert client.post(url(room, "withdraw", item.pk), {"version": 2, "reason": "Wrong."}).url == url(room)
    assert "New title" in body(client.get(url(room) + "?file=withdrawn"))
    client.get(url(room))  # the banner that names it is shown once
    assert "New title" not in body(client.get(url(room)))
    assert a_request(room).state == "open"


def test_filters(room):
    make_item(room.challenge, title="For one", questions=room.questions[:1])
    make_item(room.challenge, title="For three", questions=room.questions[2:3])
    make_item(room.challenge, title="Held file", verdict=Verdict.NOT_SCANNED, data=b"another file")
    client = room.client_for(room.host_lead)
    themed = body(client.get(url(room) + "?by=item&theme=T1"))
    assert "For one" in themed
    assert "For three" not in themed
    assert "Paper on T2.1" not in body(client.get(url(room) + "?theme=T1"))
    assert "Held file" in body(client.get(url(room) + "?file=held"))
    assert "For one" not in body(client.get(url(room) + "?file=held"))
    assert "Paper on T1.1" in body(client.get(url(room) + "?owner=me"))
    assert "Paper on T1.1" not in body(client.get(url(room) + "?owner=nobody"))
    assert "No request fits the filter" in body(client.get(url(room) + "?state=met"))
    assert client.get(url(room) + "?theme=nothing&owner=999999&state=x&page=x&items=-1").status_code == 200


def test_the_coordinator_releases_from_the_held_files(room):
    item = make_item(room.challenge, verdict=Verdict.NOT_SCANNED, title="Unscanned paper")
    client = room.client_for(room.coordinator)
    assert "Unscanned paper" in body(client.get(url(room, "quarantine")))
    assert "Release this file" in body(client.get(url(room, "item", item.pk)))
    assert "Give the reason" in body(client.post(url(room, "release", item.pk, 1), {"reason": " "}))
    client.post(url(room, "release", item.pk, 1), {"reason": "The council scanned it."})
    assert "No file is held back" in body(client.get(url(room, "quarantine")))
    assert "The council scanned it." in body(room.client_for(room.host_lead).get(url(room, "item", item.pk)))
    room.at(Stage.DESK_REVIEW)
    page = body(room.client_for(room.peer).get(url(room) + "?by=item"))
    assert "Unscanned paper" in page
    assert 'govuk-tag--grey">Released unscanned' in page
    assert page.count("no virus scanner has read this file") == 1
    sums = body(room.client_for(room.peer).get(url(room, "item", item.pk))).partition("More about this item")
    assert item.current.stored_file.sha256 in sums[2]
    assert item.current.stored_file.sha256 not in sums[0]
    theirs = body(room.client_for(room.coordinator).get(url(room) + "?by=item"))
    assert 'govuk-tag--yellow">Released unscanned' in theirs
    assert "no virus scanner has read this file" not in theirs


def test_policy_hides_what_is_not_taken(room):
    client, row = room.client_for(room.host_lead), a_request(room)
    room.challenge.evidence_policy = "links"
    room.challenge.save()
    assert 'type="file"' not in body(client.get(url(room, "request", row.pk)))
    assert url(room, "add_link") in body(client.get(url(room)))
    assert (
        client.post(
            url(room, "request", row.pk), {"marking": "official"}, content_type="multipart/form-data; boundary=x"
        ).status_code
        == 403
    )
    room.challenge.evidence_policy = "files"
    room.challenge.save()
    assert url(room, "add_link") not in body(client.get(url(room)))
    link = {"title": "Plan", "url": "https://example.org/", "marking": "official"}
    assert "takes files only" in body(client.post(url(room, "add_link"), link))


def test_titles_equal_headings(room):
    item, row = make_item(room.challenge), a_request(room)
    client = room.client_for(room.host_lead)
    for name, address in every_url(room, item, row).items():
        page = client.get(address)
        if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
            continue
        text = body(page)
        heading = text.split('c360-h1">')[1].split("</h1>")[0]
        assert f"<title>{heading} – Cyber 360</title>" in text, name
        assert text.count("<h1") == 1, name


# --- what a page costs ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("person", ["host_lead", "coordinator", "peer"])
def test_the_list_costs_the_same_for_one_and_for_forty(room, person, django_assert_max_num_queries):
    make_item(room.challenge, questions=room.questions[:2], request=a_request(room))
    room.at(Stage.DESK_REVIEW)
    client = room.client_for(getattr(room, person))
    counts = []
    for more in (0, 39):
        for number in range(more):
            item = make_item(room.challenge, questions=room.questions[:3], title=f"Paper {number}")
            ReadingReceipt.objects.create(item=item, version=item.current, reader=room.peer, seat="peer")
        with django_assert_max_num_queries(15) as captured:
            assert client.get(url(room)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["item", "request", "quarantine"])
def test_other_pages_cost_little(room, name, django_assert_max_num_queries):
    row = a_request(room)
    for _number in range(12):
        item = make_item(room.challenge, request=row, questions=room.questions, verdict=Verdict.NOT_SCANNED)
    args = {"item": [item.pk], "request": [row.pk], "quarantine": []}[name]
    client = room.client_for(room.coordinator)
    client.get(url(room, name, *args))  # the first opening of an item is also written down
    with django_assert_max_num_queries(15):
        assert client.get(url(room, name, *args)).status_code == 200
