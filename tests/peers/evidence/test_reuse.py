"""Taking evidence over from the council's earlier challenges: what is offered, what comes over, and what never does."""

from datetime import date
from pathlib import Path

import pytest

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.files.cipher import DamagedFile, file_context
from cyber360.files.copying import copy_to_scope
from cyber360.files.keys import key_for
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.services import open_for_reading
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, EvidenceLink, ReadingReceipt, Reuse
from peers.evidence.services.reuse import Chosen
from peers.evidence.tasks import reuse as run_job
from peers.stages import Stage
from tests.factories.worlds import make_challenge

from .conftest import a_request, items_of, make_item, make_link, on_disk, url, withdraw

pytestmark = pytest.mark.django_db

DATA = b"The incident plan of Northmere, said in plain words. " * 4000
WHY = "Agreed again in May."


@pytest.fixture
def earlier(room):
    """The council's challenge of before, with the same questionnaire."""
    room.earlier = make_challenge(council=room.challenge.council, framework_version=room.framework_version)
    room.earlier.stage = Stage.CLOSED
    room.earlier.save()
    return room


def given(room, title: str = "Incident plan", **fields) -> EvidenceItem:
    item = make_item(room.earlier, title=title, questions=room.questions[:1], **({"data": DATA} | fields))
    item.document_date, item.period_from, item.source = date(2026, 5, 1), date(2026, 1, 1), "plan"
    item.save()
    return item


def offered(room, person=None) -> set[str]:
    return {item.title for item in queries.reusable_items(person or room.host_lead, room.challenge)}


def ask(room, *items, by=None, why: str = WHY) -> list[Reuse]:
    chosen = [Chosen(item, why) for item in items]
    return services.ask_for_reuse(challenge=room.challenge, by=by or room.host_lead, chosen=chosen)


def run_jobs() -> None:
    for job in Job.objects.filter(kind="evidence.reuse"):
        run_job(job)


# --- what is offered ------------------------------------------------------------------------------------------
def test_only_what_is_live_and_safe_of_the_same_council(earlier):
    given(earlier, "clean")
    make_link(earlier.earlier, title="link")
    given(earlier, "infected", verdict=Verdict.INFECTED)
    given(earlier, "unscanned", verdict=Verdict.NOT_SCANNED)
    withdraw(given(earlier, "withdrawn"))
    make_item(earlier.other_challenge, title="of another council")
    make_item(earlier.challenge, title="here already")
    assert offered(earlier) == {"clean", "link"}
    earlier.earlier.evidence_disposed_at = "2026-10-01T00:00Z"
    earlier.earlier.save()
    assert offered(earlier) == set()


@pytest.mark.parametrize("person", ["contributor", "manager", "coordinator", "peer", "stranger", "other_host"])
def test_who_is_offered_nothing_and_takes_nothing(earlier, person):
    item, user = given(earlier), getattr(earlier, person)
    assert offered(earlier, user) == set()
    assert earlier.client_for(user).get(url(earlier, "reuse")).status_code == 404
    with pytest.raises((NoSeat, NotNow)):
        ask(earlier, item, by=user)
    assert not Reuse.objects.exists()


def test_another_councils_evidence_is_not_there_to_take(earlier):
    for theirs in (make_item(earlier.other_challenge), given(earlier, verdict=Verdict.INFECTED)):
        with pytest.raises(BadInput, match="Choose evidence of your council"):
            ask(earlier, theirs)
    assert not Reuse.objects.exists()


# --- what comes over ------------------------------------------------------------------------------------------
def test_a_file_comes_over_under_the_new_key_and_is_checked_anew(earlier, vault_dir):
    source = given(earlier)
    ReadingReceipt.objects.create(item=source, version=source.current, reader=earlier.peer, seat="peer")
    [asked] = ask(earlier, source)
    assert (asked.state, items_of(earlier)) == ("waiting", [])
    run_jobs()
    [item] = items_of(earlier)
    stored = item.current.stored_file
    assert b"".join(open_for_reading(stored)) == DATA
    assert (stored.scope, stored.verdict) == (earlier.challenge.scope, Verdict.PENDING)
    assert Job.objects.filter(kind="files.check", payload__file_id=str(stored.pk)).exists()
    old = source.current.stored_file
    assert vault().exists(old.path)
    assert file_context(old.scope, old.pk) != file_context(stored.scope, stored.pk)
    assert key_for(old.scope) != key_for(stored.scope)
    assert (item.title, item.taken_from_ref, item.taken_from_on, item.still_true) == (
        "Incident plan", earlier.earlier.ref, date(2026, 5, 1), WHY,
    )  # fmt: skip
    assert (item.source, item.period_from, item.added_by) == ("plan", date(2026, 1, 1), earlier.host_lead)
    assert [link.question for link in item.links.all()] == earlier.questions[:1]
    assert not item.receipts.exists()
    event = AuditEvent.objects.get(act=Act.EVIDENCE_REUSE)
    assert event.detail == {"from": earlier.earlier.ref, "item": source.pk}
    plain = [place for place in on_disk(vault_dir) if b"incident plan" in Path(place).read_bytes()]
    assert plain == []


def test_running_twice_and_asking_twice_doubles_nothing(earlier, vault_dir):
    source = given(earlier)
    before = len(on_disk(vault_dir))
    ask(earlier, source)
    assert ask(earlier, source) == []
    for _again in range(3):
        run_jobs()
    assert ask(earlier, source) == []
    assert len(items_of(earlier)) == 1
    assert len(on_disk(vault_dir)) == before + 1
    assert offered(earlier) == set()


def test_a_worker_that_died_after_the_copy_leaves_one_file(earlier, vault_dir, monkeypatch):
    [asked] = ask(earlier, given(earlier))
    before = len(on_disk(vault_dir))

    def died(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("peers.evidence.services.reuse._finish", died)
        with pytest.raises(KeyboardInterrupt):
            services.take_over(reuse_id=asked.pk)
    services.take_over(reuse_id=asked.pk)
    assert len(on_disk(vault_dir)) == before + 1
    assert len(items_of(earlier)) == 1
    assert StoredFile.objects.filter(scope=earlier.challenge.scope).count() == 1


def test_a_link_comes_over_at_once_and_meets_the_same_request(earlier):
    services.open_requests_from_framework(
        challenge=earlier.earlier, by=earlier.coordinator, at=earlier.challenge.stage_since
    )
    before = earlier.earlier.evidence_requests.get(question__code="T1.1")
    source = make_link(earlier.earlier, request=before, where="Intranet")
    EvidenceLink.objects.create(item=source, question=earlier.questions[0])
    [asked] = ask(earlier, source)
    assert (asked.state, asked.item.url, asked.item.where) == ("done", source.url, "Intranet")
    assert asked.item.request == a_request(earlier)
    assert a_request(earlier).state == "met"
    assert asked.item.taken_from_on is None


def test_withdrawn_here_it_can_be_taken_over_again(earlier):
    source = given(earlier)
    ask(earlier, source)
    run_jobs()
    withdraw(items_of(earlier)[0])
    assert offered(earlier) == {"Incident plan"}
    ask(earlier, source, why="Read it again yesterday.")
    run_jobs()
    first, second = items_of(earlier)
    assert (first.state, second.state, second.still_true) == ("withdrawn", "live", "Read it again yesterday.")
    assert Reuse.objects.count() == 1


def test_the_policy_of_now_decides(earlier):
    earlier.challenge.evidence_policy = "links"
    earlier.challenge.save()
    with pytest.raises(BadInput, match="links only"):
        ask(earlier, given(earlier))
    earlier.challenge.evidence_policy = "files"
    earlier.challenge.save()
    with pytest.raises(BadInput, match="files only"):
        ask(earlier, make_link(earlier.earlier))


# --- what goes wrong --------------------------------------------------------------------------------------------
def test_a_pack_released_meanwhile_stops_it_and_keeps_no_copy(earlier, vault_dir, django_capture_on_commit_callbacks):
    ask(earlier, given(earlier))
    before = on_disk(vault_dir)
    earlier.at(Stage.DESK_REVIEW)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    row = Reuse.objects.get()
    assert (row.state, bool(row.reason), items_of(earlier)) == ("stopped", True, [])
    assert on_disk(vault_dir) == before


def test_evidence_that_went_meanwhile_stops_it(earlier):
    source = given(earlier)
    ask(earlier, source)
    withdraw(source)
    run_jobs()
    assert (Reuse.objects.get().state, items_of(earlier)) == ("stopped", [])
    source.delete()
    assert Reuse.objects.get().source is None


def test_a_damaged_file_is_not_copied(earlier, vault_dir):
    source = given(earlier)
    place = vault_dir / source.current.stored_file.path
    sealed = bytearray(place.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    place.write_bytes(sealed)
    with pytest.raises(DamagedFile):
        copy_to_scope(source.current.stored_file, earlier.challenge.scope, earlier.host_lead)
    assert on_disk(vault_dir) == [str(place)]
    ask(earlier, source)
    run_jobs()
    assert Reuse.objects.get().state == "stopped"


def test_a_full_pack_takes_nothing_over(earlier, settings):
    settings.EVIDENCE_PACK_MB = 0
    ask(earlier, given(earlier))
    run_jobs()
    assert "does not fit" in Reuse.objects.get().reason


# --- the page ---------------------------------------------------------------------------------------------------
def test_choosing_on_the_page(earlier):
    one, two = given(earlier, "Plan one"), make_link(earlier.earlier, title="Page two")
    client = earlier.client_for(earlier.host_lead)
    page = client.get(url(earlier, "reuse")).content.decode()
    assert "Plan one" in page
    assert earlier.earlier.ref in page
    assert "Tick at least one" in client.post(url(earlier, "reuse"), {}).content.decode()
    wrong = client.post(url(earlier, "reuse"), {f"take_{two.pk}": "on", f"true_{one.pk}": "Of no use"})
    assert "Say why “Page two” is still true" in wrong.content.decode()
    sent = {f"take_{one.pk}": "on", f"true_{one.pk}": WHY, f"take_{two.pk}": "on", f"true_{two.pk}": WHY}
    assert client.post(url(earlier, "reuse"), sent).url == url(earlier, "reuse")
    after = client.get(url(earlier, "reuse")).content.decode()
    assert "Being taken over" in after
    assert "There is nothing to take over" in after
    run_jobs()
    item = EvidenceItem.objects.get(challenge=earlier.challenge, kind="file")
    assert f"From {earlier.earlier.ref}, then dated" in client.get(item.get_absolute_url()).content.decode()


def test_the_page_costs_the_same_for_few_and_many(earlier, django_assert_max_num_queries):
    client = earlier.client_for(earlier.host_lead)
    for more in (1, 25):
        for number in range(more):
            make_link(earlier.earlier, title=f"Page {number}")
        with django_assert_max_num_queries(15):
            client.get(url(earlier, "reuse"))
