"""The rows about one person, kind by kind: what a copy holds and a page counts are the same rows."""

from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.notify.models import OutboxMail
from peers.access import COORDINATOR, SeatName, timeline_acts
from peers.agreements.models import Agreement
from peers.answers.models import Answer
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.evidence.models import EvidenceVersion, ReadingReceipt
from peers.onsite.models import Note
from peers.planning.models import Placement
from peers.pool.models import BlackoutPeriod, Interest, PeerProfile
from peers.scoring.models import Score

from .information_sheets import NOT_TOLD
from .person import is_elsewhere, programmes_of

Challenges = QuerySet[Challenge]
ACCOUNT = "account."


class Part(NamedTuple):
    """What of a person somebody is told: all, or (`whole` is false) only what is of these programmes."""

    whole: bool
    programmes: list[int]
    challenges: Challenges

    @property
    def seats(self) -> Q:
        return Q() if self.whole else Q(content_object__in=self.programmes)

    def pool(self, way: str) -> Q:
        """The profile and its rows, if the person is or was in the pool of one of the programmes."""
        if self.whole:
            return Q()
        seats = ProgrammeSeat.objects.filter(content_object__in=self.programmes)
        peers = seats.filter(permission__codename=SeatName.POOL_PEER)
        return Q(**{f"{way}user__in": peers.values("user_id")})


def part_for(person: User, by: User) -> Part:
    """All for the person themself; for a coordinator their own programmes' part, if there is another."""
    mine = programmes_of(by)
    if person.pk == by.pk:
        return Part(True, mine, Challenge.objects.all())
    return Part(not is_elsewhere(person, mine), mine, Challenge.objects.filter(programme__in=mine))


def programme_seats(person: User, part: Part) -> QuerySet[Any]:
    return ProgrammeSeat.objects.filter(part.seats, user=person)


def challenge_seats(person: User, seen: Challenges) -> QuerySet[Any]:
    return Seat.objects.filter(user=person, content_object__in=seen)


def profiles(person: User, part: Part) -> QuerySet[PeerProfile]:
    """One or none."""
    return PeerProfile.objects.filter(part.pool(""), user=person)


def ties(person: User, part: Part) -> QuerySet[Interest]:
    return Interest.objects.filter(part.pool("profile__"), profile__user=person)


def days_away(person: User, part: Part) -> QuerySet[BlackoutPeriod]:
    return BlackoutPeriod.objects.filter(part.pool("profile__"), profile__user=person)


def places(person: User, seen: Challenges) -> QuerySet[Placement]:
    return Placement.objects.filter(profile__user=person, challenge__in=seen)


def agreements(person: User, seen: Challenges) -> QuerySet[Agreement]:
    return Agreement.objects.filter(Q(for_user=person) | Q(signed_by=person), challenge__in=seen)


def answers(person: User, seen: Challenges) -> QuerySet[Answer]:
    return Answer.objects.filter(updated_by=person, challenge__in=seen)


def given(person: User, seen: Challenges) -> QuerySet[EvidenceVersion]:
    return EvidenceVersion.objects.filter(uploaded_by=person, item__challenge__in=seen)


def readings(person: User, seen: Challenges) -> QuerySet[ReadingReceipt]:
    return ReadingReceipt.objects.filter(reader=person, item__challenge__in=seen)


def notes(person: User) -> QuerySet[Note]:
    """For the person alone."""
    return Note.objects.filter(owner=person)


def scores(person: User) -> QuerySet[Score]:
    """For the person alone."""
    return Score.objects.filter(owner=person)


def events(person: User, part: Part, *, own: bool) -> QuerySet[AuditEvent]:
    """For a coordinator only the acts that a coordinator meets on a timeline, and those outside challenges."""
    found = AuditEvent.objects.filter(actor_id=person.pk).order_by("at", "pk")
    if own:
        return found
    told = timeline_acts(frozenset(COORDINATOR)) - NOT_TOLD
    scopes = [f"challenge:{pk}" for pk in part.challenges.values_list("pk", flat=True)]
    here = Q(act__in=[act.value for act in told], scope__in=scopes)
    alike = Q() if part.whole else Q(act__startswith=ACCOUNT)  # the others do not say of which programme they are
    return found.filter(here | (~Q(scope__startswith="challenge:") & alike))


def mails(person: User, part: Part) -> QuerySet[OutboxMail]:
    """Of a part: those about its challenges and about the account."""
    found = OutboxMail.objects.filter(to=person)
    if part.whole:
        return found
    told = Q(kind__startswith=ACCOUNT)
    for ref in part.challenges.filter(seats__user=person).values_list("ref", flat=True).distinct():
        told |= Q(link__startswith=f"/challenges/{ref}/")
    return found.filter(told)
