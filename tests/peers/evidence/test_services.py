import datetime
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from cyber360.files.models import Verdict
from cyber360.notify.models import OutboxMail
from peers.access import SeatName
from peers.acts import Act
from peers.challenges.models import KeyDate
from peers.evidence import services
from peers.evidence.forms import LinkForm
from peers.evidence.models import EvidenceItem, EvidenceRequest, ReadingReceipt, Release
from peers.frameworks.models import EvidencePrompt
from peers.stages import Stage

from .conftest import a_request, hand, make_file, make_item, make_link

pytestmark = pytest.mark.django_db


# --- from the questionnaire -------------------------------------------------------------------------------
def test_requests_come_from_the_prompts_with_owner_and_due_date(cast):
    due = timezone.localdate() + datetime.timedelta(days=30)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.PREPARATION, due_on=due)
    services.open_requests_from_framework(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    rows = list(cast.challenge.evidence_requests.values_list("prompt", "owner", "due_on", "state"))
    early = due - datetime.timedelta(days=7)
    assert rows == [(f"Paper on {code}", cast.host_lead.pk, early, "open") for code in ("T1.1", "T1.2", "T2.1", "T2.2")]


def test_a_day_that_is_near_is_not_moved_into_the_past(cast):
    due = timezone.localdate() + datetime.timedelta(days=3)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.PREPARATION, due_on=due)
    services.open_requests_from_framework(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    assert set(cast.challenge.evidence_requests.values_list("due_on", flat=True)) == {due}


def test_opening_again_adds_nothing_and_keeps_what_was_said(room):
    services.mark_not_held(request=a_request(room), by=room.host_lead, reason="Never written.")
    services.open_requests_from_framework(challenge=room.challenge, by=room.coordinator, at=timezone.now())
    assert room.challenge.evidence_requests.count() == EvidencePrompt.objects.count() == 4
    assert a_request(room).state == "not_held"


def test_a_theme_that_left_the_scope_takes_its_open_requests_along(room):
    room.challenge.themes.remove(room.framework_version.themes.get(code="T2"))
    services.open_requests_from_framework(challenge=room.challenge, by=room.coordinator, at=timezone.now())
    states = dict(room.challenge.evidence_requests.values_list("question__code", "state"))
    assert states == {"T1.1": "open", "T1.2": "open", "T2.1": "not_needed", "T2.2": "not_needed"}


# --- requests ------------------------------------------------------------------------------------------------
def test_a_request_of_ones_own(room):
    row = services.add_request(
        challenge=room.challenge, by=room.manager, prompt="  Staff survey  ", owner=room.host_sponsor
    )
    assert (row.prompt, row.owner, row.state) == ("Staff survey", room.host_sponsor, "open")
    assert AuditEvent.objects.get(act=Act.EVIDENCE_REQUEST_EDIT).seat == SeatName.CHALLENGE_MANAGER


@pytest.mark.parametrize(
    "person", ["peer", "lead_peer", "observer", "contributor", "stranger", "other_host", "superuser"]
)
def test_who_may_not_ask(room, person):
    with pytest.raises((NoSeat, NotNow)):
        services.add_request(challenge=room.challenge, by=getattr(room, person), prompt="Something")
    assert room.challenge.evidence_requests.count() == 4


def test_the_owner_is_of_the_council(room):
    for person in (room.peer, room.stranger, room.coordinator):
        with pytest.raises(BadInput):
            services.add_request(challenge=room.challenge, by=room.host_lead, prompt="Something", owner=person)


def test_a_stale_edit_is_refused_and_hands_back_what_stands(room):
    row = a_request(room)
    services.edit_request(request=row, by=room.host_lead, version=1, prompt="First")
    with pytest.raises(StaleVersion) as raised:
        services.edit_request(request=row, by=room.host_sponsor, version=1, prompt="Second")
    assert raised.value.current.prompt == "First"


def test_not_held_needs_a_reason(room):
    row = a_request(room)
    with pytest.raises(BadInput):
        services.mark_not_held(request=row, by=room.host_lead, reason="  ")
    row.state = "not_held"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_met_needs_something_given(room):
    row = a_request(room)
    with pytest.raises(BadInput):
        services.mark_met(request=row, by=room.host_lead)
    make_link(room.challenge, request=row)
    assert services.mark_met(request=row, by=room.host_lead).state == "met"
    assert services.reopen_request(request=row, by=room.host_lead).state == "open"


def test_handing_over_by_mail_makes_a_contributor_and_sends_one_link(room):
    due = timezone.localdate() + datetime.timedelta(days=9)
    for _again in range(2):
        services.hand_request(
            request=a_request(room),
            by=room.host_lead,
            email="new.person@example.org",
            full_name="New Person",
            due_on=due,
        )
    row = a_request(room)
    assert (row.owner.email, row.due_on) == ("new.person@example.org", due)
    assert [seat.name for seat in room.challenge.seats.filter(user=row.owner)] == [SeatName.CONTRIBUTOR]
    letter = OutboxMail.objects.get(to=row.owner)
    assert "Paper on" not in letter.subject + letter.body
    assert "Northmere" in letter.subject
    assert mail.outbox == []


def test_a_peer_is_never_handed_a_request(room):
    with pytest.raises(BadInput):
        services.hand_request(request=a_request(room), by=room.host_lead, email=room.peer.email, full_name="Peer")


# --- items -----------------------------------------------------------------------------------------------------
def test_a_link_meets_its_request_and_serves_its_question(room):
    row = a_request(room)
    item = services.add_link(
        challenge=room.challenge, by=room.host_lead, request=row, title="Plan", url="https://intranet.example.org/a"
    )
    assert a_request(room).state == "met"
    assert [question.code for question in item.questions.all()] == ["T1.1"]


ADDRESSES = {
    "javascript:alert(1)": "starts with https",
    "data:text/html,<p>x</p>": "starts with https",
    "ftp://files.example.org/a": "starts with https",
    "file:///etc/passwd": "starts with https",
    "plan": "starts with https",
    "https://": "starts with https",
    "https://[::1": "starts with https",
    "http://intranet.example.org/a": "others on the way could read",
    "https://sam:pass@intranet.example.org/a": "name or password",
    "https://example.org@attacker.example/a": "name or password",
    "https://example.org/\u202etxt.exe": "cannot be seen",
    "https://example.org/a\u200bb": "cannot be seen",
    "https://example.org/a\x00b": "cannot be seen",
    "https://example.org\\@attacker.example": "name or password|backslash|Enter a valid URL",
}


def test_a_link_leads_to_the_web_and_nobody_else_reads_on_the_way(room):
    for address, words in ADDRESSES.items():
        with pytest.raises(BadInput, match=words):
            services.add_link(challenge=room.challenge, by=room.host_lead, title="Plan", url=address)
        form = LinkForm({"title": "Plan", "url": address, "marking": "official", "token": "t"})
        assert "url" in form.errors or address == "plan"  # the form puts https:// in front


def test_an_address_of_the_councils_own_network_is_kept_and_never_called(room, monkeypatch):
    def called(*args, **kwargs):
        raise AssertionError("a link was fetched")

    monkeypatch.setattr("socket.getaddrinfo", called)
    monkeypatch.setattr("socket.create_connection", called)
    client = room.client_for(room.host_lead)
    for address in ("https://10.1.2.3/plans", "https://[fd00::1]/plans", "https://localhost:8443/a"):
        item = services.add_link(challenge=room.challenge, by=room.host_lead, title="Plan", url=address)
        assert item.url == address
        assert address in client.get(item.get_absolute_url()).content.decode()


def test_a_link_from_before_stays_and_says_what_it_is(room):
    item = make_link(room.challenge)
    EvidenceItem.objects.update(url="http://intranet.example.org/old")
    page = room.client_for(room.host_lead).get(item.get_absolute_url()).content.decode()
    assert "http://intranet.example.org/old" in page
    assert "others on the way could read" in page
    words = {"item": item, "by": room.host_lead, "title": "Plan"}
    item = services.edit_item(**words, version=item.version, url="http://intranet.example.org/old")
    with pytest.raises(BadInput, match="https://"):
        services.edit_item(**words, version=item.version, url="http://intranet.example.org/new")
    item = services.edit_item(**words, version=item.version, url="https://intranet.example.org/new")
    assert not item.goes_in_clear


def test_the_policy_of_the_challenge_is_kept(room):
    room.challenge.evidence_policy = "files"
    room.challenge.save()
    with pytest.raises(BadInput):
        services.add_link(challenge=room.challenge, by=room.host_lead, title="Plan", url="https://example.org/")
    room.challenge.evidence_policy = "links"
    room.challenge.save()
    upload = SimpleNamespace(refusal="", name="plan.txt", sha256="0" * 64)
    [outcome] = services.add_files(challenge=room.challenge, by=room.host_lead, uploads=[upload])
    assert outcome.item is None
    assert "links only" in outcome.message


def test_the_same_link_form_sent_twice_adds_one(room):
    for _again in range(2):
        services.add_link(
            challenge=room.challenge, by=room.host_lead, title="Plan", url="https://example.org/", token="t-1"
        )
    assert EvidenceItem.objects.count() == 1


def test_questions_of_another_questionnaire_are_refused(room):
    item = make_link(room.challenge)
    room.challenge.themes.remove(room.framework_version.themes.get(code="T2"))
    with pytest.raises(BadInput):
        services.link_questions(item=item, by=room.host_lead, questions=[room.questions[3]])
    services.link_questions(item=item, by=room.host_lead, questions=room.questions[:2])
    assert item.questions.count() == 2


def test_withdrawing_the_last_item_opens_the_request_again(room):
    row = a_request(room)
    items = [make_link(room.challenge, request=row), make_link(room.challenge, request=row)]
    services.mark_met(request=row, by=room.host_lead)
    with pytest.raises(BadInput):
        services.withdraw_item(item=items[0], by=room.host_lead, reason=" ")
    services.withdraw_item(item=items[0], by=room.host_lead, reason="Old.")
    assert a_request(room).state == "met"
    services.withdraw_item(item=items[1], by=room.host_lead, reason="Old.")
    assert a_request(room).state == "open"


def test_nothing_changes_in_a_locked_pack(room):
    item, row = make_item(room.challenge), a_request(room)
    upload = SimpleNamespace(refusal="", name="plan.txt", sha256="0" * 64)
    services.lock_pack(challenge=room.challenge, by=room.coordinator, at=timezone.now())
    tries = [
        lambda: services.withdraw_item(item=item, by=room.host_lead, reason="Old."),
        lambda: services.edit_item(item=item, by=room.host_lead, version=1, title="New"),
        lambda: services.add_link(challenge=room.challenge, by=room.host_lead, title="a", url="https://example.org/"),
        lambda: services.add_files(challenge=room.challenge, by=room.host_lead, uploads=[upload], request=row),
    ]
    for attempt in tries:
        with pytest.raises(NotNow):
            attempt()
    services.unlock_pack(challenge=room.challenge, by=room.coordinator, at=timezone.now())
    assert (
        services.withdraw_item(item=EvidenceItem.objects.get(pk=item.pk), by=room.host_lead, reason="Old.").state
        == "withdrawn"
    )


def test_a_contributor_adds_only_to_what_was_handed_to_them(room):
    mine, theirs = hand(room, "T1.1"), a_request(room, "T1.2")
    link = {"challenge": room.challenge, "by": room.contributor, "title": "Plan", "url": "https://example.org/"}
    services.add_link(**link, request=mine)
    for request in (theirs, None):
        with pytest.raises(NoSeat):
            services.add_link(**link, request=request)


# --- release -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("verdict", [Verdict.NOT_SCANNED, Verdict.ERROR, Verdict.TOO_BIG])
def test_a_coordinator_releases_with_a_reason(room, verdict):
    version = make_item(room.challenge, verdict=verdict).current
    with pytest.raises(BadInput):
        services.release_version(version=version, by=room.coordinator, reason=" ")
    release = services.release_version(version=version, by=room.coordinator, reason="Scanned by the council.")
    assert services.release_version(version=version, by=room.coordinator, reason="Again.") == release
    event = AuditEvent.objects.get(act=Act.EVIDENCE_RELEASE)
    assert (event.seat, event.detail["verdict"]) == (SeatName.COORDINATOR, verdict)


@pytest.mark.parametrize("verdict", [Verdict.INFECTED, Verdict.PENDING, Verdict.CLEAN])
def test_what_is_never_released(room, verdict):
    version = make_item(room.challenge, verdict=verdict).current
    with pytest.raises(NotNow):
        services.release_version(version=version, by=room.coordinator, reason="Please.")
    assert Release.objects.count() == 0


def test_a_refused_file_is_never_released(room):
    version = make_item(room.challenge, verdict=Verdict.ERROR).current
    version.stored_file.refusal = "Not a Word file."
    version.stored_file.save()
    with pytest.raises(NotNow):
        services.release_version(version=version, by=room.coordinator, reason="Please.")


def test_a_released_file_that_turns_out_infected_is_shut_again(room):
    item = make_item(room.challenge, verdict=Verdict.NOT_SCANNED, release=True)
    room.at(Stage.DESK_REVIEW)
    assert EvidenceItem.objects.get(pk=item.pk).is_released
    item.current.stored_file.verdict = Verdict.INFECTED
    item.current.stored_file.save()
    assert not EvidenceItem.objects.get(pk=item.pk).is_released


@pytest.mark.parametrize(
    "person", ["host_lead", "host_sponsor", "manager", "peer", "contributor", "administrator", "superuser"]
)
def test_only_a_coordinator_releases(room, person):
    version = make_item(room.challenge, verdict=Verdict.NOT_SCANNED).current
    with pytest.raises((NoSeat, NotNow)):
        services.release_version(version=version, by=getattr(room, person), reason="Please.")
    assert Release.objects.count() == 0


# --- receipts --------------------------------------------------------------------------------------------------
def test_one_receipt_a_version_and_an_event_a_download(room):
    item = make_item(room.challenge)
    room.at(Stage.DESK_REVIEW)
    item = EvidenceItem.objects.get(pk=item.pk)
    for _again in range(2):
        services.record_download(version=item.current, by=room.peer)
    services.record_download(version=item.current, by=room.peer, counts=False)
    receipt = ReadingReceipt.objects.get()
    assert (receipt.reader, receipt.seat, receipt.kind) == (room.peer, SeatName.PEER, "download")
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_DOWNLOAD).count() == 2


def test_a_file_that_is_still_checked_goes_to_nobody(room):
    item = make_item(room.challenge, verdict=Verdict.PENDING)
    with pytest.raises(NotNow):
        services.record_download(version=item.current, by=room.host_lead)
    assert ReadingReceipt.objects.count() == 0


# --- the database's own word --------------------------------------------------------------------------------------
def test_a_link_has_an_address_and_a_file_none(room):
    for kind, address in (("link", ""), ("file", "https://example.org/")):
        with pytest.raises(IntegrityError), transaction.atomic():
            EvidenceItem.objects.create(challenge=room.challenge, kind=kind, title="x", url=address)


def test_a_question_is_asked_for_the_same_thing_once(room):
    row = a_request(room)
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceRequest.objects.create(challenge=room.challenge, question=row.question, prompt=row.prompt)


def test_the_same_request_is_not_added_twice(room):
    services.add_request(challenge=room.challenge, by=room.host_lead, prompt="Staff survey")
    with pytest.raises(BadInput, match=r"^This is already asked for\.$"):
        services.add_request(challenge=room.challenge, by=room.host_lead, prompt="Staff survey")


def test_a_version_number_is_used_once(room):
    item = make_item(room.challenge)
    with pytest.raises(IntegrityError), transaction.atomic():
        item.versions.create(number=1, stored_file=make_file(room.challenge))
