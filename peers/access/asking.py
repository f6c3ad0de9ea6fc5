"""Asking the table: may this person do this act on this thing, now?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow
from peers.acts import Act
from peers.conditions import (
    challenge_of,
)
from peers.seats import (
    ANYONE,
    LGA,
    SeatName,
)
from peers.stages import Stage

from .table import ACCESS, Row


@dataclass(frozen=True)
class Answer:
    """`seat` when allowed; else `reason` ("" means: answer as if the thing did not exist)."""

    seat: SeatName | None
    reason: str = ""


def held_seats(user: User) -> dict[str, list[tuple[int, SeatName]]]:
    """Every seat of the person in force today, as (id of programme or challenge, name), in two queries.

    Kept for the length of a request (`cyber360.accounts.middleware` gives the person a `seat_cache`).
    """
    cache: dict[str, list[tuple[int, SeatName]]] | None = getattr(user, "seat_cache", None)
    if cache:
        return cache
    today = timezone.localdate()
    held = {
        kind: [
            (content_object_id, SeatName(name))
            for content_object_id, name in seats.in_force(today).values_list(
                "content_object_id", "permission__codename"
            )
        ]
        for kind, seats in (("programme", user.programme_seats), ("challenge", user.challenge_seats))
    }
    if cache is not None:
        cache.update(held)
    return held


def seats_on(user: User, challenge: Any = None) -> frozenset[SeatName]:
    """The person's seats in force today on `challenge`, with those of its programme; on None, the programme's."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    held = held_seats(user)
    if challenge is None:
        return frozenset(name for _id, name in held["programme"])
    mine = {name for pk, name in held["programme"] if pk == challenge.programme_id}
    return frozenset(mine | {name for pk, name in held["challenge"] if pk == challenge.pk})


def _seats_anywhere(user: User) -> frozenset[SeatName]:
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    return frozenset(name for held in held_seats(user).values() for _id, name in held)


def decide(user: User, act: Act, obj: object = None, *, seats: frozenset[SeatName] | None = None) -> Answer:
    """The one place where a right is decided. `seats` spares the query when the caller has them."""
    challenge = challenge_of(obj)
    held = seats_on(user, challenge) if seats is None else seats
    reason = ""
    for row in ACCESS.get(act, ()):
        sitting = held & row.seats
        if challenge is None and row.seats == ANYONE:  # a thing of one's own, in whatever seat one is here
            sitting = _seats_anywhere(user)
        if not sitting or not all(c.holds(user, obj) for c in row.conditions if not c.reason):
            continue
        if challenge is not None and challenge.stage not in row.stages:
            reason = _not_in_stage(act, challenge, row)
            continue
        broken = [c for c in row.conditions if c.reason and not c.holds(user, obj)]
        if not broken:
            return Answer(min(sitting, key=list(SeatName).index))
        reason = str(broken[0].reason)
    return Answer(None, reason)


def _not_in_stage(act: Act, challenge: Any, row: Row) -> str:
    words = {"act": act.label, "stage": Stage(challenge.stage).label}
    if all(stage.place > Stage(challenge.stage).place for stage in row.stages):
        return _("“%(act)s” is not open yet: the challenge is in “%(stage)s”.") % words
    return _("“%(act)s” is closed: the challenge is in “%(stage)s”.") % words


def may(user: User, act: Act, obj: object = None) -> bool:
    return decide(user, act, obj).seat is not None


def require(user: User, act: Act, obj: object = None) -> SeatName:
    """The seat in which the person may do it. Raises NoSeat (404) or NotNow (403, with the reason)."""
    answer = decide(user, act, obj)
    if answer.seat is not None:
        return answer.seat
    if answer.reason:
        raise NotNow(answer.reason)
    raise NoSeat


def acts_for(user: User, obj: object = None) -> frozenset[Act]:
    """Every act open to the person on `obj`, for pages that show many buttons."""
    held = seats_on(user, challenge_of(obj))
    return frozenset(act for act in Act if decide(user, act, obj, seats=held).seat is not None)


def timeline_acts(seats: frozenset[SeatName]) -> frozenset[Act]:
    """The acts whose events these seats see on a challenge's timeline."""
    return frozenset(act for act, rows in ACCESS.items() if any(seats & _seen_by(row) for row in rows))


def _seen_by(row: Row) -> frozenset[SeatName]:
    return row.seats | LGA if row.timeline is None else row.timeline


def acts(*names: Act) -> Callable:
    """Mark a view with the acts it may perform (the getter or service inside still checks them)."""

    def mark(view: Callable) -> Callable:
        guarded = login_required(view)
        vars(guarded)["acts"] = names
        return guarded

    return mark


def needs_second_factor(user: User, seat_names: list[str]) -> bool:
    """Whether the person holds a seat for which the installation asks for a second factor."""
    today = timezone.localdate()
    return any(
        seats.in_force(today).filter(permission__codename__in=seat_names).exists()
        for seats in (user.programme_seats, user.challenge_seats)
    )


def guard_platform(user: User, act_name: str) -> SeatName:
    """The platform's pages (jobs, accounts, outbox) ask here by the act's name, so that they need not know seats."""
    return require(user, Act(act_name))


def link_sign_in_allowed(user: User) -> bool:
    """Whether an e-mailed link may open a session: only for people who hold nothing but contributor seats."""
    today = timezone.localdate()
    if user.programme_seats.in_force(today).exists():
        return False
    held = set(user.challenge_seats.in_force(today).values_list("permission__codename", flat=True))
    return held == {SeatName.CONTRIBUTOR.value}


def why_name_is_held(user: User) -> str:
    """A sentence while the person sits on a challenge that has not ended: the marks and receipts carry their name."""
    today = timezone.localdate()
    live = [stage.value for stage in Stage if stage not in {Stage.CLOSED, Stage.WITHDRAWN}]
    lga = user.programme_seats.in_force(today).filter(permission__codename__in=sorted(LGA))
    if (
        user.challenge_seats.in_force(today).filter(content_object__stage__in=live).exists()
        or lga.filter(content_object__challenges__stage__in=live).exists()
    ):
        return _(
            "Your name stands on what you read and sign here, so it cannot be changed while you are part of a "
            "challenge. If it is wrong or has changed, ask your coordinator."
        )
    return ""


def seats_that_may(act: Act, stage: Stage) -> frozenset[SeatName]:
    """The seats of the act's rows in the stage: who could do it, whoever sits there."""
    return frozenset().union(*(row.seats for row in ACCESS.get(act, ()) if stage in row.stages))
