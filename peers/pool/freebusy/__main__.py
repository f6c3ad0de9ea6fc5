"""`python -m peers.pool.freebusy FIRST LAST` reads a calendar file on standard input, answers in JSON.

The answer is `{"refusal": word}` or that of `reading.read`. Nothing of Django is loaded. A fault ends the process
with a code: the file is hostile or broken in a way that nobody thought of, and `asking.py` says so.
"""

import json
import os
import resource
import sys
from datetime import date

from .reading import Refusal, read

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 6


def limit_process() -> None:
    """Set before the first byte is read: memory, time, no writing, no other processes, no core."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 24),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(10)


def answer(data: bytes, first: str, last: str) -> dict:
    try:
        return {"refusal": "", **read(data, date.fromisoformat(first), date.fromisoformat(last))}
    except Refusal as refusal:
        return {"refusal": str(refusal)}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError):
        return {"refusal": "broken"}  # icalendar's own: it promises no more than ValueError, and breaks its promise


if __name__ == "__main__":
    limit_process()
    json.dump(answer(sys.stdin.buffer.read(), *sys.argv[1:3]), sys.stdout)
