"""What an import is checked against, and what an export writes."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.db.models.functions import Lower

from cyber360.accounts.models import User
from peers.councils.models import Council, CouncilSuccession
from peers.pool.models import PeerProfile
from peers.pool.sheets import writing
from peers.pool.sheets.columns import COLUMNS
from peers.pool.sheets.rows import Directory, Member, Place

from .days import days_by_year, last_deployments, visits_of
from .people import pool_of

# Fields that a cell fills as they are.
PLAIN = [
    column.target
    for column in COLUMNS
    if column.target and column.target not in {"email", "full_name", "council", "skills", "known"}
]


def directory() -> Directory:
    """Every council by its present code and by its former one, in two queries."""
    heirs: dict[int, list[str]] = {}
    rows = CouncilSuccession.objects.select_related("successor").order_by("on", "successor_name")
    for row in rows:
        follower = f"{row.successor.name} ({row.successor.gss_code})" if row.successor else row.successor_name
        heirs.setdefault(row.predecessor_id, []).append(follower)
    present: dict[str, Place] = {}
    former: dict[str, tuple[Place, ...]] = {}
    for council in Council.objects.order_by("pk"):
        place = Place(council.pk, council.name, council.gss_code, council.ends_on, tuple(heirs.get(council.pk, ())))
        present[council.gss_code] = place
        if council.former_gss_code:
            former[council.former_gss_code] = (*former.get(council.former_gss_code, ()), place)
    return Directory(present, former)


def accounts_of(emails: Iterable[str]) -> dict[str, User]:
    """Accounts by address in small letters; one query."""
    rows = User.objects.annotate(address=Lower("email")).filter(address__in=list(emails))
    return {user.email.lower(): user for user in rows}


def members(emails: Iterable[str], programmes: Sequence[Any]) -> dict[str, Member]:
    """The accounts of these addresses with what the pool says of them, in five queries."""
    users = accounts_of(emails)
    rows = PeerProfile.objects.filter(user__in=[user.pk for user in users.values()])
    profiles = {row.user_id: row for row in rows.prefetch_related("skills", "experience")}
    mine = set(pool_of(programmes).filter(pk__in=[row.pk for row in profiles.values()]).values_list("pk", flat=True))
    return {email: _member(user, profiles.get(user.pk), mine) for email, user in users.items()}


def _member(user: User, profile: PeerProfile | None, mine: set[int]) -> Member:
    if profile is None:
        return Member(user.is_active, user.full_name)
    values = {name: getattr(profile, name) for name in PLAIN} | {"council": profile.council_id}
    values |= {"skills": skills_of(profile), "known": tuple(sorted(known_of(profile)))}
    return Member(user.is_active, user.full_name, profile.state, profile.pk not in mine, values)


def skills_of(profile: PeerProfile) -> dict[str, str]:
    return {row.theme_code: row.level for row in profile.skills.all()}


def known_of(profile: PeerProfile) -> list[tuple[str, str]]:
    return [(row.council_kind, row.size) for row in profile.experience.all()]


def export_rows(profiles: Sequence[PeerProfile], today: datetime.date) -> list[Mapping[str, Any]]:
    """What the export writes of these profiles (with user and council loaded): four queries for any number."""
    prefetch_related_objects(profiles, "skills", "experience")
    ids = [profile.pk for profile in profiles]
    visits = visits_of(ids, since=today.replace(month=1, day=1))
    last = last_deployments(ids, today)
    return [
        {column.name: getattr(profile, column.target) for column in COLUMNS if column.target in PLAIN}
        | {
            "email": profile.user.email,
            "full_name": profile.user.full_name,
            "council_code": profile.council.gss_code,
            "council": profile.council.name,
            "skills": writing.skills(skills_of(profile)),
            "councils_known": writing.known(known_of(profile)),
            "state": profile.get_state_display(),
            "days_this_year": days_by_year(visits.get(profile.pk, [])).get(today.year, 0),
            "last_deployment": last.get(profile.pk),
            "confirmed_on": profile.confirmed_on,
        }
        for profile in profiles
    ]
