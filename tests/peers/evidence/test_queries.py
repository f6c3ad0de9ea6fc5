import pytest

from cyber360.files.models import StoredFile, Verdict
from peers.access import SeatName
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, EvidenceRequest
from peers.stages import Stage
from tests.factories.worlds import sit

from .conftest import a_request, hand, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db

EVERYBODY = (
    "host_lead", "host_sponsor", "contributor", "manager", "coordinator", "lead_peer", "peer", "observer",
    "stranger", "other_host", "superuser", "administrator", "editor", "pool_peer",
)  # fmt: skip


def seen(cast, person: str) -> set[str]:
    return set(queries.items_visible_to(getattr(cast, person), cast.challenge).values_list("title", flat=True))


@pytest.fixture
def pack(room):
    """One item of every kind; the contributor holds T1.1."""
    mine = hand(room, "T1.1")
    make_item(room.challenge, title="clean", request=mine)
    make_item(room.challenge, title="unscanned", verdict=Verdict.NOT_SCANNED)
    make_item(room.challenge, title="released", verdict=Verdict.NOT_SCANNED, release=True)
    make_item(room.challenge, title="infected", verdict=Verdict.INFECTED, release=True)
    make_item(room.challenge, title="pending", verdict=Verdict.PENDING)
    make_item(room.challenge, title="failed", verdict=Verdict.ERROR)
    withdraw(make_item(room.challenge, title="withdrawn"))
    make_link(room.challenge, title="link")
    make_item(room.other_challenge, title="elsewhere")
    return room


ALL = {"clean", "unscanned", "released", "infected", "pending", "failed", "withdrawn", "link"}


# --- who sees what ------------------------------------------------------------------------------------------
def test_before_release_only_the_host_and_the_lga_see_anything(pack):
    found = {person: seen(pack, person) for person in EVERYBODY}
    wide = ("host_lead", "host_sponsor", "manager", "coordinator")
    assert {person: titles for person, titles in found.items() if titles} == {
        **dict.fromkeys(wide, ALL),
        "contributor": {"clean"},
    }


def test_after_release_the_team_sees_what_is_safe(pack):
    pack.at(Stage.DESK_REVIEW)
    for person in ("lead_peer", "peer", "second_peer", "observer"):
        assert seen(pack, person) == {"clean", "released", "link"}
    assert seen(pack, "host_lead") == ALL
    for person in ("stranger", "other_host", "superuser", "administrator", "editor", "pool_peer"):
        assert seen(pack, person) == set()


def test_the_row_and_the_list_say_the_same(pack):
    for stage in (Stage.PREPARATION, Stage.DESK_REVIEW):
        pack.at(stage)
        items = EvidenceItem.objects.filter(challenge=pack.challenge)
        listed = set(queries.released_items(items).values_list("title", flat=True))
        assert {item.title for item in items if item.is_released} == listed


def test_a_stage_without_a_locked_pack_shows_the_team_nothing(pack):
    pack.at(Stage.DESK_REVIEW)
    pack.challenge.pack_locked_at = None
    pack.challenge.save()
    assert seen(pack, "peer") == set()
    assert not queries.requests_visible_to(pack.peer, pack.challenge).exists()


def test_a_seat_that_has_ended_sees_nothing(pack, django_user_model):
    pack.at(Stage.DESK_REVIEW)
    seat = pack.challenge.seats.get(user=pack.peer)
    seat.ends_on = seat.starts_on.replace(year=2020)
    seat.starts_on = seat.ends_on
    seat.save()
    assert seen(pack, "peer") == set()


def test_requests_by_seat(pack):
    def prompts(person):
        rows = queries.requests_visible_to(getattr(pack, person), pack.challenge)
        return set(rows.values_list("question__code", flat=True))

    codes = {"T1.1", "T1.2", "T2.1", "T2.2"}
    assert {person: prompts(person) for person in EVERYBODY if prompts(person)} == {
        **dict.fromkeys(("host_lead", "host_sponsor", "manager", "coordinator"), codes),
        "contributor": {"T1.1"},
    }
    pack.at(Stage.DESK_REVIEW)
    assert prompts("peer") == codes
    assert prompts("stranger") == set()


def test_counts_are_of_what_the_reader_sees(pack):
    pack.at(Stage.DESK_REVIEW)
    make_item(pack.challenge, title="second", verdict=Verdict.NOT_SCANNED, request=a_request(pack))

    def given(person):
        items = queries.items_visible_to(person, pack.challenge)
        rows = queries.with_counts(queries.requests_visible_to(person, pack.challenge), items)
        return {row.question.code: row.given for row in rows if row.given}

    assert given(pack.host_lead) == {"T1.1": 2}
    assert given(pack.peer) == {"T1.1": 1}


def test_open_requests_come_first_by_due_date(room):
    services.mark_not_held(request=a_request(room, "T1.1"), by=room.host_lead, reason="None.")
    a_request(room, "T2.2")
    EvidenceRequest.objects.filter(question__code="T2.2").update(due_on="2027-01-01")
    rows = queries.with_counts(queries.requests_visible_to(room.host_lead, room.challenge), EvidenceItem.objects.all())
    assert [row.question.code for row in rows] == ["T2.2", "T1.2", "T2.1", "T1.1"]


def test_evidence_of_a_question(pack, django_assert_max_num_queries):
    question = pack.questions[0]
    services.link_questions(item=EvidenceItem.objects.get(title="clean"), by=pack.host_lead, questions=[question])
    services.link_questions(item=EvidenceItem.objects.get(title="pending"), by=pack.host_lead, questions=[question])
    pack.peer.seat_cache = {}
    pack.at(Stage.DESK_REVIEW)
    with django_assert_max_num_queries(4):
        found = queries.evidence_for_question(pack.peer, question, pack.challenge)
    assert [item.title for item in found["items"]] == ["clean"]
    assert [row.question.code for row in found["requests"]] == ["T1.1"]
    assert not found["may_add"]
    host = queries.evidence_for_question(pack.host_lead, question, pack.challenge)
    assert [item.title for item in host["items"]] == ["clean", "pending"]


def test_receipts_are_for_the_host_and_the_coordinator(pack):
    pack.at(Stage.DESK_REVIEW)
    item = EvidenceItem.objects.get(title="clean")
    services.record_download(version=item.current, by=pack.peer)
    readers = {
        person: [row.reader for row in queries.receipts_for(getattr(pack, person), item)] for person in EVERYBODY
    }
    assert {person for person, found in readers.items() if found} == {"host_lead", "host_sponsor", "coordinator"}
    assert readers["host_lead"] == [pack.peer]


# --- blockers -------------------------------------------------------------------------------------------------
def test_open_requests_block_with_their_names(room, django_assert_num_queries):
    with django_assert_num_queries(1):
        [blocker] = queries.open_requests(room.challenge)
    assert blocker.sentence == (
        "4 evidence requests are still open: “Paper on T1.1”; “Paper on T1.2”; “Paper on T2.1”; “Paper on T2.2”. "
        "The host lead can meet them or mark them “not held”."
    )
    assert blocker.seats == {SeatName.HOST_LEAD}
    for code in ("T1.2", "T2.1", "T2.2"):
        services.mark_not_held(request=a_request(room, code), by=room.host_lead, reason="None.")
    assert queries.open_requests(room.challenge)[0].sentence.startswith("1 evidence request is still open: ")
    services.mark_not_needed(request=a_request(room), by=room.host_lead, reason="None.")
    assert queries.open_requests(room.challenge) == []


def test_many_open_requests_are_counted(room):
    for number in range(13):
        services.add_request(challenge=room.challenge, by=room.host_lead, prompt=f"Extra {number}")
    [blocker] = queries.open_requests(room.challenge)
    assert "17 evidence requests" in blocker.sentence
    assert "; and 12 more. The host" in blocker.sentence


def test_unsafe_files_block_each_with_who_clears_it(pack, django_assert_num_queries):
    with django_assert_num_queries(1):
        blockers = queries.unsafe_files(pack.challenge)
    infected, unjudged, pending = (blocker.sentence for blocker in blockers)  # the host's first
    assert "A virus was found in" in infected
    assert unjudged.startswith("2 files were not judged by the virus scanner. The coordinator")
    assert "is still being checked" in pending


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.NOT_SCANNED, "was not scanned for viruses. The coordinator"),
        (Verdict.TOO_BIG, "is too big for the scanner. The coordinator"),
        (Verdict.ERROR, "could not be checked. The coordinator"),
    ],
)
def test_one_file_that_waits_for_the_coordinator_is_named(room, verdict, words):
    make_item(room.challenge, verdict=verdict)
    [blocker] = queries.unsafe_files(room.challenge)
    assert words in blocker.sentence
    assert blocker.seats == {SeatName.COORDINATOR}


def test_what_the_host_clears_stands_before_many_that_others_clear(room, django_assert_num_queries):
    for verdict in [Verdict.NOT_SCANNED] * 17 + [Verdict.PENDING] * 2 + [Verdict.INFECTED] * 7:
        make_item(room.challenge, verdict=verdict)
    held = make_item(room.challenge, verdict=Verdict.NOT_SCANNED)
    StoredFile.objects.filter(pk=held.current.stored_file_id).update(held_for="marking")
    with django_assert_num_queries(1):
        blockers = queries.unsafe_files(room.challenge)
    assert blockers[0].url == held.get_absolute_url()
    assert [SeatName.HOST_LEAD in blocker.seats for blocker in blockers] == [True] * 7 + [False] * 2
    assert blockers[6].sentence.startswith("2 more files cannot be used")
    assert blockers[7].sentence.startswith("17 files were not judged")
    assert blockers[8].sentence.startswith("2 files are still being checked")
    client = room.client_for(room.host_lead)
    for blocker in blockers:
        assert client.get(blocker.url).status_code == 200


def test_a_file_whose_content_was_refused_blocks(room):
    stored = make_item(room.challenge).current.stored_file
    stored.refusal, stored.verdict, stored.state = "Not a Word file.", Verdict.ERROR, "gone"
    stored.save()
    [blocker] = queries.unsafe_files(room.challenge)
    assert "could not be kept" in blocker.sentence


def test_a_safe_pack_does_not_block(room):
    make_item(room.challenge)
    make_link(room.challenge)
    make_item(room.challenge, verdict=Verdict.ERROR, release=True)
    withdraw(make_item(room.challenge, verdict=Verdict.INFECTED))
    assert queries.unsafe_files(room.challenge) == []


# --- tasks ------------------------------------------------------------------------------------------------------
def test_tasks_by_seat(pack):
    def tasks(person):
        return [task.what for task in queries.tasks_for(person, [pack.challenge, pack.other_challenge])]

    assert tasks(pack.host_lead) == ["Find evidence for 3 requests", "Replace or withdraw 1 file that cannot be used"]
    assert tasks(pack.contributor) == ["Find evidence for 1 request"]
    assert tasks(pack.coordinator) == ["Look at 2 files that are held back"]
    for person in (pack.peer, pack.stranger, pack.superuser, pack.other_host):
        assert [task for task in tasks(person) if "1 file" in task or "unscanned" in task] == []
    assert tasks(pack.peer) == tasks(pack.stranger) == tasks(pack.superuser) == []
    pack.at(Stage.DESK_REVIEW)
    assert tasks(pack.host_lead) == []


def test_a_task_of_files_leads_to_the_one_or_to_those_alone(room):
    def pages(words: str) -> str:
        tasks = [task for task in queries.tasks_for(room.host_lead, [room.challenge]) if words in task.what]
        return tasks[0].url

    make_item(room.challenge, verdict=Verdict.NOT_SCANNED, title="Unscanned paper", data=b"unscanned")
    first, second = (make_item(room.challenge, title=f"Held {one}", data=one.encode()) for one in "ab")
    StoredFile.objects.filter(pk=first.current.stored_file_id).update(held_for="marking")
    infected = make_item(room.challenge, verdict=Verdict.INFECTED, title="Infected paper", data=b"infected")
    assert pages("Answer what") == url(room, "concern", first.pk)
    assert pages("Replace or") == infected.get_absolute_url()
    StoredFile.objects.filter(pk=second.current.stored_file_id).update(held_for="marking")
    make_item(room.challenge, verdict=Verdict.INFECTED)
    client = room.client_for(room.host_lead)
    answer, replace = (client.get(pages(words)).content.decode() for words in ("Answer what", "Replace or"))
    assert "Held a" in answer
    assert "Held b" in answer
    assert "Infected paper" in replace
    for page in (answer, replace):
        assert "Unscanned paper" not in page
    assert "Held a" not in replace


def test_tasks_cost_the_same_for_many_challenges(pack, django_assert_max_num_queries):
    pack.host_lead.seat_cache = {}
    sit(pack.host_lead, SeatName.HOST_LEAD, pack.other_challenge)
    for challenges in ([pack.challenge], [pack.challenge, pack.other_challenge]):
        pack.host_lead.seat_cache = {}
        with django_assert_max_num_queries(4):
            queries.tasks_for(pack.host_lead, challenges)
