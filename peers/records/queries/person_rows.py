"""The rows about one person, kind by kind: what a copy holds and a page counts are the same rows."""

from typing import Any

from django.db.models import Q, QuerySet

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.notify.models import OutboxMail
from peers.access import COORDINATOR, timeline_acts
from peers.agreements.models import Agreement
from peers.answers.models import Answer
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.evidence.models import EvidenceVersion, ReadingReceipt
from peers.onsite.models import Note
from peers.planning.models import Placement
from peers.pool.models import BlackoutPeriod, Interest, PeerProfile
from peers.scoring.models import Score

from .information_sheets import NOT_TOLD
from .person import programmes_of

Challenges = QuerySet[Challenge]


def challenges_seen(person: User, by: User) -> Challenges:
    """All of them for the person themself, those of their own programmes for a coordinator."""
    if person.pk == by.pk:
        return Challenge.objects.all()
    return Challenge.objects.filter(programme__in=programmes_of(by))


def programme_seats(person: User) -> QuerySet[Any]:
    return ProgrammeSeat.objects.filter(user=person)


def challenge_seats(person: User, seen: Challenges) -> QuerySet[Any]:
    return Seat.objects.filter(user=person, content_object__in=seen)


def profiles(person: User) -> QuerySet[PeerProfile]:
    """One or none."""
    return PeerProfile.objects.filter(user=person)


def ties(person: User) -> QuerySet[Interest]:
    return Interest.objects.filter(profile__user=person)


def days_away(person: User) -> QuerySet[BlackoutPeriod]:
    return BlackoutPeriod.objects.filter(profile__user=person)


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


def events(person: User, seen: Challenges, *, own: bool) -> QuerySet[AuditEvent]:
    """For a coordinator only the acts that a coordinator meets on a timeline, and those outside challenges."""
    found = AuditEvent.objects.filter(actor_id=person.pk).order_by("at", "pk")
    if own:
        return found
    told = timeline_acts(frozenset(COORDINATOR)) - NOT_TOLD
    scopes = [f"challenge:{pk}" for pk in seen.values_list("pk", flat=True)]
    here = Q(act__in=[act.value for act in told], scope__in=scopes)
    return found.filter(here | ~Q(scope__startswith="challenge:"))


def mails(person: User) -> QuerySet[OutboxMail]:
    return OutboxMail.objects.filter(to=person)
