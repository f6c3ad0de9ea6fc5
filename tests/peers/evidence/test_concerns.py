"""A file that is held back: who sees what of it, who answers, who is told."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.files.models import CheckStep, Concern, ScannerState, State, StoredFile, Verdict
from cyber360.files.services import check_and_scan, delete_unanswered
from cyber360.files.steps import first_steps
from cyber360.notify.models import OutboxMail
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import EvidenceItem, Release
from peers.evidence.queries.visibility import AWAITING_RELEASE, REPLACE, SAFE
from peers.records import services as records
from peers.stages import Stage
from tests.peers.evidence.conftest import hand, make_item, make_link, url, withdraw

pytestmark = pytest.mark.django_db
READERS = ("host_lead", "host_sponsor", "coordinator", "manager", "contributor", "lead_peer", "peer", "observer")


def held_item(room, person=None, title: str = "The odd paper", data: bytes = b"OFFICIAL\n\nSECRET\n") -> EvidenceItem:
    """A file given for a request in the contributor's hands, checked and held back."""
    request = hand(room, person=person) if person is not None else None
    item = make_item(room.challenge, verdict=Verdict.PENDING, title=title, request=request, data=data)
    check_and_scan(file_id=item.current.stored_file_id)
    return fresh(item)


def fresh(item: EvidenceItem) -> EvidenceItem:
    rows = EvidenceItem.objects.select_related("challenge__council", "request", "current__stored_file")
    return rows.get(pk=item.pk)


def body(response) -> str:
    return " ".join(response.content.decode().split())


# --- SAFE and is_safe say the same -------------------------------------------------------------------
def test_sql_and_python_say_the_same_of_every_state(room):
    """Verdict, state of the bytes, refusal, open concern, release, withdrawn, replaced: all of them together."""
    Concern.objects.all().delete()
    made = []
    for verdict, state, refusal, held, released in itertools.product(
        Verdict, (State.STORED, State.GONE), ("", "No."), ("", "marking"), (False, True)
    ):
        item = make_item(room.challenge, verdict=verdict, release=released)
        StoredFile.objects.filter(pk=item.current.stored_file_id).update(state=state, refusal=refusal, held_for=held)
        made.append(item.pk)
    made += [withdraw(make_item(room.challenge)).pk, make_link(room.challenge).pk]
    empty = make_item(room.challenge)
    EvidenceItem.objects.filter(pk=empty.pk).update(current=None)
    rows = EvidenceItem.objects.filter(pk__in=[*made, empty.pk])
    in_sql = {name: set(rows.filter(q).values_list("pk", flat=True)) for name, q in _NAMED.items()}
    out_sql = set(rows.exclude(SAFE).values_list("pk", flat=True))
    for item in rows.select_related("current__stored_file", "current__release", "challenge"):
        assert (item.pk in in_sql["safe"]) is item.is_safe, item
        assert (item.pk in out_sql) is not item.is_safe, item
        may_be = item.current is not None and item.current.may_be_released
        assert (item.pk in in_sql["awaiting"]) is may_be, item
        if item.is_safe and not item.is_link:
            assert not item.current.stored_file.has_open_concern
            assert item.pk not in in_sql["replace"]
    assert (
        len(in_sql["safe"]) == 1 + 1 + 2 + 3
    )  # a link, the withdrawn one, clean with and without a word, three released


_NAMED = {"safe": SAFE, "awaiting": AWAITING_RELEASE, "replace": REPLACE}


def test_status_and_safety_agree(room):
    for verdict in Verdict:
        item = make_item(room.challenge, verdict=verdict)
        assert (item.status.colour == "green") is item.is_safe
    held = held_item(room)
    assert (held.status.word, held.status.colour, held.is_safe) == ("Held back", "orange", False)
    assert "a marking above OFFICIAL-SENSITIVE" in held.status.detail


# --- who sees it -------------------------------------------------------------------------------------
def test_only_those_who_can_answer_may_open_it(room, scanner_says):
    scanner_says(Verdict.CLEAN)
    item = held_item(room, room.contributor)
    room.challenge.download_policy = "originals"
    room.challenge.save()
    for name in READERS:
        opens = name in {"host_lead", "host_sponsor", "contributor"}
        for act in (Act.EVIDENCE_DOWNLOAD, Act.EVIDENCE_PREVIEW):
            if opens:
                assert queries.get_version(getattr(room, name), room.challenge.ref, item.pk, 1, act)
            else:
                with pytest.raises((NoSeat, NotNow)):
                    queries.get_version(getattr(room, name), room.challenge.ref, item.pk, 1, act)


def test_it_never_reaches_the_team(room, scanner_says):
    scanner_says(Verdict.CLEAN)
    item = held_item(room)
    room.at(Stage.DESK_REVIEW)
    for person in (room.lead_peer, room.peer, room.observer):
        assert room.client_for(person).get(url(room, "item", item.pk)).status_code == 404
        assert "The odd paper" not in body(room.client_for(person).get(url(room)))
        assert not queries.items_visible_to(person, fresh(item).challenge).exists()
    for person in room.outsiders.values():
        assert room.client_for(person).get(url(room, "concern", item.pk)).status_code == 404


def test_a_coordinators_word_does_not_let_it_through(room):
    item = held_item(room)
    assert item.current.stored_file.verdict == Verdict.NOT_SCANNED
    with pytest.raises(NotNow, match="has not answered"):
        services.release_version(version=item.current, by=room.coordinator, reason="I know the author.")
    Release.objects.create(version=item.current, reason="From before it was held.")
    assert not fresh(item).is_safe


def test_a_held_file_blocks_the_pack_until_the_host_has_answered(room):
    item = held_item(room)
    (blocker,) = queries.unsafe_files(room.challenge)
    assert "is held back until the host" in blocker.sentence
    services.answer_concern(item=item, by=room.host_lead, reason="An example of a course.")
    (blocker,) = queries.unsafe_files(room.challenge)
    assert "not scanned" in blocker.sentence


# --- the answer --------------------------------------------------------------------------------------
def test_the_council_says_that_it_is_not_that(room, scanner_says):
    scanner_says(Verdict.CLEAN)
    item = held_item(room)
    client = room.client_for(room.host_lead)
    page = body(client.get(url(room, "concern", item.pk)))
    assert "a marking above OFFICIAL-SENSITIVE (found once)" in page
    assert "Give the reason" in body(client.post(url(room, "concern", item.pk), {"reason": " "}))
    assert not fresh(item).is_safe
    answer = client.post(url(room, "concern", item.pk), {"reason": "A slide of a course."}, follow=True)
    assert "no longer held back" in body(answer)
    assert fresh(item).is_safe
    event = AuditEvent.objects.get(act=Act.EVIDENCE_CONCERN_ANSWER)
    assert event.detail["kinds"] == ["marking"]
    assert event.detail["reason"] == "A slide of a course."
    assert "A slide of a course." in body(room.client_for(room.coordinator).get(url(room, "quarantine")))
    assert client.get(url(room, "concern", item.pk)).status_code == 302


def test_answering_twice_does_no_harm(room):
    item = held_item(room)
    for reason in ("The first.", "The second."):
        services.answer_concern(item=item, by=room.host_lead, reason=reason)
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_CONCERN_ANSWER).count() == 1
    assert Concern.objects.get().answer_reason == "The first."


def test_the_contributor_answers_for_what_was_given_for_their_own_request(room):
    item = held_item(room, room.contributor)
    services.answer_concern(item=item, by=room.contributor, reason="Invented numbers.")
    assert not fresh(item).current.stored_file.has_open_concern
    other = held_item(room, title="Another")
    with pytest.raises(NoSeat):
        services.answer_concern(item=other, by=room.contributor, reason="Not mine.")


@pytest.mark.parametrize("name", ["coordinator", "manager", "peer", "observer", "stranger", "other_host", "superuser"])
def test_nobody_else_answers_or_removes(room, name):
    item = held_item(room)
    person = getattr(room, name)
    with pytest.raises((NoSeat, NotNow)):
        services.answer_concern(item=item, by=person, reason="I say so.")
    with pytest.raises((NoSeat, NotNow)):
        services.remove_held(item=item, by=person)
    client = room.client_for(person)
    assert client.post(url(room, "concern", item.pk), {"reason": "I say so."}).status_code in {403, 404}
    assert client.post(url(room, "remove_held", item.pk)).status_code in {403, 404}
    assert fresh(item).current.stored_file.has_open_concern


def test_an_answer_needs_a_reason(room):
    with pytest.raises(BadInput):
        services.answer_concern(item=held_item(room), by=room.host_lead, reason=" ")


def test_removing_deletes_the_bytes_at_once(room, vault_dir, django_capture_on_commit_callbacks):
    item = held_item(room, room.contributor)
    request = item.request
    request.state = "met"
    request.save()
    with django_capture_on_commit_callbacks(execute=True):
        answer = room.client_for(room.contributor).post(url(room, "remove_held", item.pk))
    assert answer.status_code == 302
    item = fresh(item)
    assert (item.is_live, item.current.stored_file.state) == (False, State.GONE)
    assert not (vault_dir / item.current.stored_file.path).exists()
    request.refresh_from_db()
    assert request.is_open
    services.remove_held(item=item, by=room.host_lead)


def test_removing_asks_first_and_keeps_what_was_typed(room):
    item, same = held_item(room), held_item(room, title="Its annex")
    client, here = room.client_for(room.host_lead), url(room, "concern", item.pk)
    sent = {"reason": "Typed so far.", "also": [same.pk], "remove": "1"}
    asked = client.post(here, sent)
    assert (asked.status_code, asked.url) == (302, url(room, "remove_held", item.pk))
    page = body(client.get(asked.url))
    assert "Delete the file for good" in page
    assert item.current.stored_file.name in page
    assert fresh(item).current.stored_file.has_open_concern
    assert "Typed so far." in body(client.get(here))
    assert client.get(here).context["form"]["also"].value() == [str(same.pk)]
    client.post(asked.url)
    assert fresh(item).current.stored_file.state == State.GONE
    assert client.get(asked.url).status_code == 302
    assert "Typed so far." not in body(client.get(url(room, "concern", same.pk)))


def test_what_is_not_held_is_not_removed_that_way(room):
    with pytest.raises(NotNow):
        services.remove_held(item=make_item(room.challenge), by=room.host_lead)


# --- being told --------------------------------------------------------------------------------------
def told(kind: str) -> set[str]:
    return set(OutboxMail.objects.filter(kind=kind).values_list("address", flat=True))


def no_mail_tells_more_than_it_may(title: str) -> None:
    for mail in OutboxMail.objects.all():
        assert title not in mail.subject + mail.body
        assert "plan.txt" not in mail.subject + mail.body


def test_the_host_is_told_that_a_file_is_held(room):
    held_item(room)
    assert told("evidence.held") == {room.host_lead.email}
    no_mail_tells_more_than_it_may("The odd paper")
    assert "within 7 days" in OutboxMail.objects.get(kind="evidence.held").body


def test_a_virus_is_told_to_host_and_uploader_with_what_to_do(room, scanner_says):
    item = make_item(room.challenge, verdict=Verdict.PENDING, title="The odd paper")
    item.current.uploaded_by = room.contributor
    item.current.save()
    scanner_says(Verdict.INFECTED, "Win.Test")
    for _time in range(2):
        check_and_scan(file_id=item.current.stored_file_id, again=True)
    assert told("evidence.infected") == {room.host_lead.email, room.contributor.email}
    assert OutboxMail.objects.filter(kind="evidence.infected").count() == 2
    assert "do not open the file" in OutboxMail.objects.filter(kind="evidence.infected").first().body
    no_mail_tells_more_than_it_may("The odd paper")


def test_a_released_file_that_turns_infected_is_withdrawn_from_reading_at_once(room, scanner_says):
    item = make_item(room.challenge, verdict=Verdict.CLEAN, title="The odd paper")
    room.at(Stage.DESK_REVIEW)
    assert room.client_for(room.peer).get(url(room, "item", item.pk)).status_code == 200
    scanner_says(Verdict.INFECTED, "Win.New")
    check_and_scan(file_id=item.current.stored_file_id, again=True, only_scan=True)
    assert room.client_for(room.peer).get(url(room, "item", item.pk)).status_code == 404
    assert told("evidence.infected") == {room.host_lead.email, room.coordinator.email}
    page = body(room.client_for(room.coordinator).get(url(room, "quarantine")))
    assert "A virus was found (Win.New)" in page
    assert "the host was told by mail what to do" in page


def test_without_an_answer_it_is_deleted_and_the_host_told(room):
    item = held_item(room)
    Concern.objects.update(raised_at=timezone.now() - timedelta(days=8))
    hold = records.set_hold(challenge=room.challenge, by=room.coordinator, reason="A complaint.")
    assert delete_unanswered() == 0
    assert fresh(item).current.stored_file.state == State.STORED
    records.lift_hold(hold=hold, by=room.coordinator, reason="Settled.")
    assert delete_unanswered() == 1
    assert told("evidence.unanswered") == {room.host_lead.email}
    item = fresh(item)
    assert (item.status.word, item.current.stored_file.state) == ("Not kept", State.GONE)
    assert AuditEvent.objects.filter(act="evidence.unanswered").count() == 1


def test_who_removed_it_is_told_to_the_others_and_never_to_themselves(room):
    for person, others in ((room.host_lead, set()), (room.contributor, {room.host_lead.email})):
        OutboxMail.objects.all().delete()
        item = held_item(room, room.contributor)
        services.remove_held(item=item, by=person)
        assert told("evidence.removed") == others
        assert not told("evidence.unanswered")
    mail = OutboxMail.objects.get(kind="evidence.removed")
    assert f"{room.contributor.full_name} removed it" in mail.body
    assert "nobody answered" not in mail.body
    assert not AuditEvent.objects.filter(act="evidence.unanswered").exists()
    no_mail_tells_more_than_it_may("The odd paper")


# --- the coordinator's pages ---------------------------------------------------------------------------
def test_the_coordinator_reads_why_what_was_told_and_what_happened(room, settings):
    settings.CLAMD = "/run/none.sock"
    item = held_item(room)
    assert item.current.stored_file.verdict == Verdict.ERROR
    client = room.client_for(room.coordinator)
    page = body(client.get(url(room, "quarantine")))
    for words in (
        "It looks as if it holds a marking",
        "By mail: to remove it",
        "Held back; the host was told",
        "Viruses",
    ):
        assert words in page
    assert "Release with a reason" not in page
    client.post(url(room, "check_again", item.pk))
    assert "Another check was asked for" in body(client.get(url(room, "quarantine")))
    services.answer_concern(item=item, by=room.host_lead, reason="An example.")
    page = body(client.get(url(room, "quarantine")))
    assert "Release with a reason" in page
    said = "It looked as if it held a marking above OFFICIAL-SENSITIVE"
    assert page.count("An example.") >= 2
    assert f"{room.host_lead.full_name} said on" in page
    page = body(client.get(url(room, "release", item.pk, 1)))
    assert said in page
    assert "An example." in page
    assert (
        f"{room.host_lead.full_name} said with a reason"
        in CheckStep.objects.get(stored_file=item.current.stored_file, step="sensitive").sentence
    )


def test_the_held_box_comes_before_the_reading(room):
    item = held_item(room)
    page = body(room.client_for(room.host_lead).get(item.get_absolute_url()))
    assert page.index("Answer or remove it") < page.index("Read it in the page")
    services.remove_held(item=item, by=room.host_lead)
    page = body(room.client_for(room.host_lead).get(item.get_absolute_url()))
    assert ">in use<" not in page
    assert "Read it in the page" not in page
    there = body(room.client_for(room.host_lead).get(url(room, "preview", item.pk, 1)))
    assert "Nothing can be shown here" in there
    assert "ask the host lead" not in there


@pytest.mark.parametrize("name", ["host_lead", "peer", "manager", "stranger", "administrator"])
def test_the_list_of_all_challenges_is_the_coordinators(room, name):
    held_item(room)
    assert room.client_for(getattr(room, name)).get("/held-files/").status_code == 404
    assert "The odd paper" in body(room.client_for(room.coordinator).get("/held-files/"))


def test_the_list_of_all_challenges_names_each_challenge(room):
    make_item(room.challenge, verdict=Verdict.INFECTED, title="One here")
    make_item(room.other_challenge, verdict=Verdict.INFECTED, title="One there")
    room.other_challenge.stage = Stage.CLOSED
    room.other_challenge.save()
    page = body(room.client_for(room.coordinator).get("/held-files/"))
    assert "One here" in page
    assert "Northmere" in page
    assert "One there" not in page


@pytest.mark.parametrize("address", ["/held-files/", "quarantine"])
def test_the_pages_cost_the_same_for_many(room, django_assert_max_num_queries, address):
    path = address if address.startswith("/") else url(room, address)
    client = room.client_for(room.coordinator)
    for size in (1, 20):
        for _number in range(size):
            item = make_item(room.challenge, verdict=Verdict.ERROR)
            first_steps(item.current.stored_file)
        answered = held_item(room)
        services.answer_concern(item=answered, by=room.host_lead, reason="An example.")
        with django_assert_max_num_queries(15):
            assert client.get(path).status_code == 200


def test_old_signatures_are_warned_of(room, settings):
    settings.CLAMD = "/run/none.sock"
    day = timezone.localdate() - timedelta(days=9)
    state = ScannerState.objects.create(version="x", signatures_on=day, asked_at=timezone.now())
    client = room.client_for(room.coordinator)
    assert "signatures are old" in body(client.get(url(room, "quarantine")))
    state.failure = "TimeoutError"
    state.save()
    assert "does not answer" in body(client.get(url(room, "quarantine")))
    settings.CLAMD = ""
    assert "Scanning is off" in body(client.get(url(room, "quarantine")))


# --- the steps on the page of an item -------------------------------------------------------------------
def test_the_checks_of_an_item_for_those_who_may_see_them(room):
    item = held_item(room, room.contributor)
    for person in (room.host_lead, room.contributor, room.coordinator):
        checks = queries.checks_of(person, item)
        assert [step.step for step in checks.steps] == ["size", "name", "content", "archive", "sensitive", "scan"]
        assert checks.are_open
        assert checks.may_answer is (person != room.coordinator)
        assert checks.answer_by == timezone.localdate() + timedelta(days=7)
    room.at(Stage.DESK_REVIEW)
    assert queries.checks_of(room.peer, fresh(item)) is None
    assert queries.checks_of(room.host_lead, make_link(room.challenge)) is None


def test_the_checks_of_many_items_cost_two_queries(room, django_assert_num_queries):
    items = [held_item(room, title=f"Paper {number}") for number in range(4)]
    with django_assert_num_queries(2):
        assert all(len(checks.steps) == 6 for checks in queries.checks_for(items).values())
    assert CheckStep.objects.count() == 24


# --- typed words -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("field", ["title", "shows", "where", "who_can_open"])
def test_a_marking_in_typed_words_is_refused(room, field):
    words = {"title": "Plan", "url": "https://intranet.example.org/", field: "The TOP SECRET annex"}
    with pytest.raises(BadInput, match="small letters"):
        services.add_link(challenge=room.challenge, by=room.host_lead, **words)
    assert not EvidenceItem.objects.exists()


def test_an_old_title_does_not_keep_evidence_from_being_withdrawn(room):
    item = make_item(room.challenge, title="SECRET annex")
    assert not services.withdraw_item(item=item, by=room.host_lead, reason="Wrong paper.").is_live


# --- several at once -----------------------------------------------------------------------------------
def unscanned(room, number: int) -> list[EvidenceItem]:
    return [make_item(room.challenge, verdict=Verdict.NOT_SCANNED, title=f"Paper {one}") for one in range(number)]


def test_several_files_are_released_with_one_reason_and_each_is_recorded(room):
    first, second, third = unscanned(room, 3)
    client = room.client_for(room.coordinator)
    assert "Release the ticked files" in body(client.get(url(room, "quarantine")))
    ticked = {"version": [first.current_id, second.current_id]}
    address = url(room, "release_several")
    assert "Another reason for “Paper 1”" in body(client.get(address, ticked))
    assert "Give one reason for all of them" in body(client.post(address, ticked))
    assert not Release.objects.exists()
    sent = {**ticked, "reason": "Scanned by us.", f"reason_{second.current_id}": "Typed here."}
    page = body(client.post(address, sent, follow=True))
    assert "2 files may go to the team: Paper 0, Paper 1." in page
    assert dict(Release.objects.values_list("version_id", "reason")) == {
        first.current_id: "Scanned by us.", second.current_id: "Typed here.",
    }  # fmt: skip
    told = AuditEvent.objects.filter(act=Act.EVIDENCE_RELEASE, object_type="evidenceitem")
    assert set(told.values_list("object_id", flat=True)) == {str(first.pk), str(second.pk)}
    assert not fresh(third).is_safe


def test_a_pack_of_files_is_released_from_one_page_and_told_in_brief(room):
    ticked = {"version": [item.current_id for item in unscanned(room, 60)]}
    client = room.client_for(room.coordinator)
    page = body(client.get(url(room, "quarantine")))
    assert page.count('name="version"') == 60
    assert page.count('form="release-several">Release the ticked files') == 2  # above the table and below it
    assert "Tick all on this page" in page
    assert "tick-all.js" in page
    asked = body(client.get(url(room, "release_several"), ticked))
    assert asked.count("No virus scanner was connected when it was checked.") == 1
    assert asked.count('name="version"') == 60
    page = body(client.post(url(room, "release_several"), {**ticked, "reason": "Scanned by us."}, follow=True))
    assert "60 files may go to the team: Paper 0, Paper 1, Paper 2, Paper 3, Paper 4 and 55 more." in page
    assert Release.objects.count() == 60


def test_what_changed_since_it_was_ticked_is_left_out_and_told(room):
    good, infected, held, gone = [*unscanned(room, 2), held_item(room), *unscanned(room, 1)]
    ticked = {"version": [one.current_id for one in (good, infected, held, gone)], "reason": "Scanned by us."}
    infected.current.stored_file.verdict = Verdict.INFECTED
    infected.current.stored_file.save()
    withdraw(gone)
    page = body(room.client_for(room.coordinator).post(url(room, "release_several"), ticked, follow=True))
    assert "1 file may go to the team: Paper 0." in page
    assert "3 of the files that you ticked have changed since" in page
    assert list(Release.objects.values_list("version_id", flat=True)) == [good.current_id]
    settled = services.release_several(
        challenge=room.challenge, by=room.coordinator, chosen=[(infected.current, "x"), (held.current, "x")]
    )
    assert [bool(one.left) for one in settled] == [True, True]
    page = room.client_for(room.coordinator).get(url(room, "release_several"), {"version": [infected.current_id, "x"]})
    assert page.status_code == 302


@pytest.mark.parametrize("name", ["host_lead", "peer", "manager", "contributor", "stranger", "administrator"])
def test_nobody_else_releases_several(room, name):
    ticked = {"version": [one.current_id for one in unscanned(room, 2)], "reason": "Please."}
    assert room.client_for(getattr(room, name)).post(url(room, "release_several"), ticked).status_code == 404
    assert not Release.objects.exists()


def test_files_of_another_challenge_are_not_released_with_ours(room):
    there = make_item(room.other_challenge, verdict=Verdict.NOT_SCANNED)
    [here] = unscanned(room, 1)
    ticked = {"version": [here.current_id, there.current_id], "reason": "Scanned by us."}
    room.client_for(room.coordinator).post(url(room, "release_several"), ticked)
    assert list(Release.objects.values_list("version_id", flat=True)) == [here.current_id]


@pytest.mark.parametrize("many", [2, 20])
def test_the_page_for_several_costs_the_same(room, django_assert_max_num_queries, many):
    ticked = {"version": [one.current_id for one in unscanned(room, many)]}
    client = room.client_for(room.coordinator)
    with django_assert_max_num_queries(15):
        assert client.get(url(room, "release_several"), ticked).status_code == 200


def test_one_answer_does_for_files_held_for_the_same(room):
    item, same = held_item(room), held_item(room, title="Its annex")
    other = held_item(room, title="Other matter", data=b"password: Hunter2!2026\n")
    client = room.client_for(room.host_lead)
    page = body(client.get(url(room, "concern", item.pk)))
    assert "Its annex" in page
    assert "Other matter" not in page
    sent = {"reason": "An example.", "also": [same.pk, other.pk]}
    page = body(client.post(url(room, "concern", item.pk), sent, follow=True))
    assert "and 1 other file are no longer held back" in page
    assert "1 of the files that you ticked is no longer held back for the same" in page
    assert [fresh(one).current.stored_file.held_for for one in (item, same)] == ["", ""]
    assert fresh(other).current.stored_file.has_open_concern
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_CONCERN_ANSWER).count() == 2


def test_a_contributor_is_not_told_of_others_held_files(room):
    mine, theirs = held_item(room, person=room.contributor), held_item(room, title="Not theirs")
    client = room.client_for(room.contributor)
    assert "Not theirs" not in body(client.get(url(room, "concern", mine.pk)))
    client.post(url(room, "concern", mine.pk), {"reason": "An example.", "also": [theirs.pk]})
    assert fresh(theirs).current.stored_file.has_open_concern
