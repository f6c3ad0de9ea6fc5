"""What a person is told of the files that they sent, until the last check has ended."""

import itertools

import pytest

from cyber360.exceptions import NotNow
from cyber360.files.models import State, StoredFile, Verdict
from cyber360.jobs.models import Job
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, Unpacking
from tests.cyber360.files.conftest import zipped

from .conftest import a_request, given, hand, judge, make_item, send, url
from .test_unpacking import run
from .test_uploads_pieces import Sender

pytestmark = pytest.mark.django_db
HELD = b"OFFICIAL\n\nSECRET\n"


def body(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def host(room) -> Sender:
    return Sender(room, room.host_lead)


def sent(host: Sender, name: str, data: bytes):
    """One file of the script, checked to the end by the worker."""
    row = host.send(name, data)
    judge(row.stored_file.evidence_version.item)
    return row


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        (Verdict.CLEAN, "added", "Nothing was found in its checks."),
        (Verdict.NOT_SCANNED, "added", "Not scanned for viruses: a coordinator looks at it"),
        (Verdict.ERROR, "added", "Could not be checked: a coordinator looks at it"),
        (Verdict.INFECTED, "infected", "A virus was found in it, so nobody can open it."),
        (Verdict.PENDING, "checking", "its last checks go on."),
    ],
)
def test_each_end_of_the_checks_is_told(room, host, scanner_says, verdict, state, words):
    scanner_says(verdict)
    row = host.send("plan.txt", b"plain words")
    if verdict != Verdict.PENDING:
        judge(row.stored_file.evidence_version.item)
    fate = host.fate(row)
    assert (fate["state"], fate["waits"]) == (state, verdict == Verdict.PENDING)
    assert words in fate["words"]
    assert fate["links"]
    page = body(host.client.get(url(room, "add")))
    assert fate["word"] in page
    assert words in page.replace("&#x27;", "'")  # the same after a reload, without the script
    assert ("Some checks still go on." in page) == (verdict == Verdict.PENDING)


def test_a_held_file_is_not_called_added_and_has_a_link_to_answer(room, host, scanner_says):
    scanner_says(Verdict.CLEAN)
    row = sent(host, "odd.txt", HELD)
    item = EvidenceItem.objects.get()
    fate = host.fate(row)
    assert (fate["state"], fate["waits"]) == ("held", False)
    assert "It looks as if it holds a marking above OFFICIAL-SENSITIVE." in fate["words"]
    assert "within 7 days, or it is deleted" in fate["words"]
    assert fate["links"] == [["Answer or remove it", url(room, "concern", item.pk)]]
    page = body(host.client.get(url(room, "add")))
    assert "Held back" in page
    assert url(room, "concern", item.pk) in page


def test_one_that_is_refused_by_a_later_check_says_why(room, host):
    row = host.send("plan.txt", b"plain words")
    stored = row.stored_file
    stored.refusal, stored.state = "It was damaged. Add it again.", State.GONE
    stored.save()
    fate = host.fate(row)
    assert (fate["state"], fate["words"], fate["waits"]) == ("refused", "It was damaged. Add it again.", False)


def test_the_plain_form_tells_the_same_after_a_reload(room):
    request = hand(room, person=room.host_lead)
    send(room, room.host_lead, given("plan.txt", b"words"), to="request", args=[request.pk])
    client = room.client_for(room.host_lead)
    for address, shown in ((request.get_absolute_url(), True), (url(room, "add"), False)):
        assert ("What you added today" in body(client.get(address))) is shown


def test_what_another_added_is_not_among_mine(room, host):
    sent(host, "odd.txt", HELD)
    request = hand(room)
    send(room, room.contributor, given("mine.txt", b"words"), to="request", args=[request.pk])
    page = body(room.client_for(room.contributor).get(request.get_absolute_url()))
    assert "What you added today" in page
    assert "odd" not in page.partition("What you added today")[2]


# --- zips ---------------------------------------------------------------------------------------------
def test_a_zip_is_followed_to_its_items(room, host, scanner_says):
    scanner_says(Verdict.CLEAN)
    data = zipped({"a.txt": b"one", "b.txt": HELD, "tool.exe": b"MZ", "__MACOSX/._a.txt": b"x"})
    row = host.send("All.zip", data)
    assert host.fate(row)["waits"]
    unpacking = run(Unpacking.objects.get())
    fate = host.fate(row)
    assert (fate["state"], fate["waits"]) == ("unpacked", True)
    assert fate["words"] == "2 files added, 1 left out, 2 being checked."
    page = body(host.client.get(unpacking.get_absolute_url()))
    assert "The last checks of 2 files go on." in page
    assert "hx-trigger" in page
    for item in EvidenceItem.objects.all():
        judge(item)
    fate = host.fate(row)
    assert fate["state"] == "held"
    assert (fate["words"], fate["waits"]) == ("2 files added, 1 left out, 1 held back.", False)
    page = body(host.client.get(unpacking.get_absolute_url()))
    assert "Answer or remove it" in page
    assert "1 file that a system adds by itself" in page
    assert "hx-trigger" not in page


def test_a_zip_that_is_refused_or_stopped_is_told(room, host):
    bad = host.send("Bad.zip", b"PK\x03\x04 not a zip")
    run(Unpacking.objects.get())
    assert host.fate(bad)["state"] == "refused"
    assert "make a new zip" in host.fate(bad)["words"]
    row = host.send("All.zip", zipped({"a.txt": b"one"}))
    Job.objects.filter(key=Unpacking.objects.latest("pk").job_key).update(state="stopped")
    assert (host.fate(row)["state"], host.fate(row)["waits"]) == ("stopped", False)


# --- cost ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("many", [1, 12])
def test_one_request_for_all_files_costs_the_same(room, host, django_assert_max_num_queries, many):
    rows = [host.send(f"{number}.txt", f"words {number}".encode()) for number in range(many)]
    for row in rows[::2]:
        judge(row.stored_file.evidence_version.item)
    rows.append(host.send("All.zip", zipped({f"{number}.txt": b"same" for number in range(many)})))
    run(Unpacking.objects.get())
    ids = {"id": [str(row.pk) for row in rows]}
    for address, query in ((url(room, "upload_states"), ids), (url(room, "add"), {})):
        with django_assert_max_num_queries(15):
            assert host.client.get(address, query).status_code == 200
    with django_assert_max_num_queries(15):
        host.client.get(Unpacking.objects.get().get_absolute_url())


# --- the same file twice ------------------------------------------------------------------------------
def test_the_same_file_is_told_with_a_way_to_use_the_one_that_is_here(room, host):
    first = make_item(room.challenge, title="Our plan", data=b"same words", questions=room.questions[:1])
    request = a_request(room, "T1.2")
    sender = Sender(room, room.host_lead, request)
    row = sender.send("copy.txt", b"same words")
    copy = EvidenceItem.objects.latest("pk")
    fate = sender.fate(row)
    assert "The same file is already here as “Our plan”." in fate["words"]
    assert fate["links"][-1] == ["Use that one or keep both", url(room, "same", copy.pk)]
    assert "The same file is already here as" in body(host.client.get(request.get_absolute_url()))
    page = body(host.client.get(url(room, "same", copy.pk)))
    assert "Our plan" in page
    for _twice in range(2):
        answer = host.client.post(url(room, "same", copy.pk))
        assert answer.status_code == 302
    first, copy = (EvidenceItem.objects.get(pk=pk) for pk in (first.pk, copy.pk))
    assert {question.code for question in first.questions.all()} == {"T1.1", "T1.2"}
    assert (first.request, first.is_live, copy.is_live) == (request, True, False)
    assert "The same file as “Our plan”" in copy.withdrawn_reason
    assert a_request(room, "T1.2").state == "met"


def test_the_plain_form_tells_it_too(room):
    make_item(room.challenge, title="Our plan", data=b"same words")
    answer = send(room, room.host_lead, given("copy.txt", b"same words"))
    assert "The same file is already here as “Our plan”." in body(answer.client.get(answer["Location"]))


def test_only_what_one_may_read_is_told(room):
    """A contributor, the other contributor, another council: nobody learns that somebody else holds the same file."""
    make_item(room.challenge, title="Not for contributors", data=b"same words")
    make_item(room.other_challenge, title="Of another council", data=b"same words")
    sender = Sender(room, room.contributor, hand(room))
    row = sender.send("mine.txt", b"same words")
    told = str(sender.fate(row))
    page = body(sender.client.get(a_request(room).get_absolute_url()))
    for words in ("same file", "Not for contributors", "Of another council"):
        assert words not in told
        assert words not in page
    mine = EvidenceItem.objects.latest("pk")
    for person in (room.contributor, room.coordinator, room.peer, room.stranger, room.other_host):
        assert room.client_for(person).post(url(room, "same", mine.pk)).status_code in (403, 404), person
    assert EvidenceItem.objects.get(pk=mine.pk).is_live
    second = sender.send("again.txt", b"same words")
    assert "already here as “mine”" in sender.fate(second)["words"]  # their own they are told of
    assert queries.double_of(room.host_lead, mine).title == "Not for contributors"


def test_nobody_is_sent_to_an_infected_one(room):
    make_item(room.challenge, title="Bad", data=b"same words", verdict=Verdict.INFECTED)
    assert queries.double_of(room.host_lead, make_item(room.challenge, data=b"same words")) is None


def test_what_is_no_longer_the_same_is_not_joined(room, host):
    first = make_item(room.challenge, title="Our plan", data=b"same words")
    copy = make_item(room.challenge, title="Copy", data=b"same words")
    first.state, first.withdrawn_reason, first.withdrawn_at = "withdrawn", "Old.", first.added_at
    first.save()
    assert host.client.get(url(room, "same", copy.pk)).status_code == 302
    host.client.post(url(room, "same", copy.pk))
    assert EvidenceItem.objects.get(pk=copy.pk).is_live


def two(room, *, first=None, second=None) -> tuple[EvidenceItem, EvidenceItem]:
    """The same file twice, each with what is said of it."""
    here = make_item(room.challenge, title="Our plan", data=b"same words", **(first or {}))
    return here, make_item(room.challenge, title="Copy", data=b"same words", **(second or {}))


def use(room, copy: EvidenceItem, here: EvidenceItem) -> EvidenceItem:
    return services.use_existing(item=copy, existing=here, by=room.host_lead)


@pytest.mark.parametrize("markings", list(itertools.product(["official", "official-sensitive"], repeat=2)))
def test_of_two_markings_the_stricter_one_holds(room, markings):
    here, copy = two(room)
    for item, marking in zip((here, copy), markings, strict=True):
        EvidenceItem.objects.filter(pk=item.pk).update(marking=marking)
    strictest = max(markings)  # by its letters: "official" begins the other
    assert use(room, copy, here).marking == strictest
    assert EvidenceItem.objects.get(pk=here.pk).marking == strictest


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"verdict": Verdict.INFECTED}, "can no longer be opened. Both are kept."),
        ({"refusal": "It holds scripts."}, "can no longer be opened. Both are kept."),
        ({"state": State.GONE}, "can no longer be opened. Both are kept."),
        ({"held_for": "personal"}, "is held back until the council has answered. Both are kept."),
    ],
)
def test_what_was_found_in_the_one_that_is_here_since_the_page_was_opened_counts(room, found, words):
    here, copy = two(room)
    StoredFile.objects.filter(pk=here.current.stored_file_id).update(**found)
    with pytest.raises(NotNow, match=words):
        use(room, copy, here)  # both as they were read before
    assert EvidenceItem.objects.get(pk=copy.pk).is_live
    assert not EvidenceItem.objects.get(pk=here.pk).questions.exists()


def test_a_released_copy_does_not_give_way_to_one_that_the_team_cannot_have(room):
    unscanned = {"verdict": Verdict.NOT_SCANNED}
    here, copy = two(room, first=unscanned, second={**unscanned, "release": True})
    with pytest.raises(NotNow, match="The team can have this copy but not “Our plan”, which is not released"):
        use(room, copy, here)
    assert EvidenceItem.objects.get(pk=copy.pk).is_live
    here, copy = two(room, first={**unscanned, "release": True}, second=unscanned)
    assert use(room, copy, here).is_live
    assert not EvidenceItem.objects.get(pk=copy.pk).is_live
