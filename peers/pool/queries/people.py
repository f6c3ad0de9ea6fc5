"""Whose pool it is, and one peer in it."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, require
from peers.acts import Act
from peers.pool.models import HomeCouncil, Interest, PeerProfile, State

ASKABLE = (State.INVITED, State.ACTIVE)


# --- whose pool ---------------------------------------------------------------------------------
def programmes_of(user: User) -> list[Any]:
    """The programmes that the person coordinates today."""
    seats = coordinated_by(user).select_related("content_object").order_by("content_object_id")
    return [seat.content_object for seat in seats]


def coordinated_by(user: User) -> QuerySet[Any]:
    """The person's coordinator seats in force today."""
    return user.programme_seats.in_force(timezone.localdate()).filter(permission__codename=SeatName.COORDINATOR)


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
    mine = coordinated_by(user).values("content_object_id")
    seats = user.programme_seats.model.objects.filter(
        content_object__in=mine, permission__codename=SeatName.POOL_PEER
    )  # fmt: skip
    rows = PeerProfile.objects.filter(user__in=seats.values("user_id")).select_related("user", "council")
    profile = rows.filter(pk=pk).first()
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


def coordinators_of(programme: Any) -> QuerySet[User]:
    seats = programme.seats.in_force(timezone.localdate()).filter(permission__codename=SeatName.COORDINATOR)
    return User.objects.filter(pk__in=seats.values("user_id"), is_active=True)


# --- one peer -----------------------------------------------------------------------------------
def interests_of(profile: PeerProfile) -> QuerySet[Interest]:
    return profile.interests.filter(withdrawn_at=None).select_related("council", "declared_by")


def homes_of(profile: PeerProfile) -> list[HomeCouncil]:
    """The home council and those before it, the present one first."""
    return list(profile.homes.select_related("council"))
