import json
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cyber360.exceptions import NoSeat, NotNow
from cyber360.files.blobs import write_blob
from cyber360.files.models import BlobKind, StoredFile, Verdict
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt
from peers.evidence.queries.changes import (
    PASSAGES,
    SENTENCES,
    Passage,
    Sentence,
    changed_since,
    compared,
    version_to_compare,
    what_changed,
)
from peers.evidence.services import lock_pack, unlock_pack
from peers.stages import Stage

from .conftest import hand, make_file, make_item, make_link, url

pytestmark = pytest.mark.django_db

OLD = ["Scope. Backups are kept for 30 days.", "Call the duty officer. Passwords are changed monthly."]
NEW = ["Scope. Backups are kept for 90 days.", "Call the duty officer. Two keys are needed for each door."]


def keep_words(version: EvidenceVersion, pages: list[str]) -> None:
    """The words as the worker leaves them."""
    stored = version.stored_file
    data = json.dumps({"pages": pages, "cut": False}).encode()
    write_blob(scope=stored.scope, kind=BlobKind.WORDS, owner=stored.pk, pieces=[data])


def replace(item: EvidenceItem, pages: list[str] | None = None, **fields) -> EvidenceItem:
    """A new version, as `replace_file` leaves it, without an upload."""
    number = item.current.number + 1
    stored = make_file(item.challenge, **fields)
    item.current = EvidenceVersion.objects.create(item=item, number=number, stored_file=stored)
    item.save()
    if pages is not None:
        keep_words(item.current, pages)
    return item


def read(person, version: EvidenceVersion, kind: str = "previewed") -> None:
    ReadingReceipt.objects.create(item=version.item, version=version, reader=person, seat="peer", kind=kind)


@pytest.fixture
def twice(room):
    """A paper in its second version; the peer has read the first, the second peer has not."""
    item = make_item(room.challenge)
    keep_words(item.current, OLD)
    read(room.peer, item.current)
    room.item = replace(item, NEW)
    room.at(Stage.DESK_REVIEW)
    room.item = EvidenceItem.objects.select_related("challenge", "current__stored_file").get(pk=item.pk)
    return room


def passages(cast, person, number: int = 0):
    old = version_to_compare(person, cast.item, number)
    return what_changed(person, cast.item, old, cast.item.current)


# --- that it changed -------------------------------------------------------------------------------------
def test_who_read_an_older_version_is_told(twice):
    other = make_item(twice.challenge)
    items = [twice.item, other, make_link(twice.challenge)]
    assert changed_since(twice.peer, items) == {twice.item.pk: 1}
    assert changed_since(twice.second_peer, items) == {}
    read(twice.peer, twice.item.current)
    assert changed_since(twice.peer, items) == {}


def test_a_list_asks_once(twice, django_assert_num_queries):
    items = [twice.item, *(make_item(twice.challenge) for _ in range(20))]
    with django_assert_num_queries(1):
        changed_since(twice.peer, items)


def test_a_pack_that_went_back_and_came_again_shows_its_changes(room):
    """The only way in which a file changes after its release."""
    item = make_item(room.challenge)
    keep_words(item.current, OLD)
    room.at(Stage.DESK_REVIEW)
    read(room.peer, item.current)
    unlock_pack(challenge=room.at(Stage.PREPARATION), by=room.coordinator, at=timezone.now())
    client = room.client_for(room.peer)
    assert client.get(url(room, "changes", item.pk)).status_code == 403
    replace(item, NEW)
    lock_pack(challenge=room.at(Stage.DESK_REVIEW), by=room.coordinator, at=timezone.now())
    page = client.get(url(room, "changes", item.pk)).content.decode()
    assert "<ins>Backups are kept for 90 days.</ins>" in page
    assert "<del>Backups are kept for 30 days.</del>" in page
    assert "Call the duty officer" not in page.partition("<main")[2]


# --- what changed ------------------------------------------------------------------------------------------
def test_changed_passages_stand_beside_each_other(twice):
    assert passages(twice, twice.peer).passages == [
        Passage("Backups are kept for 30 days.", "Backups are kept for 90 days.", 1),
        Passage("Passwords are changed monthly.", "Two keys are needed for each door.", 2),
    ]


def rows(*texts: str) -> list[Sentence]:
    return [Sentence(text, number) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (["a", "b"], ["a", "c", "b"], [Passage("", "c", 2)]),
        (["a", "c", "b"], ["a", "b"], [Passage("c", "", 2)]),
        (["a"], ["b"], [Passage("a", "b", 1)]),
        (["0"] * 20, ["0"] * 20, []),
    ],
)
def test_what_is_new_gone_and_changed_is_told_apart(before, now, expected):
    assert compared(rows(*before), rows(*now)).passages == expected


def test_the_same_words_are_said_to_be_the_same():
    assert "The words are the same" in compared(rows("a"), rows("a")).note


def test_much_is_cut_and_said_to_be():
    many = compared(rows(*[f"{number} old" if number % 2 else "x" for number in range(400)]), rows(*["x"] * 400))
    assert len(many.passages) <= PASSAGES
    alternating = [text for number in range(200) for text in (f"kept {number}", f"old {number}")]
    changed = [text.replace("old", "new") for text in alternating]
    found = compared(rows(*alternating), rows(*changed))
    assert len(found.passages) == PASSAGES
    assert "Only the first 60 changes" in found.note
    assert "only its first part" in compared(rows(*["a"] * (SENTENCES + 1)), rows("a")).note
    assert len(compared(rows("a"), rows("b" * 5000)).passages[0].now) == 600


@pytest.mark.slow
def test_a_document_made_to_be_slow_is_compared_in_time():
    before = [f"line {number % 800}" for number in range(4000)]
    now = [f"line {(number * 7) % 800}" for number in range(4000)]
    start = time.process_time()
    compared(rows(*before), rows(*now))
    assert time.process_time() - start < 5


def test_words_that_are_not_read_yet_are_on_their_way(room):
    item = make_item(room.challenge)
    room.item = replace(item, NEW)
    found = passages(room, room.host_lead)
    assert found.passages == []
    assert "are being read" in found.note


def test_a_picture_has_no_words_to_wait_for(room):
    room.item = replace(make_item(room.challenge, name="door.png"), name="door.png")
    assert "cannot be read" in passages(room, room.host_lead).note


def test_words_that_cannot_be_read_are_said_to_be(room):
    item = make_item(room.challenge)
    keep_words(item.current, [""])
    room.item = replace(item, NEW)
    assert "cannot be read" in passages(room, room.host_lead).note


# --- who may see it ------------------------------------------------------------------------------------------
def test_the_team_sees_differences_to_what_it_read_and_nothing_else(twice):
    assert passages(twice, twice.peer, 1).passages
    for person in (twice.second_peer, twice.lead_peer, twice.observer):
        with pytest.raises(NoSeat):
            version_to_compare(person, twice.item)
        with pytest.raises(NoSeat):
            version_to_compare(person, twice.item, 1)
        first = twice.item.versions.get(number=1)
        with pytest.raises(NoSeat):
            what_changed(person, twice.item, first, twice.item.current)
        assert twice.client_for(person).get(url(twice, "changes", twice.item.pk), {"from": 1}).status_code == 404


def test_having_opened_the_item_is_not_having_read_the_file(twice):
    first = twice.item.versions.get(number=1)
    read(twice.second_peer, first, "opened")
    read(twice.peer, twice.item.current, "opened")
    assert changed_since(twice.second_peer, [twice.item]) == {}
    assert changed_since(twice.peer, [twice.item]) == {twice.item.pk: 1}
    with pytest.raises(NoSeat):
        version_to_compare(twice.second_peer, twice.item)


def test_host_and_lga_may_compare_any_version(twice):
    for person in (twice.host_lead, twice.host_sponsor, twice.coordinator, twice.manager):
        assert len(passages(twice, person).passages) == 2
        with pytest.raises(NoSeat):
            version_to_compare(person, twice.item, 2)


def test_nobody_else_comes_to_the_page(twice):
    hand(twice)
    for person in (twice.contributor, *twice.outsiders.values()):
        response = twice.client_for(person).get(url(twice, "changes", twice.item.pk))
        assert response.status_code == 404
        assert b"Backups" not in response.content


@pytest.mark.parametrize("fields", [{"verdict": Verdict.INFECTED}, {"state": "gone"}, {"held_for": "marking"}])
def test_an_old_version_that_may_not_be_shown_is_not_compared(twice, fields):
    old = twice.item.versions.get(number=1)
    StoredFile.objects.filter(pk=old.stored_file_id).update(**fields)
    found = passages(twice, twice.peer)
    assert found.passages == []
    assert "Version 1" in found.note


def test_another_items_version_is_not_compared(twice):
    other = make_item(twice.challenge)
    read(twice.peer, other.current)
    with pytest.raises(NoSeat):
        what_changed(twice.peer, twice.item, other.current, twice.item.current)


def test_a_file_held_back_is_not_compared(twice):
    StoredFile.objects.filter(pk=twice.item.current.stored_file_id).update(held_for="marking")
    item = EvidenceItem.objects.select_related("challenge", "current__stored_file").get(pk=twice.item.pk)
    twice.item = item
    with pytest.raises((NoSeat, NotNow)):
        passages(twice, twice.peer)


# --- the page ----------------------------------------------------------------------------------------------
def test_reading_the_changes_is_a_reading_of_the_new_version(twice):
    client = twice.client_for(twice.peer)
    assert client.get(url(twice, "changes", twice.item.pk)).status_code == 200
    receipt = ReadingReceipt.objects.get(reader=twice.peer, version=twice.item.current)
    assert receipt.kind == "previewed"
    assert changed_since(twice.peer, [twice.item]) == {}
    assert b"90 days" in client.get(url(twice, "changes", twice.item.pk)).content


def test_the_page_costs_few_queries(twice):
    client = twice.client_for(twice.coordinator)
    client.get(url(twice, "changes", twice.item.pk))
    with CaptureQueriesContext(connection) as found:
        assert client.get(url(twice, "changes", twice.item.pk)).status_code == 200
    assert len(found) <= 15, "\n".join(query["sql"][:150] for query in found.captured_queries)
