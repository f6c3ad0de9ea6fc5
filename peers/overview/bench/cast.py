"""The councils, the pool and the people of a generated programme."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.challenges.models import Challenge, Programme, ProgrammeSeat
from peers.councils.models import Council, CouncilNeighbour
from peers.pool.models import (
    BlackoutPeriod,
    Experience,
    HomeCouncil,
    Interest,
    PeerProfile,
    PeerSkill,
    Size,
    SkillTheme,
)

from .words import KINDS, REGIONS, invented_person, invented_place, text

MAIL = "bench.example.org"
HOST_PEOPLE = 5  # sponsor, lead, three contributors
BATCH = 500
PARTIES = ("Harbour", "Hill", "Meadow", "River", "Independent")


@dataclass
class Cast:
    """Everybody there is. `hosts` holds, for each challenge in turn, its sponsor, lead and three contributors."""

    programme: Programme
    councils: list[Council]
    coordinator: User
    managers: list[User]
    peers: list[PeerProfile]
    hosts: list[list[User]]
    permissions: dict[str, Permission]


def make_cast(rng: Random, programme: Programme, *, challenges: int, councils: int, peers: int, today: date) -> Cast:
    made = make_councils(rng, councils)
    staff = make_users(rng, "staff", 1 + max(1, challenges // 40), "Programme team")
    permissions = permissions_by_name()
    coordinator, managers = staff[0], staff[1:]
    profiles = make_pool(rng, made, peers, today)
    begin = today - timedelta(days=4000)
    seats = [(coordinator, SeatName.COORDINATOR), *((row.user, SeatName.POOL_PEER) for row in profiles)]
    ProgrammeSeat.objects.bulk_create(
        [
            ProgrammeSeat(user=user, permission=permissions[name], content_object=programme, starts_on=begin)
            for user, name in seats
        ],
        batch_size=BATCH,
    )
    people = make_users(rng, "host", challenges * HOST_PEOPLE, "Officer")
    hosts = [people[start : start + HOST_PEOPLE] for start in range(0, len(people), HOST_PEOPLE)]
    return Cast(programme, made, coordinator, managers, profiles, hosts, permissions)


def permissions_by_name() -> dict[str, Permission]:
    """The permission that stands for each seat."""
    types = ContentType.objects.get_for_models(Programme, Challenge).values()
    rows = Permission.objects.filter(content_type__in=types, codename__in=SeatName.values)
    return {row.codename: row for row in rows}


def make_users(rng: Random, kind: str, count: int, job_title: str) -> list[User]:
    """Accounts without a password: nobody can sign in to one."""
    rows = [
        User(email=f"{kind}.{n}@{MAIL}", full_name=invented_person(rng), job_title=job_title, password="!generated")  # noqa: S106
        for n in range(1, count + 1)
    ]
    return User.objects.bulk_create(rows, batch_size=BATCH)


def make_councils(rng: Random, count: int) -> list[Council]:
    """Invented councils in a ring of neighbours, every tenth in Wales."""
    rows = [_council(rng, number) for number in range(count)]
    made = Council.objects.bulk_create(rows, batch_size=BATCH)
    pairs = [(made[n], made[(n + step) % count]) for n in range(count) for step in (1, 2) if count > 2 * step]
    CouncilNeighbour.objects.bulk_create(
        [CouncilNeighbour(first=first, second=second, km=rng.randint(5, 60)) for first, second in pairs],
        batch_size=BATCH,
    )
    return made


def _council(rng: Random, number: int) -> Council:
    name = invented_place(number)
    wales = number % 10 == 9
    return Council(
        gss_code=f"X{9_000_000 + number:08d}",
        name=name,
        official_name=f"{name} Council",
        slug=f"{name.lower().replace(' ', '-')}-g{number}",
        kind="welsh_unitary" if wales else rng.choice(KINDS),
        nation="Wales" if wales else "England",
        region="Wales" if wales else rng.choice(REGIONS),
        population=rng.randint(60_000, 900_000),
        latitude=round(rng.uniform(50.2, 55.5), 4),
        longitude=round(rng.uniform(-4.8, 1.6), 4),
        invented=True,
    )


def make_pool(rng: Random, councils: list[Council], count: int, today: date) -> list[PeerProfile]:
    """Peers spread over the councils, with all that pairing reads: skills, what they know, days away, a former
    employer."""
    users = make_users(rng, "peer", count, "Peer")
    roles = rng.choices(("officer", "member", "specialist"), (55, 25, 20), k=count)
    rows = [
        _profile(rng, user, councils[n % len(councils)], role, today)
        for n, (user, role) in enumerate(zip(users, roles, strict=True))
    ]
    made = PeerProfile.objects.bulk_create(rows, batch_size=BATCH)
    skills = [
        PeerSkill(profile=row, theme_code=code, level=rng.choice(("some", "strong")))
        for row in made
        for code in rng.sample(SkillTheme.values, 4)
    ]
    PeerSkill.objects.bulk_create(skills, batch_size=BATCH)
    former = [
        Interest(profile=row, council=councils[(n + 7) % len(councils)], kind=Interest.Kind.FORMER_EMPLOYER)
        for n, row in enumerate(made)
    ]
    Interest.objects.bulk_create(former, batch_size=BATCH)
    HomeCouncil.objects.bulk_create([HomeCouncil(profile=row, council=row.council) for row in made], batch_size=BATCH)
    known = [
        Experience(profile=row, council_kind=kind, size=rng.choice(Size.values))
        for row in made
        for kind in rng.sample(sorted(set(KINDS)), 2)
    ]
    Experience.objects.bulk_create(known, batch_size=BATCH)
    away = [period for row in made for period in _days_away(rng, row, today)]
    BlackoutPeriod.objects.bulk_create(away, batch_size=BATCH)
    return made


def _profile(rng: Random, user: User, council: Council, role: str, today: date) -> PeerProfile:
    trained = today - timedelta(days=rng.randint(30, 900))
    return PeerProfile(
        user=user,
        council=council,
        role=role,
        can_lead=rng.random() < 0.25,
        party=rng.choice(PARTIES) if role == "member" else "",
        biography=text(rng, 2),
        welsh_speaker=rng.random() < 0.04,
        travel_km=rng.choice((150, 250, 350, 600)),
        days_offered=rng.randint(4, 12),
        most_visits=rng.randint(1, 3),
        state="active",
        training_done_on=trained,
        training_expires_on=trained + timedelta(days=3 * 365),
        confirmed_on=today - timedelta(days=rng.randint(0, 300)),
    )


def _days_away(rng: Random, profile: PeerProfile, today: date) -> list[BlackoutPeriod]:
    """Three times in the coming year, none on the same days as another."""
    firsts = sorted(rng.sample(range(0, 360, 10), 3))
    return [
        BlackoutPeriod(
            profile=profile,
            first_day=today + timedelta(days=first),
            last_day=today + timedelta(days=first + rng.randint(0, 9)),
        )
        for first in firsts
    ]
