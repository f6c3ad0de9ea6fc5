"""The child's side of `run`: one line says what to do, lines of news go out, the end of the input is the end of all."""

import ctypes
import os
import resource
import signal
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import BinaryIO

from .problem import Limits, News, Plan, Problem
from .wire import Line, asked_from_line, to_line

LAST = ("done", "impossible")  # these come by `end`, once
BEAT = 0.5  # seconds between two lines, when there is no other news
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
# Of address space, which solvers map far more of than they fill: 881 MiB were mapped for 1,000 peers and 120 visits.
MEMORY = 4 * 1024**3
WRITTEN = 1024**2  # of one file: nothing is written but complaints, to the file that the parent gave


class Talk:
    """The lines out, whole ones, from whichever thread; and whether to stop."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.lock, self.started = out, Lock(), monotonic()
        self.stop, self.over = Event(), Event()
        self.last = News("first", 0.0)

    def tell(self, news: News) -> None:
        if news.phase not in LAST:
            self._write(Line(news))

    def end(self, news: News) -> None:
        peak = _peak_mib()
        self.over.set()
        self._write(Line(news, last=True, peak_mib=peak))

    def listen(self) -> None:
        """Stop when told so; end at once when nobody is there any more."""
        for line in sys.stdin.buffer:
            if line.strip() == b"stop":
                self.stop.set()
        os._exit(0 if self.over.is_set() else 3)

    def beat(self) -> None:
        while not self.over.wait(BEAT):
            with self.lock:
                news = replace(self.last, seconds=monotonic() - self.started)
            self._write(Line(news))

    def _write(self, line: Line) -> None:
        with self.lock:
            self.last = replace(line.news, plan=None)
            try:
                self.out.write(to_line(line))
                self.out.flush()
            except BrokenPipeError:
                os._exit(3)


def main() -> None:
    _die_with_parent()
    limit_process()
    # Whatever a library prints must not come between the lines.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        task, problem, limits, old = asked_from_line(sys.stdin.buffer.readline())
        talk = Talk(out)
        Thread(target=talk.listen, daemon=True).start()
        Thread(target=talk.beat, daemon=True).start()
        talk.end(_work(talk, task, problem, limits, old))


def _peak_mib() -> int:
    """The most memory of this program in MiB; what getrusage tells begins with the size of whoever started us."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def limit_process() -> None:
    """Set before the first byte is read: a season that asks for too much ends its own process and nothing else."""
    limits = {resource.RLIMIT_FSIZE: WRITTEN, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # elsewhere the address space cannot be limited
        limits[resource.RLIMIT_AS] = MEMORY
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (lowest, lowest))


def _work(talk: Talk, task: str, problem: Problem, limits: Limits, old: Plan | None) -> News:
    # The solvers take a second or two to load, in which the beat goes already and the time does not.
    name = {"plan": ".solve", "replan": ".replan", "explain": ".explain"}[task]
    module = import_module(name, __package__)
    talk.started = monotonic()
    if task == "plan":
        return module.solve(problem, limits, talk.tell, talk.stop.is_set)
    if task == "replan":
        return module.replan(problem, old, limits, talk.tell, talk.stop.is_set)
    return _explain(talk, problem, limits)


def _explain(talk: Talk, problem: Problem, limits: Limits) -> News:
    reasons = import_module(".explain", __package__).explain(problem, limits, talk.stop.is_set)
    told = News("explain", monotonic() - talk.started, reasons=reasons)
    talk.tell(told)
    if reasons and not talk.stop.is_set():
        left = replace(limits, seconds=max(1.0, limits.seconds - told.seconds))
        relaxations = import_module(".giving", __package__).relax(problem, left, talk.stop.is_set)
        told = replace(told, relaxations=relaxations)
    return replace(told, phase="done", seconds=monotonic() - talk.started)


def _die_with_parent() -> None:
    """On Linux the child is ended with its parent even while it is loading; elsewhere the end of the input does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    main()
