"""The child that solves: its news, its end at a word, by force, with its parent."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from peers.overview.bench.instances import instance
from peers.planning.season import run
from peers.planning.season.__main__ import MEMORY, WRITTEN
from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Limits, News, Problem, Reason
from peers.planning.season.run import SolverDied, in_child
from peers.planning.season.wire import Line, asked_from_line, asked_to_line, from_line, to_line

from .tiny import PLAN, PROBLEM

LONG = Limits(seconds=300, gap=0.0)
# Not to be planned: nobody may go.
DESERTED = replace(PROBLEM, pairs={})
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def children_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, mother = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(mother) == parent and state != "Z" and b"peers.planning.season" in words:
            found.append(int(folder.name))
    return found


def gone(pid: int, seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def test_a_plan_comes_from_the_child_with_its_memory():
    told: list[int] = []
    news = list(in_child("plan", PROBLEM, limits=Limits(seconds=60, gap=0.0), peak=told.append))
    last = news[-1]
    assert last.phase == "done"
    assert last.plan is not None
    assert broken(PROBLEM, last.plan) == []
    assert cost(PROBLEM, last.plan)["total"] == last.cost == last.bound
    assert [one.phase for one in news].count("done") == 1
    assert len(told) == 1
    assert 20 < told[0] < 512


def test_the_parents_side_loads_no_solver():
    code = (
        "import sys, peers.planning.season.run; "
        "sys.exit(any(name.split('.')[0] in ('ortools', 'numpy', 'pandas', 'django') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=run.ROOT, check=False).returncode == 0


def test_no_plan_is_news_and_no_error():
    last = list(in_child("plan", DESERTED, limits=Limits(seconds=60)))[-1]
    assert last.phase == "impossible"
    assert last.plan is None
    assert last.reasons


def test_reasons_and_what_would_do_come_from_the_child():
    last = list(in_child("explain", DESERTED, limits=Limits(seconds=60)))[-1]
    assert last.phase == "done"
    assert last.reasons
    assert last.relaxations


def test_a_re_plan_comes_from_the_child():
    last = list(in_child("replan", PROBLEM, old=PLAN, limits=Limits(seconds=60)))[-1]
    assert last.phase == "done"
    assert last.plan == PLAN


@pytest.mark.parametrize(("task", "old"), [("dance", None), ("replan", None)])
def test_what_cannot_be_asked(task, old):
    with pytest.raises(ValueError, match="No such task"):
        next(in_child(task, PROBLEM, old=old, limits=LONG))


def test_asked_to_stop_it_ends_with_the_best_plan():
    problem, best, asked = instance("M"), [], []

    def should_stop() -> bool:
        return bool(best)

    started = time.monotonic()
    for news in in_child("plan", problem, limits=LONG, should_stop=should_stop):
        if news.plan is not None:
            best.append(news)
            asked.append(time.monotonic())
    last = best[-1]
    assert last.phase == "done"
    assert broken(problem, last.plan) == []
    assert last.cost == min(news.cost for news in best)
    assert time.monotonic() - asked[0] < 30
    assert time.monotonic() - started < 120


def test_there_is_news_all_the_time():
    times = []
    child = in_child("plan", instance("M"), limits=LONG)
    for news in child:
        times.append((time.monotonic(), news.seconds))
        if len(times) > 12:
            break
    child.close()
    gaps = [later - earlier for (earlier, _a), (later, _b) in pairwise(times)]
    assert max(gaps) < 5  # a half in quiet
    assert sum(gaps) / len(gaps) < 1.5


@linux
def test_a_child_that_is_killed_is_told_of_and_its_plan_was_seen():
    seen: list[News] = []

    def until_killed() -> None:
        for news in in_child("plan", instance("M"), limits=LONG):
            if news.plan is not None and not seen:
                seen.append(news)
                (pid,) = children_of(os.getpid())
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(SolverDied, match="-9"):
        until_killed()
    assert broken(instance("M"), seen[0].plan) == []


@linux
def test_a_closed_generator_leaves_no_process():
    child = in_child("plan", instance("M"), limits=LONG)
    next(child)
    (pid,) = children_of(os.getpid())
    child.close()
    assert gone(pid, 1.0)


@linux
def test_the_child_dies_with_its_parent():
    code = (
        "import time\n"
        "from peers.overview.bench.instances import instance\n"
        "from peers.planning.season.problem import Limits\n"
        "from peers.planning.season.run import in_child\n"
        "for news in in_child('plan', instance('M'), limits=Limits(seconds=300, gap=0.0)):\n"
        "    print('news', flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=run.ROOT, stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"news\n"
        (pid,) = children_of(parent.pid)
    finally:
        parent.kill()
        parent.communicate()
    assert gone(pid)


@linux
def test_a_child_that_does_not_listen_is_ended_and_the_best_plan_kept(monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", 1.0)
    stopped: list[int] = []

    def should_stop() -> bool:
        return bool(stopped)

    last = None
    for news in in_child("plan", instance("M"), limits=LONG, should_stop=should_stop):
        if news.plan is not None and not stopped:
            stopped.extend(children_of(os.getpid()))
            os.kill(stopped[0], signal.SIGSTOP)
        last = news
    assert last.phase == "done"
    assert broken(instance("M"), last.plan) == []
    assert gone(stopped[0], 1.0)


def test_a_childs_complaint_is_handed_on(monkeypatch, tmp_path):
    monkeypatch.setattr(run, "ROOT", tmp_path)
    with pytest.raises(SolverDied, match="No module named"):
        list(in_child("plan", PROBLEM, limits=LONG))


def test_the_workspaces_secrets_stay_with_the_parent(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for the child")
    child = in_child("plan", PROBLEM, limits=LONG)
    next(child)
    try:
        (pid,) = children_of(os.getpid())
        assert b"SECRET_KEY" not in Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        child.close()


def test_the_child_has_no_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    child = in_child("plan", PROBLEM, limits=LONG)
    next(child)
    try:
        (pid,) = children_of(os.getpid())
        assert str(tmp_path).encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        child.close()


@linux
def test_the_child_leaves_no_core_writes_little_and_has_a_limit_on_memory():
    child = in_child("plan", instance("M"), limits=LONG)
    try:
        next(news for news in child if news.plan is not None)
        (pid,) = children_of(os.getpid())
        mapped = next(
            int(line.split()[1]) * 1024
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmPeak")
        )
        assert resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (WRITTEN, WRITTEN)
        assert resource.prlimit(pid, resource.RLIMIT_AS) == (MEMORY, MEMORY)
        assert mapped * 2 < MEMORY
    finally:
        child.close()


def test_lines_carry_everything():
    reason = Reason("theme", visit=1, theme=4, amount=2)
    news = News("done", 1.5, 10, 9, {1: (2, (3, 4)), 0: (1, (2, 5))}, (reason,), (reason, Reason("days", peer=7)))
    assert from_line(to_line(Line(news, last=True, peak_mib=99))) == Line(news, True, 99)
    assert from_line(to_line(Line(News("first", 0.0)))) == Line(News("first", 0.0))
    limits = Limits(seconds=3, deterministic=True)
    assert asked_from_line(asked_to_line("replan", PROBLEM, limits, PLAN)) == ("replan", PROBLEM, limits, PLAN)


def test_an_empty_problem_is_done_at_once():
    nothing = Problem(weeks=3, peers=(), visits=(), pairs={}, per_week=(1, 1, 1), party_targets={"A": 2})
    last = list(in_child("plan", nothing, limits=Limits(seconds=20)))[-1]
    assert (last.phase, last.plan, last.cost, last.bound) == ("done", {}, 2, 2)
