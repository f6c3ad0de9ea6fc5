"""Reading calendars: whose feed a secret opens, what a person's calendar should hold now, what it was given."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.tokens import token_hash
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge, KeyDate, ProgrammeSeat, Seat
from peers.challenges.queries import WORKSPACE_SEATS
from peers.planning.ics import Entry, Status
from peers.planning.models import VISIT, CalendarEntry, CalendarFeed, EntryState, Placement, PlacementState
from peers.stages import Stage

KEPT_CANCELLED = timedelta(days=60)
Key = tuple[int, int, str]


# --- the feed -------------------------------------------------------------------------------------
def own_feed(user: User) -> CalendarFeed | None:
    """The person's feed in force. Raises NoSeat for somebody without any seat."""
    require(user, Act.FEED_KEEP, CalendarFeed(owner=user))
    return user.calendar_feeds.filter(revoked_at=None).first()


def feed_behind(secret: str) -> CalendarFeed | None:
    """The feed that the secret opens. One look-up by hash, the same for a wrong and for a revoked secret."""
    found = CalendarFeed.objects.filter(secret_hash=token_hash(secret), revoked_at=None, owner__is_active=True)
    return found.first()


# --- what is true now --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Now:
    """What one person's calendar should say of one thing; both days included."""

    first_day: date
    last_day: date
    state: EntryState
    path: str


def true_now(today: date, people: Collection[int] | None = None) -> dict[Key, Now]:
    """By (person, challenge, thing), for these people or for everybody: three queries.

    From the person's own seats on challenges, and their own open invitations. A contributor's seat brings nothing:
    it does not open the challenge's dates.
    """
    found = {(row.person, row.challenge, VISIT): row.now for row in _invited(today, people)}
    seated = _seated(today, people)
    challenges = {pk: reverse("overview:challenge", args=[ref]) for _who, pk, ref, _first, _last in seated}
    due: dict[int, list[tuple[str, date]]] = {pk: [] for pk in challenges}
    for pk, stage, day in _key_dates(due, people):
        due[pk].append((stage, day))
    for who, pk, _ref, first, last in seated:
        if first and last:
            found[who, pk, VISIT] = Now(first, last, EntryState.CONFIRMED, challenges[pk])
        for stage, day in due[pk]:
            found[who, pk, stage] = Now(day, day, EntryState.CONFIRMED, challenges[pk])
    return found


def _seated(today: date, people: Collection[int] | None) -> list[tuple[int, int, str, date | None, date | None]]:
    seats = Seat.objects.in_force(today).filter(permission__codename__in=[name.value for name in WORKSPACE_SEATS])
    seats = seats.exclude(content_object__stage=Stage.WITHDRAWN)
    seats = seats if people is None else seats.filter(user__in=people)
    of_challenge = (f"content_object__{name}" for name in ("ref", "visit_first_day", "visit_last_day"))
    return list(seats.order_by().values_list("user_id", "content_object_id", *of_challenge).distinct())


def _key_dates(challenges: Collection[int], people: Collection[int] | None) -> Iterable[tuple[int, str, date]]:
    rows = KeyDate.objects.order_by()
    # For everybody the list of ids would be longer than a database takes: what is not asked for is left out below.
    rows = rows.exclude(challenge__stage=Stage.WITHDRAWN) if people is None else rows.filter(challenge__in=challenges)
    return (row for row in rows.values_list("challenge_id", "stage", "due_on") if row[0] in challenges)


@dataclass(frozen=True)
class _Invited:
    person: int
    challenge: int
    now: Now


def _invited(today: date, people: Collection[int] | None) -> list[_Invited]:
    """Invitations that wait for the peer, or for the coordinator after the peer's yes."""
    waiting = Q(state=PlacementState.INVITED) | Q(state=PlacementState.PROPOSED, answered_at__isnull=False)
    in_pool = ProgrammeSeat.objects.in_force(today).filter(permission__codename=SeatName.POOL_PEER)
    in_pool = in_pool if people is None else in_pool.filter(user__in=people)
    rows = Placement.objects.filter(waiting, challenge__visit_first_day__isnull=False, invited_at__isnull=False)
    rows = rows.exclude(challenge__stage__in=[Stage.WITHDRAWN, Stage.CLOSED])
    rows = rows.filter(profile__user__in=in_pool.values("user_id"))
    days = ("challenge__visit_first_day", "challenge__visit_last_day")
    return [
        _Invited(who, challenge, Now(first, last, EntryState.TENTATIVE, reverse("planning:invitation", args=[pk])))
        for pk, who, challenge, first, last in rows.values_list("pk", "profile__user_id", "challenge_id", *days)
    ]


# --- what was given out ---------------------------------------------------------------------------------
def entries_of(user_id: int, now: datetime) -> QuerySet[CalendarEntry]:
    """What the person's feed holds: all that stands, and what was cancelled in the last sixty days."""
    lately = ~Q(state=EntryState.CANCELLED) | Q(changed_at__gte=now - KEPT_CANCELLED)
    return CalendarEntry.objects.filter(lately, person_id=user_id).select_related("challenge")


def coming_entries(user_id: int, today: date) -> QuerySet[CalendarEntry]:
    """What stands in the person's calendar from today on."""
    rows = CalendarEntry.objects.filter(person_id=user_id, last_day__gte=today).select_related("challenge")
    return rows.exclude(state=EntryState.CANCELLED)


def as_ics(row: CalendarEntry) -> Entry:
    """A reference, a kind of day and a link to sign in by: no council, no name, no place."""
    return Entry(
        uid=row.uid,
        summary=summary_of(row.challenge.ref, row.thing),
        first_day=row.first_day,
        last_day=row.last_day,
        status=Status[EntryState(row.state).name],
        sequence=row.sequence,
        made_at=row.made_at,
        changed_at=row.changed_at,
        url=f"{settings.SITE_URL}{row.path}",
        busy=row.thing == VISIT,
    )


def summary_of(ref: str, thing: str) -> str:
    if thing == VISIT:
        return _("Cyber 360 visit %(ref)s") % {"ref": ref}
    return _("Cyber 360 %(ref)s: %(stage)s due") % {"ref": ref, "stage": Stage(thing).label}


def dates_as_ics(challenge: Challenge, user: User, now: datetime) -> list[Entry]:
    """The dates of a challenge for somebody who steers it without sitting on it: nothing is remembered for them.

    The names are made from what they name, and the challenge's version stands for the sequence.
    """
    days = {row.stage: (row.due_on, row.due_on) for row in challenge.key_dates.all()}
    if challenge.visit_first_day and challenge.visit_last_day:
        days[VISIT] = (challenge.visit_first_day, challenge.visit_last_day)
    url = f"{settings.SITE_URL}{challenge.get_absolute_url()}"
    return [
        Entry(
            uid=f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{url}{user.pk}/{thing}')}@cyber360",
            summary=summary_of(challenge.ref, thing),
            first_day=first,
            last_day=last,
            status=Status.CONFIRMED,
            sequence=challenge.version,
            made_at=now,
            changed_at=now,
            url=url,
            busy=thing == VISIT,
        )
        for thing, (first, last) in sorted(days.items(), key=lambda item: item[1])
    ]
