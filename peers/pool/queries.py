"""Reading the pool: who is in it, what they bring, how many days they have given."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, require
from peers.acts import Act

from .models import Interest, PeerProfile, SkillLevel, State

SORTS = {
    "name": ("user__full_name", "pk"),
    "council": ("council__name", "user__full_name", "pk"),
    "role": ("role", "user__full_name", "pk"),
    "days": ("days_offered", "user__full_name", "pk"),
}
ASKABLE = (State.INVITED, State.ACTIVE)


# --- whose pool ---------------------------------------------------------------------------------
def programmes_of(user: User) -> list[Any]:
    """The programmes that the person coordinates today."""
    seats = user.programme_seats.in_force(timezone.localdate()).filter(permission__codename=SeatName.COORDINATOR)
    return [seat.content_object for seat in seats.select_related("content_object").order_by("content_object_id")]


def _in_pool(programmes: Sequence[Any], day: datetime.date | None = None) -> QuerySet[PeerProfile]:
    if not programmes:
        return PeerProfile.objects.none()
    seats = programmes[0].seats.model.objects.filter(
        content_object__in=[programme.pk for programme in programmes], permission__codename=SeatName.POOL_PEER
    )
    seats = seats.in_force(day) if day else seats
    return PeerProfile.objects.filter(user__in=seats.values("user_id")).select_related("user", "council")


def pool_of(programmes: Sequence[Any]) -> QuerySet[PeerProfile]:
    """Everybody who was ever put into the pool of one of the programmes."""
    return _in_pool(programmes)


def askable(programme: Any) -> QuerySet[PeerProfile]:
    """Those who may be asked to join a team today: in the pool, not resting."""
    return _in_pool([programme], timezone.localdate()).filter(state__in=ASKABLE, user__is_active=True)


def profile_for_coordinator(user: User, pk: int) -> PeerProfile:
    """A peer's record as its coordinator reads it. Raises NoSeat."""
    require(user, Act.POOL_READ)
    profile = pool_of(programmes_of(user)).filter(pk=pk).first()
    if profile is None:
        raise NoSeat
    return profile


def own_profile(user: User) -> PeerProfile:
    """The person's own record. Raises NoSeat when they have none, or no place in a pool today."""
    profile = PeerProfile.objects.select_related("user", "council").filter(user_id=user.pk).first()
    if profile is None:
        raise NoSeat
    require(user, Act.PROFILE_EDIT, profile)
    return profile


# --- days and dates -----------------------------------------------------------------------------
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


def next_free(profile: PeerProfile, visits: Sequence[Visit], today: datetime.date) -> datetime.date | None:
    """The first day from today on which the peer is not away, visiting or outside their time; None when never."""
    busy = [(visit.first, visit.last) for visit in visits]
    busy += [(period.first_day, period.last_day) for period in profile.blackouts.all()]
    day = max(today, profile.available_from or today)
    for first, last in sorted(busy):
        if first <= day <= last:
            day = last + datetime.timedelta(days=1)
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


# --- the list -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class PoolRow:
    profile: PeerProfile
    days_used: int
    next_free: datetime.date | None
    strong: list[str] = field(default_factory=list)
    some: list[str] = field(default_factory=list)


def pool_list(
    user: User,
    *,
    q: str = "",
    role: str = "",
    region: str = "",
    skill: str = "",
    state: str = "",
    free_day: datetime.date | None = None,
    sort: str = "",
) -> QuerySet[PeerProfile]:
    """The coordinator's pool, filtered and sorted (`sort` is a key of SORTS, with "-" turned round)."""
    require(user, Act.POOL_READ)
    rows = pool_of(programmes_of(user))
    rows = rows.filter(state=state) if state else rows.exclude(state=State.LEFT)
    if q:
        rows = rows.filter(Q(user__full_name__icontains=q) | Q(council__name__icontains=q) | Q(job_title__icontains=q))
    if role:
        rows = rows.filter(role=role)
    if region:
        rows = rows.filter(council__region=region)
    if skill:
        rows = rows.filter(pk__in=PeerProfile.objects.filter(skills__theme_code=skill).values("pk"))
    if free_day:
        rows = free_on(rows, free_day, free_day)
    order = SORTS.get(sort.lstrip("-"), SORTS["name"])
    turned = [f"-{order[0]}", *order[1:]] if sort.startswith("-") else order
    return rows.order_by(*turned)


def pool_rows(profiles: Sequence[PeerProfile], today: datetime.date) -> list[PoolRow]:
    """What the list shows of these profiles: three queries for any number of them."""
    models.prefetch_related_objects(profiles, "skills", "blackouts")
    visits = visits_of([profile.pk for profile in profiles], since=today.replace(month=1, day=1))
    return [_row(profile, visits.get(profile.pk, []), today) for profile in profiles]


def _row(profile: PeerProfile, visits: list[Visit], today: datetime.date) -> PoolRow:
    skills = profile.skills.all()
    return PoolRow(
        profile=profile,
        days_used=sum(weekdays(visit.first, visit.last) for visit in visits if visit.first.year == today.year),
        next_free=next_free(profile, visits, today),
        strong=[skill.get_theme_code_display() for skill in skills if skill.level == SkillLevel.STRONG],
        some=[skill.get_theme_code_display() for skill in skills if skill.level == SkillLevel.SOME],
    )


def regions_of(user: User) -> list[str]:
    """Regions from which the pool has anybody."""
    names = pool_of(programmes_of(user)).exclude(council__region="").order_by("council__region")
    return list(names.values_list("council__region", flat=True).distinct())


# --- one peer -----------------------------------------------------------------------------------
def interests_of(profile: PeerProfile) -> QuerySet[Interest]:
    return profile.interests.filter(withdrawn_at=None).select_related("council", "declared_by")


def history_of(profile: PeerProfile) -> list[Any]:
    """Every invitation and place of the peer, newest first; for coordinators only, reasons are in it."""
    return list(profile.placements.select_related("challenge__council").order_by("-proposed_at", "-pk"))
