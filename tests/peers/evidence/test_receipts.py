"""Reading receipts: what is written down, once; who sees it; and what it never tells."""

import csv
import io
from datetime import timedelta

import pikepdf
import pypdfium2 as pdfium
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.files.models import Verdict
from peers.access import SeatName
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, PackExport, ReadingReceipt
from peers.evidence.models.receipts import COPY_LETTERS
from peers.evidence.queries.reading import neighbours_of
from peers.stages import Stage
from tests.factories.worlds import make_user, sit

from .conftest import hand, make_item, make_link, url, withdraw
from .test_preview import paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(room):
    """A released paper and a link, as the team finds them."""
    room.item, room.link = paper(room, pages=4), make_link(room.challenge)
    room.at(Stage.DESK_REVIEW)
    room.item = EvidenceItem.objects.get(pk=room.item.pk)
    return room


def kinds(reader) -> set[str]:
    return set(ReadingReceipt.objects.filter(reader=reader).values_list("kind", flat=True))


def body(response) -> str:
    return response.content.decode()


# --- what is written --------------------------------------------------------------------------------------------
def test_opening_reading_and_following_leave_one_receipt_each(pack):
    client = pack.client_for(pack.peer)
    for _again in range(2):
        client.get(url(pack, "item", pack.item.pk))
        client.get(url(pack, "item", pack.link.pk))
        for number in (3, 4, 3):
            client.get(url(pack, "preview", pack.item.pk, number))
            client.get(url(pack, "picture", pack.item.pk, number))
        client.get(url(pack, "open", pack.link.pk))
    rows = {(row.kind, row.item_id): row for row in ReadingReceipt.objects.filter(reader=pack.peer)}
    assert set(rows) == {
        ("opened", pack.item.pk), ("opened", pack.link.pk), ("previewed", pack.item.pk), ("link", pack.link.pk)
    }  # fmt: skip
    read = rows["previewed", pack.item.pk]
    assert (read.pages, read.seat, read.times, read.version) == ([3, 4], "peer", 1, pack.item.current)
    assert rows["link", pack.link.pk].times == 2
    events = AuditEvent.objects.filter(act=Act.EVIDENCE_PREVIEW, actor_id=pack.peer.pk)
    assert sorted(event.detail["kind"] for event in events) == ["opened", "opened", "previewed"]


def test_coming_back_later_is_another_reading(pack):
    begun = timezone.now() - timedelta(days=2)
    for hours in (0, 0.1, 5, 30):
        at = begun + timedelta(hours=hours)
        receipt = services.record_preview(version=pack.item.current, by=pack.peer, page=1, at=at)
    assert (receipt.times, receipt.first_at, receipt.last_at) == (3, begun, begun + timedelta(hours=30))
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_PREVIEW).count() == 1


def test_the_councils_own_people_leave_none(pack):
    for person in (pack.host_lead, pack.host_sponsor):
        client = pack.client_for(person)
        client.get(url(pack, "item", pack.item.pk))
        client.get(url(pack, "preview", pack.item.pk, 1))
    assert ReadingReceipt.objects.count() == 0


def test_asking_for_the_head_alone_is_no_reading(pack):
    client = pack.client_for(pack.peer)
    for name, args in (("item", []), ("preview", [1]), ("picture", [1])):
        assert client.head(url(pack, name, pack.item.pk, *args)).status_code == 200
    assert ReadingReceipt.objects.count() == 0


def test_the_lga_and_contributors_are_written_down_too(pack):
    mine = paper(pack, request=hand(pack))
    for person in (pack.coordinator, pack.manager, pack.contributor):
        pack.client_for(person).get(url(pack, "preview", mine.pk, 1))
        assert kinds(person) == {"previewed"}


def test_a_receipt_is_in_order_or_is_refused(pack):
    now = timezone.now()
    taken = services.record_preview(version=pack.item.current, by=pack.second_peer, page=1)
    wrong = (
        {"kind": "opened", "times": 2},
        {"kind": "opened", "times": 1, "last_at": now - timedelta(days=1)},
        {"kind": "previewed", "is_marked": True},
        {"kind": "sung"},
        {"kind": "opened", "copy_id": "7KQM4TRA"},
        {"kind": "previewed", "copy_id": taken.copy_id},
        {"kind": "link"},
    )
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            ReadingReceipt.objects.create(
                item=pack.item, version=pack.item.current, reader=pack.peer, seat="peer", first_at=now, **fields
            )


# --- who sees it ------------------------------------------------------------------------------------------------
def read_all(pack) -> None:
    pack.client_for(pack.observer).get(url(pack, "item", pack.link.pk))  # looked at its page, followed nothing
    for person in (pack.peer, pack.second_peer, pack.manager):
        client = pack.client_for(person)
        client.get(url(pack, "item", pack.item.pk))
        client.get(url(pack, "preview", pack.item.pk, 2))


SHEETS = ("receipts", "receipts_sheet", "receipts_pdf")


def test_host_and_coordinator_see_them(pack):
    read_all(pack)
    for person in (pack.host_lead, pack.host_sponsor, pack.coordinator):
        client = pack.client_for(person)
        page = body(client.get(url(pack, "receipts")))
        assert pack.peer.full_name in page
        assert "Read in the page, 1 page, from page 2" in " ".join(page.split())
        assert "3 people, 2 of the team" in page
        assert f"{pack.link.title}</a>: nobody yet; 1 person looked at its page" in page
        assert "0 of 2; looked at the page of 1 more" in page
        assert page.count("1 of 2") == 3
        assert pack.peer.email in page.partition("By item")[0]
        assert "data-print" in page
        assert '<details class="govuk-details" open>' in body(client.get(url(pack, "receipts") + "?all=1"))
        assert '<details class="govuk-details" open>' not in page
        rows = list(csv.reader(io.StringIO(client.get(url(pack, "receipts_sheet")).content.decode("utf-8-sig"))))
        assert len(rows) == 8
        readers = (pack.peer, pack.second_peer, pack.manager, pack.observer)
        assert {row[0] for row in rows[1:]} == {person.full_name for person in readers}


@pytest.mark.parametrize("person", ["peer", "lead_peer", "observer", "manager", "contributor"])
def test_nobody_else_sees_them(pack, person):
    hand(pack)
    read_all(pack)
    client = pack.client_for(getattr(pack, person))
    for name in SHEETS:
        answer = client.get(url(pack, name))
        assert answer.status_code == 404
        assert pack.second_peer.full_name not in body(answer)


def test_outsiders_find_no_receipts(pack):
    read_all(pack)
    for name, person in pack.outsiders.items():
        client = pack.client_for(person)
        assert {client.get(url(pack, sheet)).status_code for sheet in SHEETS} == {404}, name


def test_one_challenges_receipts_are_not_anothers(pack):
    read_all(pack)
    pack.other_challenge.stage = Stage.DESK_REVIEW
    pack.other_challenge.save()
    client = pack.client_for(pack.other_host)
    for name in ("receipts", "receipts_sheet"):
        address = reverse(f"evidence:{name}", args=[pack.other_challenge.ref])
        for query in ("", f"?item={pack.item.pk}", f"?person={pack.peer.pk}"):
            answer = client.get(address + query)
            assert answer.status_code == 200
            assert pack.peer.full_name not in body(answer)
            assert pack.item.title not in body(answer)


def test_the_team_does_not_see_each_others_reading_anywhere(pack):
    read_all(pack)
    client = pack.client_for(pack.peer)
    for address in (url(pack), url(pack, "item", pack.item.pk), f"/challenges/{pack.challenge.ref}/timeline/"):
        assert pack.second_peer.full_name not in body(client.get(address)), address


def test_readers_are_told_before_they_read(pack):
    sentence = "The council sees when you open, read or download"
    for person in (pack.peer, pack.observer, pack.coordinator):
        assert sentence in body(pack.client_for(person).get(url(pack, "item", pack.item.pk)))
        assert sentence in body(pack.client_for(person).get(url(pack, "preview", pack.item.pk, 1)))
    assert sentence not in body(pack.client_for(pack.host_lead).get(url(pack, "item", pack.item.pk)))


# --- narrowing, paper, sheet ------------------------------------------------------------------------------------
def test_the_filter_narrows_page_and_sheet_alike(pack):
    read_all(pack)
    client = pack.client_for(pack.host_lead)
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    wanted = {
        f"?person={pack.peer.pk}": 2, "?kind=previewed": 3, f"?item={pack.link.pk}": 1, f"?item={pack.item.pk}": 6,
        f"?first={tomorrow}": 0, f"?last={today}": 7, "?person=x&kind=y&item=999999&first=never": 7, "?page=99": 7,
    }  # fmt: skip
    for query, number in wanted.items():
        assert len(body(client.get(url(pack, "receipts_sheet") + query)).splitlines()) == number + 1, query
        page = body(client.get(url(pack, "receipts") + query))
        assert page.count('data-label="Evidence"') == number, query
        assert ("No reading fits the filter" in page) == (number == 0), query


def test_the_id_on_a_copy_that_was_found_names_its_reader(pack):
    read_all(pack)
    mine = ReadingReceipt.objects.get(reader=pack.peer, kind="previewed")
    assert len(set(ReadingReceipt.objects.filter(kind="previewed").values_list("copy_id", flat=True))) == 3
    assert set(mine.copy_id) <= set(COPY_LETTERS)
    client = pack.client_for(pack.host_lead)
    spaced_out = f"{mine.copy_id[:4]} {mine.copy_id[4:]}"
    typed_in_any_way = (
        mine.copy, mine.copy_id.lower(), f" {spaced_out} ",
        f"Copy {spaced_out}", f"copy {mine.copy}", f"Copy id: {mine.copy}"
    )  # fmt: skip
    for typed in typed_in_any_way:
        page = client.get(url(pack, "receipts"), {"copy": typed})
        assert [row.pk for row in page.context["receipts"]] == [mine.pk]
        assert f"<code>{mine.copy}</code>" in body(page)
    sheet = client.get(url(pack, "receipts_sheet"), {"copy": mine.copy}).content.decode("utf-8-sig")
    [row] = list(csv.reader(io.StringIO(sheet)))[1:]
    assert (row[1], row[-1]) == (pack.peer.email, mine.copy)
    [event] = AuditEvent.objects.filter(act=Act.EVIDENCE_PREVIEW, actor_id=pack.peer.pk, detail__kind="previewed")
    assert event.detail["copy"] == mine.copy_id
    for unknown in ("3333-3333", "Copy"):
        page = client.get(url(pack, "receipts"), {"copy": unknown})
        assert list(page.context["receipts"]) == []
        assert "No copy of this challenge has this id" in body(page)


def test_what_is_withdrawn_or_only_looked_at_is_not_called_read(pack):
    read_all(pack)
    [row] = [row for row in queries.readers_of(pack.challenge) if row.pk == pack.peer.pk]
    assert (row.items, row.looked_at, row.email) == (1, 0, pack.peer.email)
    withdraw(pack.item)
    [row] = [row for row in queries.readers_of(pack.challenge) if row.pk == pack.peer.pk]
    assert (row.items, row.looked_at) == (0, 0)
    page = body(pack.client_for(pack.host_lead).get(url(pack, "receipts")))
    assert "0 of 1" in page
    assert f"{pack.item.title}</a> (withdrawn): " in page
    services.record_link_opened(item=pack.link, by=pack.peer)
    assert next(row.items for row in queries.readers_of(pack.challenge) if row.pk == pack.peer.pk) == 1


@pytest.mark.slow
def test_the_list_as_a_pdf_is_tagged_and_says_the_same(pack):
    read_all(pack)
    EvidenceItem.objects.filter(pk=pack.item.pk).update(title="<b>Plan</b> & more")
    mine = ReadingReceipt.objects.get(reader=pack.peer, kind="previewed")
    answer = pack.client_for(pack.host_lead).get(url(pack, "receipts_pdf"), {"person": pack.peer.pk})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{pack.challenge.ref}-reading-receipts.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    with pikepdf.open(io.BytesIO(answer.content)) as made:
        assert (str(made.Root.Lang), bool(made.Root.MarkInfo.Marked)) == ("en-GB", True)
        assert str(made.docinfo.Title) == f"Who has read the evidence, {pack.challenge.ref}"
    with pdfium.PdfDocument(answer.content) as opened:
        width, height = opened[0].get_size()
        assert width > height  # a long list lies on its side
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in opened).split())
    assert pack.peer.email in text
    assert mine.copy in text
    assert "<b>Plan</b> & more" in text
    assert text.count(pack.second_peer.full_name) == 1  # in the sums; the filter leaves out each reading of hers


def test_no_cell_of_the_sheet_is_a_formula(pack):
    pack.peer.full_name = "=HYPERLINK(1)"
    pack.peer.save()
    EvidenceItem.objects.filter(pk=pack.item.pk).update(title="@SUM(1+1)")
    pack.client_for(pack.peer).get(url(pack, "item", pack.item.pk))
    answer = pack.client_for(pack.host_lead).get(url(pack, "receipts_sheet"))
    text = answer.content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'@SUM(1+1)" in text
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]


def test_an_empty_list_says_what_will_stand_there(pack):
    page = body(pack.client_for(pack.host_lead).get(url(pack, "receipts")))
    assert "Nobody has read anything yet" in page
    assert "Nobody yet." in page


def test_the_pages_cost_the_same_for_few_and_for_many(pack, django_assert_max_num_queries):
    client = pack.client_for(pack.host_lead)
    for number in range(60):
        item = make_item(pack.challenge, title=f"Paper {number}")
        reader = pack.peer if number % 2 else make_user(f"Reader {number}")
        if number % 2 == 0 and number < 20:
            sit(reader, SeatName.OBSERVER, pack.challenge)
        ReadingReceipt.objects.create(item=item, version=item.current, reader=reader, seat="peer", kind="opened")
        PackExport.objects.create(challenge=pack.challenge, by=reader, seat="coordinator")
    for query in ("", "?all=1"):
        with django_assert_max_num_queries(15):
            assert client.get(url(pack, "receipts") + query).status_code == 200
    with django_assert_max_num_queries(15):
        client.get(url(pack, "receipts_sheet"))


# --- what it costs, and what comes next -------------------------------------------------------------------------
def asked(client, address: str) -> list[str]:
    """The statements of a page beside those that begin and end a transaction."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


def test_a_first_reading_is_put_down_in_few_statements(pack):
    questions = pack.questions
    for number in range(40):
        make_item(pack.challenge, title=f"Paper {number}", questions=[questions[number % len(questions)]])
    services.record_link_opened(item=pack.link, by=pack.second_peer)  # the audit trail has begun
    client = pack.client_for(pack.peer)
    assert len(asked(client, url(pack, "item", pack.item.pk))) <= 15
    assert len(asked(client, url(pack, "preview", pack.item.pk, 1))) <= 18  # of which 6 read and open the page
    assert kinds(pack.peer) == {"opened", "previewed"}
    assert len(asked(client, url(pack, "item", pack.item.pk))) <= 11
    assert len(asked(client, url(pack, "preview", pack.item.pk, 1))) <= 15


def test_two_pages_at_once_leave_one_receipt(pack, monkeypatch):
    services.record_opened(item=pack.item, by=pack.peer)
    services.record_preview(version=pack.item.current, by=pack.peer, page=1)
    monkeypatch.setattr("peers.evidence.services.receipts._known", lambda *row: None)  # the other was quicker
    assert services.record_opened(item=pack.item, by=pack.peer, mine=[]).times == 1
    assert services.record_preview(version=pack.item.current, by=pack.peer, page=3).pages == [1, 3]
    assert ReadingReceipt.objects.filter(reader=pack.peer).count() == 2


def test_the_reader_goes_on_to_what_comes_next_in_the_pack(pack):
    first, second = pack.questions[0], pack.questions[3]
    late = make_item(pack.challenge, title="A late theme", questions=[second])
    early = make_item(pack.challenge, title="Z early theme", questions=[first])
    held = make_item(pack.challenge, title="B pending", questions=[first], verdict=Verdict.PENDING)
    gone = withdraw(make_item(pack.challenge, title="C withdrawn", questions=[first]))
    order = [early, late, pack.item, pack.link]
    for person in (pack.peer, pack.observer):
        for number, item in enumerate(order):
            before, after = neighbours_of(person, item)[:2]
            assert (before.pk if before else 0) == (order[number - 1].pk if number else 0)
            assert (after.pk if after else 0) == (order[number + 1].pk if number < 3 else 0)
        assert not {held.pk, gone.pk} & {row.pk for item in order for row in neighbours_of(person, item)[:2] if row}
    page = body(pack.client_for(pack.peer).get(url(pack, "preview", pack.item.pk, 1)))
    assert f'href="{url(pack, "preview", late.pk, 1)}" rel="prev"' in page
    assert f'href="{url(pack, "item", pack.link.pk)}" rel="next"' in page
    assert neighbours_of(pack.host_lead, early).before == held  # the council reads its own before it is judged
    mine = make_item(pack.challenge, title="Mine", request=hand(pack))
    assert neighbours_of(pack.contributor, mine)[:2] == (None, None)
    for person in pack.outsiders.values():
        assert neighbours_of(person, pack.item) == (None, None, 0, 0, None)


def test_the_order_is_said_and_what_is_not_read_yet_is_one_step_away(pack):
    odd = make_item(pack.challenge, title="A odd", name="plan.xyz", questions=[pack.questions[0]])
    client = pack.client_for(pack.peer)
    page = body(client.get(url(pack, "preview", pack.item.pk, 1)))
    assert "Item 2 of 3, in the order of the themes" in page
    assert f'href="{url(pack, "item", odd.pk)}" rel="prev"' in page  # of its kind nothing can be shown
    assert neighbours_of(pack.peer, pack.item).unread == pack.link
    assert "Next you have not read: " in page
    client.get(url(pack, "item", pack.link.pk))  # to look at its page is not to read it
    assert neighbours_of(pack.peer, pack.item).unread == pack.link
    services.record_link_opened(item=pack.link, by=pack.peer)
    assert neighbours_of(pack.peer, pack.item).unread == odd
    assert neighbours_of(pack.second_peer, odd).unread == pack.item
    services.record_download(version=odd.current, by=pack.peer)
    assert "You have read all the others." in body(client.get(url(pack, "item", pack.item.pk)))
    assert "Next you have not read" not in body(pack.client_for(pack.host_lead).get(url(pack, "item", pack.item.pk)))


def test_whom_a_link_shuts_out_is_told_whom_to_ask(pack):
    EvidenceItem.objects.filter(pk=pack.link.pk).update(who_can_open="Staff of the council")
    said = "ask the host lead to show it to you on the visit"
    for person, number in ((pack.peer, 1), (pack.host_lead, 0)):
        page = body(pack.client_for(person).get(url(pack, "item", pack.link.pk)))
        assert "Staff of the council" in page
        assert page.count(said) == number
