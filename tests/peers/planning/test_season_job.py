"""The whole job with the real solver in its own process: a small season, an impossible one, a stop, a killed child."""

import os
import signal
import subprocess
import time

import pytest

from cyber360.jobs import registry, worker
from cyber360.jobs.models import Job
from peers.planning.models import PlanState, SeasonPlan
from peers.planning.plans.reading import as_plan
from peers.planning.queries.season import known_of
from peers.planning.queries.season_problem import problem_of
from peers.planning.season.checker import broken, cost
from peers.planning.season.run import in_child
from peers.planning.services import season
from peers.planning.services.season_run import work_out
from peers.pool import services as pool
from tests.peers.planning.seasons import make_person, make_plan, make_season

pytestmark = pytest.mark.django_db


def through_the_queue(plan: SeasonPlan) -> SeasonPlan:
    registry.discover()
    plan.refresh_from_db()
    job = Job.objects.get(key=plan.job_key)
    worker.run(job.pk)
    plan.refresh_from_db()
    return plan


def asked(world, **fields) -> SeasonPlan:
    plan = make_plan(world, **fields)
    season.request_plan(plan=plan, by=world.coordinator)
    return plan


def test_a_small_season_is_worked_out_and_moves_little_when_somebody_goes():
    world = make_season(hosts=4, teams=5)
    plan = through_the_queue(asked(world))
    assert plan.state == "done", plan.remarks
    assert plan.bound is not None
    assert plan.bound <= plan.cost
    built = problem_of(plan)
    stored = as_plan(built, known_of(plan))
    assert broken(built.problem, stored) == []
    assert cost(built.problem, stored)["total"] == plan.cost
    assert plan.progress.exists()
    assert Job.objects.get(key=plan.job_key).state == "done"

    first = plan.visits.first()
    gone = first.seats.first().profile
    season.pin(plan=plan, by=world.coordinator, challenge=first.challenge, kind="not_person", profile=gone)
    near = season.copy_plan(plan=plan, by=world.coordinator, title="Without one", near=True)
    season.request_plan(plan=near, by=world.coordinator)
    through_the_queue(near)
    assert near.state == "done", near.remarks
    changed = {visit.challenge_id: visit.moved for visit in near.visits.all() if visit.moved}
    assert list(changed) == [first.challenge_id]
    assert changed[first.challenge_id]["gone"] == [gone.user.full_name]
    assert "week" not in changed[first.challenge_id]


def test_a_plan_is_made_again_without_somebody_who_left_the_pool():
    world = make_season(hosts=3, teams=5)
    plan = through_the_queue(asked(world))
    first = plan.visits.first()
    gone = first.seats.first().profile
    pool.set_state(profile=gone, by=world.coordinator, state="left")
    near = season.copy_plan(plan=plan, by=world.coordinator, title="After", near=True)
    season.request_plan(plan=near, by=world.coordinator)
    through_the_queue(near)
    assert near.state == "done", near.remarks
    changed = {visit.challenge_id: visit.moved for visit in near.visits.all() if visit.moved}
    assert list(changed) == [first.challenge_id]
    assert changed[first.challenge_id]["gone"] == [gone.user.full_name]


def test_an_impossible_season_says_why_and_what_would_do():
    world = make_season(hosts=2, teams=2)
    for person in world.people:
        if person.role == "specialist":
            person.role = "officer"
            person.save()
    plan = through_the_queue(asked(world))
    assert plan.state == "impossible"
    whys = [row["text"] for row in plan.reasons if row["kind"] == "why"]
    dos = [row["text"] for row in plan.reasons if row["kind"] == "would_do"]
    assert f"Host 1 ({world.challenges[0].ref}): too few cyber specialists can come (1 more needed)." in whys
    assert any("cyber specialist" in text for text in dos)


def test_a_stop_keeps_the_best_and_ends_the_search_early():
    world = make_season(hosts=6, teams=4)
    for n in range(20):
        make_person(f"Extra {n}", "member" if n % 2 else "specialist")
    plan = asked(world, seconds=60)
    plan.refresh_from_db()
    told = []

    def watched(*args, should_stop, **rest):
        for news in in_child(*args, should_stop=should_stop, **rest):
            told.append(news.phase)
            if news.plan is not None:
                season.stop_plan(plan=plan, by=world.coordinator)
            yield news

    began = time.monotonic()
    work_out(plan_id=plan.pk, run=plan.run, show=lambda percent, words: None, solve=watched)
    plan.refresh_from_db()
    assert plan.visits.count() == 6
    assert plan.state in {PlanState.STOPPED, PlanState.DONE}
    assert time.monotonic() - began < 30


def test_the_solver_killed_in_the_middle_leaves_the_best():
    world = make_season(hosts=6, teams=8)
    plan = asked(world, seconds=60)
    plan.refresh_from_db()

    def murdered(*args, **rest):
        for news in in_child(*args, **rest):
            yield news
            if news.plan is not None:
                for pid in children():
                    os.kill(pid, signal.SIGKILL)

    job = Job.objects.get(key=plan.job_key)
    show = job.show
    try:
        work_out(plan_id=plan.pk, run=plan.run, show=show, solve=murdered)
    except RuntimeError:
        plan.refresh_from_db()
        assert plan.state == "running"
        work_out(plan_id=plan.pk, run=plan.run, show=show, solve=in_child)
    plan.refresh_from_db()
    assert plan.state in {"stopped", "done"}  # done: it was over before it could be killed
    assert plan.visits.count() == 6


def children() -> list[int]:
    """Solving processes that this test process started."""
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True, check=False
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "peers.planning.season" in line]
