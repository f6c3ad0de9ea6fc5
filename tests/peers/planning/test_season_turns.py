"""One season plan is worked out at a time; the others wait their turn and say so."""

import datetime

import pytest
from django.utils import timezone

from cyber360.jobs import registry, worker
from cyber360.jobs.models import Job
from cyber360.jobs.services import NotYet
from peers.planning.services import season
from peers.planning.services.season_run import work_out
from tests.peers.planning.seasons import make_plan, make_season, solver

pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def world():
    return make_season()


def asked(world, title):
    plan = make_plan(world, title=title)
    season.request_plan(plan=plan, by=world.coordinator)
    plan.refresh_from_db()
    return plan


def taken(plan, lease=MINUTE):
    """A worker has the plan's job, and holds it still or (`lease` below nothing) has died over it."""
    job = Job.objects.get(key=plan.job_key)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1, lease_until=timezone.now() + lease)
    return job


def begun(plan, lease=MINUTE):
    taken(plan, lease)
    plan.state = "running"
    plan.save()
    return plan


def run(plan):
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=solver())
    plan.refresh_from_db()
    return plan.state


def test_a_second_plan_goes_back_to_the_queue_and_uses_up_no_attempt(world, client):
    first, second = begun(asked(world, "First")), asked(world, "Second")
    registry.discover()
    job = Job.objects.get(key=second.job_key)
    for _turn in range(4):
        Job.objects.filter(pk=job.pk).update(not_before=None)
        worker.run(job.pk)
        job.refresh_from_db()
        second.refresh_from_db()
        assert (second.state, job.state, job.attempts) == ("queued", "queued", 0)
    client.force_login(world.coordinator)
    page = client.get(second.get_absolute_url()).content.decode()
    assert "Waits until another plan has been worked out." in page
    assert "First" not in page
    Job.objects.filter(key=first.job_key).update(state="done", lease_until=None)
    assert run(second) == "done"


def test_a_plan_whose_worker_died_keeps_nobody_waiting(world):
    begun(asked(world, "First"), lease=-MINUTE)
    assert run(asked(world, "Second")) == "done"


def test_a_plan_that_waits_itself_keeps_nobody_waiting(world):
    asked(world, "First")
    second = asked(world, "Second")
    taken(asked(world, "Third"))  # its worker has not looked at the plan yet: this one is before it
    assert run(second) == "done"


def test_of_two_that_are_taken_up_again_at_once_one_goes_on(world):
    first, second = begun(asked(world, "First")), begun(asked(world, "Second"))
    with pytest.raises(NotYet):
        run(first)
    first.refresh_from_db()
    assert first.state == "queued"
    assert run(second) == "done"


def test_a_plan_that_waits_can_be_stopped(world):
    begun(asked(world, "First"))
    second = asked(world, "Second")
    season.stop_plan(plan=second, by=world.coordinator)
    assert run(second) == "failed"
