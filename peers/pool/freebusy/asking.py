"""Asking the reading process, and its one-word answers as sentences."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, TooBig

BYTES = 1_000_000
SECONDS = 15
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Busy:
    """`days` in order; how many entries the file has, and how many of them made no sense."""

    days: list[date]
    entries: int
    left_out: int


def busy_days(data: bytes, first: date, last: date) -> Busy:
    """The days from `first` to `last` that the file says are busy. Raises BadInput or TooBig with what to do."""
    if len(data) > BYTES:
        raise TooBig(too_big())
    answer = _run(data, first, last)
    if refusal := answer["refusal"]:
        raise BadInput(_sentences()[refusal])
    days = [date.fromisoformat(day) for day in answer["days"]]
    return Busy(days, answer["entries"], answer["left_out"])


def too_big() -> str:
    return _("The file is larger than 1 MB and was not read. Export the coming year only, and choose that file.")


def _sentences() -> dict[str, str]:
    return {
        "empty": _("The file is empty. Export your calendar again and choose the new file."),
        "other": _("This is not a calendar file. Export your calendar as an .ics file and choose that."),
        "broken": _("The file is damaged and could not be read. Export your calendar again and choose the new file."),
        "nothing": _("The file holds no entries. Export the calendar that your appointments are in."),
        "many": _("The file repeats its entries too often to be read. Export the coming year only."),
        "long": _("The file took too long to read. Export the coming year only, or note your days by hand."),
    }


def _run(data: bytes, first: date, last: date) -> dict:
    command = [sys.executable, "-m", "peers.pool.freebusy", first.isoformat(), last.isoformat()]
    surroundings = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings, timeout=SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"refusal": "long"}
    if done.returncode != 0:  # a negative code is a signal: the limit on time, or memory
        return {"refusal": "long" if done.returncode < 0 else "broken"}
    answer: dict = json.loads(done.stdout)
    return answer
