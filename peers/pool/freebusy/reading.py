"""From the bytes of a calendar file to busy days. Run by `process.py`: hostile files may use up its limits."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component

from .days import Diary, moment
from .times import Unreadable, length_of, occurrences, plus, start_of

MOST_TIMES = 100_000
OWN = "@cyber360"  # entries that this product gave out: visits stand in the pool already
NOT_BUSY = {"FREE", "TENTATIVE", "WORKINGELSEWHERE"}
NOT_DEFINITE = {"CANCELLED", "TENTATIVE"}
# A fault in one of these makes the entry's time doubtful; a broken attachment does not.
OF_TIME = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "FREEBUSY"}


class Refusal(Exception):
    """One word for what is wrong; `asking.py` has the sentences."""


def read(data: bytes, first: date, last: date) -> dict:
    """`{"days": [ISO days], "entries": n, "left_out": n}`. Raises Refusal, ValueError and what icalendar raises."""
    if not data.strip():
        raise Refusal("empty")
    if b"\0" in data or b"BEGIN:VCALENDAR" not in data.upper():
        raise Refusal("other")
    calendars = [one for one in Calendar.from_ical(data, multiple=True) if one.name == "VCALENDAR"]
    diary, counts = Diary(first, last), Counter[str]()
    parts = [part for calendar in calendars for part in calendar.subcomponents]
    events = [part for part in parts if part.name == "VEVENT"]
    moved = _moved(events)
    for part in parts:
        if part.name == "VEVENT":
            _take(_event, part, counts, diary, moved)
        elif part.name == "VFREEBUSY":
            _take(_free_busy, part, counts, diary, moved)
    if not counts["entries"]:
        raise Refusal("nothing")
    days = [day.isoformat() for day in diary.busy()]
    return {"days": days, "entries": counts["entries"], "left_out": counts["left_out"]}


def _take(how: Any, part: Component, counts: Counter[str], diary: Diary, moved: dict[str, set]) -> None:
    counts["entries"] += 1
    try:
        counts["times"] += how(part, diary, moved)
    except Unreadable:
        counts["left_out"] += 1
    if counts["times"] > MOST_TIMES:
        raise Refusal("many")


def _moved(events: Iterable[Component]) -> dict[str, set]:
    """Occurrences that an entry of their own replaces, by the UID of the series."""
    found: dict[str, set] = {}
    for event in events:
        if _has_faults(event):
            continue
        original = getattr(event.get("RECURRENCE-ID"), "dt", None)
        if isinstance(original, date):
            found.setdefault(str(event.get("UID", "")), set()).add(moment(original))
    return found


def _event(event: Any, diary: Diary, moved: dict[str, set]) -> int:
    """Occurrences looked at. Raises Unreadable."""
    if _has_faults(event):
        raise Unreadable
    if not _counts(event):
        return 0
    start = start_of(event)
    length, times = length_of(event, start), 0
    replaced = set() if event.get("RECURRENCE-ID") else moved.get(str(event.get("UID", "")), set())
    for one in occurrences(event, start, length, diary):
        times += 1
        if times > MOST_TIMES:
            raise Refusal("many")
        if moment(one) not in replaced:
            _fill(diary, one, plus(one, length))
    return times


def _has_faults(part: Any) -> bool:
    return bool(OF_TIME & {str(name).upper() for name, _what in part.errors})


def _counts(event: Any) -> bool:
    words = {name: str(event.get(name, "")).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    if words["STATUS"] in NOT_DEFINITE or words["TRANSP"] == "TRANSPARENT":
        return False
    return words["X-MICROSOFT-CDO-BUSYSTATUS"] not in NOT_BUSY and not str(event.get("UID", "")).endswith(OWN)


def _fill(diary: Diary, start: Any, end: Any) -> None:
    if isinstance(start, datetime):
        diary.fill_time(start, end)
    else:
        diary.fill_days(start, end)


def _free_busy(part: Any, diary: Diary, moved: dict[str, set]) -> int:
    """Periods looked at. FBTYPE is BUSY where it is not said (RFC 5545, 3.2.9)."""
    if _has_faults(part):
        raise Unreadable
    found, times = part.get("FREEBUSY", []), 0
    for group in found if isinstance(found, list) else [found]:
        kind = str(getattr(group, "params", {}).get("FBTYPE", "BUSY")).upper()
        if kind in {"FREE", "BUSY-TENTATIVE"}:
            continue
        for start, end in _periods(group):
            times += 1
            _fill(diary, start, end)
    return times


def _periods(group: Any) -> Iterable[tuple[Any, Any]]:
    parts = getattr(group, "dts", [group])
    for one in parts:
        period = getattr(one, "dt", None)
        if not isinstance(period, tuple):
            raise Unreadable
        start, end = period
        end = plus(start, end) if isinstance(end, timedelta) else end
        if not isinstance(start, date) or isinstance(start, datetime) != isinstance(end, datetime):
            raise Unreadable
        yield start, end
