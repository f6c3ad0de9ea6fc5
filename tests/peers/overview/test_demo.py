"""The demo: loaded once for the module, inside one transaction that is rolled back."""

import csv
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cyber360.audit.models import AuditChain
from cyber360.audit.services import verify_scope
from cyber360.files import index
from cyber360.files.models import StoredFile
from cyber360.files.services import verify_file
from peers import lifecycle
from peers.answers.models import Answer
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.challenges.queries import people_in_seat
from peers.councils.models import Council
from peers.evidence.models import ReadingReceipt
from peers.evidence.queries.leaves import leaf
from peers.evidence.queries.reading import read_by
from peers.evidence.queries.reuse import reusable_items
from peers.findings.models import Finding
from peers.overview.demo import people
from peers.overview.demo.load import load
from peers.overview.demo.texts import text
from peers.seats import SeatName
from peers.stages import Stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TAB = re.compile(r'href="(/challenges/[^"#?]+)"')
PROGRAMME_PAGES = {
    SeatName.COORDINATOR: ("/pipeline/", "/pool/", "/councils/", "/questionnaires/"),
    SeatName.FRAMEWORK_EDITOR: ("/questionnaires/",),
    SeatName.ADMINISTRATOR: ("/accounts/", "/jobs/"),
}


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """How many challenges were made. Each test is a savepoint inside the module's transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load()
        transaction.set_rollback(True)


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def at(stage: Stage) -> Challenge:
    return Challenge.objects.select_related("council").filter(stage=stage).order_by("pk").last()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- what is there --------------------------------------------------------------------------------------
def test_every_stage_has_a_challenge(demo):
    assert demo == len(text("challenges"))
    assert {Stage(value) for value in Challenge.objects.values_list("stage", flat=True)} == set(Stage)
    assert Challenge.objects.exclude(on_hold_since=None).count() == 1


def test_one_council_has_two_finished_challenges_two_years_apart(demo):
    first, second = Challenge.objects.filter(council__slug="harrowmere").order_by("visit_first_day")
    assert {first.stage, second.stage} == {Stage.CLOSED}
    assert 700 < (second.visit_first_day - first.visit_first_day).days < 760


def test_no_invented_council_is_called_like_a_real_one(demo):
    with (Path(settings.BASE_DIR) / "fixtures/councils/councils.csv").open(encoding="utf-8") as file:
        real = {name.casefold() for row in csv.DictReader(file) for name in (row["name"], row["full_name"])}
    invented = Council.objects.filter(invented=True)
    assert not {name.casefold() for row in invented for name in (row.name, row.official_name)} & real
    assert not Challenge.objects.exclude(council__in=invented).exists()


def test_there_are_people_for_every_seat(demo):
    held = set(Seat.objects.values_list("permission__codename", flat=True))
    held |= set(ProgrammeSeat.objects.values_list("permission__codename", flat=True))
    assert held == set(SeatName.values)


def test_every_question_of_both_voices_is_answered_in_its_own_words(demo):
    for voice in ("district", "county"):
        answers = [entry["answer"] for entry in text(f"voice-{voice}").values()]
        assert len(answers) == len(set(answers)) == 56
    assert not Answer.objects.filter(text__regex=r"[{}]").exists()
    assert not Finding.objects.filter(narrative__regex=r"[{}]").exists()


def test_a_full_challenge_holds_a_believable_amount(demo):
    full = at(Stage.FOLLOW_UP)
    assert full.conversations.filter(kind="conversation").count() >= 15
    assert full.findings.count() >= 30
    assert full.findings.filter(kind="recommendation", state="agreed").count() == 9
    assert full.evidence_items.count() >= 20
    assert full.action_plan.responses.exclude(answer="").count() == 9


def test_files_are_what_they_say(demo):
    kinds = set(StoredFile.objects.values_list("extension", flat=True))
    assert kinds >= {"docx", "xlsx", "pdf", "png", "txt", "eml"}
    assert not StoredFile.objects.exclude(refusal="").exists()
    for stored in StoredFile.objects.exclude(media_type="").order_by("pk")[:5]:
        verify_file(stored)


def test_the_pack_that_is_being_read_can_be_shown_at_once(demo):
    """Kinds to preview, words to find, pages drawn, one paper changed since it was read, one theme judged."""
    pack = at(Stage.DESK_REVIEW)
    files = pack.evidence_items.filter(state="live", kind="file").select_related("current__stored_file")
    assert {item.current.stored_file.extension for item in files} >= {"pdf", "docx", "xlsx", "png", "eml"}
    assert [leaf(item.current.stored_file, 1).waits for item in files] == [False] * len(files)
    assert index.search(pack.scope, "rehearsal", {item.current.stored_file_id for item in files})
    lead_peer = people_in_seat(pack, {SeatName.LEAD_PEER}).get()
    assert list(read_by(lead_peer, files).values()).count("changed") == 1
    assert pack.evidence_judgements.count() == 1


def test_receipts_say_only_what_the_policy_lets_happen(demo):
    receipts = ReadingReceipt.objects.filter(kind="download").select_related("item__challenge", "version__stored_file")
    ways = {(row.item.challenge.download_policy, row.version.stored_file.extension, row.is_marked) for row in receipts}
    assert {(policy, marked) for policy, _kind, marked in ways} == {("marked", True), ("originals", False)}
    assert {kind for policy, kind, _marked in ways if policy == "marked"} == {"pdf"}
    assert not ReadingReceipt.objects.filter(
        item__challenge__download_policy="page", kind__in=["download", "link"]
    ).exists()
    assert ReadingReceipt.objects.filter(item__challenge__download_policy="page", kind="previewed").exists()


def test_nothing_is_read_before_the_day_of_the_release(demo):
    days = [
        (timezone.localdate(row.first_at), timezone.localdate(row.item.challenge.pack_locked_at))
        for row in ReadingReceipt.objects.select_related("item__challenge")
    ]
    assert days
    assert all(read >= released for read, released in days)


def test_a_council_under_preparation_has_earlier_evidence_and_a_file_held_back(demo):
    challenge = at(Stage.PREPARATION)
    lead = people_in_seat(challenge, {SeatName.HOST_LEAD}).get()
    assert {row.state for row in challenge.evidence_reuses.all()} == {"done"}
    assert {row.item.kind for row in challenge.evidence_reuses.all()} == {"file", "link"}
    assert reusable_items(lead, challenge).count() >= 2
    assert challenge.evidence_items.filter(current__stored_file__held_for="resident_data").count() == 1
    assert challenge.evidence_requests.filter(state="open", owner__in=people_in_seat(challenge, {SeatName.CONTRIBUTOR}))


# --- the past and the future -----------------------------------------------------------------------------
def test_stages_follow_one_another_in_time(demo):
    for challenge in Challenge.objects.prefetch_related("stage_changes"):
        moments = [change.at for change in challenge.stage_changes.all()]
        assert moments == sorted(moments)
        assert all(seat.ends_on is None or seat.ends_on >= seat.starts_on for seat in challenge.seats.all())


def test_the_audit_trail_is_whole(demo):
    assert [words for chain in AuditChain.objects.all() if (words := verify_scope(chain.scope))] == []


def test_what_blocks_the_next_move_can_be_said_everywhere(demo):
    for challenge in Challenge.objects.select_related("council", "programme", "framework_version"):
        move = lifecycle.next_move(challenge)
        if move is not None:
            assert all(blocker.sentence for blocker in lifecycle.blockers_of(challenge, move))


def test_what_waits_in_each_stage_is_really_open(demo):
    for stage in Stage:
        challenge = at(stage)
        move = lifecycle.next_move(challenge)
        if move and move.blockers and stage not in {Stage.ISSUED}:
            assert lifecycle.blockers_of(challenge, move), stage


# --- again, and where it must not be ---------------------------------------------------------------------
def test_a_second_run_changes_nothing(demo):
    before = counts()
    assert load() == 0
    assert counts() == before


def test_only_a_demo_installation_loads_it(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")


# --- who to sign in as --------------------------------------------------------------------------------------
def listed() -> list:
    return [user for _heading, found in people() for user, _sentence in found]


def test_people_are_listed_once_with_a_sentence(demo, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        groups = people()
    persons = [user.pk for _heading, found in groups for user, _sentence in found]
    assert len(persons) == len(set(persons)) > 40
    assert all(sentence.endswith(".") for _heading, found in groups for _user, sentence in found)
    assert not any(user.has_usable_password() for user in listed())


def test_nobody_of_the_real_world_can_be_signed_in_to(demo):
    assert all(user.email.endswith(".example.org") and not user.is_superuser for user in listed())


# --- the walk ---------------------------------------------------------------------------------------------
def walkers(challenge: Challenge) -> dict[str, object]:
    """One person for each seat that is in force on the challenge."""
    seats = challenge.seats.select_related("user", "permission")
    return {seat.permission.codename: seat.user for seat in seats if seat.is_in_force(timezone.localdate())}


@pytest.mark.parametrize("stage", list(Stage))
def test_every_tab_that_a_seat_is_shown_opens(demo, stage):
    """No fault and no refusal behind anything that the workspace offers."""
    challenge, wrong, seen = at(stage), [], 0
    for seat, user in walkers(challenge).items():
        client = signed_in(user)
        if seat == SeatName.CONTRIBUTOR:
            assert client.get("/my-questions/").status_code == 200
            continue
        page = client.get(challenge.get_absolute_url())
        tabs = set(TAB.findall(page.content.decode())) if page.status_code == 200 else set()
        own = {path for path in tabs if path.startswith(challenge.get_absolute_url()) and "/move/" not in path}
        seen += len(own)
        for path in sorted(own):
            if (answer := client.get(path)).status_code not in {200, 302}:
                wrong.append((seat, path, answer.status_code))
    assert wrong == []
    assert seen or stage in {Stage.CLOSED, Stage.WITHDRAWN}


def test_every_seat_finds_its_own_first_pages(demo):
    wrong = []
    for user in listed():
        names = {SeatName(name) for name in user.programme_seats.values_list("permission__codename", flat=True)}
        client = signed_in(user)
        for path in ["/", *(page for name in names for page in PROGRAMME_PAGES.get(name, ()))]:
            if (answer := client.get(path)).status_code not in {200, 302}:
                wrong.append((user.full_name, path, answer.status_code))
    assert wrong == []
