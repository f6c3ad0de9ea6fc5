"""Busy days of calendar files: the rule, repeats, zones, and files that are broken, huge or hostile."""

import datetime
import subprocess
import sys
import time
from pathlib import Path

import icalendar
import pytest

from cyber360.exceptions import BadInput, TooBig
from peers.pool.freebusy.__main__ import answer
from peers.pool.freebusy.asking import BYTES, ROOT, busy_days

FIRST, LAST = datetime.date(2027, 1, 1), datetime.date(2028, 6, 30)
SHIPPED = sorted((Path(icalendar.__file__).parent / "tests").glob("*/*.ics"))


def file(*parts: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *parts, "END:VCALENDAR", ""]).encode()


def event(*lines: str, uid: str = "one") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def days(*parts: str) -> list[str]:
    return [day.isoformat() for day in busy_days(file(*parts), FIRST, LAST).days]


# --- what counts ------------------------------------------------------------------------------------
def test_four_hours_between_nine_and_five_make_a_day():
    assert days(event("DTSTART:20270301T090000", "DTEND:20270301T130000")) == ["2027-03-01"]
    assert days(event("DTSTART:20270301T090000", "DTEND:20270301T125900")) == []


def test_hours_outside_nine_to_five_do_not_count():
    assert days(event("DTSTART:20270301T050000", "DTEND:20270301T120000")) == []
    assert days(event("DTSTART:20270301T130000", "DTEND:20270301T230000")) == ["2027-03-01"]


def test_meetings_add_up_but_never_twice():
    morning = event("DTSTART:20270301T090000", "DTEND:20270301T110000", uid="a")
    same = event("DTSTART:20270301T090000", "DTEND:20270301T110000", uid="b")
    later = event("DTSTART:20270301T140000", "DTEND:20270301T160000", uid="c")
    assert days(morning, same) == []
    assert days(morning, same, later) == ["2027-03-01"]


def test_all_day_entries_end_before_their_end():
    assert days(event("DTSTART;VALUE=DATE:20270301", "DTEND;VALUE=DATE:20270303")) == ["2027-03-01", "2027-03-02"]
    assert days(event("DTSTART;VALUE=DATE:20270301")) == ["2027-03-01"]
    assert days(event("DTSTART;VALUE=DATE:20270301", "DURATION:P2D")) == ["2027-03-01", "2027-03-02"]


def test_a_night_shift_counts_on_neither_day_and_a_long_absence_on_all():
    assert days(event("DTSTART:20270301T200000", "DTEND:20270302T060000")) == []
    assert days(event("DTSTART:20270301T120000", "DTEND:20270304T110000")) == [
        "2027-03-01",
        "2027-03-02",
        "2027-03-03",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "STATUS:TENTATIVE",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
    ],
)
def test_free_tentative_and_cancelled_entries_do_not_count(line):
    assert days(event("DTSTART;VALUE=DATE:20270301", line)) == []


def test_entries_that_this_product_gave_out_do_not_count():
    assert days(event("DTSTART;VALUE=DATE:20270301", uid="6d1f@cyber360")) == []


def test_days_before_and_after_those_asked_for_are_left_out():
    whole = event("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20270103")
    assert days(whole) == ["2027-01-01", "2027-01-02"]


# --- free/busy ----------------------------------------------------------------------------------------
def test_free_busy_periods_by_their_kind():
    found = days(
        "BEGIN:VFREEBUSY",
        "UID:f",
        "FREEBUSY:20270301T090000Z/20270301T170000Z,20270302T090000Z/PT8H",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270303T090000Z/PT4H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270304T090000Z/PT8H",
        "FREEBUSY;FBTYPE=FREE:20270305T090000Z/PT8H",
        "END:VFREEBUSY",
    )
    assert found == ["2027-03-01", "2027-03-02", "2027-03-03"]


# --- zones --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "end", "busy"),
    [
        ("DTSTART:20270701T080000Z", "DTEND:20270701T120000Z", True),  # nine o'clock in summer
        ("DTSTART:20270701T070000Z", "DTEND:20270701T110000Z", False),
        ("DTSTART;TZID=America/New_York:20270301T070000", "DTEND;TZID=America/New_York:20270301T120000", True),
        ("DTSTART;TZID=America/New_York:20270301T140000", "DTEND;TZID=America/New_York:20270301T180000", False),
        ("DTSTART;TZID=GMT Standard Time:20270701T090000", "DTEND;TZID=GMT Standard Time:20270701T130000", True),
    ],
)
def test_hours_are_counted_in_uk_time(start, end, busy):
    assert bool(days(event(start, end))) is busy


# --- repeats --------------------------------------------------------------------------------------------
def test_a_weekly_rule_keeps_its_hour_over_the_change_of_clocks():
    found = days(
        event(
            "DTSTART;TZID=Europe/London:20270315T090000",
            "DTEND;TZID=Europe/London:20270315T130000",
            "RRULE:FREQ=WEEKLY;UNTIL=20270405T235959Z",
        )
    )
    assert found == ["2027-03-15", "2027-03-22", "2027-03-29", "2027-04-05"]


@pytest.mark.parametrize(("rule", "step"), [("WEEKLY;INTERVAL=2", 14), ("WEEKLY", 7), ("DAILY;INTERVAL=3", 3)])
def test_a_rule_that_began_long_ago_keeps_its_step(rule, step):
    begun = datetime.date(2019, 12, 30)
    found = days(event(f"DTSTART;VALUE=DATE:{begun:%Y%m%d}", f"RRULE:FREQ={rule};UNTIL=20270310"))
    every = [begun + datetime.timedelta(days=step * n) for n in range(1000)]
    assert found == [day.isoformat() for day in every if FIRST <= day <= datetime.date(2027, 3, 10)]


def test_a_count_is_counted_from_the_beginning():
    assert days(event("DTSTART;VALUE=DATE:20261230", "RRULE:FREQ=DAILY;COUNT=4")) == ["2027-01-01", "2027-01-02"]


def test_exceptions_additions_and_moved_occurrences():
    series = event(
        "DTSTART;VALUE=DATE:20270301", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20270302",
        "RDATE;VALUE=DATE:20270310",
    )  # fmt: skip
    moved = event("RECURRENCE-ID;VALUE=DATE:20270303", "DTSTART;VALUE=DATE:20270320")
    dropped = event("RECURRENCE-ID;VALUE=DATE:20270304", "DTSTART;VALUE=DATE:20270304", "STATUS:CANCELLED")
    assert days(series, moved, dropped) == ["2027-03-01", "2027-03-05", "2027-03-10", "2027-03-20"]


# --- bad files ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"hello", "not a calendar"),
        (b"%PDF-1.7 BEGIN:VCALENDAR\0", "not a calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:a\0b\r\n", "not a calendar"),
        ("BEGIN:VCALENDAR".encode("utf-16"), "not a calendar"),
        (b"BEGIN:VCALENDAR\r\nhello\r\nEND:VCALENDAR", "damaged"),
        (file(), "no entries"),
        (b"BEGIN:VCALENDAR\r\n" * 50_000, "no entries"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data, words):
    with pytest.raises(BadInput, match=words):
        busy_days(data, FIRST, LAST)


def test_a_file_over_one_megabyte_is_not_read():
    with pytest.raises(TooBig, match="larger than 1 MB"):
        busy_days(b"x" * (BYTES + 1), FIRST, LAST)


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:99999999"],
        ["DTSTART:20270305", "DTEND:20270301"],
        ["DTSTART:20270301", "RRULE:FREQ=SECONDLY"],
        ["DTSTART:20270301", "RRULE:FREQ=DAILY;INTERVAL=0"],
        ["DTSTART:20270301", "RRULE:FREQ=OFTEN"],
        ["SUMMARY:no beginning"],
        ["DTSTART:20270301", "DTEND;TZID=Europe/London:20270301T120000", "DURATION:later"],
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out_and_counted(lines):
    found = busy_days(file(event(*lines), event("DTSTART;VALUE=DATE:20270401", uid="two")), FIRST, LAST)
    assert found.days == [datetime.date(2027, 4, 1)]
    assert (found.entries, found.left_out) == (2, 1)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["DTSTART:00010101T090000", "DTEND:00010101T170000"], 0),
        (["DTSTART:99991231T233000", "DTEND:99991231T235900", "RRULE:FREQ=DAILY"], 0),
        (["DTSTART:99991231T233000Z", "DURATION:P9999999D"], 0),
        (["DTSTART;VALUE=DATE:20280630", "DTEND;VALUE=DATE:99991231"], 1),
        (["DTSTART;VALUE=DATE:20280629", "DURATION:P9999999D"], 2),
        (["DTSTART;VALUE=DATE:20280629", "RRULE:FREQ=DAILY;COUNT=1000000"], 2),
        (["DTSTART;VALUE=DATE:20280629", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], 1),
    ],
)
def test_the_ends_of_the_calendar_and_a_million_repeats(lines, count):
    assert len(busy_days(file(event(*lines)), FIRST, LAST).days) == count


def test_latin_letters_and_a_byte_order_mark_do_no_harm():
    lines = event("DTSTART;VALUE=DATE:20270301", "SUMMARY:café")
    assert len(busy_days(file(lines).decode().encode("latin-1"), FIRST, LAST).days) == 1
    assert len(busy_days(b"\xef\xbb\xbf" + file(lines), FIRST, LAST).days) == 1


@pytest.mark.slow
def test_a_file_that_costs_too_much_is_given_up():
    many = "\r\n".join(event("DTSTART:20270101T090000", "DURATION:PT8H", "RRULE:FREQ=DAILY") for _n in range(8_000))
    with pytest.raises(BadInput, match="too often"):
        busy_days(file(many), FIRST, LAST)
    slow = "\r\n".join(
        event("DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") for _n in "abcdefgh"
    )
    begun = time.monotonic()
    with pytest.raises(BadInput, match="too long"):
        busy_days(file(slow), FIRST, LAST)
    assert time.monotonic() - begun < 20


@pytest.mark.filterwarnings("ignore:Timezone")
def test_the_files_on_which_icalendar_tests_itself_are_read_or_refused_by_a_known_word():
    assert len(SHIPPED) > 100
    refusals = set()
    for path in SHIPPED:
        found = answer(path.read_bytes(), FIRST.isoformat(), LAST.isoformat())
        refusals.add(found["refusal"])
        assert found["refusal"] or 0 <= found["left_out"] <= found["entries"], path.name
    assert refusals == {"", "other", "nothing", "broken"}


def test_the_reading_process_loads_nothing_of_django():
    words = "import sys, peers.pool.freebusy.reading; sys.exit('django' in sys.modules)"
    surroundings = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    assert subprocess.run([sys.executable, "-c", words], env=surroundings, check=False).returncode == 0
