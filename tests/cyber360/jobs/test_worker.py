"""The rules of one job, without a queue: `run` is called by hand, as a doorbell would."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from cyber360.exceptions import BadInput
from cyber360.jobs import registry, services, worker
from cyber360.jobs.models import Heartbeat, Job, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def handlers(monkeypatch):
    """Handlers of this test only: `handlers["kind"] = function`."""
    monkeypatch.setattr(registry, "_discovered", True)
    monkeypatch.setattr(registry, "HANDLERS", {})
    return registry.HANDLERS


def make_job(kind="test.kind", key="one", **fields):
    job = services.enqueue(kind=kind, key=key, payload={"number": 3})
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def past(seconds=60):
    return timezone.now() - timedelta(seconds=seconds)


class TestRun:
    def test_does_the_work_and_keeps_the_result(self, handlers):
        handlers["test.kind"] = lambda job: {"doubled": job.payload["number"] * 2}
        job = make_job()
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.percent, job.result, job.attempts) == (State.DONE, 100, {"doubled": 6}, 1)
        assert job.lease_until is None
        assert job.finished_at is not None

    def test_double_ring_runs_once(self, handlers):
        runs = []
        handlers["test.kind"] = runs.append
        job = make_job()
        worker.run(job.pk)
        worker.run(job.pk)
        assert len(runs) == 1

    def test_a_job_under_a_living_lease_is_left_alone(self, handlers):
        runs = []
        handlers["test.kind"] = runs.append
        job = make_job(state=State.RUNNING, attempts=1, lease_until=timezone.now() + timedelta(seconds=60))
        worker.run(job.pk)
        assert runs == []

    def test_a_job_whose_lease_ran_out_is_taken_over(self, handlers):
        handlers["test.kind"] = lambda job: None
        job = make_job(state=State.RUNNING, attempts=1, lease_until=past())
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == (State.DONE, 2)

    def test_the_old_run_no_longer_writes_after_a_take_over(self, handlers):
        """The first run wakes up after its lease was lost: the second run's answer stays."""

        def slow(job):
            if job.attempts == 1:
                Job.objects.filter(pk=job.pk).update(lease_until=past())
                worker.run(job.pk)
            return {"attempt": job.attempts}

        handlers["test.kind"] = slow
        job = make_job()
        worker.run(job.pk)
        job.refresh_from_db()
        assert job.result == {"attempt": 2}

    def test_progress_is_shown_and_bounded(self, handlers):
        seen = []

        def work(job):
            job.show(250, "Page 7 of 20")
            seen.append(Job.objects.values_list("percent", "words").get(pk=job.pk))

        handlers["test.kind"] = work
        worker.run(make_job().pk)
        assert seen == [(100, "Page 7 of 20")]

    def test_an_unknown_kind_stops_with_a_sentence(self, handlers):
        job = make_job(kind="nobody.knows")
        worker.run(job.pk)
        job.refresh_from_db()
        assert job.state == State.STOPPED
        assert "nobody.knows" in job.error

    def test_a_job_that_is_gone_is_no_error(self, handlers):
        worker.run(987654)


class TestNotYet:
    def test_the_job_goes_back_with_its_words_and_without_an_attempt(self, handlers):
        turns = [False] * 5 + [True]

        def work(job):
            if not turns.pop(0):
                raise services.NotYet("Waits for another.", seconds=30)
            return {"attempt": job.attempts}

        handlers["test.kind"] = work
        job = make_job()
        for _turn in range(5):
            worker.run(job.pk)
            job.refresh_from_db()
            assert (job.state, job.attempts, job.words, job.error) == (State.QUEUED, 0, "Waits for another.", "")
            assert job.not_before > timezone.now() + timedelta(seconds=20)
            assert job.lease_until is None
            left = len(turns)
            worker.run(job.pk)  # not due yet: nothing happens
            assert len(turns) == left
            Job.objects.filter(pk=job.pk).update(not_before=past())
            assert worker.ring_unheard() == 1
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.result) == (State.DONE, {"attempt": 1})

    def test_attempts_that_went_wrong_before_still_count(self, handlers):
        def waits(job):
            raise services.NotYet("Waits for another.")

        handlers["test.kind"] = waits
        job = make_job(attempts=2, error="Attempt 2 went wrong.")
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.error) == (State.QUEUED, 2, "")

    def test_a_run_that_lost_its_job_puts_nothing_back(self, handlers):
        def slow(job):
            if job.attempts == 1:
                Job.objects.filter(pk=job.pk).update(lease_until=past())
                worker.run(job.pk)
                raise services.NotYet("Waits for another.")
            return {"attempt": job.attempts}

        handlers["test.kind"] = slow
        job = make_job()
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.result, job.attempts) == (State.DONE, {"attempt": 2}, 2)


class TestFailure:
    @pytest.mark.parametrize("failure", [RuntimeError("the council's secret text"), TimeoutException("too long")])
    def test_is_tried_three_times_with_pauses_then_stops(self, handlers, failure):
        def broken(job):
            raise failure

        handlers["test.kind"] = broken
        job = make_job()
        for attempt in (1, 2):
            worker.run(job.pk)
            job.refresh_from_db()
            assert (job.state, job.attempts) == (State.QUEUED, attempt)
            assert job.not_before > timezone.now()
            worker.run(job.pk)  # not due yet: nothing happens
            job.refresh_from_db()
            assert job.attempts == attempt
            Job.objects.filter(pk=job.pk).update(not_before=past())
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == (State.STOPPED, 3)
        assert "3 times" in job.error
        assert "secret" not in job.error

    def test_an_expected_failure_stops_at_once_with_its_own_sentence(self, handlers):
        def refuses(job):
            raise BadInput("The report has no findings yet.")

        handlers["test.kind"] = refuses
        job = make_job()
        worker.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error, job.attempts) == (State.STOPPED, "The report has no findings yet.", 1)

    def test_a_worker_that_died_three_times_stops_the_job(self, handlers):
        runs = []
        handlers["test.kind"] = runs.append
        job = make_job(state=State.RUNNING, attempts=3, lease_until=past())
        worker.run(job.pk)
        job.refresh_from_db()
        assert runs == []
        assert job.state == State.STOPPED
        assert "will not be tried again" in job.error


class TestEnqueue:
    def test_same_key_gives_the_same_job(self):
        first = services.enqueue(kind="a", key="k", payload={"x": 1})
        second = services.enqueue(kind="a", key="k", payload={"x": 2})
        assert first.pk == second.pk
        assert second.payload == {"x": 1}

    def test_again_starts_a_finished_one_afresh_and_leaves_a_waiting_one(self):
        job = make_job(key="k", state=State.DONE, attempts=2, percent=100, finished_at=past())
        fresh = services.enqueue(kind="a", key="k", payload={"x": 2}, again=True)
        assert (fresh.pk, fresh.state, fresh.attempts, fresh.payload) == (job.pk, State.QUEUED, 0, {"x": 2})
        waiting = services.enqueue(kind="a", key="k", payload={"x": 3}, again=True)
        assert waiting.payload == {"x": 2}

    def test_rings_once_and_only_after_commit(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            services.enqueue(kind="a", key="k", payload={})
            services.enqueue(kind="a", key="k", payload={})
            assert OrmQ.objects.count() == 0
        assert OrmQ.objects.count() == 1

    def test_a_rolled_back_request_leaves_no_job(self):
        def request():
            with transaction.atomic():
                services.enqueue(kind="a", key="k", payload={})
                raise RuntimeError

        with pytest.raises(RuntimeError):
            request()
        assert not Job.objects.exists()

    def test_a_broken_queue_does_not_break_the_request(self, django_capture_on_commit_callbacks, monkeypatch, caplog):
        def broken(*args, **kwargs):
            raise OSError("no queue")

        monkeypatch.setattr(services, "async_task", broken)
        with django_capture_on_commit_callbacks(execute=True):
            job = services.enqueue(kind="a", key="k", payload={})
        job.refresh_from_db()
        assert job.state == State.QUEUED
        monkeypatch.undo()
        Job.objects.update(rung_at=past())
        assert worker.ring_unheard() == 1


class TestSweep:
    def test_rings_for_what_nobody_heard_and_for_lost_leases(self, handlers):
        make_job(key="never rung")
        make_job(key="rung long ago", rung_at=past())
        make_job(key="lease ran out", state=State.RUNNING, attempts=1, lease_until=past(5), rung_at=past())
        make_job(key="just rung", rung_at=timezone.now())
        make_job(key="not due", not_before=timezone.now() + timedelta(minutes=5))
        make_job(key="running", state=State.RUNNING, attempts=1, lease_until=timezone.now() + timedelta(minutes=5))
        make_job(key="done", state=State.DONE)
        before = OrmQ.objects.count()
        assert worker.ring_unheard() == 3
        assert OrmQ.objects.count() == before + 3
        assert worker.ring_unheard() == 0

    def test_stops_the_exhausted(self, handlers):
        job = make_job(state=State.RUNNING, attempts=3, lease_until=past())
        worker.ring_unheard()
        job.refresh_from_db()
        assert job.state == State.STOPPED

    def test_calls_every_sweeper_though_one_breaks(self, handlers, monkeypatch, caplog):
        called = []

        def broken():
            raise RuntimeError

        monkeypatch.setattr(registry, "SWEEPERS", [broken, lambda: called.append(1)])
        worker.sweep()
        assert called == [1]
        assert Heartbeat.objects.filter(name="worker").exists()


class TestRegistry:
    def test_two_handlers_of_one_kind_are_refused(self, handlers):
        services.handler("a.b")(lambda job: None)
        with pytest.raises(ValueError, match=r"a\.b"):
            services.handler("a.b")(test_two_rings_at_once_run_once)


@pytest.mark.django_db(transaction=True)
def test_two_rings_at_once_run_once(handlers):
    runs = []
    gate = threading.Barrier(6)
    handlers["test.kind"] = lambda job: runs.append(job.attempts)
    job = make_job()

    def ring():
        gate.wait()
        try:
            worker.run(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert runs == [1]
    assert job.state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_work_runs(handlers, settings):
    settings.JOB_LEASE_SECONDS = 0.3
    leases = []

    def work(job):
        for _ in range(4):
            leases.append(Job.objects.get(pk=job.pk).lease_until)
            threading.Event().wait(0.15)
            worker.run(job.pk)  # rung again meanwhile: refused each time

    handlers["test.kind"] = work
    job = make_job()
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.DONE, 1)
    assert len(set(leases)) > 1
