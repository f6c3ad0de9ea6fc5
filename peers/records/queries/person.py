"""Whom a coordinator may ask about, and the copies that were asked for."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import ProgrammeSeat, Seat
from peers.planning.models import Placement
from peers.pool.models import PoolInvitation
from peers.records.models import InformationExport


def programmes_of(coordinator: User) -> list[int]:
    """Those that the person coordinates today, by id."""
    mine = ProgrammeSeat.objects.in_force(timezone.localdate()).filter(user=coordinator)
    return list(mine.filter(permission__codename=SeatName.COORDINATOR).values_list("content_object_id", flat=True))


def people_of(coordinator: User) -> QuerySet[User]:
    """Everybody who has or had a seat on the coordinator's programmes or on a challenge of them, or was asked in."""
    programmes = programmes_of(coordinator)
    return User.objects.filter(
        Q(pk__in=ProgrammeSeat.objects.filter(content_object__in=programmes).values("user_id"))
        | Q(pk__in=Seat.objects.filter(content_object__programme__in=programmes).values("user_id"))
        | Q(pk__in=PoolInvitation.objects.filter(programme__in=programmes).values("user_id"))
        | Q(pk__in=Placement.objects.filter(challenge__programme__in=programmes).values("profile__user_id"))
    )


def get_person(coordinator: User, pk: int, act: Act) -> User:
    """Raises NoSeat when the person is not of this coordinator's programme, or `act` is not theirs."""
    require(coordinator, act)
    person = people_of(coordinator).filter(pk=pk).first()
    if person is None:
        raise NoSeat
    return person


def exports_about(person: User, by: User) -> QuerySet[InformationExport]:
    """The copies about a person that this person asked for."""
    return InformationExport.objects.filter(about=person, asked_by=by)
