"""When an event of a calendar file takes place, repeats included, with a bound on the work."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Event, vRecur

from .days import ONE_DAY, UK, Diary, moment

REPEATS = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
NO_TIME = timedelta(0)


class Unreadable(Exception):
    """This one entry makes no sense; the others may."""


def start_of(event: Event) -> date | datetime:
    start = _single(event, "DTSTART")
    if not isinstance(start, date):
        raise Unreadable
    return start


def length_of(event: Event, start: date) -> timedelta:
    """From DTEND or DURATION; without either one day for a day, nothing for a moment."""
    end, duration = _single(event, "DTEND"), _single(event, "DURATION")
    if end is None and duration is None:
        return NO_TIME if isinstance(start, datetime) else ONE_DAY
    if isinstance(end, date) and isinstance(end, datetime) == isinstance(start, datetime):
        duration = _between(start, end)
    if not isinstance(duration, timedelta) or duration < NO_TIME:
        raise Unreadable
    return duration


def _between(start: date, end: date) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        start_zone, end_zone = start.tzinfo, end.tzinfo
        if (start_zone is None) != (end_zone is None) or start_zone == end_zone:
            return end.replace(tzinfo=None) - start.replace(tzinfo=None)
        try:
            return end - start
        except OverflowError as error:
            raise Unreadable from error
    return end - start


def _single(event: Event, name: str) -> Any:
    value = event.get(name)
    return getattr(value, "dt", None)


def plus(start: Any, length: timedelta) -> Any:
    """The end, kept inside the calendar."""
    room = date.max - (start.date() if isinstance(start, datetime) else start) - 2 * ONE_DAY
    return start + min(length, max(room, NO_TIME))


def occurrences(event: Event, start: date, length: timedelta, diary: Diary) -> Iterator[date | datetime]:
    """Each start that can touch the diary's days. The repeated ones are counted in the event's own clock."""
    seen = set()
    dropped = {key for value in _dates(event, "EXDATE") if (key := moment(value)) is not None}
    for one in [start, *_dates(event, "RDATE"), *_repeated(event, start, length, diary)]:
        key = moment(one)
        day = one.date() if isinstance(one, datetime) else one
        if key in seen or key in dropped or day in dropped or not diary.touches(day, plus(day, length + ONE_DAY)):
            continue
        seen.add(key)
        yield one


def _dates(event: Event, name: str) -> Iterator[date | datetime]:
    found = event.get(name, [])
    for group in found if isinstance(found, list) else [found]:
        for one in getattr(group, "dts", []):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if isinstance(value, date):
                yield value


def _repeated(event: Event, start: date, length: timedelta, diary: Diary) -> Iterator[date | datetime]:
    found = event.get("RRULE", [])
    for rule in found if isinstance(found, list) else [found]:
        yield from _of_rule(rule, start, length, diary)


def _of_rule(rule: vRecur, start: date, length: timedelta, diary: Diary) -> Iterator[date | datetime]:
    zone = start.tzinfo if isinstance(start, datetime) else None
    local = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
    rule, often = vRecur(rule), str((rule.get("FREQ") or [""])[0]).upper()
    if often not in REPEATS or not _is_step(rule.get("INTERVAL") or [1]):
        raise Unreadable  # more often than daily is no diary of a person, and a step of nothing never ends
    try:
        for one in _local_times(rule, local, often, zone, length, diary):
            yield one.replace(tzinfo=zone) if isinstance(start, datetime) else one.date()
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise Unreadable from error


def _local_times(
    rule: vRecur, local: datetime, often: str, zone: tzinfo | None, length: timedelta, diary: Diary
) -> Iterator[datetime]:
    stop = datetime.combine(diary.last + 2 * ONE_DAY, time())
    until = _local_until(rule.pop("UNTIL", []), zone)
    stop = min(stop, until) if until else stop
    if "COUNT" not in rule:
        days = min(length.days, diary.first.toordinal() - 1)
        local = _nearer(local, often, rule, diary.first - days * ONE_DAY)
        rule["UNTIL"] = [stop]
    for one in rrulestr(rule.to_ical().decode(), dtstart=local):
        if one > stop:
            return
        yield one


def _is_step(found: list) -> bool:
    return str(found[0]).isdigit() and int(found[0]) > 0


def _local_until(found: Any, zone: tzinfo | None) -> datetime | None:
    value = found[0] if isinstance(found, list) and found else found
    if isinstance(value, datetime):
        near = 1900 <= value.year <= 2200
        return (value.astimezone(zone or UK) if value.tzinfo and near else value).replace(tzinfo=None)
    return datetime.combine(value, time.max) if isinstance(value, date) else None


def _nearer(local: datetime, often: str, rule: vRecur, first: date) -> datetime:
    """A later start from which a daily or weekly rule without a count gives the same days from `first` on."""
    step = {"DAILY": 1, "WEEKLY": 7}.get(often)
    away = (first - local.date()).days
    if step is None or away <= 0:
        return local
    step *= int((rule.get("INTERVAL") or [1])[0])
    return local + timedelta(days=max(0, away // step - 1) * step)
