"""What a row of the access table may ask besides seat and stage: three-line functions on the thing handed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cyber360.accounts.models import User


def challenge_of(obj: Any) -> Any:
    """The challenge that `obj` is or belongs to, else None (a thing of the programme)."""
    if obj is None:
        return None
    return obj if hasattr(obj, "stage") and hasattr(obj, "seats") else getattr(obj, "challenge", None)


@dataclass(frozen=True)
class Condition:
    """`reason` is the sentence of the 403; an empty one makes the refusal a 404."""

    name: str
    holds: Callable[[User, Any], bool]
    reason: str | Promise = ""


def condition(reason: str | Promise = "") -> Callable[[Callable], Condition]:
    return lambda function: Condition(function.__name__, function, reason)


@condition()
def own(user: User, obj: Any) -> bool:
    """The thing belongs to the person who asks: every model with an owner has `owner_id`."""
    return getattr(obj, "owner_id", None) == user.pk


@condition()
def handed(user: User, obj: Any) -> bool:
    """The question or request was handed to the person who asks."""
    return hasattr(obj, "handed_to") and user.pk in obj.handed_to()


@condition()
def released(user: User, obj: Any) -> bool:
    """Evidence that may reach the team; lists are narrowed by `evidence.queries.items_visible_to`."""
    return getattr(obj, "is_released", True)


@condition(_("The pack is locked: it has been released to the team."))
def pack_unlocked(user: User, obj: Any) -> bool:
    return challenge_of(obj).pack_locked_at is None


@condition(_("The challenge is already on hold."))
def running(user: User, obj: Any) -> bool:
    return challenge_of(obj).on_hold_since is None


@condition(_("The challenge is not on hold."))
def on_hold(user: User, obj: Any) -> bool:
    return challenge_of(obj).on_hold_since is not None


@condition(_("Your scores are submitted. They stay as they are until the reveal."))
def not_submitted(user: User, obj: Any) -> bool:
    challenge = challenge_of(obj)
    return not challenge.score_submissions.filter(owner_id=user.pk).exists()


@condition(_("The team's access to the evidence has ended."))
def reading_open(user: User, obj: Any) -> bool:
    last_day = challenge_of(obj).team_reads_until
    return last_day is None or timezone.localdate() <= last_day


@condition(_("The council lets its evidence be read in the page only."))
def downloads_allowed(user: User, obj: Any) -> bool:
    return challenge_of(obj).lets_download


@condition(_("The evidence of this challenge was disposed of."))
def evidence_kept(user: User, obj: Any) -> bool:
    return challenge_of(obj).evidence_disposed_at is None
