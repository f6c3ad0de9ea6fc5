"""The coordinator's list of the pool."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User
from peers.access import require
from peers.acts import Act
from peers.pool.models import PeerProfile, SkillLevel, State

from .confirmation import is_asked, is_unanswered, unanswered
from .days import Visit, days_by_year, free_on, last_deployments, next_free, visits_of
from .people import pool_of, programmes_of

SORTS = {
    "name": ("user__full_name", "pk"),
    "council": ("council__name", "user__full_name", "pk"),
    "role": ("role", "user__full_name", "pk"),
    "days": ("days_offered", "user__full_name", "pk"),
}
# Shown only when asked for: applicants have a list of their own.
NOT_LISTED = (State.LEFT, State.TURNED_DOWN, State.APPLIED)
SOON = datetime.timedelta(days=60)


class Training(models.TextChoices):
    NONE = "none", _("No training noted")
    EXPIRED = "expired", _("Training expired")
    SOON = "soon", _("Training ends soon")
    DONE = "done", _("Training in date")


def training_of(profile: PeerProfile, today: datetime.date) -> Training:
    if profile.training_done_on is None:
        return Training.NONE
    ends = profile.training_expires_on
    if ends is None or ends > today + SOON:
        return Training.DONE
    return Training.EXPIRED if ends < today else Training.SOON


def _training(today: datetime.date) -> dict[str, Q]:
    """The same in the database."""
    return {
        Training.NONE: Q(training_done_on=None),
        Training.EXPIRED: Q(training_expires_on__lt=today),
        Training.SOON: Q(training_expires_on__range=(today, today + SOON)),
        Training.DONE: Q(training_done_on__isnull=False)
        & (Q(training_expires_on=None) | Q(training_expires_on__gt=today + SOON)),
    }


@dataclass(frozen=True)
class YearOfDays:
    """Weekdays on accepted visits in one year, those to come included."""

    year: int
    days: int


@dataclass(frozen=True)
class PoolRow:
    """`days_used` are those of this `year`; `later` the years after it in which visits are agreed.

    `given` of the year's days lie behind. `asked`: the peer was asked to confirm their profile; `unconfirmed`: so
    long ago that the coordinator should know.
    """

    profile: PeerProfile
    year: int
    days_used: int
    given: int
    later: list[YearOfDays]
    next_free: datetime.date | None
    last_deployment: datetime.date | None
    training: Training
    asked: bool
    unconfirmed: bool
    strong: list[str] = field(default_factory=list)
    some: list[str] = field(default_factory=list)


def pool_list(
    user: User,
    *,
    today: datetime.date,
    q: str = "",
    role: str = "",
    region: str = "",
    skill: str = "",
    state: str = "",
    training: str = "",
    leads: bool = False,
    unconfirmed: bool = False,
    free_day: datetime.date | None = None,
    sort: str = "",
) -> QuerySet[PeerProfile]:
    """The coordinator's pool, filtered and sorted (`sort` is a key of SORTS, with "-" turned round)."""
    require(user, Act.POOL_READ)
    rows = pool_of(programmes_of(user))
    rows = rows.filter(state=state) if state else rows.exclude(state__in=NOT_LISTED)
    if q:
        rows = rows.filter(Q(user__full_name__icontains=q) | Q(council__name__icontains=q) | Q(job_title__icontains=q))
    if role:
        rows = rows.filter(role=role)
    if region:
        rows = rows.filter(council__region=region)
    if skill:
        rows = rows.filter(pk__in=PeerProfile.objects.filter(skills__theme_code=skill).values("pk"))
    if training:
        rows = rows.filter(_training(today)[training])
    if leads:
        rows = rows.filter(can_lead=True)
    if unconfirmed:
        rows = unanswered(rows, today)
    if free_day:
        rows = free_on(rows, free_day, free_day)
    order = SORTS.get(sort.lstrip("-"), SORTS["name"])
    turned = [f"-{order[0]}", *order[1:]] if sort.startswith("-") else order
    return rows.order_by(*turned)


def pool_rows(profiles: Sequence[PeerProfile], today: datetime.date) -> list[PoolRow]:
    """What the list shows of these profiles: four queries for any number of them."""
    models.prefetch_related_objects(profiles, "skills", "blackouts")
    ids = [profile.pk for profile in profiles]
    visits = visits_of(ids, since=today.replace(month=1, day=1))
    last = last_deployments(ids, today)
    return [_row(profile, visits.get(profile.pk, []), last.get(profile.pk), today) for profile in profiles]


def _row(
    profile: PeerProfile, visits: list[Visit], last_deployment: datetime.date | None, today: datetime.date
) -> PoolRow:
    skills = profile.skills.all()
    days = days_by_year(visits)
    return PoolRow(
        profile=profile,
        year=today.year,
        days_used=days.get(today.year, 0),
        given=days_by_year(visit for visit in visits if visit.last < today).get(today.year, 0),
        later=[YearOfDays(year, count) for year, count in sorted(days.items()) if year > today.year],
        next_free=next_free(profile, visits, today),
        last_deployment=last_deployment,
        training=training_of(profile, today),
        asked=is_asked(profile),
        unconfirmed=is_unanswered(profile, today),
        strong=[skill.get_theme_code_display() for skill in skills if skill.level == SkillLevel.STRONG],
        some=[skill.get_theme_code_display() for skill in skills if skill.level == SkillLevel.SOME],
    )


def regions_of(user: User) -> list[str]:
    """Regions from which the pool has anybody."""
    names = pool_of(programmes_of(user)).exclude(council__region="").order_by("council__region")
    return list(names.values_list("council__region", flat=True).distinct())
