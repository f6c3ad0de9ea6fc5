"""Held back, answered with a reason, or deleted when nobody answers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cyber360.exceptions import BadInput
from cyber360.files import services
from cyber360.files.concerns import answer_concerns, unanswered_since
from cyber360.files.models import CheckStep, Concern, ConcernKind, State, Step, StoredFile, Verdict
from cyber360.files.sensitive import KEEPASS
from cyber360.files.steps import place_words
from cyber360.files.storage import vault
from tests.cyber360.files.conftest import mail, pdf, sheet, word
from tests.cyber360.files.test_sensitive import HEADERS, KEYS, nhs_numbers

pytestmark = pytest.mark.django_db


def checked(stored: StoredFile) -> StoredFile:
    return services.check_and_scan(file_id=stored.pk)


@pytest.fixture
def held(keep, settings):
    settings.CLAMD = ""
    return checked(keep(b"SECRET\n" + KEYS[0].encode()))


def kinds(stored: StoredFile) -> list[str]:
    return stored.held_for.split()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"OFFICIAL\n\nSECRET\n", "plan.txt", "marking"),
        ("\ufeffSECRET\r\n".encode("utf-16-le"), "plan.txt", "marking"),
        (KEYS[4].encode(), "config.txt", "private_key"),
        (HEADERS[0].encode() + b"\na,b,c,d\n", "logins.csv", "password_store"),
        ("\n".join(nhs_numbers(12)).encode(), "people.csv", "resident_data"),
        (KEEPASS[2] + b"x" * 40, "plan.txt", "password_store"),
        (mail() + b"\n" + KEYS[1].encode() + b"\n", "agreed.eml", "private_key"),
    ],
)
def test_text_and_mail_are_looked_through_without_the_sandbox(keep, monkeypatch, settings, data, name, kind):
    settings.CLAMD = ""
    monkeypatch.setattr("cyber360.files.concerns._words", lambda stored: (None, False))
    assert kinds(checked(keep(data, name=name))) == [kind]


def test_a_number_cut_by_a_piece_is_still_seen(keep, settings, monkeypatch):
    settings.CLAMD = ""
    monkeypatch.setattr("cyber360.files.checks.text.PIECE", 64)
    assert kinds(checked(keep("\n".join(nhs_numbers(12)).encode()))) == ["resident_data"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "name"), [(lambda: word("TOP SECRET"), "plan.docx"), (lambda: word(KEYS[0]), "keys.docx")]
)
def test_documents_are_looked_through_by_their_words(keep, settings, data, name):
    settings.CLAMD = ""
    assert checked(keep(data(), name=name, media_type="")).has_open_concern


@pytest.mark.slow
@pytest.mark.parametrize(("data", "name"), [(word, "plan.docx"), (sheet, "assets.xlsx"), (pdf, "plan.pdf")])
def test_honest_documents_are_not_held(keep, settings, data, name):
    settings.CLAMD = ""
    stored = checked(keep(data(), name=name, media_type=""))
    assert not stored.has_open_concern
    assert CheckStep.objects.get(stored_file=stored, step=Step.SENSITIVE).state == "passed"


def test_a_held_file_names_its_kinds_and_nothing_else(held):
    assert kinds(held) == ["marking", "private_key"]
    assert held.has_open_concern
    for concern in held.concerns.all():
        assert (concern.pages, concern.count) == ([1], 1)
        assert place_words(concern) == "found once"
        assert "BEGIN" not in str(concern.__dict__)


def test_an_answer_needs_a_reason_and_ends_the_holding(held, person):
    with pytest.raises(BadInput):
        answer_concerns(stored_file=held, by=person, reason="  ")
    stored = answer_concerns(stored_file=held, by=person, reason="Both are examples of a course.")
    assert not stored.has_open_concern
    for concern in stored.concerns.all():
        assert (concern.answered_by, concern.answer_reason) == (person, "Both are examples of a course.")
    assert CheckStep.objects.get(stored_file=stored, step=Step.SENSITIVE).state == "noted"
    before = stored.concerns.first().answered_at
    answer_concerns(stored_file=stored, by=person, reason="Another one.")
    assert stored.concerns.first().answered_at == before


def test_an_answered_file_stays_answered_when_it_is_checked_again(held, person):
    answer_concerns(stored_file=held, by=person, reason="An example.")
    CheckStep.objects.filter(stored_file=held, step=Step.SENSITIVE).update(state="waiting")
    assert not services.check_and_scan(file_id=held.pk, again=True).has_open_concern
    assert held.concerns.filter(answered_at__isnull=True).count() == 0


def test_what_nobody_answers_is_deleted_with_its_reason(held, keep, settings, django_capture_on_commit_callbacks):
    settings.FILES_CONCERN_DAYS = 7
    fresh = checked(keep(b"SECRET\n"))
    Concern.objects.filter(stored_file=held).update(raised_at=timezone.now() - timedelta(days=7, minutes=1))
    heard = []

    def hear(sender, file, **kwargs):
        heard.append(file.pk)

    services.verdict_given.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert services.delete_unanswered() == 1
    finally:
        services.verdict_given.disconnect(hear)
    held.refresh_from_db()
    assert held.state == State.GONE
    assert "nobody answered" in held.refusal
    assert not vault().exists(held.path)
    assert vault().exists(fresh.path)
    assert heard == [held.pk]
    assert services.delete_unanswered() == 0


def test_records_are_neither_looked_through_nor_deleted(keep, settings):
    """A report, a signed agreement: nobody could answer for it, and it must stay."""
    settings.CLAMD = ""
    stored = checked(keep(b"SECRET\n", scope="record:12"))
    assert not stored.has_open_concern
    assert CheckStep.objects.get(stored_file=stored, step=Step.SENSITIVE).state == "unknown"
    Concern.objects.create(stored_file=stored, kind="marking", raised_at=timezone.now() - timedelta(days=30))
    StoredFile.objects.filter(pk=stored.pk).update(held_for="marking")
    assert services.delete_unanswered() == 0


def test_an_answered_file_is_never_deleted_for_it(held, person):
    answer_concerns(stored_file=held, by=person, reason="An example.")
    Concern.objects.update(raised_at=timezone.now() - timedelta(days=30))
    assert not unanswered_since().exists()


def test_a_new_concern_is_told_once_it_is_no_longer_pending(keep, settings):
    """A file that people could open is held back later (the rules grew): those who follow verdicts hear of it."""
    settings.CLAMD = ""
    stored = keep(b"SECRET\n", verdict=Verdict.CLEAN, scanned_at=timezone.now())
    heard = []

    def hear(sender, file, **kwargs):
        heard.append((file.verdict, file.held_for))

    services.verdict_given.connect(hear)
    try:
        services.check_and_scan(file_id=stored.pk, again=True)
    finally:
        services.verdict_given.disconnect(hear)
    assert heard == [(Verdict.CLEAN, "marking")]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "gossip"},
        {"count": 0},
        {"answer_reason": "A reason without a day."},
        {"answered_at": timezone.now()},
    ],
)
def test_the_database_refuses_nonsense(held, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Concern.objects.filter(stored_file=held, kind=ConcernKind.MARKING).update(**fields)


def test_places_in_words():
    def say(pages: list[int], count: int = 1) -> str:
        return place_words(Concern(pages=pages, count=count))

    assert say([1], 12) == "found 12 times"
    assert say([3]) == "on page 3"
    assert say([1, 3, 7]) == "on page 1, 3 and 7"
