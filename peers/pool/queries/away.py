"""Days away: a month of them, and those that a calendar file holds."""

import datetime
from dataclasses import dataclass

from peers.pool.freebusy.asking import busy_days
from peers.pool.models import PeerProfile
from peers.pool.month import Day, Month, Period, all_days, bank_holidays, first_of, joined, last_day, weeks_of

from .days import visits_of

AHEAD = datetime.timedelta(days=548)  # a year and a half: as far as a season is planned


def month_of(profile: PeerProfile, wanted: str, today: datetime.date) -> Month:
    """The month `wanted` ("2027-03", else today's) of one peer: two queries."""
    first = first_of(wanted, today)
    last = last_day(first)
    away: dict[datetime.date, str] = {}
    for period in profile.blackouts.filter(first_day__lte=last, last_day__gte=first).order_by("-source"):
        for day in _days(max(first, period.first_day), min(last, period.last_day)):
            away[day] = period.source
    visits: dict[datetime.date, tuple[str, ...]] = {}
    for visit in visits_of([profile.pk], since=first).get(profile.pk, []):
        for day in _days(max(first, visit.first), min(last, visit.last)):
            visits[day] = (*visits.get(day, ()), visit.ref)
    free = bank_holidays(profile.council.nation, first.year)

    def told(day: datetime.date) -> Day:
        return Day(
            date=day,
            away=away.get(day, ""),
            visits=visits.get(day, ()),
            holiday=free.get(day, ""),
            outside=_is_outside(profile, day),
            past=day < today,
        )

    return Month(first, [[told(day) if day else None for day in week] for week in weeks_of(first)])


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]


def _is_outside(profile: PeerProfile, day: datetime.date) -> bool:
    early = profile.available_from is not None and day < profile.available_from
    return early or (profile.available_until is not None and day > profile.available_until)


def visits_on(profile: PeerProfile, days: set[datetime.date]) -> list[str]:
    """References of the accepted visits that touch one of the days."""
    if not days:
        return []
    visits = visits_of([profile.pk], since=min(days)).get(profile.pk, [])
    return [visit.ref for visit in visits if any(visit.first <= day <= visit.last for day in days)]


@dataclass(frozen=True)
class FileDays:
    """What a calendar file would bring: periods in order, their number of days, and what was left out."""

    periods: list[Period]
    days: int
    entries: int
    left_out: int
    on_visits: int


def days_in_file(profile: PeerProfile, data: bytes, today: datetime.date) -> FileDays:
    """The busy days of the file from today on, but those of the peer's own visits. Raises BadInput, TooBig."""
    busy = busy_days(data, today, today + AHEAD)
    visits = visits_of([profile.pk], since=today).get(profile.pk, [])
    days = [day for day in busy.days if not any(visit.first <= day <= visit.last for visit in visits)]
    periods = joined(days)
    return FileDays(periods, all_days(periods), busy.entries, busy.left_out, len(busy.days) - len(days))
