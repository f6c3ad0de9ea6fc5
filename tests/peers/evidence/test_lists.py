"""The ways to look at the pack: by request, theme and question, and all of it; what a reader has read."""

import pytest

from cyber360.files.models import Verdict
from peers.evidence import queries
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt
from peers.stages import Stage

from .conftest import a_request, hand, make_file, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db


def look(room, person, query: str = "") -> str:
    answer = room.client_for(getattr(room, person)).get(url(room) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def read(item, person, kind="previewed", version=None) -> None:
    ReadingReceipt.objects.create(item=item, version=version or item.current, reader=person, seat="peer", kind=kind)


def replace(item) -> EvidenceVersion:
    version = EvidenceVersion.objects.create(item=item, number=2, stored_file=make_file(item.challenge, data=b"newer"))
    item.current = version
    item.save()
    return version


@pytest.fixture
def pack(room):
    make_item(room.challenge, title="For the first", questions=room.questions[:1], request=a_request(room))
    make_item(room.challenge, title="For the third", questions=room.questions[2:3])
    make_item(room.challenge, title="Hidden paper", questions=room.questions, verdict=Verdict.NOT_SCANNED)
    withdraw(make_item(room.challenge, title="Gone paper", questions=room.questions, request=a_request(room)))
    make_link(room.challenge, title="Loose page")
    return room


def test_the_host_begins_with_requests_and_what_was_given_for_them(pack):
    page = look(pack, "host_lead")
    assert 'aria-current="page">By request' in page
    assert "Paper on T2.2" in page
    assert "For the first" in page
    assert "For the third" not in page
    assert "3 pieces of evidence were given without a request." in page
    assert "Gone paper" not in page


def test_the_team_begins_with_themes(pack):
    pack.at(Stage.DESK_REVIEW)
    page = look(pack, "peer")
    assert 'aria-current="page">By theme' in page
    assert "0 of 1" in page
    assert "For the first" not in page
    assert "Hidden paper" not in page + look(pack, "peer", "?by=item") + look(pack, "peer", "?by=request")


def test_by_theme_and_by_question_lead_to_the_items(pack):
    page = look(pack, "host_lead", "?by=theme")
    assert "?by=item&amp;theme=T1" in page
    assert "No theme" in page
    first = look(pack, "host_lead", "?by=item&theme=T1")
    assert "For the first" in first
    assert "For the third" not in first
    questions = look(pack, "host_lead", "?by=question&theme=T1")
    assert "T1.2 Title of T1.2" in questions
    assert "T2.1" not in questions
    assert "?by=item&amp;question=T1.1" in questions
    of_question = look(pack, "host_lead", "?by=item&question=T1.1")
    assert "For the first" in of_question
    assert "For the third" not in of_question


def test_an_item_of_a_whole_theme_is_listed_there(pack):
    EvidenceItem.objects.get(title="Loose page").themes.add(pack.framework_version.themes.get(code="T2"))
    assert "Loose page" in look(pack, "host_lead", "?by=item&theme=T2")
    assert "Loose page" not in look(pack, "host_lead", "?by=item&theme=T1")


def test_a_contributor_finds_only_their_own_whichever_way_they_look(pack):
    hand(pack, "T1.2")
    make_item(pack.challenge, title="My own paper", request=a_request(pack, "T1.2"), questions=pack.questions[1:2])
    pages = [look(pack, "contributor", f"?by={by}") for by in ("request", "theme", "question", "item")]
    for page in pages:
        assert "For the first" not in page
        assert "T2.1" not in page
        assert "How far it reaches" not in page
    assert "My own paper" in pages[0]
    assert 'data-label="Due"' in pages[0]
    assert "T1.2" in pages[2]
    assert "T1.1" not in pages[2]
    assert "My own paper" in pages[3]


@pytest.mark.parametrize(
    "query", ["?by=nothing", "?by=item&theme=x&question=y&page=z", "?by=question&page=99", "?file=x"]
)
def test_an_address_that_cannot_be_read_shows_something(pack, query):
    look(pack, "host_lead", query)


# --- reading --------------------------------------------------------------------------------------------------
def test_read_not_read_and_changed_since(pack):
    pack.at(Stage.DESK_REVIEW)
    done, changed, link = (
        EvidenceItem.objects.get(title=title) for title in ("For the first", "For the third", "Loose page")
    )
    read(done, pack.peer)
    read(changed, pack.peer, "download")
    replace(changed)
    read(link, pack.peer, "link")
    ReadingReceipt.objects.filter(kind="link").update(version=None)
    assert queries.read_by(pack.peer, EvidenceItem.objects.all()) == {
        done.pk: "read", changed.pk: "changed", link.pk: "read",
    }  # fmt: skip
    page = look(pack, "peer", "?by=item")
    assert "Changed since you read it" in page
    assert page.count(">Read<") == 2
    assert "1 changed since" in look(pack, "peer")
    other = look(pack, "second_peer", "?by=item")
    assert "Changed since you read it" not in other
    assert other.count("Not read yet") == 3


def test_opening_its_page_alone_is_no_reading(pack):
    pack.at(Stage.DESK_REVIEW)
    read(EvidenceItem.objects.get(title="For the first"), pack.peer, "opened")
    assert queries.read_by(pack.peer, EvidenceItem.objects.all()) == {}


def test_each_reader_is_named_once(pack):
    pack.at(Stage.DESK_REVIEW)
    item = EvidenceItem.objects.get(title="For the first")
    for kind in ("previewed", "download"):
        read(item, pack.peer, kind)
    assert look(pack, "host_lead", "?by=item").count(pack.peer.full_name) == 1


def test_the_same_file_given_twice_is_marked_for_those_who_see_both(room):
    mine = hand(room, "T1.1")
    first = make_item(room.challenge, title="The first", data=b"the same words")
    second = make_item(room.challenge, title="The second", data=b"the same words", request=mine)
    make_item(room.challenge, title="Another", data=b"other words")
    said = "Same file as “The first”"
    page = look(room, "host_lead", "?by=item")
    assert page.count(said) == 1
    assert url(room, "same", second.pk) in page
    page = look(room, "coordinator", "?by=item")
    assert said in page
    assert url(room, "same", second.pk) not in page
    assert "Same file as" not in look(room, "contributor", "?by=item")
    room.at(Stage.DESK_REVIEW)
    assert said in look(room, "peer", "?by=item")
    withdraw(first)
    assert "Same file as" not in look(room, "host_lead", "?by=item") + look(room, "peer", "?by=item")


def test_files_without_words_are_counted_for_whoever_added_them(room):
    assert "no words yet" not in look(room, "host_lead")
    for number in range(3):
        item = make_item(room.challenge, title=f"Paper {number}")
        EvidenceItem.objects.filter(pk=item.pk).update(added_by=room.host_lead, shows="Said." if not number else "")
    for by in ("request", "item"):
        page = look(room, "host_lead", f"?by={by}")
        assert "2 files that you added have no words yet." in page
        assert url(room, "describe") in page
    assert "no words yet" not in look(room, "host_sponsor") + look(room, "coordinator")
    room.at(Stage.DESK_REVIEW)
    assert "no words yet" not in look(room, "host_lead")


# --- what it costs ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["request", "theme", "question", "item"])
@pytest.mark.parametrize("person", ["host_lead", "peer"])
def test_every_way_costs_the_same_for_few_and_many(pack, by, person, django_assert_max_num_queries):
    pack.at(Stage.DESK_REVIEW)
    client, counts = pack.client_for(getattr(pack, person)), []
    for more in (0, 30):
        for _number in range(more):
            item = make_item(pack.challenge, questions=pack.questions, request=a_request(pack))
            read(item, pack.peer)
        with django_assert_max_num_queries(15) as captured:
            assert client.get(url(pack) + f"?by={by}").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_page_has_twenty_lines(pack):
    for _number in range(25):
        make_link(pack.challenge)
    assert look(pack, "host_lead", "?by=item").count("<tr") == 21
