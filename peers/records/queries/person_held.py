"""What is held about a person, in counts, and what stands against correcting or erasing it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.queries import was_used
from peers.access import SeatName
from peers.challenges.models import Challenge, ProgrammeSeat, Seat
from peers.planning.models import Placement
from peers.planning.models.placements import ACTIVE_STATES
from peers.pool.models import PeerProfile
from peers.records.models import LegalHold
from peers.stages import Stage

from . import person_rows as rows_of
from .person import programmes_of, why_not_here
from .person_rows import Part, part_for

OVER = (Stage.CLOSED, Stage.WITHDRAWN)


class Held(NamedTuple):
    """One kind of record about a person, as in the table `file` of a copy. No content.

    `number` is None for what only the person may count. `link` is the page where it is corrected, "" if there is none.
    """

    file: str
    title: str
    number: int | None
    correct: str
    link: str = ""


class Reason(NamedTuple):
    """Why somebody cannot be erased now, with what to do; `link` leads to where it is done, "" if nowhere."""

    words: str
    link: str = ""


# --- what is held ------------------------------------------------------------------------------------
def held_about(person: User, by: User, profile: PeerProfile | None) -> list[Held]:
    """Kind by kind, as a copy for `by`, a coordinator, would hold it. The caller has required PERSON_EXPORT."""
    counts = _counts(person, part_for(person, by))
    pool = profile.get_absolute_url() if profile is not None else ""
    stays = _("Not changed: it is the record of what was done")
    account = (_("On the form for name, job title and address"), reverse("records:person_correct", args=[person.pk]))
    if person.erased_at is not None:
        account = (_("Nothing is left to correct"), "")
    room = _("In the challenge, by whoever wrote it, while its stage is open")
    challenge = _("On the page People of the challenge")
    return [
        Held("account.csv", _("Account: name, job title, e-mail address"), 1, *account),
        Held("seats.csv", _("Seats, now and before"), counts["seats"] + counts["programme_seats"], challenge),
        Held("profile.csv", _("Profile in the pool"), int(profile is not None), _("In the pool"), pool),
        Held("ties.csv", _("Declared ties to councils"), counts["ties"], _("In the pool"), pool),
        Held("days-away.csv", _("Days away"), counts["days_away"], _("In the pool"), pool),
        Held("placements.csv", _("Places on teams"), counts["places"], _("On the page Team of the challenge")),
        Held("agreements.csv", _("Agreements"), counts["agreements"], stays),
        Held("answers.csv", _("Answers that the person changed last"), counts["answers"], room),
        Held("evidence-given.csv", _("Evidence that the person gave"), counts["given"], room),
        Held("readings.csv", _("What the person read"), counts["readings"], stays),
        Held("", _("Own notes and scores"), None, _("By the person alone")),
        Held("events.csv", _("What the person did, as recorded"), counts["events"], stays),
        Held("mails.csv", _("Mails to the person"), counts["mails"], stays),
    ]


def _counts(person: User, part: Part) -> dict[str, int]:
    """One query for all of them."""
    seen = part.challenges
    kinds: dict[str, QuerySet] = {
        "programme_seats": rows_of.programme_seats(person, part),
        "seats": rows_of.challenge_seats(person, seen),
        "ties": rows_of.ties(person, part),
        "days_away": rows_of.days_away(person, part),
        "places": rows_of.places(person, seen),
        "agreements": rows_of.agreements(person, seen),
        "answers": rows_of.answers(person, seen),
        "given": rows_of.given(person, seen),
        "readings": rows_of.readings(person, seen),
        "events": rows_of.events(person, part, own=False),
        "mails": rows_of.mails(person, part),
    }
    found = User.objects.filter(pk=person.pk).values_list(*map(_number, kinds.values())).get()
    return dict(zip(kinds, found, strict=True))


def _number(rows: QuerySet) -> Coalesce:
    alike = rows.order_by().annotate(alike=Value(1)).values("alike")
    return Coalesce(Subquery(alike.annotate(number=Count("pk")).values("number")), 0)


def challenges_of(person: User) -> QuerySet[Challenge]:
    """Those on which the person has or had a seat or a place."""
    seats = Seat.objects.filter(user=person).values("content_object_id")
    placements = Placement.objects.filter(profile__user=person).values("challenge_id")
    found = Challenge.objects.filter(pk__in=seats) | Challenge.objects.filter(pk__in=placements)
    return found.select_related("council").order_by("ref")


# --- correcting --------------------------------------------------------------------------------------
def why_address_stays(person: User) -> str:
    """Why a coordinator may not change the address, with what to do instead; "" when they may.

    Whoever reads the mail of an address can choose a new password. So only the address of an invitation that nobody
    took up is mended, whatever the stage of a challenge and whether a seat has ended: it could be given again.
    """
    programme = ProgrammeSeat.objects.in_force(timezone.localdate()).filter(user=person)
    if person.is_staff or programme.exclude(permission__codename=SeatName.POOL_PEER).exists():
        return _(
            "This person has a seat on the programme. An administrator gives that seat to the new address and ends "
            "this one; nobody changes the address of such an account."
        )
    if was_used(person):
        return _(
            "This person has used the account. Whoever reads the mail of a new address could sign in as them, so only "
            "the address of an invitation that nobody took up is changed. Name or invite them under the new address "
            "as a new person, and end the seats of this one: what is theirs alone stays with this account."
        )
    if challenges_of(person).filter(pk__in=_on_hold()).exists():
        return _(
            "A legal hold is in force on a challenge of this person. Name them under the new address as a new person, "
            "or wait until the hold is lifted."
        )
    return ""


# --- erasing -----------------------------------------------------------------------------------------
def what_forbids(person: User, by: User) -> list[Reason]:
    """Why the person cannot be erased now; empty when nothing stands against it."""
    if person.pk == by.pk:
        return [Reason(_("You cannot erase yourself. Another coordinator can, once your seat has ended."))]
    mine = programmes_of(by)
    if elsewhere := why_not_here(person, by):
        return [Reason(elsewhere)]
    return [*_of_the_programme(person), *_of_challenges(person, mine), *_of_holds(person, mine)]


def _of_the_programme(person: User) -> Iterator[Reason]:
    seats = ProgrammeSeat.objects.in_force(timezone.localdate()).filter(user=person)
    if person.is_staff or person.is_superuser:
        yield Reason(_("This account may open the reference-data admin. The operator takes that away first."))
    names = set(seats.values_list("permission__codename", flat=True)) - {SeatName.POOL_PEER.value}
    for name in sorted(names):
        words = _("This person is %(seat)s of the programme. An administrator ends that seat first.")
        yield Reason(words % {"seat": SeatName(name).label})


def _of_challenges(person: User, mine: list[int]) -> Iterator[Reason]:
    """A seat that begins later counts as well, and so does a place on the list of a team."""
    open_ones = Challenge.objects.exclude(stage__in=OVER).order_by("ref")
    ended = Seat.objects.filter(user=person, ends_on__lt=timezone.localdate())
    seats = Seat.objects.filter(user=person).exclude(pk__in=ended.values("pk"))
    sat = open_ones.filter(pk__in=seats.values("content_object_id"))
    words = _("This person has a seat on %(ref)s, which is not over. End the seat first, or wait until it is over.")
    yield from _on(sat, words, "challenges:people", mine)
    places = Placement.objects.filter(profile__user=person, state__in=ACTIVE_STATES)
    listed = open_ones.filter(pk__in=places.values("challenge_id")).exclude(pk__in=sat.values("pk"))
    words = _("This person is on the list for the team of %(ref)s. Take them off it first.")
    yield from _on(listed, words, "planning:team", mine)


def _of_holds(person: User, mine: list[int]) -> Iterator[Reason]:
    words = _("A legal hold is in force on %(ref)s. Nothing about its people is erased until it is lifted.")
    yield from _on(challenges_of(person).filter(pk__in=_on_hold()), words, "records:room", mine)


def _on_hold() -> QuerySet[Any]:
    return LegalHold.objects.filter(lifted_at=None).values("challenge_id")


def _on(found: QuerySet[Challenge], words: str, page: str, mine: list[int]) -> Iterator[Reason]:
    """Challenges of other programmes are not named."""
    for challenge in found:
        if challenge.programme_id in mine:
            yield Reason(words % {"ref": challenge.ref}, reverse(page, args=[challenge.ref]))
        else:
            yield Reason(words % {"ref": _("a challenge of another programme")})
