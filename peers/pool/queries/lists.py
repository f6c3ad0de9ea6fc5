"""The coordinator's list of the pool."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q, QuerySet

from cyber360.accounts.models import User
from peers.access import require
from peers.acts import Act
from peers.pool.models import PeerProfile, SkillLevel, State

from .days import Visit, free_on, next_free, visits_of, weekdays
from .people import pool_of, programmes_of

SORTS = {
    "name": ("user__full_name", "pk"),
    "council": ("council__name", "user__full_name", "pk"),
    "role": ("role", "user__full_name", "pk"),
    "days": ("days_offered", "user__full_name", "pk"),
}


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
