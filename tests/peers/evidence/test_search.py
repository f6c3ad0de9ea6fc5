import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.files import index
from cyber360.files.blobs import find_blob
from cyber360.files.index import index_file, index_many
from cyber360.files.models import Blob, BlobKind, StoredFile, VaultKey, Verdict
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from peers.answers.models import Answer
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceVersion
from peers.evidence.queries.search import Index, search_evidence
from peers.stages import Stage

from .conftest import a_request, hand, make_file, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db

CANARY = "zebrafinch"
WRONG_QUERIES = [
    '"; DROP TABLE words; --',
    "NEAR( * OR",
    "*",
    "\0",
    "🦊",
    "the of and",
    "x" * 10_000,
    "a " * 5000,
    "%00",
]


def indexed(item: EvidenceItem, *pages: str) -> EvidenceItem:
    stored = item.current.stored_file
    index_file(stored.scope, stored.pk, pages)
    return item


def paper(cast, *pages: str, **fields) -> EvidenceItem:
    return indexed(make_item(cast.challenge, **fields), *pages)


def asked(cast, person, words: str, **more):
    return cast.client_for(person).get(url(cast, "search"), {"q": words, **more})


def text(response) -> str:
    return response.content.decode()


def find(cast, person, words: str, **more):
    return search_evidence(person, cast.challenge, words, **more)


@pytest.fixture
def reading(room):
    """Preparation is over: the team reads."""
    room.at(Stage.DESK_REVIEW)
    return room


# --- what is found -------------------------------------------------------------------------------------
def test_titles_words_requests_answers_and_documents_are_found(reading):
    cast = reading
    item = paper(cast, "Nothing here", "Restore the backup within four hours", title="Recovery plan")
    make_link(cast.challenge, shows="How backups are kept")
    request = a_request(cast)
    request.prompt = "Your backup schedule"
    request.save()
    Answer.objects.create(
        challenge=cast.challenge, question=request.question, level=2, text="We keep a backup elsewhere."
    )
    found = find(cast, cast.peer, "backup")
    assert [entry.item.title for entry in found.items] == ["Intranet page", "Recovery plan"]
    (file,) = next(entry for entry in found.items if entry.item == item).files
    assert [page.number for page in file.pages] == [2]
    assert [entry.row for entry in found.requests] == [request]
    assert [entry.row.question for entry in found.answers] == [request.question]
    page = text(asked(cast, cast.peer, "backup"))
    assert "Restore the <mark>backup</mark> within four hours" in page
    assert "4 places found" in page
    assert "Searched: 2 titles" in page


def test_a_hit_leads_to_its_page(reading):
    item = paper(reading, "one", "two", f"{CANARY} three")
    assert url(reading, "preview", item.pk, 3) in text(asked(reading, reading.peer, CANARY))


def test_a_hit_is_named_by_what_the_file_has_in_place_of_pages(reading):
    for name in ("assets.xlsx", "talk.pptx", "plan.pdf"):
        paper(reading, CANARY, name=name)
    places = {file.pages[0].place for entry in find(reading, reading.peer, CANARY).items for file in entry.files}
    assert places == {"Sheet 1", "Slide 1", "Page 1"}


def test_hits_are_grouped_by_item_and_counted_beyond_the_first(reading):
    item = paper(reading, *[f"{CANARY} on page"] * 9)
    (entry,) = find(reading, reading.peer, CANARY).items
    assert entry.item == item
    assert (len(entry.files[0].pages), entry.files[0].more) == (3, 6)
    assert "and on 6 more pages" in text(asked(reading, reading.peer, CANARY))


def test_a_theme_narrows_everything(room):
    first, *_rest, last = room.questions
    inside, outside = paper(room, CANARY, questions=[first]), paper(room, CANARY, questions=[last])
    assert {entry.item for entry in find(room, room.host_lead, CANARY).items} == {inside, outside}
    page = text(asked(room, room.host_lead, CANARY, theme=first.theme.code))
    assert inside.title in page
    assert outside.title not in page


def test_what_was_not_searched_is_said(reading):
    paper(reading, "plain words")
    indexed(make_item(reading.challenge), "", "")
    make_item(reading.challenge)
    page = text(asked(reading, reading.peer, CANARY))
    assert "Nothing holds all of these words" in page
    assert "the text of 1 documents" in page
    assert "1 file whose words cannot be read" in page
    assert "1 file that is still being checked or read" in page


def test_text_of_a_document_is_escaped(reading):
    paper(reading, f"<script>alert(1)</script> {CANARY} & more")
    page = text(asked(reading, reading.peer, CANARY))
    assert f"&lt;script&gt;alert(1)&lt;/script&gt; <mark>{CANARY}</mark> &amp; more" in page


def test_without_words_there_is_only_the_form(room):
    page = text(room.client_for(room.host_lead).get(url(room, "search")))
    assert "What you search for is not recorded" in page
    assert "places found" not in page


# --- secrecy -------------------------------------------------------------------------------------------
def hidden_items(cast) -> dict[str, EvidenceItem]:
    """Each thing that must stay out of the team's reach, with the canary in its words."""
    late = {"verdict": Verdict.NOT_SCANNED}
    held = make_item(cast.challenge)
    StoredFile.objects.filter(pk=held.current.stored_file_id).update(held_for="marking")
    replaced = make_item(cast.challenge)
    old = replaced.current
    new = EvidenceVersion.objects.create(item=replaced, number=2, stored_file=make_file(cast.challenge))
    replaced.current = new
    replaced.save()
    items = {
        "not released": make_item(cast.challenge, **late),
        "infected": make_item(cast.challenge, verdict=Verdict.INFECTED),
        "pending": make_item(cast.challenge, verdict=Verdict.PENDING),
        "withdrawn": withdraw(make_item(cast.challenge)),
        "held": held,
    }
    documents = {item.current.stored_file_id: [CANARY] for item in items.values()} | {old.stored_file_id: [CANARY]}
    documents[new.stored_file_id] = ["plain words"]
    index_many(cast.challenge.scope, documents)
    return items


@pytest.mark.parametrize("seat", ["lead_peer", "peer", "observer"])
def test_the_team_hits_nothing_that_is_hidden_from_it(reading, seat):
    paper(reading, "plain words")
    before = text(asked(reading, getattr(reading, seat), CANARY))
    # One of them has a present version that the team does see.
    before = before.replace("1 titles", "2 titles").replace("of 1 documents", "of 2 documents")
    make_item(reading.challenge, verdict=Verdict.INFECTED, title=f"{CANARY} title")
    hidden_items(reading)
    page = text(asked(reading, getattr(reading, seat), CANARY, older="on"))
    assert "0 places found" in page
    assert _shape(page) == _shape(before)


def _shape(page: str) -> str:
    return page[page.index("<h2") : page.index("</main")]


def _body(response) -> str:
    return text(response).partition("<main")[2]


def test_the_host_finds_no_words_of_what_is_withdrawn_held_infected_or_unchecked(room):
    items = hidden_items(room)
    found = find(room, room.host_lead, CANARY)
    assert [entry.item for entry in found.items] == [items["not released"]]


def test_replaced_versions_are_found_by_host_and_lga_when_asked(room):
    hidden_items(room)
    replaced = EvidenceItem.objects.get(versions__number=2)
    assert replaced not in {entry.item for entry in find(room, room.host_lead, CANARY).items}
    for person in (room.host_lead, room.coordinator, room.manager):
        found = {entry.item: entry.files for entry in find(room, person, CANARY, older=True).items}
        assert [(file.number, file.is_current) for file in found[replaced]] == [(1, False)]
    page = text(asked(room, room.host_lead, CANARY, older="on"))
    assert "In version 1, since replaced" in page
    [address] = re.findall(r'href="([^"]+/pages/1/\?version=1)"', page)
    assert all(room.client_for(person).get(address).status_code == 200 for person in (room.host_lead, room.manager))
    room.at(Stage.DESK_REVIEW)
    assert room.client_for(room.peer).get(address).status_code == 404


def test_before_the_release_the_team_may_not_search(room):
    paper(room, CANARY)
    for person in (room.peer, room.lead_peer, room.observer):
        response = asked(room, person, CANARY)
        assert response.status_code == 403
        assert "Paper number" not in text(response)


def test_a_released_pack_gone_back_to_preparation_is_closed(reading):
    paper(reading, CANARY)
    assert asked(reading, reading.peer, CANARY).status_code == 200
    reading.at(Stage.PREPARATION)
    assert asked(reading, reading.peer, CANARY).status_code == 403


def test_the_team_stops_finding_when_its_time_has_ended(reading):
    paper(reading, CANARY)
    reading.challenge.team_reads_until = timezone.localdate() - timedelta(days=1)
    reading.challenge.save()
    assert asked(reading, reading.peer, CANARY).status_code == 403


def test_contributors_and_outsiders_cannot_search(reading):
    hand(reading)
    paper(reading, CANARY, request=a_request(reading))
    nothing = reading.client_for(reading.stranger).get(url(reading, "search").replace(reading.challenge.ref, "C360-0"))
    for person in (reading.contributor, *reading.outsiders.values()):
        response = asked(reading, person, CANARY)
        assert response.status_code == 404
        assert CANARY not in text(response)
    assert _body(asked(reading, reading.stranger, CANARY)) == _body(nothing)
    assert asked(reading, None, CANARY).status_code == 302


def test_another_challenges_words_are_never_hit(reading):
    other = make_item(reading.other_challenge)
    indexed(other, CANARY)
    for person in (reading.peer, reading.host_lead, reading.coordinator):
        assert find(reading, person, CANARY).count == 0


def test_answers_are_found_only_by_those_who_may_read_them(reading):
    question = a_request(reading).question
    Answer.objects.create(challenge=reading.challenge, question=question, level=1, text=f"Ours is {CANARY}.")
    assert find(reading, reading.peer, CANARY).count == 1
    Answer.objects.update(in_scope=False)
    assert find(reading, reading.peer, CANARY).count == 0


@pytest.mark.parametrize("words", WRONG_QUERIES)
def test_no_query_breaks_the_page(reading, words):
    paper(reading, "plain words")
    response = asked(reading, reading.peer, words)
    assert response.status_code == (400 if "\0" in words else 200)  # no page at all takes a NUL
    assert "plain words" not in text(response).partition("<h2")[2]
    assert find(reading, reading.peer, "plain").count == 1


def test_the_words_asked_for_are_kept_nowhere(reading, caplog):
    paper(reading, f"Secret {CANARY} plan")
    clients = [reading.client_for(person) for person in (reading.peer, reading.stranger)]
    events, jobs = AuditEvent.objects.count(), Job.objects.count()
    with caplog.at_level(logging.DEBUG):
        statuses = [client.get(url(reading, "search"), {"q": CANARY}).status_code for client in clients]
    assert statuses == [200, 404]
    ours = [record for record in caplog.records if record.name != "django.db.backends"]
    assert CANARY not in " ".join(record.getMessage() for record in ours)
    assert (AuditEvent.objects.count(), Job.objects.count(), mail.outbox) == (events, jobs, [])


def test_the_database_holds_no_word_of_a_document(reading):
    paper(reading, f"Secret {CANARY} plan")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert CANARY not in repr(cursor.fetchall())


# --- states of the index ---------------------------------------------------------------------------------
def test_a_missing_or_damaged_index_is_being_prepared(reading):
    paper(reading, CANARY)
    vault().delete(find_blob(scope=reading.challenge.scope, kind=BlobKind.INDEX).path)
    index.forget(reading.challenge.scope)
    page = text(asked(reading, reading.peer, CANARY))
    assert "being prepared for searching" in page
    job = Job.objects.get(kind="evidence.index")
    assert job.payload == {"challenge_id": reading.challenge.pk}
    Blob.objects.filter(kind=BlobKind.INDEX).delete()
    assert find(reading, reading.peer, CANARY).index is Index.PREPARING


def test_when_the_key_is_gone_the_page_says_so(reading):
    item = paper(reading, CANARY)
    assert find(reading, reading.peer, CANARY).count == 1
    VaultKey.objects.filter(scope=reading.challenge.scope).delete()
    page = text(asked(reading, reading.peer, CANARY))
    assert "its key has been destroyed" in page
    assert item.title not in page
    assert not Job.objects.filter(kind="evidence.index").exists()


# --- cost ------------------------------------------------------------------------------------------------
def test_the_number_of_queries_does_not_grow(reading):
    question = a_request(reading).question
    paper(reading, CANARY, questions=[question])
    first = _queries(reading)
    items = [make_item(reading.challenge) for _ in range(39)]
    EvidenceLink.objects.bulk_create([EvidenceLink(item=item, question=question) for item in items])
    index_many(reading.challenge.scope, {item.current.stored_file_id: [CANARY] * 3 for item in items})
    many = _queries(reading)
    assert len(many) == len(first), "\n".join(query["sql"] for query in many)
    assert len(many) <= 15, "\n".join(query["sql"][:150] for query in many)


def _queries(cast) -> list[dict]:
    client = cast.client_for(cast.peer)
    client.get(url(cast, "search"))
    index.forget(cast.challenge.scope)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url(cast, "search"), {"q": CANARY}).status_code == 200
    return found.captured_queries
