"""Start the queue's worker cluster, and start it afresh when it freezes.

A cluster can freeze for good when one of its idle workers is killed (stack.md, section 6: the dead process
held the lock of the shared queue). Its own guard does not notice, so this parent rings a heartbeat through
the queue and restarts the cluster when none comes back.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from cyber360.jobs import worker
from cyber360.jobs.queries import last_heartbeat

BEAT = "cyber360.jobs.worker.beat"
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def _die_with_parent() -> None:
    """Linux only: a killed parent leaves no cluster behind (two would do no harm, but use memory twice)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = "Run the worker cluster under a watch that restarts it when it dies or freezes."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--poll", type=float, default=5.0, help="Seconds between two looks (default 5).")

    def handle(self, *args, poll: float, **options) -> None:
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._start()
        try:
            while not self.stopping:
                self._sleep(poll)
                if not self.stopping:
                    self._look()
        finally:
            self._end(patience=20)

    def _stop(self, number, frame) -> None:
        self.stopping = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            time.sleep(0.1)

    def _start(self) -> None:
        # A session of its own, so that the whole cluster can be ended even when it no longer answers.
        command = [sys.executable, sys.argv[0], "qcluster"]
        self.cluster = subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: S603 (our own command)
        self.started = time.monotonic()

    def _look(self) -> None:
        if self.cluster.poll() is not None:
            self.stderr.write("The worker cluster ended. Starting it afresh.")
            self._end(patience=0)
            self._start()
            return
        try:
            worker.ring_unheard()
            self._ring_heartbeat()
            frozen = self._is_frozen()
        except DatabaseError as failure:
            self.stderr.write(f"The worker's watch cannot reach the database: {failure}")
            connection.close()
            return
        if frozen:
            self.stderr.write("The worker cluster takes nothing off the queue. Starting it afresh.")
            self._end(patience=2)
            self._start()
            worker.ring_unheard(timedelta(0))  # what the ended cluster had taken off the queue is lost with it

    def _ring_heartbeat(self) -> None:
        """One heartbeat at most waits in the queue."""
        if not OrmQ.objects.filter(lock__lte=timezone.now()).exists():
            async_task(BEAT, task_name="heartbeat", save=False)

    def _is_frozen(self) -> bool:
        """Silence since the cluster's start; a busy worker is not silent, it beats as it renews its lease."""
        at = last_heartbeat()
        age = time.monotonic() - self.started if at is None else (timezone.now() - at).total_seconds()
        return min(age, time.monotonic() - self.started) > settings.WORKER_SILENCE_SECONDS

    def _end(self, patience: float) -> None:
        """Ask the cluster to stop, then end its whole session."""
        if self.cluster.poll() is None and patience:
            self.cluster.terminate()
            try:
                self.cluster.wait(patience)
            except subprocess.TimeoutExpired:
                self.stderr.write("The worker cluster does not stop by itself. Ending it.")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.cluster.pid, signal.SIGKILL)
        self.cluster.wait()
