"""The whole pack as an archive: what is in it, what never is, what it costs, and who may have it."""

import csv
import gc
import hashlib
import io
import json
import time
import tracemalloc
import zipfile

import pytest
from django.urls import reverse

from cyber360.audit.models import AuditEvent
from cyber360.files import cipher
from cyber360.files.keys import key_for
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.storage import vault
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, PackExport, ReadingReceipt
from peers.evidence.queries.pack import Names, folder_name
from peers.stages import Stage

from .conftest import hand, make_item, make_link, url, withdraw
from .test_download import pdf_item, policy, said_of_itself

pytestmark = pytest.mark.django_db

MANIFESTS = {"Read me first.txt", "manifest.csv", "manifest.json"}


def take(room, person="host_lead"):
    return room.client_for(getattr(room, person)).get(url(room, "pack_archive"))


def opened(answer) -> zipfile.ZipFile:
    assert answer.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert archive.testzip() is None
    return archive


def manifest(archive) -> dict[str, dict]:
    return {row["title"]: row for row in json.loads(archive.read("manifest.json"))["items"]}


@pytest.fixture
def full(room):
    """A question's paper twice under one name, one without a question, a link, and what must not go out."""
    room.first = make_item(room.challenge, title="Plan", data=b"first plan", questions=room.questions[:1])
    room.second = make_item(room.challenge, title="Plan again", data=b"second plan", questions=room.questions[:2])
    room.loose = make_item(room.challenge, title="=Loose", data=b"loose", name="Übersicht (neu).csv")
    room.link = make_link(room.challenge)
    room.infected = make_item(room.challenge, title="Bad file", data=b"virus", verdict=Verdict.INFECTED)
    room.unscanned = make_item(room.challenge, title="Unscanned", data=b"unscanned", verdict=Verdict.NOT_SCANNED)
    room.pending = make_item(room.challenge, title="Pending", data=b"pending", verdict=Verdict.PENDING)
    room.gone = withdraw(make_item(room.challenge, title="Withdrawn paper", data=b"withdrawn"))
    policy(room, "originals")
    return room


# --- what is in it ----------------------------------------------------------------------------------------------
def test_the_archive_is_whole_with_a_manifest_of_hashes(full):
    archive = opened(take(full))
    theme = folder_name(f"{full.questions[0].theme.code} {full.questions[0].theme.title}")
    names = archive.namelist()
    assert set(names) - MANIFESTS == {
        f"{theme}/plan.txt", f"{theme}/plan (2).txt", "Without a theme/Übersicht (neu).csv", "Without a theme/plan.txt"
    }  # fmt: skip
    assert names[0] == "Read me first.txt"
    assert names[-2:] == ["manifest.json", "manifest.csv"]
    rows = manifest(archive)
    assert set(rows) == {"Plan", "Plan again", "=Loose", "Intranet page", "Bad file", "Unscanned", "Pending"}
    for title in ("Plan", "Plan again", "=Loose", "Unscanned"):
        assert rows[title]["sha256"] == hashlib.sha256(archive.read(rows[title]["path"])).hexdigest(), title
    assert rows["Plan"]["questions"] == full.questions[0].code
    assert rows["Plan"]["marking"] == "OFFICIAL-SENSITIVE"
    assert rows["Intranet page"]["address"] == full.link.url
    assert rows["Bad file"]["path"] == rows["Pending"]["path"] == ""
    assert "virus" in rows["Bad file"]["left out because"]
    sheet = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
    assert len(sheet) == 7
    assert "'=Loose" in {row["title"] for row in sheet}
    cover = archive.read("Read me first.txt").decode()
    assert full.host_lead.full_name in cover
    assert "OFFICIAL-SENSITIVE" in cover


def test_the_coordinator_has_what_is_safe_alone(full):
    answer = take(full, "coordinator")
    archive = opened(answer)
    rows = manifest(archive)
    assert rows["Unscanned"]["path"] == ""
    assert "held back" in rows["Unscanned"]["left out because"]
    assert not any(words in archive.read(name) for name in archive.namelist() for words in (b"virus", b"unscanned")
                   if name not in MANIFESTS)  # fmt: skip
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{full.challenge.ref}-evidence-')
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_held_file_stays_out_for_everybody_until_it_is_answered(full):
    StoredFile.objects.filter(pk=full.first.current.stored_file_id).update(held_for="private_key")
    assert manifest(opened(take(full, "coordinator")))["Plan"]["path"] == ""
    row = manifest(opened(take(full)))["Plan"]
    assert row["path"] == ""
    assert "held back" in row["left out because"]
    page = full.client_for(full.host_lead).get(url(full, "pack")).content.decode()
    assert "It is held back until the council has answered" in page


@pytest.mark.slow
def test_under_marked_copies_the_coordinator_takes_pdfs_with_their_name(room):
    paper, other = pdf_item(room), make_item(room.challenge, title="Text", data=b"words that stay")
    policy(room, "marked")
    archive = opened(take(room, "coordinator"))
    rows = manifest(archive)
    copy = archive.read(rows["Incident plan"]["path"])
    assert rows["Incident plan"]["sha256"] == paper.current.stored_file.sha256
    assert rows["Incident plan"]["sha256 of the marked copy"] == hashlib.sha256(copy).hexdigest()
    assert hashlib.sha256(copy).hexdigest() != paper.current.stored_file.sha256
    assert rows["Text"]["left out because"] == "The council lets this be read in the page only."
    receipt = ReadingReceipt.objects.get(kind="pack")
    assert receipt.is_marked
    assert said_of_itself(copy) == {receipt.copy_id}
    assert other.current.stored_file.sha256 == rows["Text"]["sha256"]


def test_in_the_page_only_the_pack_stays_with_the_council(full):
    policy(full, "page")
    for name in ("pack", "pack_archive"):
        answer = full.client_for(full.coordinator).get(url(full, name))
        assert answer.status_code == 403
        assert "read in the page only" in answer.content.decode()
    assert take(full).status_code == 200


def test_an_empty_pack_is_an_archive_too(room):
    archive = opened(take(room))
    assert set(archive.namelist()) == MANIFESTS
    assert json.loads(archive.read("manifest.json"))["items"] == []


# --- faults -----------------------------------------------------------------------------------------------------
def spoil(item) -> None:
    path = item.current.stored_file.path
    sealed = bytearray(b"".join(vault().read(path)))
    sealed[len(sealed) // 2] ^= 1
    with vault().write(path) as out:
        out.write(sealed)


def test_a_damaged_file_is_left_out_and_named(full):
    spoil(full.first)
    archive = opened(take(full))
    row = manifest(archive)["Plan"]
    assert row["path"] == ""
    assert "damaged" in row["left out because"]
    assert len(archive.namelist()) == 6
    event = AuditEvent.objects.get(act="file.damaged")
    assert event.object_id == str(full.first.current.stored_file_id)
    export = PackExport.objects.get()
    assert (export.files, export.left_out, export.finished_at is not None) == (4, 1, True)


def test_what_turns_bad_or_is_withdrawn_on_the_way_is_left_out(full):
    client_pack = queries.pack_for(full.coordinator, full.challenge)
    export = services.begin_export(pack=client_pack, by=full.coordinator)
    pieces = services.archive(pack=client_pack, export=export, by=full.coordinator)
    next(iter(pieces))
    StoredFile.objects.filter(pk=full.second.current.stored_file_id).update(verdict=Verdict.INFECTED)
    withdraw(EvidenceItem.objects.get(pk=full.loose.pk))
    rest = b"".join(pieces)
    assert b"second plan" not in rest
    export.refresh_from_db()
    assert export.left_out == 2


def test_one_that_breaks_off_leaves_its_record_without_an_end_and_may_begin_again(full):
    whole = queries.pack_for(full.host_lead, full.challenge)
    export = services.begin_export(pack=whole, by=full.host_lead)
    pieces = services.archive(pack=whole, export=export, by=full.host_lead)
    next(pieces)
    again = take(full)
    assert again.status_code == 403
    assert "on its way to you already" in again.content.decode()
    assert PackExport.objects.count() == 1
    pieces.close()  # as the server does when the reader has gone
    assert PackExport.objects.get().finished_at is None
    assert "It did not reach its end." in full.client_for(full.host_lead).get(url(full, "pack")).content.decode()
    assert opened(take(full)).namelist()


# --- who, and what is written -----------------------------------------------------------------------------------
def test_it_is_written_down_and_the_council_sees_it(full):
    take(full, "coordinator").getvalue()
    export = PackExport.objects.get()
    assert (export.by, export.seat, export.files) == (full.coordinator, "coordinator", 3)
    assert export.size == sum(item.current.stored_file.size for item in (full.first, full.second, full.loose))
    event = AuditEvent.objects.get(act=Act.EVIDENCE_PACK_EXPORT)
    assert event.detail["files"] == 3
    assert set(ReadingReceipt.objects.values_list("item_id", "kind")) == {
        (item.pk, "pack") for item in (full.first, full.second, full.loose)
    }
    full.at(Stage.DESK_REVIEW)
    page = full.client_for(full.host_lead).get(url(full, "receipts")).content.decode()
    assert "Took it in a copy of several files" in page
    assert full.coordinator.full_name in page


def test_asking_for_the_head_takes_nothing(full):
    answer = full.client_for(full.host_lead).head(url(full, "pack_archive"))
    assert answer["Content-Type"] == "application/zip"
    assert PackExport.objects.count() == 0


@pytest.mark.parametrize("person", ["peer", "lead_peer", "observer", "manager", "contributor"])
def test_nobody_else_may_have_it(full, person):
    hand(full)
    for stage in (Stage.PREPARATION, Stage.DESK_REVIEW, Stage.CLOSED):
        full.at(stage)
        for name in ("pack", "pack_archive"):
            assert full.client_for(getattr(full, person)).get(url(full, name)).status_code == 404
    assert PackExport.objects.count() == 0


def test_outsiders_find_neither_page_nor_archive(full):
    for name, person in full.outsiders.items():
        client = full.client_for(person)
        assert {client.get(url(full, page)).status_code for page in ("pack", "pack_archive")} == {404}, name
    full.other_challenge.stage = Stage.PREPARATION
    full.other_challenge.save()
    theirs = full.client_for(full.other_host).get(reverse("evidence:pack_archive", args=[full.other_challenge.ref]))
    assert manifest(opened(theirs)) == {}


def test_the_page_says_what_is_in_it_before_the_button(full):
    page = full.client_for(full.host_lead).get(url(full, "pack")).content.decode()
    assert url(full, "pack_archive") in page
    assert "Plan again" in page
    assert "Bad file" in page
    assert "A virus was found in it." in page
    assert "Withdrawn paper" not in page


# --- names ------------------------------------------------------------------------------------------------------
def test_names_are_safe_and_each_is_its_own():
    names = Names()
    found = [names.place("T1", name) for name in ("a.txt", "A.TXT", "a.txt", "../../x.pdf", "..", "nul\x00.txt")]
    assert found[:3] == ["T1/a.txt", "T1/A (2).txt", "T1/a (3).txt"]
    assert len({name.casefold() for name in found}) == len(found)
    assert not any(".." in name or "\x00" in name or name.count("/") != 1 for name in found)
    assert folder_name("T1 ../a\\b/ .") == "T1 . a b"
    assert folder_name("...") == "Without a theme"


# --- cost -------------------------------------------------------------------------------------------------------
def big(room, megabytes: int) -> EvidenceItem:
    """A file of so many megabytes, sealed piece by piece."""
    item = make_item(room.challenge, data=b"x", title="Large")
    stored, piece, digest = item.current.stored_file, b"\xa5" * cipher.PIECE, hashlib.sha256()
    lock = cipher.encryptor(key_for(stored.scope), cipher.file_context(stored.scope, stored.pk))
    with vault().write(stored.path) as out:
        for _number in range(megabytes):
            digest.update(piece)
            out.write(lock.update(piece))
        out.write(lock.finalize())
    StoredFile.objects.filter(pk=stored.pk).update(
        size=megabytes * cipher.PIECE, sha256=digest.hexdigest(), extension="pdf"
    )
    return item


@pytest.mark.slow
def test_a_large_pack_begins_at_once_and_takes_little_memory(room):
    for _number in range(3):
        big(room, 20)
    gc.collect()
    tracemalloc.start()
    begun = time.perf_counter()
    answer = take(room)
    stream = iter(answer.streaming_content)
    assert next(stream)
    first = time.perf_counter() - begun
    size = sum(len(piece) for piece in stream)
    peak = tracemalloc.get_traced_memory()[1] / cipher.PIECE
    tracemalloc.stop()
    assert size > 60 * cipher.PIECE
    assert first < 1
    assert peak < 16


def test_the_page_costs_the_same_for_few_and_for_many(room, django_assert_max_num_queries):
    for number in range(30):
        make_item(room.challenge, title=f"Paper {number}", questions=room.questions[:3])
    for person in (room.host_lead, room.coordinator):
        client = room.client_for(person)
        with django_assert_max_num_queries(15):
            assert client.get(url(room, "pack")).status_code == 200
