"""The check as people see it: six steps, each with a state and a sentence, whatever happens in the middle."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cyber360.files import concerns, services, tasks
from cyber360.files.models import CheckStep, Step, StepState, StoredFile, Verdict
from cyber360.files.scanner import NoScanner, Scan, signatures_day
from cyber360.files.steps import first_steps, kinds_in_words, steps_for
from cyber360.files.storage import vault
from cyber360.jobs.models import Job
from tests.cyber360.files.conftest import mail, picture, word, zipped
from tests.cyber360.files.test_scanner import VERSION
from tests.cyber360.files.test_sensitive import nhs_numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def scanner_says(monkeypatch):
    def say(verdict: Verdict, version: str = VERSION.decode().rstrip("\0")) -> None:
        class Outside(NoScanner):
            def scan(self, pieces, size):
                assert sum(map(len, pieces)) == size
                return Scan(verdict, "", version)

        monkeypatch.setattr(services, "scanner", Outside)

    return say


def states(stored) -> dict[str, str]:
    return {row.step: row.state for row in steps_for([stored])[stored.pk]}


def said(stored, step: Step) -> str:
    return CheckStep.objects.get(stored_file=stored, step=step).sentence


def test_every_step_has_a_state_from_the_beginning(keep):
    stored = keep(word(), name="plan.docx", media_type="")
    first_steps(stored)
    assert list(states(stored)) == list(Step.values)
    assert set(states(stored).values()) == {"passed", "waiting"}
    assert states(stored)["content"] == states(stored)["scan"] == "waiting"


def test_an_honest_file_passes_every_step(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep(b"An honest text").pk)
    assert set(states(stored).values()) == {"passed"}
    assert "2026-11-22" in said(stored, Step.SCAN)
    assert stored.signatures_on == date(2026, 11, 22)


def test_what_the_content_check_noted_is_told(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep(mail("plan.pdf"), name="plan.eml", media_type="").pk)
    assert states(stored)["content"] == "noted"
    assert "1 attachment" in said(stored, Step.CONTENT)


def test_refused_content_leaves_no_step_waiting(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep(b"MZ not a document", name="plan.docx", media_type="").pk)
    assert states(stored) == {
        "size": "passed", "name": "passed", "content": "refused", "archive": "unknown", "sensitive": "unknown",
        "scan": "unknown",
    }  # fmt: skip
    assert said(stored, Step.CONTENT) == stored.refusal


def test_a_bomb_is_refused_at_the_step_of_what_is_packed(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    bomb = zipped({"[Content_Types].xml": b"x", "word/x.bin": bytes(2 * 1024 * 1024)})
    stored = services.check_and_scan(file_id=keep(bomb, name="plan.docx", media_type="").pk)
    assert states(stored)["archive"] == "refused"
    assert "unpacks to far more" in said(stored, Step.ARCHIVE)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.INFECTED, "refused"),
        (Verdict.ERROR, "unknown"),
        (Verdict.TOO_BIG, "unknown"),
        (Verdict.NOT_SCANNED, "unknown"),
    ],
)
def test_what_the_scanner_says_is_a_step(keep, scanner_says, verdict, state):
    scanner_says(verdict)
    stored = services.check_and_scan(file_id=keep(b"one").pk)
    assert states(stored)["scan"] == state
    assert stored.verdict == verdict


def test_what_must_not_be_held_is_held_back_and_scanned_all_the_same(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep("\n".join(nhs_numbers(12)).encode()).pk)
    assert states(stored)["sensitive"] == "held"
    assert stored.verdict == Verdict.CLEAN
    assert stored.has_open_concern
    assert said(stored, Step.SENSITIVE) == "It looks as if it holds the numbers of many residents."


def test_a_picture_has_no_words_to_look_through(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = keep(picture(), name="door.png", media_type="image/png")
    assert states(services.check_and_scan(file_id=stored.pk))["sensitive"] == "unknown"


def test_words_that_cannot_be_read_are_not_known_and_not_refused(keep, scanner_says, monkeypatch):
    scanner_says(Verdict.CLEAN)
    monkeypatch.setattr(concerns, "_words", lambda stored: (None, False))
    stored = services.check_and_scan(file_id=keep(word(), name="plan.docx", media_type="").pk)
    assert states(stored)["sensitive"] == "unknown"
    assert (stored.verdict, stored.has_open_concern) == (Verdict.CLEAN, False)


class Died(Exception):
    """Stands for a worker that is gone in the middle."""


@pytest.mark.parametrize("place", ["check_plain", "look_for_sensitive", "raise_concerns", "_give_verdict"])
def test_a_run_that_dies_is_finished_by_the_next(keep, scanner_says, monkeypatch, place):
    scanner_says(Verdict.CLEAN)
    stored = keep(word("SECRET"), name="plan.docx", media_type="")

    def die(*args, **kwargs):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(services, place, die)
        with pytest.raises(Died):
            services.check_and_scan(file_id=stored.pk)
    stored.refresh_from_db()
    assert stored.verdict == Verdict.PENDING
    assert states(stored)["scan"] == "waiting"
    stored = services.check_and_scan(file_id=stored.pk)
    assert "waiting" not in states(stored).values()
    assert (stored.verdict, states(stored)["sensitive"]) == (Verdict.CLEAN, "held")
    assert stored.concerns.count() == 1


def test_a_check_may_run_any_number_of_times(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = keep(b"SECRET\n")
    rows = []
    for _time in range(3):
        services.check_and_scan(file_id=stored.pk, again=True)
        rows.append((states(stored), stored.concerns.count(), StoredFile.objects.get(pk=stored.pk).held_for))
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][1:] == (1, "marking")


def test_a_check_that_does_not_end_takes_nothing_back(keep, scanner_says):
    stored = keep(b"one")
    scanner_says(Verdict.CLEAN)
    services.check_and_scan(file_id=stored.pk)
    for verdict in (Verdict.ERROR, Verdict.NOT_SCANNED, Verdict.TOO_BIG):
        scanner_says(verdict, "")
        assert services.check_and_scan(file_id=stored.pk, again=True).verdict == Verdict.CLEAN
        assert states(stored)["scan"] == "passed"
    scanner_says(Verdict.INFECTED)
    services.check_and_scan(file_id=stored.pk, again=True)
    for verdict in (Verdict.ERROR, Verdict.NOT_SCANNED, Verdict.TOO_BIG):
        scanner_says(verdict, "")
        assert services.check_and_scan(file_id=stored.pk, again=True).verdict == Verdict.INFECTED
        assert states(stored)["scan"] == "refused"
    scanner_says(Verdict.CLEAN)
    assert services.check_and_scan(file_id=stored.pk, again=True).verdict == Verdict.CLEAN


def test_a_clean_file_that_was_damaged_since_is_no_longer_clean(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep(b"a" * 40_000).pk)
    place = vault()._place(stored.path)
    place.write_bytes(place.read_bytes()[:-20])
    assert services.check_and_scan(file_id=stored.pk, again=True).verdict == Verdict.ERROR


def test_the_job_passes_on_what_was_asked(keep, scanner_says):
    scanner_says(Verdict.CLEAN)
    stored = services.check_and_scan(file_id=keep(b"one").pk)
    services.ask_for_check(stored_file=stored, again=True)
    scanner_says(Verdict.INFECTED)
    assert tasks.check(Job.objects.get()) == {"verdict": Verdict.INFECTED}


def test_asked_for_the_scan_alone_nothing_is_held_back_anew(keep, scanner_says, monkeypatch):
    scanner_says(Verdict.CLEAN)
    stored = keep(b"SECRET\n", verdict=Verdict.NOT_SCANNED)
    services.check_and_scan(file_id=stored.pk, again=True, only_scan=True)
    assert not StoredFile.objects.get(pk=stored.pk).has_open_concern


def test_steps_of_many_files_cost_one_query(keep, scanner_says, django_assert_num_queries):
    scanner_says(Verdict.CLEAN)
    files = [services.check_and_scan(file_id=keep(b"one").pk) for _number in range(6)]
    with django_assert_num_queries(1):
        assert {len(rows) for rows in steps_for(files).values()} == {6}
    assert steps_for([]) == {}


def test_a_file_from_before_has_no_steps(keep):
    stored = keep(b"one")
    assert steps_for([stored]) == {stored.pk: []}


@pytest.mark.parametrize("fields", [{"step": "luck"}, {"state": "fine"}, {"step": Step.SCAN}])
def test_the_database_refuses_nonsense(keep, fields):
    stored = keep(b"one")
    first_steps(stored)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckStep.objects.filter(stored_file=stored, step=Step.SIZE).update(**fields)


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("ClamAV 1.4.6/27500/Sun Nov 22 09:00:00 2026", date(2026, 11, 22)),
        ("ClamAV 1.4.6/27500/Sun Nov  1 09:00:00 2026", date(2026, 11, 1)),
        ("ClamAV 1.4.6", None),
        ("", None),
        ("a lie/of/yesterday", None),
    ],
)
def test_the_day_of_the_signatures(version, day):
    assert signatures_day(version) == day


def test_kinds_in_the_middle_of_a_sentence():
    assert kinds_in_words(["private_key"]) == "a private key"
    assert kinds_in_words(["marking", "private_key", "password_store"]) == (
        "a marking above OFFICIAL-SENSITIVE, a private key and passwords"
    )
    assert StepState.HELD.label == "Held back"
