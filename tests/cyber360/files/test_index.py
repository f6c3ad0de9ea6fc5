import threading
import uuid

import pytest
from django.db import connection, transaction

from cyber360.files import index
from cyber360.files.blobs import blob_bytes, find_blob
from cyber360.files.index import IndexGone, IndexUnready, drop_file, forget, index_file, index_many, rebuild, search
from cyber360.files.keys import key_for
from cyber360.files.matching import matching, parts, query_words
from cyber360.files.models import Blob, BlobKind, VaultKey
from cyber360.files.storage import vault

from .conftest import SCOPE

pytestmark = pytest.mark.django_db(transaction=True)

PLAN, RISKS = uuid.UUID(int=1), uuid.UUID(int=2)
HOSTILE = ['"; DROP TABLE words; --', "NEAR( * OR", "*", '"', "words:plan", "-", "🦊", "a\0b", "\ud800", "(" * 10_000]


@pytest.fixture
def scope(vault_dir):
    """A scope with its key, and no copy of it in this process's memory."""
    key_for(SCOPE)
    forget(SCOPE)
    yield SCOPE
    forget(SCOPE)


@pytest.fixture
def two(scope):
    index_many(scope, {PLAN: ["Incident response", "Call the café's duty officer. " * 3], RISKS: ["Risk register"]})
    return scope


def present() -> Blob:
    return find_blob(scope=SCOPE, kind=BlobKind.INDEX)


def found(words: str, files=(PLAN, RISKS)) -> list[tuple[uuid.UUID, int]]:
    return [(hit.file_id, hit.page) for hit in search(SCOPE, words, files)]


# --- finding -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ("incident", [(PLAN, 1)]),
        ("INCIDENTS response", [(PLAN, 1)]),
        ("cafe", [(PLAN, 2)]),
        ("café", [(PLAN, 2)]),
        ("regis", [(RISKS, 1)]),
        ("ris", []),  # too short to be a beginning
        ("incident register", []),
        ("resp incident", []),  # only the last word may be cut short
        ("", []),
        ("... !!", []),
    ],
)
def test_pages_with_all_words_are_found(two, words, pages):
    assert found(words) == pages


def test_only_the_files_that_were_asked_for_are_searched(two):
    assert found("incident", [RISKS]) == []
    assert found("incident", []) == []
    assert found("incident", [RISKS, uuid.uuid4()]) == []


def test_a_hit_shows_its_words_in_context(two):
    (hit,) = search(two, "duty", [PLAN])
    assert [part.text for part in parts(hit.snippet) if part.found] == ["duty"] * 3
    assert "".join(part.text for part in parts(hit.snippet)).startswith("Call the café's duty officer.")


def test_what_looks_like_a_tag_or_a_mark_stays_text(scope):
    index_file(scope, PLAN, ["<b>\x02forged\x03</b> plan \u202eevil"])
    (hit,) = search(scope, "plan", [PLAN])
    assert "".join(part.text for part in parts(hit.snippet)) == "<b> forged </b> plan evil"
    assert [part.text for part in parts(hit.snippet) if part.found] == ["plan"]


def test_a_file_gives_its_best_pages_and_says_how_many_there_are(scope):
    index_many(scope, {PLAN: ["backup tape"] * 50, RISKS: ["one backup among many other words in this register"]})
    hits = search(scope, "backup", [PLAN, RISKS])
    assert [hit.file_id for hit in hits].count(PLAN) == index.PAGES_SHOWN
    assert {hit.file_id: hit.pages for hit in hits} == {PLAN: 50, RISKS: 1}


@pytest.mark.parametrize("words", [*HOSTILE, "the of and", "x" * 10_000, "a " * 5000])
def test_no_query_does_harm(two, words):
    assert found(words) == []
    assert found("incident") == [(PLAN, 1)]
    assert matching({1: "incident"}, words) == {}


def test_a_query_is_twelve_words_of_letters_and_digits():
    assert query_words("e-mail, 2FA_token! " + "more " * 20) == ["e", "mail", "2FA", "token", *["more"] * 8]
    assert [len(word) for word in query_words("x" * 500)] == [40]


def test_short_texts_are_matched_alike():
    texts = {"a": "Policies for the café", "b": "Something else"}
    assert list(matching(texts, "policy cafe")) == ["a"]
    assert matching({}, "policy") == {}


# --- changing ------------------------------------------------------------------------------------------
def test_a_file_indexed_again_holds_only_its_new_words(two):
    index_file(two, PLAN, ["Business continuity"])
    assert found("incident") == []
    assert found("continuity") == [(PLAN, 1)]
    assert found("risk") == [(RISKS, 1)]


def test_a_dropped_file_leaves_no_word_in_the_blob(two):
    assert b"duty" in blob_bytes(present())
    drop_file(two, PLAN)
    assert found("incident") == []
    assert b"duty" not in blob_bytes(present())
    assert b"egister" in blob_bytes(present())


def test_dropping_what_is_not_there_writes_nothing(two):
    before = present()
    drop_file(two, uuid.uuid4())
    assert present() == before
    drop_file("challenge:99", PLAN)


def test_a_file_without_words_is_known_as_not_searchable(two):
    index_file(two, RISKS, ["", " "])
    with index.opened(two) as opened:
        assert opened.known() == {PLAN: True, RISKS: False}


def test_the_blob_and_the_database_hold_no_plain_word(two, vault_dir):
    stored = b"".join(path.read_bytes() for path in vault_dir.rglob("*") if path.is_file())
    assert stored
    assert b"ncident" not in stored
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM files_blob")
        assert "ncident" not in str(cursor.fetchall())


def test_two_writers_lose_nothing_of_each_other(two, monkeypatch):
    """The second one's whole change falls between the first one's reading and writing."""
    other, third, replace = uuid.uuid4(), uuid.uuid4(), index._replace

    def meanwhile(*given):
        monkeypatch.setattr(index, "_replace", replace)
        index_file(two, other, ["Supplier list"])
        return replace(*given)

    monkeypatch.setattr(index, "_replace", meanwhile)
    index_file(two, third, ["Asset list"])
    assert found("supplier", [other]) == [(other, 1)]
    assert found("asset", [third]) == [(third, 1)]
    assert found("incident") == [(PLAN, 1)]
    assert Blob.objects.filter(kind=BlobKind.INDEX).count() == 1


@pytest.mark.slow
def test_many_writers_at_once_lose_nothing(scope):
    files = [uuid.uuid4() for _ in range(6)]

    def write(file_id: uuid.UUID) -> None:
        index_file(scope, file_id, ["common word"])
        connection.close()

    threads = [threading.Thread(target=write, args=[file_id]) for file_id in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found("common", files)) == sorted((file_id, 1) for file_id in files)


def test_a_change_that_fails_leaves_the_index_before(two, monkeypatch):
    def full(**given):
        raise OSError("no room")

    monkeypatch.setattr(index, "write_blob", full)
    with pytest.raises(OSError, match="no room"):
        index_file(two, uuid.uuid4(), ["anything"])
    assert found("incident") == [(PLAN, 1)]


def test_nothing_is_put_in_when_the_transaction_is_rolled_back(two):
    other = uuid.uuid4()
    with transaction.atomic():
        index_file(two, other, ["Supplier list"])
        transaction.set_rollback(True)
    assert found("supplier", [other]) == []
    assert found("incident") == [(PLAN, 1)]


# --- the copy in memory ----------------------------------------------------------------------------------
def test_a_second_search_costs_one_query(two, django_assert_num_queries):
    found("incident")
    with django_assert_num_queries(1):
        found("risk")


def test_a_copy_is_not_used_once_another_process_has_written(two):
    found("incident")
    stale = index._kept[two]
    index_file(two, PLAN, ["Business continuity"])
    index._kept[two] = stale
    assert found("incident") == []


def test_a_copy_is_let_go_after_five_minutes(two, monkeypatch):
    found("incident")
    first = index._kept[two]
    monkeypatch.setattr(first, "until", 0.0)
    found("incident")
    assert index._kept[two] is not first
    index._let_go(two, lambda: first)
    assert two in index._kept
    index._let_go(two, lambda held=index._kept[two]: held)
    assert two not in index._kept


def test_a_copy_that_is_let_go_leaves_no_thread(two):
    before = threading.active_count()
    for _ in range(3):
        index_file(two, PLAN, ["Incident"])
        found("incident")
    assert threading.active_count() <= before + 1
    forget(two)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
    assert threading.active_count() <= before


def test_few_copies_are_held(vault_dir):
    scopes = [f"challenge:{number}" for number in range(700, 707)]
    for each in scopes:
        key_for(each)
        index_file(each, PLAN, ["Incident"])
        search(each, "incident", [PLAN])
    assert list(index._kept) == scopes[-index.OPEN_AT_MOST :]
    for each in scopes:
        forget(each)


def test_a_large_copy_is_held_alone(two, monkeypatch):
    found("incident")
    monkeypatch.setattr(index, "OPEN_BYTES", 10)
    key_for("challenge:13")
    index_file("challenge:13", PLAN, ["Incident"])
    search("challenge:13", "incident", [PLAN])
    assert list(index._kept) == ["challenge:13"]
    forget("challenge:13")


# --- damage and destruction --------------------------------------------------------------------------------
def test_a_scope_without_an_index_is_not_ready(scope):
    with pytest.raises(IndexUnready):
        search(scope, "incident", [PLAN])


@pytest.mark.parametrize("damage", ["missing", "flipped", "cut"])
def test_a_damaged_index_is_not_ready_until_it_is_rebuilt(two, vault_dir, damage):
    place = vault_dir / present().path
    sealed = bytearray(place.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    place.unlink() if damage == "missing" else place.write_bytes(sealed if damage == "flipped" else sealed[:-40])
    for use in (lambda: search(two, "incident", [PLAN]), lambda: index_file(two, PLAN, ["Incident"])):
        with pytest.raises(IndexUnready):
            use()
    rebuild(two, lambda: {PLAN: ["Incident"]})
    assert found("incident") == [(PLAN, 1)]
    assert found("risk") == []


def test_an_index_replaced_while_it_is_read_is_read_again(two):
    first = present()
    index_file(two, PLAN, ["Business continuity"])
    assert not vault().exists(first.path)
    assert index._read(two, first)[0] == present().pk


def test_another_scopes_index_does_not_open_here(two):
    key_for("challenge:13")
    Blob.objects.filter(pk=present().pk).update(scope="challenge:13")
    with pytest.raises(IndexUnready):
        search("challenge:13", "incident", [PLAN])


def test_without_the_key_nothing_can_be_searched_not_even_from_memory(two):
    assert found("incident") == [(PLAN, 1)]
    VaultKey.objects.filter(scope=two).delete()
    with pytest.raises(IndexGone):
        search(two, "incident", [PLAN])
    assert two not in index._kept
    with pytest.raises(IndexGone):
        index_file(two, PLAN, ["Incident"])
    drop_file(two, PLAN)
    Blob.objects.all().delete()
    with pytest.raises(IndexGone):
        search(two, "incident", [PLAN])
    assert not VaultKey.objects.filter(scope=two).exists()
