"""A pool of any size for tests, written in bulk: what matters is how many there are and how they differ."""

import datetime
import itertools

from django.contrib.auth.models import Permission

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.challenges.models import ProgrammeSeat
from peers.pool.models import BlackoutPeriod, PeerProfile, PeerSkill
from tests.factories.worlds import make_council, make_programme

_number = itertools.count(1)
ROLES = ("officer", "member", "specialist")


def make_pool(
    number: int, *, councils: int = 20, themes: tuple[str, ...] = ("T1", "T2"), **fields
) -> list[PeerProfile]:
    """So many active people over the three roles and some councils, each knowing one theme, in a few queries."""
    start = next(_number) * 10_000
    homes = [
        make_council(f"Home {start + n}", kind=("unitary", "district", "county")[n % 3],
                     latitude=52 + (n % 10) / 10, longitude=-2 + (n % 7) / 10)
        for n in range(councils)
    ]  # fmt: skip
    people = User.objects.bulk_create(
        [User(email=f"p{start + n}@example.org", full_name=f"Person {start + n:06d}") for n in range(number)]
    )
    profiles = PeerProfile.objects.bulk_create(
        [
            PeerProfile(
                **{"user": user, "council": homes[n % councils], "role": ROLES[n % 3], "state": "active",
                   "days_offered": 8, "travel_km": 600, "can_lead": n % 4 == 0} | fields
            )
            for n, user in enumerate(people)
        ]
    )  # fmt: skip
    seat = Permission.objects.get(codename=SeatName.POOL_PEER, content_type__app_label="peers")
    programme = make_programme()
    ProgrammeSeat.objects.bulk_create(
        [ProgrammeSeat(user=user, permission=seat, content_object=programme) for user in people]
    )
    PeerSkill.objects.bulk_create(
        [
            PeerSkill(profile=profile, theme_code=themes[n % len(themes)], level="strong" if n % 2 else "some")
            for n, profile in enumerate(profiles)
        ]
    )
    return profiles


def away(profile: PeerProfile, first: datetime.date, last: datetime.date) -> BlackoutPeriod:
    return BlackoutPeriod.objects.create(profile=profile, first_day=first, last_day=last)
