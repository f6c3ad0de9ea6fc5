"""Busy minutes of the working day, by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
OPENS, CLOSES = 9 * 60, 17 * 60
ENOUGH = 4 * 60
WHOLE_DAY = (1 << (CLOSES - OPENS)) - 1
ONE_DAY = timedelta(days=1)


class Diary:
    """Days from `first` to `last`, both included; a bit for each minute between 9 and 5, so nothing counts twice."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._minutes: dict[date, int] = {}

    def touches(self, start: date, end: date) -> bool:
        """Whether anything from `start` to `end` can matter, with a day to spare for time zones."""
        return start <= self.last + ONE_DAY and end >= self.first - ONE_DAY

    def fill_days(self, start: date, end: date) -> None:
        """All of `start` up to the day before `end`."""
        day, stop = max(start, self.first), min(end, self.last + ONE_DAY)
        while day < stop:
            self._minutes[day] = WHOLE_DAY
            day += ONE_DAY

    def fill_time(self, start: datetime, end: datetime) -> None:
        """From one moment to another; both know their zone, or neither does and they are UK time."""
        if end <= start or not self.touches(start.date(), end.date()):
            return
        start, end = self._near(start), self._near(end)
        day = start.date()
        while day <= end.date():
            begin = start.hour * 60 + start.minute if day == start.date() else 0
            stop = end.hour * 60 + end.minute if day == end.date() else 24 * 60
            self._fill(day, max(begin, OPENS), min(stop, CLOSES))
            day += ONE_DAY

    def _near(self, moment: datetime) -> datetime:
        """In UK time, and no further away than the days asked for: years 1 and 9999 have no room for a time zone."""
        early, late = self.first - ONE_DAY, self.last + 2 * ONE_DAY
        if moment.date() < early:
            return datetime(early.year, early.month, early.day, tzinfo=UK)
        if moment.date() > late:
            return datetime(late.year, late.month, late.day, tzinfo=UK)
        return moment.replace(tzinfo=UK) if moment.tzinfo is None else moment.astimezone(UK)

    def _fill(self, day: date, begin: int, stop: int) -> None:
        if stop > begin and self.first <= day <= self.last:
            self._minutes[day] = self._minutes.get(day, 0) | ((1 << (stop - begin)) - 1) << (begin - OPENS)

    def busy(self) -> list[date]:
        """The days with four busy hours or more, in order."""
        return sorted(day for day, minutes in self._minutes.items() if minutes.bit_count() >= ENOUGH)


def moment(value: date) -> date | datetime | None:
    """A value by which two mentions of one occurrence are the same: the day, or the moment in UTC.

    None for moments so early or late that no zone can be counted.
    """
    if not isinstance(value, datetime):
        return value
    if not 1900 <= value.year <= 2200:
        return None
    return (value.replace(tzinfo=UK) if value.tzinfo is None else value).astimezone(UTC)
