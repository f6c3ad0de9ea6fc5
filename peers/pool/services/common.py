"""What every writing of the pool begins with: the row under lock, the right to change it, the pool seat."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NoSeat
from peers.access import SeatName, may, require
from peers.acts import Act
from peers.pool.models import PeerProfile
from peers.pool.queries import programmes_of


def lock(profile: PeerProfile) -> PeerProfile:
    rows = PeerProfile.objects.select_for_update(of=("self",)).select_related("user", "council")
    return rows.get(pk=profile.pk)


# --- rights ---------------------------------------------------------------------------------------
def require_profile(by: User, profile: PeerProfile) -> tuple[Act, str]:
    """The act and seat in which the person may change this record: their own, or as its coordinator."""
    if may(by, Act.PROFILE_EDIT, profile):
        return Act.PROFILE_EDIT, require(by, Act.PROFILE_EDIT, profile)
    return Act.POOL_EDIT, require_coordinator(by, profile)


def require_coordinator(by: User, profile: PeerProfile) -> str:
    seat = require(by, Act.POOL_EDIT)
    programmes = [programme.pk for programme in programmes_of(by)]
    if not profile.user.programme_seats.filter(content_object__in=programmes).exists():
        raise NoSeat
    return seat


def require_programme(by: User, programme: Any) -> str:
    """The seat in which the person keeps this programme's pool."""
    seat = require(by, Act.POOL_EDIT)
    if programme not in programmes_of(by):
        raise NoSeat
    return seat


# --- the pool seat ----------------------------------------------------------------------------------
def give_pool_seats(users: Iterable[User], programme: Any, by: User, seat: str) -> None:
    """Seats of the programme, whose model stands above this room, for any number of people. Again changes nothing.

    `seat`: the one in which `by` acts.
    """
    people = {user.pk: user for user in users}
    model = programme.seats.model
    held = {
        row.user_id: row for row in programme.seats.filter(user__in=people, permission__codename=SeatName.POOL_PEER)
    }
    today = timezone.localdate()
    permission = Permission.objects.get(
        codename=SeatName.POOL_PEER, content_type=ContentType.objects.get_for_model(programme)
    )
    facts = {"starts_on": today, "ends_on": None, "granted_by": by}
    rows = [
        model(user=user, permission=permission, content_object=programme, **facts)
        for pk, user in people.items()
        if pk not in held
    ]
    ended = [row for row in held.values() if not (row.starts_on <= today and row.ends_on is None)]
    for row in ended:
        row.starts_on, row.ends_on, row.granted_by = today, None, by
        row.save()
    for row in [*model.objects.bulk_create(rows), *ended]:
        label = f"{people[row.user_id].full_name}: {SeatName.POOL_PEER.label}"
        record(act=Act.PROGRAMME_SEAT_GRANT, by=by, seat=seat, obj=row, label=label)


def set_pool_seat_end(user: User, by: User, ends_on: date | None) -> None:
    """Set the last day of the person's pool seats in the programmes that `by` coordinates; None keeps them open."""
    held = user.programme_seats.filter(
        permission__codename=SeatName.POOL_PEER, content_object__in=[row.pk for row in programmes_of(by)]
    )
    held.update(ends_on=ends_on)


def end_pool_seat(user: User, by: User) -> None:
    """They were in the pool yesterday for the last time."""
    set_pool_seat_end(user, by, timezone.localdate() - timedelta(days=1))
