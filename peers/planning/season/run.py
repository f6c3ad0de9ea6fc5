"""Solving in a process of its own: this side loads no solver, and can end the other at any moment.

The child gets one line of JSON (what to do), then perhaps "stop"; its lines are the news. It lives no longer than
its standard input stays open.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO

from .problem import Limits, News, Plan, Problem
from .wire import Line, asked_to_line, from_line

ROOT = Path(__file__).resolve().parents[3]
TASKS = ("plan", "replan", "explain")
LOOK_EVERY = 0.2  # seconds between two questions whether to stop
PATIENCE = 15.0  # seconds that a child has to end once it was asked to
BEYOND = 60.0  # seconds after its time when a child is asked to end
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")  # no secret of the workspace
NO_HOME = {"HOME": "/nonexistent"}  # without any, a library would look up the account's own
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class SolverDied(RuntimeError):
    """The child ended without its last news: killed, out of memory, or in error. What it said before still holds."""


def in_child(
    task: str,
    problem: Problem,
    *,
    limits: Limits,
    old: Plan | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    peak: Callable[[int], None] | None = None,
) -> Iterator[News]:
    """The news as they come, at least about one a second; the last has phase "done" or "impossible".

    `task`: "plan", "replan" (from `old`) or "explain" (reasons and relaxations). `should_stop` is asked several times
    a second; the best plan so far then comes as the last news. Closing the generator ends the child. `peak` is told
    the child's greatest memory in MiB. Raises SolverDied; ValueError for an unknown task or a re-plan of nothing.
    """
    if task not in TASKS or (task == "replan" and old is None):
        raise ValueError(f"No such task: {task}, old plan {'missing' if old is None else 'given'}")
    with tempfile.TemporaryFile() as complaints, _Child(complaints) as child:
        child.send(asked_to_line(task, problem, limits, old))
        yield from _news(child, limits, should_stop, peak)


def _news(
    child: "_Child", limits: Limits, should_stop: Callable[[], bool], peak: Callable[[int], None] | None
) -> Iterator[News]:
    best = News("done", 0.0)
    asked: float | None = None
    late = None if limits.deterministic else monotonic() + limits.seconds + BEYOND
    while True:
        line = child.line()
        if line is not None:
            news = line.news
            best = News("done", news.seconds, news.cost, news.bound, news.plan or best.plan)
            if line.last and peak is not None and line.peak_mib is not None:
                peak(line.peak_mib)
            yield news
            if line.last:
                return
        if asked is None and (should_stop() or (late is not None and monotonic() > late)):
            asked = monotonic()
            child.send(b"stop\n")
        if asked is not None and monotonic() - asked > PATIENCE:
            yield best
            return


class _Child:
    """The process, its lines read by a thread so that they can be waited for with a limit."""

    def __init__(self, complaints: IO[bytes]) -> None:
        self.complaints = complaints
        self.lines: SimpleQueue[bytes] = SimpleQueue()

    def __enter__(self) -> "_Child":
        env = {name: value for name, value in os.environ.items() if name in KEPT} | NO_HOME | ONE_THREAD
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peers.planning.season"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
        )
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        # A child that has died is found out by its silence.
        with suppress(BrokenPipeError):
            self.process.stdin.write(line)
            self.process.stdin.flush()

    def line(self) -> Line | None:
        """The next line, or None if there was none for a moment. Raises SolverDied at the end of all lines."""
        try:
            text = self.lines.get(timeout=LOOK_EVERY)
        except Empty:
            return None
        if not text:
            raise SolverDied(f"Ended with {self.process.wait()}. {self._complaint()}")
        return from_line(text)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.put(text)
        self.lines.put(b"")

    def _complaint(self) -> str:
        self.complaints.seek(0, os.SEEK_END)
        self.complaints.seek(max(0, self.complaints.tell() - 2000))
        return self.complaints.read().decode(errors="replace").strip()
