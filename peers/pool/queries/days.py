"""Days: given, booked, free."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from peers.pool.models import PeerProfile

from .people import ASKABLE


@dataclass(frozen=True)
class Visit:
    """A visit for which the peer has said yes; both days included."""

    first: datetime.date
    last: datetime.date
    council: str = ""
    ref: str = ""
    challenge_id: int = 0


def weekdays(first: datetime.date, last: datetime.date) -> int:
    """Mondays to Fridays from `first` to `last`, both included."""
    days = (last - first).days + 1
    return sum((first + datetime.timedelta(days=n)).weekday() < 5 for n in range(days))


def days_by_year(visits: Iterable[Visit]) -> dict[int, int]:
    """Weekdays of the visits by the year in which they fall: a visit over New Year counts in both."""
    days: dict[int, int] = defaultdict(int)
    for visit in visits:
        for year in range(visit.first.year, visit.last.year + 1):
            first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            days[year] += weekdays(max(first, visit.first), min(last, visit.last))
    return dict(days)


def last_deployments(profile_ids: Iterable[int], today: datetime.date) -> dict[int, datetime.date]:
    """The last day of each peer's last visit before today, by profile; those who never went are left out. One query."""
    rows = (
        PeerProfile.objects.filter(
            pk__in=list(profile_ids), placements__state="accepted", placements__challenge__visit_last_day__lt=today
        )
        .exclude(placements__challenge__stage="withdrawn")
        .order_by()
        .values_list("pk")
        .annotate(last=Max("placements__challenge__visit_last_day"))
    )
    return dict(rows)


def visits_of(profile_ids: Iterable[int], since: datetime.date) -> dict[int, list[Visit]]:
    """Accepted visits that end on or after `since`, by profile; one query."""
    rows = (
        PeerProfile.objects.filter(
            pk__in=list(profile_ids), placements__state="accepted", placements__challenge__visit_last_day__gte=since
        )
        .exclude(placements__challenge__stage="withdrawn")
        .order_by("placements__challenge__visit_first_day")
        .values_list(
            "pk",
            "placements__challenge__visit_first_day",
            "placements__challenge__visit_last_day",
            "placements__challenge__council__name",
            "placements__challenge__ref",
            "placements__challenge_id",
        )
    )
    found: dict[int, list[Visit]] = defaultdict(list)
    for pk, first, last, council, ref, challenge_id in rows:
        if first and last:
            found[pk].append(Visit(first, last, council, ref, challenge_id))
    return found


def _working(day: datetime.date) -> datetime.date:
    """The day itself, or the Monday after its weekend."""
    return day + datetime.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def next_free(profile: PeerProfile, visits: Sequence[Visit], today: datetime.date) -> datetime.date | None:
    """The first working day from today on which the peer is not away, visiting or outside their time.

    None when never, and for somebody who is resting or not in the pool.
    """
    if profile.state not in ASKABLE:
        return None
    busy = [(visit.first, visit.last) for visit in visits]
    busy += [(period.first_day, period.last_day) for period in profile.blackouts.all()]
    day = _working(max(today, profile.available_from or today))
    for first, last in sorted(busy):
        if first <= day <= last:
            day = _working(last + datetime.timedelta(days=1))
    return None if profile.available_until and day > profile.available_until else day


def free_on(
    profiles: QuerySet[PeerProfile], first: datetime.date, last: datetime.date, *, besides: int | None = None
) -> QuerySet[PeerProfile]:
    """Those who can come on every day from `first` to `last`: in their time, not away, not on another visit.

    `besides`: the id of a challenge whose own visit does not count.
    """
    away = Q(blackouts__first_day__lte=last, blackouts__last_day__gte=first)
    visiting = Q(
        placements__state="accepted",
        placements__challenge__visit_first_day__lte=last,
        placements__challenge__visit_last_day__gte=first,
    )
    if besides is not None:
        visiting &= Q(placements__challenge_id__lt=besides) | Q(placements__challenge_id__gt=besides)
    busy = PeerProfile.objects.filter(away | visiting).values("pk")
    return profiles.filter(
        Q(available_from=None) | Q(available_from__lte=first), Q(available_until=None) | Q(available_until__gte=last)
    ).exclude(pk__in=busy)
