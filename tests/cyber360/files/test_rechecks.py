"""Signatures grow old, and what was clean yesterday is asked about again."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from cyber360.files import rechecks, tasks
from cyber360.files.models import ScannerState, Verdict
from cyber360.files.services import check_and_scan
from cyber360.jobs.models import Job
from tests.cyber360.files.test_scanner import VERSION, FakeClamd, saying

pytestmark = pytest.mark.django_db
OLD, NEW = "ClamAV 1.4.6/27499/Sat Nov 21 09:00:00 2026", VERSION.decode().rstrip("\0")


@pytest.fixture
def clamd(settings):
    running = []

    def run(answer: bytes = b"stream: OK\0") -> None:
        running.append(FakeClamd(saying(answer)))
        settings.CLAMD = running[-1].address

    yield run
    for fake in running:
        fake.close()


def clean(keep, version: str = OLD, **fields):
    return keep(b"one", verdict=Verdict.CLEAN, scanner_version=version, scanned_at=timezone.now(), **fields)


def test_version_and_day_of_the_signatures_are_kept(clamd):
    clamd()
    for _time in range(2):
        state = rechecks.ask_scanner()
    assert (state.version, str(state.signatures_on), state.failure) == (NEW, "2026-11-22", "")
    assert ScannerState.objects.count() == 1
    assert rechecks.scanner_state() == state


def test_a_scanner_that_does_not_answer_is_kept_as_that(clamd, settings, tmp_path):
    clamd()
    rechecks.ask_scanner()
    settings.CLAMD = str(tmp_path / "none.sock")
    state = rechecks.ask_scanner()
    assert state.failure == "FileNotFoundError"
    assert state.version == NEW
    assert not rechecks.are_signatures_old(state)


def test_without_a_scanner_nothing_is_said_of_one(clamd, settings):
    clamd()
    rechecks.ask_scanner()
    settings.CLAMD = ""
    assert rechecks.scanner_state() is None
    assert rechecks.ask_scanner() is None
    assert not ScannerState.objects.exists()
    assert rechecks.recheck_changed() == 0


@pytest.mark.parametrize(("days", "old"), [(0, False), (7, False), (8, True), (None, True)])
def test_signatures_are_old_after_seven_days(settings, days, old):
    settings.FILES_SIGNATURE_DAYS = 7
    day = None if days is None else timezone.localdate() - timedelta(days=days)
    assert rechecks.are_signatures_old(ScannerState(signatures_on=day, version="x")) is old


def test_files_of_older_signatures_are_asked_about_in_batches_the_oldest_first(keep, clamd):
    clamd()
    rechecks.ask_scanner()
    stale = [clean(keep) for _number in range(3)]
    clean(keep, NEW)
    keep(b"one", verdict=Verdict.INFECTED, scanner_version=OLD)
    keep(b"one", verdict=Verdict.PENDING)
    unscanned = keep(b"one", verdict=Verdict.NOT_SCANNED)
    assert rechecks.recheck_changed(limit=2) == 2
    asked = [job.payload["file_id"] for job in Job.objects.order_by("pk")]
    assert asked == [str(unscanned.pk), str(stale[0].pk)]
    assert all(job.payload["again"] and job.payload["only_scan"] for job in Job.objects.all())


def test_nothing_more_is_asked_while_a_batch_waits(keep, clamd, monkeypatch):
    clamd()
    rechecks.ask_scanner()
    monkeypatch.setattr(rechecks, "BATCH", 2)
    for _number in range(4):
        clean(keep)
    assert rechecks.recheck_changed(limit=2) == 2
    assert rechecks.recheck_changed(limit=2) == 0


def test_one_that_turns_infected_is_found_and_the_rest_come_up_no_more(keep, clamd):
    clamd()
    rechecks.ask_scanner()
    good, bad = clean(keep), clean(keep)
    assert rechecks.recheck_changed() == 2
    check_and_scan(file_id=good.pk, again=True, only_scan=True)
    clamd(b"stream: New.Thing FOUND\0")
    assert check_and_scan(file_id=bad.pk, again=True, only_scan=True).verdict == Verdict.INFECTED
    Job.objects.all().delete()
    assert rechecks.recheck_changed() == 0


def test_a_scanner_that_is_down_at_night_withdraws_nothing_and_is_tried_again(keep, clamd, settings, tmp_path):
    clamd()
    rechecks.ask_scanner()
    stored = clean(keep)
    good = settings.CLAMD
    settings.CLAMD = str(tmp_path / "none.sock")
    assert check_and_scan(file_id=stored.pk, again=True, only_scan=True).verdict == Verdict.CLEAN
    settings.CLAMD = good
    assert rechecks.recheck_changed() == 1


def test_a_check_that_was_lost_is_asked_for_again(keep):
    lost, waiting, young = keep(b"one"), keep(b"two"), keep(b"three")
    type(lost).objects.filter(pk__in=[lost.pk, waiting.pk]).update(uploaded_at=timezone.now() - timedelta(hours=3))
    rechecks.ask_for_check(stored_file=waiting)
    assert rechecks.recheck_lost() == 1
    assert set(Job.objects.values_list("payload__file_id", flat=True)) == {str(lost.pk), str(waiting.pk)}
    assert str(young.pk) not in str(list(Job.objects.values_list("payload", flat=True)))
    assert rechecks.recheck_lost() == 0


@pytest.mark.parametrize(("hour", "night"), [(21, False), (22, True), (3, True), (6, False), (12, False)])
def test_the_night(monkeypatch, hour, night):
    moment = timezone.localtime().replace(hour=hour)
    monkeypatch.setattr(rechecks.timezone, "localtime", lambda: moment)
    assert rechecks.is_night() is night


def test_the_sweep_asks_once_an_hour(clamd, keep, monkeypatch):
    cache.clear()
    clamd()
    monkeypatch.setattr(tasks, "is_night", lambda: True)
    clean(keep)
    tasks.sweep_checks()
    first = ScannerState.objects.get().asked_at
    tasks.sweep_checks()
    assert ScannerState.objects.get().asked_at == first
    assert Job.objects.count() == 1


def test_there_is_one_state_of_the_scanner(clamd):
    clamd()
    rechecks.ask_scanner()
    with pytest.raises(IntegrityError), transaction.atomic():
        ScannerState.objects.create(only=False, asked_at=timezone.now())
