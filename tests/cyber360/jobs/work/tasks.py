import os
import signal
import time
from pathlib import Path

from cyber360.jobs.services import handler


def _note(job, word):
    with (Path(os.environ["WORK_NOTES"]) / job.key).open("a") as notes:
        notes.write(f"{word} {os.getpid()}\n")


@handler("work.plain")
def plain(job):
    _note(job, "start")
    job.show(50, "half way")
    _note(job, "end")
    return {"doubled": job.payload["number"] * 2}


@handler("work.slow_once")
def slow_once(job):
    """Slow at the first attempt, so that a test can kill its worker in the middle; quick afterwards."""
    _note(job, "start")
    if job.attempts == 1:
        time.sleep(60)
    _note(job, "end")


@handler("work.poison")
def poison(job):
    _note(job, "start")
    os.kill(os.getpid(), signal.SIGKILL)
