"""iCalendar (RFC 5545) from plain entries, written with the `icalendar` package."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur, vText

PRODUCT = "-//Cyber 360//Calendar//EN"
ZONE = "Europe/London"
READ_AGAIN = timedelta(hours=6)


class Status(StrEnum):
    """The values of STATUS of a VEVENT."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """One thing on whole days, both included. `changed_at` and `made_at` know their time zone."""

    uid: str
    summary: str
    first_day: date
    last_day: date
    status: Status
    sequence: int
    made_at: datetime
    changed_at: datetime
    url: str
    busy: bool = True


def calendar_bytes(entries: Iterable[Entry], *, name: str, method: str = "") -> bytes:
    """A calendar file. `method` is "PUBLISH" for a single file, empty for a feed (RFC 5545, 3.7.2)."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    else:
        calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-wr-calname", vText(name))
    calendar.add("x-wr-timezone", vText(ZONE))
    calendar.add_component(_london())
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("created", entry.made_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("status", entry.status.value)
    event.add("summary", entry.summary)
    event.add("dtstart", entry.first_day)
    event.add("dtend", entry.last_day + timedelta(days=1))  # the first day that no longer counts
    free = not entry.busy or entry.status == Status.CANCELLED
    event.add("transp", "TRANSPARENT" if free else "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("url", entry.url)
    return event


def _london() -> Timezone:
    """United Kingdom time since 1996: one hour ahead of UTC from the last Sunday of March to that of October."""
    zone = Timezone()
    zone.add("tzid", ZONE)
    parts = ((TimezoneDaylight(), "BST", 3, 1, 0, 1), (TimezoneStandard(), "GMT", 10, 2, 1, 0))
    for part, title, month, hour, before, after in parts:
        part.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, hour))  # noqa: DTZ001 - local by definition
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("tzname", title)
        zone.add_component(part)
    return zone
