"""Reading challenges, and what blocks their first moves."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat
from peers.access import CHALLENGE_SEATS, HOST, LGA, SeatName, require, seats_on, timeline_acts
from peers.acts import Act
from peers.frameworks.models import Question
from peers.stages import Stage

from .models import Challenge, KeyDate, Programme, ProgrammeSeat, Seat

WORKSPACE_SEATS = CHALLENGE_SEATS - {SeatName.CONTRIBUTOR}


class Blocker(NamedTuple):
    """What stands in the way of a move: a plain sentence, the seats that can clear it, and where."""

    sentence: str
    seats: frozenset[SeatName] = frozenset()
    url: str = ""


class Task(NamedTuple):
    """One thing for one person to do. `what` is a verb and a place; `due_on` may be None."""

    what: str
    challenge: Challenge
    url: str
    due_on: date | None
    kind: str


def the_programme() -> Programme:
    """The programme that this installation runs (the first one, until a second is needed)."""
    return Programme.objects.order_by("pk").first() or Programme.objects.create(title="Cyber 360")


def challenges_for(user: User, names: Iterable[SeatName] = frozenset(WORKSPACE_SEATS)) -> QuerySet[Challenge]:
    """The challenges in whose workspace the person has a place today: the one query behind every list."""
    if not user.is_authenticated or not user.is_active:
        return Challenge.objects.none()
    today = timezone.localdate()
    seats = Seat.objects.in_force(today).filter(user=user, permission__codename__in=list(names))
    programmes = user.programme_seats.in_force(today).filter(permission__codename=SeatName.COORDINATOR)
    return Challenge.objects.filter(
        Q(pk__in=seats.values("content_object_id")) | Q(programme_id__in=programmes.values("content_object_id"))
    ).select_related("council")


def get_challenge(user: User, ref: str, act: Act) -> Challenge:
    """The challenge, with the right to `act` on it checked. Raises NoSeat (404) or NotNow (403).

    Leaves it on the person as `acting_on`, from which the page's header says in which seat they act.
    """
    rows = Challenge.objects.select_related("council", "framework_version__framework", "programme")
    challenge = rows.filter(ref=ref).first()
    if challenge is None:
        raise NoSeat
    require(user, act, challenge)
    user.acting_on = challenge
    return challenge


def people_in_seat(challenge: Challenge, names: Iterable[SeatName]) -> QuerySet[User]:
    seats = challenge.seats.in_force(timezone.localdate()).filter(permission__codename__in=list(names))
    return User.objects.filter(pk__in=seats.values("user_id"), is_active=True)


def coordinators_of(challenge: Challenge) -> QuerySet[User]:
    seats = challenge.programme.seats.in_force(timezone.localdate()).filter(permission__codename=SeatName.COORDINATOR)
    return User.objects.filter(pk__in=seats.values("user_id"), is_active=True)


def seats_by_side(challenge: Challenge) -> dict[str, list[Seat]]:
    """Seats in force or to come, as `host`, `team` and `lga` lists, in the order of SeatName."""
    today = timezone.localdate()
    rows = challenge.seats.filter(Q(ends_on=None) | Q(ends_on__gte=today)).select_related("user", "permission")
    order = list(SeatName)
    sides: dict[str, list[Seat]] = {"host": [], "team": [], "lga": []}
    for seat in sorted(rows, key=lambda row: (order.index(row.name), row.user.full_name)):
        sides[_side(seat.name)].append(seat)
    return sides


def people_who_left(challenge: Challenge) -> list[Seat]:
    """The last ended seat of everybody who has none any more, by name. The caller has required PERSON_CORRECT."""
    today = timezone.localdate()
    there = challenge.seats.filter(Q(ends_on=None) | Q(ends_on__gte=today)).values("user_id")
    rows = challenge.seats.filter(ends_on__lt=today).exclude(user__in=there).select_related("user", "permission")
    last = {seat.user_id: seat for seat in rows.order_by("ends_on", "pk")}
    return sorted(last.values(), key=lambda seat: (seat.user.full_name, seat.user_id))


def _side(name: SeatName) -> str:
    if name in HOST or name == SeatName.CONTRIBUTOR:
        return "host"
    return "lga" if name == SeatName.CHALLENGE_MANAGER else "team"


def questions_in_scope(challenge: Challenge) -> QuerySet[Question]:
    """The questions of the pinned version in the themes in scope, in order."""
    return (
        Question.objects.filter(theme__challenges=challenge)
        .select_related("theme")
        .order_by("theme__place", "place", "pk")
    )


def key_dates_of(challenge: Challenge) -> list[KeyDate]:
    """The key dates in the order of the stages, whatever days they fall on."""
    return sorted(challenge.key_dates.all(), key=lambda row: Stage(row.stage).place)


def due_on(challenge: Challenge) -> date | None:
    """When the present stage is due, if a date is known."""
    row = challenge.key_dates.filter(stage=challenge.stage).first()
    return row.due_on if row else None


def programme_seats_of(programme: Programme) -> list[ProgrammeSeat]:
    """Seats in force on the programme but those of the pool, which the pool itself lists."""
    rows = programme.seats.in_force(timezone.localdate()).exclude(permission__codename=SeatName.POOL_PEER)
    return list(rows.select_related("user", "permission").order_by("permission__codename", "user__full_name"))


# --- the timeline ------------------------------------------------------------------------------
STAGE_ACTS = frozenset(
    {
        Act.CHALLENGE_ACCEPT, Act.SCOPE_AGREE, Act.PREPARATION_OPEN, Act.PACK_RELEASE, Act.VISIT_OPEN,
        Act.SCORES_REVEAL, Act.MODERATION_CLOSE, Act.DRAFTING_OPEN, Act.FACTUAL_CHECK_OPEN, Act.REPORT_ISSUE,
        Act.REPORT_ACKNOWLEDGE, Act.PLAN_APPROVE, Act.CHALLENGE_CLOSE, Act.CHALLENGE_STEP_BACK,
        Act.CHALLENGE_WITHDRAW,
    }
)  # fmt: skip


def timeline_for(user: User, challenge: Challenge, *, act: str = "") -> QuerySet[AuditEvent]:
    """The challenge's events that the person's seats may see, and the person's own, newest first."""
    seen = [one.value for one in timeline_acts(seats_on(user, challenge))]
    events = AuditEvent.objects.filter(scope=challenge.scope).filter(Q(act__in=seen) | Q(actor_id=user.pk))
    return (events.filter(act=act) if act else events).order_by("-number")


def timeline_choices(user: User, challenge: Challenge) -> dict[str, str]:
    """The acts that occur in this person's timeline, value to label, for the filter."""
    occurring = timeline_for(user, challenge).order_by().values_list("act", flat=True).distinct()
    return {value: str(Act(value).label) for value in sorted(occurring) if value in Act.values}


def timeline_rows(events: Iterable[AuditEvent]) -> list[dict]:
    """Each event as the page shows it: what was done in words, by whom in which seat, whether it moved the stage."""
    rows = []
    for event in events:
        move = event.act in STAGE_ACTS
        rows.append(
            {
                "event": event,
                "what": Act(event.act).label if event.act in Act.values else event.act,
                "seat": SeatName(event.seat).label if event.seat in SeatName.values else "",
                "to_stage": event.detail.get("to") if move else "",
                "reason": event.detail.get("reason", "") if move else "",
            }
        )
    return rows


# --- blockers --------------------------------------------------------------------------------
def missing_host_people(challenge: Challenge) -> list[Blocker]:
    held = set(
        challenge.seats.in_force(timezone.localdate())
        .filter(permission__codename__in=list(HOST))
        .values_list("permission__codename", flat=True)
    )
    url = reverse("challenges:people", args=[challenge.ref])
    who = frozenset({SeatName.COORDINATOR})
    missing = []
    if SeatName.HOST_SPONSOR not in held:
        missing.append(Blocker(_("No host sponsor is named. The coordinator can name one."), who, url))
    if SeatName.HOST_LEAD not in held:
        missing.append(Blocker(_("No host lead is named. The coordinator can name one."), who, url))
    return missing


def missing_scope(challenge: Challenge) -> list[Blocker]:
    url = reverse("challenges:scope", args=[challenge.ref])
    who = frozenset({SeatName.COORDINATOR, SeatName.CHALLENGE_MANAGER})
    checks = [
        (bool(challenge.focus), _("The focus is not written. The coordinator or challenge manager can write it.")),
        (challenge.framework_version_id is not None, _("No questionnaire version is chosen.")),
        (challenge.themes.exists(), _("No themes are in scope.")),
        (challenge.window_first is not None, _("No visit window is set.")),
    ]
    return [Blocker(sentence, who, url) for done, sentence in checks if not done]


def missing_visit_dates(challenge: Challenge) -> list[Blocker]:
    if challenge.visit_first_day is not None:
        return []
    url = reverse("challenges:dates", args=[challenge.ref])
    who = frozenset({SeatName.COORDINATOR, SeatName.CHALLENGE_MANAGER})
    return [
        Blocker(_("The days of the visit are not fixed. The coordinator or challenge manager can fix them."), who, url)
    ]


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Taking in interest and setting the scope, for those who steer; without a query of its own."""
    words = {
        Stage.INTEREST: (_("Name the people and accept the interest of %(council)s"), "challenges:people"),
        Stage.SCOPING: (_("Agree the scope with %(council)s"), "challenges:scope"),
    }
    return [
        Task(
            words[Stage(row.stage)][0] % {"council": row.council.name},
            row,
            reverse(words[Stage(row.stage)][1], args=[row.ref]),
            next((one.due_on for one in row.key_dates.all() if one.stage == row.stage), None),
            "scope",
        )
        for row in challenges
        if row.stage in words and seats_on(user, row) & LGA
    ]


def with_present_dates(rows: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """With the only key dates that a line of a list or a task shows: the present stage's, and the visit's end."""
    shown = KeyDate.objects.filter(Q(stage=F("challenge__stage")) | Q(stage=Stage.ON_SITE))
    return rows.prefetch_related(Prefetch("key_dates", shown))


def late_ones(rows: QuerySet[Challenge], on: date) -> QuerySet[Challenge]:
    """Those whose present stage is late on `on`; `is_late` says the same of one row."""
    due = KeyDate.objects.filter(challenge=OuterRef("pk"), stage=OuterRef("stage"), due_on__lt=on)
    return rows.filter(Exists(due), on_hold_since=None).exclude(stage__in=[Stage.CLOSED, Stage.WITHDRAWN])


def is_late(challenge: Challenge, on: date) -> int:
    """Days by which the present stage is late on `on`; 0 when it is not."""
    if challenge.stage in {Stage.CLOSED, Stage.WITHDRAWN} or challenge.on_hold_since:
        return 0
    due = next((row.due_on for row in challenge.key_dates.all() if row.stage == challenge.stage), None)
    return max((on - due).days, 0) if due else 0
