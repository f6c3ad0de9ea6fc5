"""What calendar programs read: checked with the parser of the icalendar package."""

import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar

from peers.planning.ics import Entry, Status, calendar_bytes

NOW = datetime.datetime(2026, 11, 22, 18, 30, tzinfo=datetime.UTC)


def entry(**fields) -> Entry:
    plain = {
        "uid": "a@cyber360",
        "summary": "Cyber 360 visit C360-2027-014",
        "first_day": datetime.date(2027, 3, 1),
        "last_day": datetime.date(2027, 3, 3),
        "status": Status.CONFIRMED,
        "sequence": 2,
        "made_at": NOW - datetime.timedelta(days=1),
        "changed_at": NOW,
        "url": "https://example.org/challenges/C360-2027-014/",
    }
    return Entry(**(plain | fields))


def parsed(*entries: Entry, **options) -> Calendar:
    return Calendar.from_ical(calendar_bytes(entries, name="Cyber 360", **options))


def test_whole_days_end_on_the_day_after():
    event = parsed(entry()).events[0]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (datetime.date(2027, 3, 1), datetime.date(2027, 3, 4))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert not isinstance(event["DTSTART"].dt, datetime.datetime)


def test_what_a_change_needs_is_there():
    event = parsed(entry(status=Status.TENTATIVE, sequence=7)).events[0]
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("a@cyber360", 7, "TENTATIVE")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == NOW
    assert event["CREATED"].dt < NOW
    assert event["URL"] == "https://example.org/challenges/C360-2027-014/"


def test_only_what_takes_place_makes_busy():
    assert parsed(entry()).events[0]["TRANSP"] == "OPAQUE"
    assert parsed(entry(busy=False)).events[0]["TRANSP"] == "TRANSPARENT"
    assert parsed(entry(status=Status.CANCELLED)).events[0]["TRANSP"] == "TRANSPARENT"


def test_the_zone_block_is_uk_time():
    zone = parsed().timezones[0]
    assert str(zone["TZID"]) == "Europe/London"
    london = ZoneInfo("Europe/London")
    clock = zone.to_tz(lookup_tzid=False)
    for year in (1997, 2026, 2027, 2040):
        for month, day, hour in [(1, 1, 12), (3, 25, 3), (3, 31, 3), (7, 1, 12), (10, 24, 3), (10, 31, 3)]:
            moment = datetime.datetime(year, month, day, hour)  # noqa: DTZ001 - the zone is what is tested
            assert moment.replace(tzinfo=clock).utcoffset() == moment.replace(tzinfo=london).utcoffset(), moment


def test_a_single_file_says_publish_and_a_feed_says_how_often_to_come_back():
    single, feed = parsed(method="PUBLISH"), parsed()
    assert (single["METHOD"], "METHOD" in feed) == ("PUBLISH", False)
    assert feed["REFRESH-INTERVAL"].dt == datetime.timedelta(hours=6)


def test_lines_end_as_they_must_and_are_folded():
    text = calendar_bytes([entry(summary="x" * 200 + "; , \n é")], name="Cyber 360")
    lines = text.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)
    assert str(Calendar.from_ical(text).events[0]["SUMMARY"]).endswith("; , \n é")
