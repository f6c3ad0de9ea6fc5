"""What is held about one person: in counts for the coordinator's page, in tables for a copy."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, require
from peers.acts import Act
from peers.agreements.models import Agreement
from peers.answers.models import Answer, Assignment
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion, ReadingReceipt
from peers.onsite.models import Note
from peers.planning.models import CalendarFeed, Placement
from peers.pool.models import BlackoutPeriod, PeerProfile, PoolInvitation
from peers.records.models import InformationExport, LegalHold
from peers.scoring.models import Score
from peers.stages import Stage

OVER = (Stage.CLOSED, Stage.WITHDRAWN)
ERASED_DOMAIN = "erased.invalid"


class Held(NamedTuple):
    """One kind of record about a person. `where` is a page on which it is read or corrected, "" when there is none."""

    title: str
    count: int
    correct: str
    where: str = ""


def people_of(coordinator: User) -> QuerySet[User]:
    """Everybody who has or had a seat on the coordinator's programmes or on a challenge of them, or was asked in."""
    today = timezone.localdate()
    mine = coordinator.programme_seats.in_force(today).filter(permission__codename=SeatName.COORDINATOR)
    programmes = list(mine.values_list("content_object_id", flat=True))
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


def is_erased(person: User) -> bool:
    return not person.is_active and person.email.endswith(f"@{ERASED_DOMAIN}")


def exports_about(person: User, by: User) -> QuerySet[InformationExport]:
    """The copies about a person that this person asked for."""
    return InformationExport.objects.filter(about=person, asked_by=by)


def challenges_of(person: User) -> QuerySet[Challenge]:
    """Those on which the person has or had a seat or a place."""
    seats = Seat.objects.filter(user=person).values("content_object_id")
    placements = Placement.objects.filter(profile__user=person).values("challenge_id")
    return Challenge.objects.filter(Q(pk__in=seats) | Q(pk__in=placements)).select_related("council").order_by("ref")


def what_forbids(person: User, by: User) -> list[str]:
    """Why the person cannot be erased now, in sentences that say what to do; empty when nothing stands against it."""
    if person.pk == by.pk:
        return [_("You cannot erase yourself. Another coordinator can.")]
    today = timezone.localdate()
    reasons = []
    if ProgrammeSeat.objects.in_force(today).filter(user=person, permission__codename=SeatName.ADMINISTRATOR).exists():
        reasons.append(_("This person is an administrator. End that seat first."))
    live = Seat.objects.in_force(today).filter(user=person).exclude(content_object__stage__in=OVER)
    for ref in live.order_by("content_object__ref").values_list("content_object__ref", flat=True).distinct():
        reasons.append(_("This person has a seat on %(ref)s, which is not over. End the seat first.") % {"ref": ref})
    held = LegalHold.objects.filter(challenge__in=challenges_of(person), lifted_at=None)
    for ref in held.order_by("challenge__ref").values_list("challenge__ref", flat=True):
        reasons.append(
            _("A legal hold is in force on %(ref)s. Nothing about its people is erased until it is lifted.")
            % {"ref": ref}
        )
    return reasons


def held_about(person: User) -> list[Held]:
    """What each room holds, in counts, and who corrects it where. No content."""
    profile = PeerProfile.objects.filter(user=person).first()
    pool = reverse("pool:edit", args=[profile.pk]) if profile is not None else ""
    here = reverse("records:person_correct", args=[person.pk])
    room = _("In the challenge’s own pages, by whoever wrote it, while its stage is open.")
    stays = _("It stays as it was written: it is the record of what was done.")
    given = EvidenceVersion.objects.filter(uploaded_by=person).count()
    return [
        Held(_("Account: name, job title, e-mail address"), 1, _("On the page “Correct”."), here),
        Held(_("Seats, now and before"), _seats(person), _("On the challenge’s page “People”.")),
        Held(_("Profile in the pool"), int(profile is not None), _("By the person, or on the profile’s page."), pool),
        Held(_("Days away"), BlackoutPeriod.objects.filter(profile__user=person).count(), _("As the profile."), pool),
        Held(_("Places on teams, with answers"), _places(person), _("On the challenge’s page “Team”.")),
        Held(_("Agreements signed or accepted"), _agreements(person), stays),
        Held(_("Answers last changed"), Answer.objects.filter(updated_by=person).count(), room),
        Held(_("Questions handed over"), Assignment.objects.filter(person=person).count(), room),
        Held(_("Evidence given, and requests held"), given + _asked_of(person), room),
        Held(_("Readings of evidence"), ReadingReceipt.objects.filter(reader=person).count(), stays),
        Held(_("Notes and scores"), _private(person), _("By the person alone, while they are open.")),
        Held(_("Events in the record"), AuditEvent.objects.filter(actor_id=person.pk).count(), stays),
        Held(_("Mails sent"), OutboxMail.objects.filter(to=person).count(), stays),
        Held(_("Calendar feed"), CalendarFeed.objects.filter(owner=person).count(), _("By the person.")),
    ]


def _seats(person: User) -> int:
    return Seat.objects.filter(user=person).count() + ProgrammeSeat.objects.filter(user=person).count()


def _places(person: User) -> int:
    return Placement.objects.filter(profile__user=person).count()


def _agreements(person: User) -> int:
    return Agreement.objects.filter(Q(for_user=person) | Q(signed_by=person)).count()


def _asked_of(person: User) -> int:
    links = EvidenceItem.objects.filter(added_by=person, kind=EvidenceItem.Kind.LINK).count()
    return links + EvidenceRequest.objects.filter(owner=person).count()


def _private(person: User) -> int:
    return Note.objects.filter(owner=person).count() + Score.objects.filter(owner=person).count()
