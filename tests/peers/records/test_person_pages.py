"""Correcting what an account says of a person, and erasing who they are: canaries in every place."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cyber360.accounts.correcting import correct_account
from cyber360.accounts.erasing import forget_last_addresses
from cyber360.accounts.models import SignInLink, User
from cyber360.accounts.services import enable_account, invite, make_link_session
from cyber360.audit.models import AuditEvent
from cyber360.audit.services import record, verify_scope
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from cyber360.files.models import StoredFile, Upload
from cyber360.jobs.models import Job
from cyber360.jobs.worker import run
from cyber360.notify.models import OutboxMail
from cyber360.notify.services import queue_mail, send_mail
from peers.access import SeatName
from peers.acts import Act
from peers.agreements.models import Agreement, DocumentTemplate
from peers.answers.models import Answer
from peers.challenges.models import Programme, ProgrammeSeat, Seat
from peers.onsite.models import Attendee, Conversation, Note
from peers.planning.models import CalendarFeed, Placement, PreferredPair, SeasonPlan
from peers.pool.models import BlackoutPeriod, Interest, PeerProfile, PoolInvitation
from peers.records.models import ExportState
from peers.records.queries.person_held import held_about
from peers.records.queries.person_sheets import person_sheets
from peers.records.services import set_hold
from peers.records.services.correcting import correct_person
from peers.records.services.erasing import erase_person
from peers.records.services.information_person import ask_about_person
from peers.scoring.models import Score
from peers.stages import Stage
from tests.factories.worlds import make_council, make_peer, make_user, sit

from .conftest import vault_dir  # noqa: F401 - a fixture of this folder

pytestmark = pytest.mark.django_db

NAME, EMAIL, WORD = "Zephyrine Quillfeather", "zephyrine.quillfeather@example.org", "canary-zq"
PATHS = ("person", "person_correct", "person_erase")
# The chain is sealed; what was signed stays as it was signed.
KEEP_NAMES = {"audit.AuditEvent", "peers.Agreement"}


@pytest.fixture
def former(cast):
    """A peer whose one challenge is over, with a canary in every place that the product fills about a person."""
    cast.person = person = make_user(NAME, email=EMAIL, job_title=f"{WORD} officer")
    cast.profile = profile = make_peer(person, biography=f"{WORD} biography", access_needs=f"{WORD} needs")
    challenge = cast.at(Stage.CLOSED)
    sit(person, SeatName.PEER, challenge)
    now, today = timezone.now(), timezone.localdate()
    Interest.objects.create(profile=profile, council=make_council(), kind="family", words=f"{WORD} family")
    BlackoutPeriod.objects.create(profile=profile, first_day=today, last_day=today, words=f"{WORD} surgery")
    Placement.objects.create(
        challenge=challenge, profile=profile, state="declined", reason=f"{WORD} override", message=f"Dear {NAME}",
        answer_reason=f"{WORD} illness", invited_at=now, answered_at=now,
    )  # fmt: skip
    first, second = sorted([profile, cast.pool_peer_profile], key=lambda one: one.pk)
    PreferredPair.objects.create(programme=cast.programme, first=first, second=second, words=f"{WORD} quarrel")
    PoolInvitation.objects.create(programme=cast.programme, user=person, reason=f"{WORD} rumour", applied_at=now)
    first_week = today - timedelta(days=today.weekday())
    SeasonPlan.objects.create(
        programme=cast.programme, title="Autumn", first_week=first_week,
        remarks=["Stays.", f"{NAME} is pinned."], reasons=[{"text": f"{NAME} cannot"}],
    )  # fmt: skip
    met = Conversation.objects.create(challenge=challenge, title="Finance", starts_at=now, minutes=45)
    Attendee.objects.create(conversation=met, role="Peer", name=NAME, job_title=f"{WORD} officer")
    CalendarFeed.objects.create(owner=person, secret_hash="ab" * 32)
    Note.objects.create(challenge=challenge, owner=person, text="What they told me.")
    Score.objects.create(challenge=challenge, question=cast.questions[0], owner=person, level=1)
    Answer.objects.create(
        challenge=challenge, question=cast.questions[0], level=2, text="Held on paper.", updated_by=person
    )
    terms = DocumentTemplate.objects.create(kind="peer_terms", number=1, title="Terms", body="Terms.")
    Agreement.objects.create(
        challenge=challenge, template=terms, kind="peer_terms", title="Terms", body="Terms.", body_sha256="ab" * 32,
        for_user=person, signed_by=person, signed_name=NAME, signed_job_title="Officer", signed_at=now,
        state="returned",
    )  # fmt: skip
    _ways_in(cast, person)
    _mails(cast, person)
    return cast


def _ways_in(cast, person) -> None:
    EmailAddress.objects.create(user=person, email=EMAIL, primary=True, verified=True)
    for kind in Authenticator.Type.values:
        Authenticator.objects.create(user=person, type=kind, data={"of": NAME})
    UserSession.objects.create(
        user=person, ip="192.0.2.1", user_agent="Browser", session_key=cast.client_for(person).session.session_key
    )
    with transaction.atomic():
        make_link_session(person, "/challenges/", timezone.now() + timedelta(days=3))
    Upload.objects.create(
        scope=cast.challenge.scope, name=f"{WORD}.pdf", size=9, owner=person, touched_at=timezone.now(), target={}
    )


def _mails(cast, person) -> None:
    with transaction.atomic():
        sent = queue_mail(to=person, kind="told", subject=f"Hello {NAME}", body=WORD, link="/", key="told:1")
        queue_mail(to=person, kind="told", subject=WORD, body=WORD, link="/", key="told:2")
        queue_mail(
            to=cast.coordinator, kind="told", subject=f"{NAME} has declined", link="/", key="told:3",
            body=f"{NAME}, {WORD} officer, <{EMAIL}>.",
        )  # fmt: skip
    send_mail(mail_id=sent.pk)


def tables_with(*words: str) -> dict[str, str]:
    """The label of every table that holds one of the words in any column, with the row."""
    found = {}
    for model in apps.get_models():
        for row in model._base_manager.values_list():
            if any(word.lower() in str(row).lower() for word in words):
                found[model._meta.label] = str(row)
    return found


def correct(cast, person, by=None, **said):
    person.refresh_from_db()
    fields = {"full_name": person.full_name, "job_title": person.job_title, "email": person.email} | said
    return correct_person(person=person, by=by or cast.coordinator, **{"version": person.version} | fields)


def waiting_to(address: str):
    return OutboxMail.objects.filter(address=address, state="waiting")


# --- the page ----------------------------------------------------------------------------------------
def test_only_a_coordinator_opens_the_pages_and_only_for_people_of_the_programme(former):
    stranger = make_user("Nobody Here")
    for name in (
        "host_lead",
        "host_sponsor",
        "manager",
        "lead_peer",
        "peer",
        "contributor",
        "observer",
        *former.outsiders,
    ):
        client = former.client_for(getattr(former, name))
        for path in PATHS:
            address = reverse(f"records:{path}", args=[former.person.pk])
            assert client.get(address).status_code == 404, (name, path)
            assert client.post(address, {"typed": NAME, "version": 1}).status_code in (404, 405), (name, path)
        with pytest.raises(NoSeat):
            correct(former, former.person, by=getattr(former, name), full_name="Somebody Else")
        with pytest.raises(NoSeat):
            erase_person(person=former.person, by=getattr(former, name), typed=NAME)
    client = former.client_for(former.coordinator)
    for path in PATHS:
        assert client.get(reverse(f"records:{path}", args=[former.person.pk])).status_code == 200
        never_was = client.get(reverse(f"records:{path}", args=[987654]))
        foreign = client.get(reverse(f"records:{path}", args=[stranger.pk]))
        assert (foreign.status_code, never_was.status_code) == (404, 404)
    former.person.refresh_from_db()
    assert former.person.full_name == NAME
    assert Client().get(reverse("records:person", args=[former.person.pk])).status_code == 302


def test_page_and_copy_count_the_same_rows(former):
    sheets = {sheet.file: len(sheet.rows) for sheet in person_sheets(former.person, by=former.coordinator)}
    held = {row.file: row.number for row in held_about(former.person, former.coordinator, former.profile)}
    assert held.keys() - {""} == sheets.keys()
    assert held.pop("") is None  # notes and scores: not even how many
    assert (held.pop("account.csv"), held.pop("profile.csv")) == (1, 1)  # one thing each, told in several lines
    assert held == {file: rows for file, rows in sheets.items() if file in held}
    assert held["placements.csv"] == held["answers.csv"] == held["agreements.csv"] == 1
    assert held["mails.csv"] == 2


@pytest.mark.parametrize("times", [1, 30])
def test_the_pages_ask_few_questions_however_much_is_held(former, times):
    for number in range(times):
        BlackoutPeriod.objects.create(
            profile=former.profile, first_day=timezone.localdate() + timedelta(days=number + 1),
            last_day=timezone.localdate() + timedelta(days=number + 1),
        )  # fmt: skip
        sit(former.person, SeatName.PEER, former.other_challenge)
        with transaction.atomic():
            queue_mail(to=former.person, kind="told", subject="x", link="/", key=f"many:{number}")
    client = former.client_for(former.coordinator)
    for path in PATHS:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse(f"records:{path}", args=[former.person.pk]))
        assert len(asked) <= 15, (path, [query["sql"][:90] for query in asked])


def test_the_pages_are_found_from_the_pool_and_from_the_people_of_a_challenge(former):
    link = reverse("records:person", args=[former.person.pk])
    client = former.client_for(former.coordinator)
    people = reverse("challenges:people", args=[former.challenge.ref])
    assert link in client.get(former.profile.get_absolute_url()).content.decode()
    assert link in client.get(people).content.decode()
    assert link in client.get(reverse("records:person_information", args=[former.person.pk])).content.decode()
    assert link not in former.client_for(former.manager).get(people).content.decode()


# --- correcting --------------------------------------------------------------------------------------
def test_a_correction_is_told_and_recorded_with_both_names_alone(former):
    client = former.client_for(former.coordinator)
    address = reverse("records:person_correct", args=[former.person.pk])
    said = {"version": 1, "full_name": "Zephyrine Quill", "job_title": "Head of Service"}
    assert client.post(address, said).status_code == 302
    former.person.refresh_from_db()
    assert (former.person.full_name, former.person.job_title) == ("Zephyrine Quill", "Head of Service")
    [event] = AuditEvent.objects.filter(act=Act.PERSON_CORRECT)
    assert event.detail == {
        "changed": ["full_name", "job_title"],
        "name": {"from": NAME, "to": "Zephyrine Quill"},  # receipts then show the new one
    }
    assert [row.kind for row in waiting_to(EMAIL).filter(kind="account.corrected")] == ["account.corrected"]
    assert client.post(address, said).status_code == 302  # pressed twice
    assert AuditEvent.objects.filter(act=Act.PERSON_CORRECT).count() == 1


def test_a_correction_over_somebody_elses_is_shown_both(former):
    correct(former, former.person, full_name="Zephyrine Quill")
    client = former.client_for(former.coordinator)
    said = {"version": 1, "full_name": "Zephyr Quill", "job_title": ""}
    answer = client.post(reverse("records:person_correct", args=[former.person.pk]), said)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "It now says Zephyrine Quill" in page
    assert 'value="Zephyr Quill"' in page
    with pytest.raises(StaleVersion):
        correct(former, former.person, version=1, job_title="Officer")
    assert (
        client.post(reverse("records:person_correct", args=[former.person.pk]), said | {"version": 2}).status_code
        == 302
    )


def test_an_invited_person_gets_a_mended_address_and_a_new_invitation(cast):
    with transaction.atomic():
        person, _new = invite(
            email="typpo@example.org", full_name="Rowan Vale", by=cast.coordinator, reason_line="You are peer.",
            link="/profile/",
        )  # fmt: skip
        make_link_session(person, "/profile/", timezone.now() + timedelta(days=3))
    sit(person, SeatName.POOL_PEER, cast.programme)
    old = person.invitations.get()
    EmailAddress.objects.create(user=person, email="typpo@example.org")
    assert correct(cast, person, email="typo@example.org") == ["email"]
    old.refresh_from_db()
    assert not old.is_open
    fresh = person.invitations.get(revoked_at=None)
    assert (fresh.reason_line, fresh.link) == ("You are peer.", "/profile/")
    assert {row.kind for row in waiting_to("typo@example.org")} == {"invitation", "account.corrected"}
    assert {row.kind for row in waiting_to("typpo@example.org")} == {"account.corrected"}
    assert not EmailAddress.objects.exists()
    assert not SignInLink.objects.filter(revoked_at=None).exists()
    assert "typo" not in str(AuditEvent.objects.get(act=Act.PERSON_CORRECT).__dict__)


def test_a_new_address_ends_sessions_and_resets(cast):
    """Should the rule for used accounts ever be wider: the platform's part shuts every old way in."""
    person = make_peer(make_user("Rowan Vale", email="rowan@example.org")).user
    sit(person, SeatName.POOL_PEER, cast.programme)
    browser, other = Client(), Client()
    said = {"login": "rowan@example.org", "password": "long-enough-words-here"}
    browser.post(reverse("account_login"), said)
    other.post(reverse("account_reset_password"), {"email": "rowan@example.org"})
    reset = OutboxMail.objects.get(kind__startswith="account.password_reset")
    link = next(word for word in reset.body.split() if "/password/reset/key/" in word)
    assert browser.get(reverse("accounts:own")).status_code == 200
    with pytest.raises(NotNow):
        correct(cast, person, email="rowan.vale@example.org")
    said = {"full_name": "Rowan Vale", "job_title": "", "email": "rowan.vale@example.org"}
    correct_account(user=person, by=cast.coordinator, version=1, **said)
    assert browser.get(reverse("accounts:own")).status_code == 302
    assert not OutboxMail.objects.filter(pk=reset.pk).exists()
    page = other.get("/" + link.split("/", 3)[3], follow=True)
    assert "new password" not in page.content.decode().lower().split("<h1")[1][:80]
    assert "password1" not in page.content.decode()
    other.post(reverse("account_reset_password"), {"email": "rowan@example.org"})
    assert not OutboxMail.objects.filter(kind__startswith="account.password_reset").exists()


def test_an_address_is_not_moved_to_take_over_what_somebody_may_read_alone(cast):
    """Every way of a coordinator to another's mailbox: on the team, off it again, with notes, in a programme seat."""
    live, ended, noted = (make_user(f"Peer {number} Vale") for number in range(3))
    sit(live, SeatName.PEER, cast.challenge)
    sit(ended, SeatName.PEER, cast.challenge, ends_on=timezone.localdate() - timedelta(days=1))
    sit(noted, SeatName.POOL_PEER, cast.programme)
    Note.objects.create(challenge=cast.other_challenge, owner=noted, text="What they told me.")
    invited_editor = make_user("Invited Editor", password=None)
    sit(invited_editor, SeatName.FRAMEWORK_EDITOR, cast.programme)
    client = cast.client_for(cast.coordinator)
    for person in (live, ended, noted, invited_editor, cast.administrator, cast.coordinator, cast.host_lead):
        before = person.email
        with pytest.raises(NotNow):
            correct(cast, person, email="mine@example.org")
        address = reverse("records:person_correct", args=[person.pk])
        page = client.get(address).content.decode()
        assert "The e-mail address is not changed here" in page
        said = {"version": 1, "full_name": person.full_name, "job_title": "Officer", "email": "mine@example.org"}
        assert client.post(address, said).status_code == 302  # the title alone
        person.refresh_from_db()
        assert (person.email, person.job_title) == (before, "Officer")


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.WITHDRAWN])
def test_a_closed_challenge_is_not_taken_over_by_a_new_address_for_its_host_lead(cast, stage):
    cast.at(stage)
    set_hold(challenge=cast.challenge, by=cast.coordinator, reason="A claim is expected.")
    for way in ("signed in", "by link", "accepted", "held"):
        person = cast.host_lead if way == "signed in" else make_user(f"Host {way}", password=None)
        sit(person, SeatName.HOST_LEAD, cast.challenge)
        now = timezone.now()
        if way == "by link":
            SignInLink.objects.create(user=person, token_hash="ab" * 32, path="/", expires_at=now, uses=1)
        if way == "accepted":
            person.invitations.create(token_hash="cd" * 32, sent_at=now, expires_at=now, used_at=now)
        with pytest.raises(NotNow, match="legal hold" if way == "held" else "used the account"):
            correct(cast, person, email="attacker@example.org")
        client = cast.client_for(cast.coordinator)
        said = {"version": person.version, "full_name": person.full_name, "job_title": "", "email": "a@example.org"}
        client.post(reverse("records:person_correct", args=[person.pk]), said)
        person.refresh_from_db()
        assert person.email not in ("attacker@example.org", "a@example.org")
    assert not OutboxMail.objects.filter(address__in=["attacker@example.org", "a@example.org"]).exists()


# --- other programmes ----------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(former):
    """A programme of another coordinator with one challenge, and `former.person` in it."""
    former.elsewhere = Programme.objects.create(title="Eastern Circle")
    former.other_challenge.programme = former.elsewhere
    former.other_challenge.save()
    former.other_coordinator = make_user("Coordinator Elsewhere")
    sit(former.other_coordinator, SeatName.COORDINATOR, former.elsewhere)
    sit(former.person, SeatName.OBSERVER, former.other_challenge)
    sit(former.person, SeatName.POOL_PEER, former.elsewhere)
    return former


def test_asking_somebody_into_the_pool_opens_nothing_about_them(elsewhere):
    """The host lead of another programme, a peer who has a profile alone, and an account that nothing is held of."""
    profiled = make_user("Profile Alone")
    PeerProfile.objects.create(user=profiled, council=make_council(), role="officer", state="active")
    bare = make_user("Bare Vale", password=None)
    client = elsewhere.client_for(elsewhere.coordinator)
    for person, status in ((elsewhere.other_host, 404), (profiled, 404), (elsewhere.superuser, 404), (bare, 200)):
        PoolInvitation.objects.create(programme=elsewhere.programme, user=person, invited_by=elsewhere.coordinator)
        for path in (*PATHS, "person_information"):
            address = reverse(f"records:{path}", args=[person.pk])
            assert client.get(address).status_code == status, (person, path)
        if status == 404:
            with pytest.raises(NoSeat):
                correct(elsewhere, person, full_name="Somebody Else")
            with pytest.raises(NoSeat):
                ask_about_person(about=person, by=elsewhere.coordinator)
            with pytest.raises(NoSeat):
                erase_person(person=person, by=elsewhere.coordinator, typed=person.full_name)


def test_whoever_is_part_of_another_programme_is_neither_corrected_nor_erased_by_one(elsewhere):
    person = elsewhere.person
    today = timezone.localdate()
    Seat.objects.filter(content_object=elsewhere.other_challenge).update(ends_on=today - timedelta(days=1))
    client = elsewhere.client_for(elsewhere.coordinator)
    page = client.get(reverse("records:person_correct", args=[person.pk])).content.decode()
    assert "part of another programme" in page
    assert "Save the correction" not in page
    said = {"version": 1, "full_name": "Not Me", "job_title": ""}
    client.post(reverse("records:person_correct", args=[person.pk]), said)
    page = client.get(reverse("records:person_erase", args=[person.pk])).content.decode()
    assert "part of another programme" in page
    assert "Eastern" not in page
    assert elsewhere.other_challenge.ref not in page
    with pytest.raises(Blocked):
        erase_person(person=person, by=elsewhere.coordinator, typed=NAME)
    with pytest.raises(NotNow, match="another programme"):
        correct(elsewhere, person, full_name="Not Me")
    person.refresh_from_db()
    assert (person.full_name, person.erased_at) == (NAME, None)
    sit(elsewhere.coordinator, SeatName.COORDINATOR, elsewhere.elsewhere)  # coordinates both
    assert correct(elsewhere, person, full_name="Zephyrine Quill") == ["full_name"]


def test_a_coordinator_is_told_of_a_person_only_what_is_of_their_programme(elsewhere):
    person, ref = elsewhere.person, elsewhere.other_challenge.ref
    ProgrammeSeat.objects.filter(user=person, content_object=elsewhere.programme).delete()  # no peer here
    with transaction.atomic():
        told = {"to": person, "kind": "told", "body": ""}
        queue_mail(**told, subject=f"{ref}: tell us", link=f"/challenges/{ref}/", key="x:1")
        queue_mail(**told, subject="Eastern Circle", link="/", key="x:2")
        queue_mail(**told, subject="Ours", link=f"/challenges/{elsewhere.challenge.ref}/", key="x:3")
        record(act=Act.SEASON_PLAN, by=person)
    for by, all_of_it in ((elsewhere.coordinator, False), (person, True)):
        said = str([sheet.rows for sheet in person_sheets(person, by=by)])
        assert "Ours" in said
        for word in (ref, "Eastern Circle", f"{WORD} biography", f"{WORD} family", f"{WORD} surgery", "season"):
            assert (word.lower() in said.lower()) is all_of_it, word
    page = elsewhere.client_for(elsewhere.coordinator).get(reverse("records:person", args=[person.pk])).content.decode()
    assert elsewhere.profile.get_absolute_url() not in page
    rows = {s.file: len(s.rows) for s in person_sheets(person, by=elsewhere.coordinator)}
    held = {row.file: row.number for row in held_about(person, elsewhere.coordinator, None)}
    assert held["mails.csv"] == rows["mails.csv"] == 1
    assert held["events.csv"] == rows["events.csv"]


def test_an_address_of_another_account_is_refused_in_words(cast):
    person = make_user("Rowan Vale", password=None)
    sit(person, SeatName.POOL_PEER, cast.programme)
    address = reverse("records:person_correct", args=[person.pk])
    said = {"version": 1, "full_name": "Rowan Vale", "job_title": "", "email": cast.peer.email.upper()}
    page = cast.client_for(cast.coordinator).post(address, said)
    assert "Another account has this address" in page.content.decode()
    for wrong in ("\u200b", "7"):
        with pytest.raises(BadInput):
            correct(cast, person, full_name=wrong)


# --- erasing: refusals ---------------------------------------------------------------------------------
def test_nobody_is_erased_while_something_stands_against_it(former):
    def refused(person, word, by=former.coordinator):
        client, address = former.client_for(by), reverse("records:person_erase", args=[person.pk])
        page = client.get(address).content.decode()
        assert "cannot be erased now" in page
        assert word in page
        assert "Erase for good" not in page
        with pytest.raises(Blocked):
            erase_person(person=person, by=by, typed=person.full_name)
        posted = former.client_for(by).post(
            reverse("records:person_erase", args=[person.pk]), {"typed": person.full_name}
        )
        assert "cannot be erased now" in posted.content.decode()
        assert User.objects.get(pk=person.pk).erased_at is None

    for person in (former.coordinator, former.administrator, former.editor):
        refused(person, "seat")
    other = make_user("Coordinator Two")
    sit(other, SeatName.COORDINATOR, former.programme)
    refused(other, "Coordinator")
    set_hold(challenge=former.challenge, by=former.coordinator, reason="A claim is expected.")
    refused(former.person, "legal hold")
    refused(former.other_host, former.other_challenge.ref)
    sit(former.stranger, SeatName.PEER, former.other_challenge, starts_on=timezone.localdate() + timedelta(days=9))
    refused(former.stranger, former.other_challenge.ref)
    listed = make_peer(make_user("Listed Vale"))
    Placement.objects.create(challenge=former.other_challenge, profile=listed, proposed_by=former.coordinator)
    refused(listed.user, "Take them off")


def test_the_name_is_typed_before_anybody_is_erased(former):
    client = former.client_for(former.coordinator)
    address = reverse("records:person_erase", args=[former.person.pk])
    page = client.get(address).content.decode()
    for words in ("What stays, and why", "audit record, with the name", "One last mail", "Former person"):
        assert words in page
    for typed in ("", "Zephyrine", EMAIL):
        assert client.post(address, {"typed": typed}).status_code == 200
    former.person.refresh_from_db()
    assert former.person.erased_at is None
    assert client.post(address, {"typed": f"  {NAME.lower()} "}).status_code == 302


# --- erasing: what is left -----------------------------------------------------------------------------
def test_only_the_record_and_what_was_signed_name_the_person(former, django_capture_on_commit_callbacks):
    copy = ask_about_person(about=former.person, by=former.coordinator, reference=f"{NAME} 7")
    run(Job.objects.get(key=f"records.information:{copy.pk}").pk)
    own = ask_about_person(about=former.person, by=former.person)
    copy.refresh_from_db()
    file = copy.stored_file
    assert copy.state == ExportState.READY
    assert len(tables_with(NAME, EMAIL, WORD)) > 12  # the canaries are where the product keeps such things
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(person=former.person, by=former.coordinator, typed=NAME)
    last = OutboxMail.objects.get(address=EMAIL)
    assert last.to_id is None
    mail.outbox.clear()
    send_mail(mail_id=last.pk)
    assert [one.to for one in mail.outbox] == [[EMAIL]]
    assert forget_last_addresses() == 1
    assert forget_last_addresses() == 0
    assert tables_with(NAME, EMAIL, WORD).keys() <= KEEP_NAMES, tables_with(NAME, EMAIL, WORD)
    assert tables_with(NAME).keys() == KEEP_NAMES
    assert SeasonPlan.objects.get().remarks == ["Stays."]
    assert verify_scope("platform") is None
    for row, state in ((copy, ExportState.GONE), (own, ExportState.REFUSED)):
        row.refresh_from_db()
        assert row.state == state
    assert StoredFile.objects.get(pk=file.pk).state != "stored"
    assert not Upload.objects.exists()


def test_the_account_is_shut_and_what_belongs_to_the_challenge_stays(former):
    browser = Client()
    browser.post(reverse("account_login"), {"login": EMAIL, "password": "long-enough-words-here"})
    gone = erase_person(person=former.person, by=former.coordinator, typed=NAME)
    assert gone.full_name == f"Former person {gone.former_person.pk}"
    assert gone.email.endswith("@erased.invalid")
    assert (gone.is_active, gone.job_title, gone.has_usable_password(), gone.last_login) == (False, "", False, None)
    assert browser.get(reverse("accounts:own")).status_code == 302
    for model, owner in (
        (Authenticator, "user"), (UserSession, "user"), (EmailAddress, "user"), (SignInLink, "user"),
        (CalendarFeed, "owner"), (Upload, "owner"),
    ):  # fmt: skip
        assert not model.objects.filter(**{owner: gone}).exists(), model
    today = timezone.localdate()
    assert not Seat.objects.in_force(today).filter(user=gone).exists()
    assert not ProgrammeSeat.objects.in_force(today).filter(user=gone).exists()
    assert PeerProfile.objects.get(user=gone).state == "left"
    assert Answer.objects.get(updated_by=gone).text == "Held on paper."
    assert (Note.objects.filter(owner=gone).count(), Score.objects.filter(owner=gone).count()) == (1, 1)
    page = former.client_for(former.coordinator).get(reverse("records:person", args=[gone.pk])).content.decode()
    assert gone.full_name in page
    assert "was erased on" in page
    with pytest.raises(NotNow):
        enable_account(user=gone, by=former.administrator, reason="By mistake")
    with pytest.raises(NotNow):
        correct(former, gone, full_name=NAME)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=gone.pk).update(is_active=True)


def test_erasing_twice_is_erasing_once_and_numbers_are_not_given_again(former):
    erase_person(person=former.person, by=former.coordinator, typed=NAME)
    first = User.objects.get(pk=former.person.pk)
    erase_person(person=former.person, by=former.coordinator, typed=NAME)
    client = former.client_for(former.coordinator)
    assert client.post(reverse("records:person_erase", args=[first.pk]), {"typed": NAME}).status_code == 302
    again = User.objects.get(pk=first.pk)
    assert (again.full_name, again.version) == (first.full_name, first.version)
    assert AuditEvent.objects.filter(act=Act.PERSON_ERASE).count() == 1
    assert OutboxMail.objects.filter(kind="account.erased").count() == 1
    second = make_user("Second Former")
    sit(second, SeatName.PEER, former.challenge)
    erase_person(person=second, by=former.coordinator, typed="Second Former")
    second.refresh_from_db()
    assert second.full_name != first.full_name


def test_a_crash_half_way_leaves_the_person_whole(former, monkeypatch):
    def stop(**_fields):
        raise RuntimeError("the machine stopped")

    monkeypatch.setattr("peers.records.services.erasing.record", stop)
    before = tables_with(NAME, EMAIL, WORD).keys()
    with pytest.raises(RuntimeError):
        erase_person(person=former.person, by=former.coordinator, typed=NAME)
    assert tables_with(NAME, EMAIL, WORD).keys() == before
    assert not OutboxMail.objects.filter(kind="account.erased").exists()


def test_a_namesake_keeps_their_name_in_mails(former):
    make_user(NAME, email="another@example.org")
    erase_person(person=former.person, by=former.coordinator, typed=NAME)
    told = OutboxMail.objects.get(to=former.coordinator)
    assert NAME in told.subject
    assert EMAIL not in told.body
