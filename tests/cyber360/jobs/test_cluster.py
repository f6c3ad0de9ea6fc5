"""A real cluster on a real database file: what happens when its processes are killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

pytestmark = pytest.mark.slow
ASK = """
import django, json, sys
django.setup()
from cyber360.jobs.services import enqueue
for kind, key in json.loads(sys.argv[1]):
    enqueue(kind=kind, key=key, payload={"number": 4})
"""


class Cluster:
    def __init__(self, folder):
        self.folder, self.notes = folder, folder / "notes"
        self.notes.mkdir()
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.cyber360.jobs.work.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'jobs.sqlite3'}",
            "VAR_DIR": str(folder),
            "WORK_NOTES": str(self.notes),
        }
        self.manage("migrate", "--run-syncdb", "--verbosity", "0")
        self.process = None

    def manage(self, *words):
        subprocess.run([sys.executable, "manage.py", *words], env=self.environment, check=True, timeout=60)

    def start(self):
        command = [sys.executable, "manage.py", "run_worker", "--poll", "0.5"]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0

    def ask(self, *jobs):
        subprocess.run([sys.executable, "-c", ASK, json.dumps(jobs)], env=self.environment, check=True, timeout=60)

    def job(self, key):
        with closing(sqlite3.connect(self.folder / "jobs.sqlite3", timeout=20)) as database:
            database.row_factory = sqlite3.Row
            row = database.execute("select * from jobs_job where key = ?", [key]).fetchone()
            return dict(row)

    def note(self, key):
        path = self.notes / key
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def until(self, true, seconds=25):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := true():
                return found
            time.sleep(0.05)
        pytest.fail("not within the time; the cluster's log:\n" + (self.folder / "log").read_text()[-3000:])

    def finished(self, key):
        return self.until(lambda: (row := self.job(key))["state"] in ("done", "stopped") and row)


@pytest.fixture
def cluster(tmp_path):
    cluster = Cluster(tmp_path)
    cluster.start()
    yield cluster
    cluster.stop()


def test_killed_in_the_middle_is_finished_once_later_and_poison_stops(cluster):
    cluster.ask(["work.plain", "plain"], ["work.slow_once", "slow"])
    assert json.loads(cluster.finished("plain")["result"]) == {"doubled": 8}

    # -9 to the worker process in the middle of its job
    [[_, worker]] = cluster.until(lambda: cluster.note("slow"))
    os.kill(int(worker), signal.SIGKILL)
    row = cluster.finished("slow")
    assert (row["state"], row["attempts"]) == ("done", 2)
    assert [word for word, _ in cluster.note("slow")] == ["start", "start", "end"]

    # a job that kills its own worker, each time
    cluster.ask(["work.poison", "poison"], ["work.plain", "after"])
    row = cluster.finished("poison")
    assert (row["state"], row["attempts"]) == ("stopped", 3)
    assert "will not be tried again" in row["error"]
    assert len(cluster.note("poison")) == 3
    assert cluster.finished("after")["state"] == "done"


def test_a_frozen_or_dead_cluster_is_started_afresh(cluster):
    """Both idle workers are killed at once: one of them held the shared queue's lock."""
    cluster.ask(["work.plain", "first"])
    cluster.finished("first")
    time.sleep(1)  # both idle again
    for pid in _workers_of(cluster.process.pid):
        os.kill(pid, signal.SIGKILL)
    cluster.ask(["work.plain", "second"])
    assert cluster.finished("second")["state"] == "done"


def _workers_of(supervisor):
    """The cluster's process tree: supervisor, cluster, sentinel, and below it the workers, monitor and pusher."""
    [cluster] = _children(supervisor)
    [sentinel] = _children(cluster)
    return _children(sentinel)[:2]


def _children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [int(child) for child in children.read().split()]
