"""Whom a coordinator may ask about, and the copies that were asked for."""

from django.db.models import Exists, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import ProgrammeSeat, Seat
from peers.planning.models import Placement
from peers.pool.models import PeerProfile, PoolInvitation
from peers.records.models import InformationExport


def programmes_of(coordinator: User) -> list[int]:
    """Those that the person coordinates today, by id."""
    mine = ProgrammeSeat.objects.in_force(timezone.localdate()).filter(user=coordinator)
    return list(mine.filter(permission__codename=SeatName.COORDINATOR).values_list("content_object_id", flat=True))


def people_of(coordinator: User) -> QuerySet[User]:
    """Everybody who has or had a seat on the coordinator's programmes or on a challenge of them, or applied to them.

    Anybody can be asked in: until they apply, that opens only an account that has nothing anywhere.
    """
    programmes = programmes_of(coordinator)
    asked = PoolInvitation.objects.filter(programme__in=programmes)
    known = [model.objects.values("user_id") for model in (ProgrammeSeat, Seat, PeerProfile)]
    bare = Q(is_staff=False, is_superuser=False) & ~Q(pk__in=known[0]) & ~Q(pk__in=known[1]) & ~Q(pk__in=known[2])
    return User.objects.filter(
        Q(pk__in=ProgrammeSeat.objects.filter(content_object__in=programmes).values("user_id"))
        | Q(pk__in=Seat.objects.filter(content_object__programme__in=programmes).values("user_id"))
        | Q(pk__in=asked.exclude(applied_at=None).values("user_id"))
        | Q(bare, pk__in=asked.values("user_id"))
        | Q(pk__in=Placement.objects.filter(challenge__programme__in=programmes).values("profile__user_id"))
    )


def found_people(coordinator: User, words: str = "") -> QuerySet[User]:
    """Those who may be opened, by name, whose name or e-mail address holds `words`; each with `seats_held`, the seats
    on challenges of the coordinator's programmes, the newest first. Raises NoSeat."""
    require(coordinator, Act.PERSON_EXPORT)
    held = Seat.objects.filter(content_object__programme__in=programmes_of(coordinator))
    held = held.select_related("permission", "content_object").order_by("-starts_on", "-pk")
    rows = people_of(coordinator).prefetch_related(Prefetch("challenge_seats", held, to_attr="seats_held"))
    if words:
        rows = rows.filter(Q(full_name__icontains=words) | Q(email__icontains=words))
    return rows.order_by("full_name", "pk")


def get_person(coordinator: User, pk: int, act: Act) -> User:
    """Raises NoSeat when the person is not of this coordinator's programme, or `act` is not theirs."""
    require(coordinator, act)
    person = people_of(coordinator).filter(pk=pk).first()
    if person is None:
        raise NoSeat
    return person


def is_elsewhere(person: User, mine: list[int]) -> bool:
    """Whether the person has or had a seat or a place in a programme that is none of `mine`, or is asked into one."""
    asked = PoolInvitation.objects.filter(user=person, withdrawn_at=None, decided_at=None)
    elsewhere = (
        Exists(ProgrammeSeat.objects.filter(user=person).exclude(content_object__in=mine))
        | Exists(Seat.objects.filter(user=person).exclude(content_object__programme__in=mine))
        | Exists(Placement.objects.filter(profile__user=person).exclude(challenge__programme__in=mine))
        | Exists(asked.exclude(programme__in=mine))
    )
    return User.objects.filter(elsewhere, pk=person.pk).exists()


def why_not_here(person: User, by: User) -> str:
    """Why a coordinator may neither correct nor erase the person: others depend on the account. "" when they may."""
    if not is_elsewhere(person, programmes_of(by)):
        return ""
    return _(
        "This person is or was part of another programme as well. Only somebody who coordinates every programme of "
        "theirs corrects or erases them. Ask an administrator, who can give that seat."
    )


def exports_about(person: User, by: User) -> QuerySet[InformationExport]:
    """The copies about a person that this person asked for."""
    return InformationExport.objects.filter(about=person, asked_by=by)
