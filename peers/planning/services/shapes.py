"""Writing the rules of pairing: weights, team shapes, what a challenge needs, pairs."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from peers.access import decide, require
from peers.acts import Act
from peers.challenges.models import Challenge, Programme
from peers.challenges.services import lock_challenge
from peers.planning.models import ChallengeNeeds, CostWeight, PreferredPair, TeamShape
from peers.planning.queries.shapes import needs_of, weights_by_term
from peers.pool.models import PeerProfile
from peers.pool.queries import pool_of, programmes_of


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _require_rules(by: User, programme: Programme) -> str:
    seat = require(by, Act.RULES_EDIT)
    if programme not in programmes_of(by):
        raise NoSeat
    return seat


def _lock(programme: Programme) -> Programme:
    return Programme.objects.select_for_update().get(pk=programme.pk)


# --- weights ----------------------------------------------------------------------------------------
def weights_version(programme: Programme) -> int:
    """Rises with every change of any weight of the programme."""
    found: int | None = CostWeight.objects.filter(programme=programme).aggregate(all=Sum("version"))["all"]
    return found or 0


@transaction.atomic
def set_weights(*, programme: Programme, by: User, version: int, weights: Mapping[str, int]) -> None:
    """Set these terms; the others stay. `version` is that of `weights_version` when the page was opened."""
    seat = _require_rules(by, programme)
    _lock(programme)
    if weights_version(programme) != version:
        raise StaleVersion(_("Somebody else changed the points while you were writing."), programme)
    before = weights_by_term(programme)
    changed = {term: weight for term, weight in weights.items() if before.get(term) != weight}
    for term, weight in changed.items():
        row = CostWeight.objects.filter(programme=programme, term=term).first()
        row = row or CostWeight(programme=programme, term=term, version=0)
        row.weight, row.version = weight, row.version + 1
        _clean(row)
        row.save()
    if changed:
        detail = {"weights": {term: [before[term], weight] for term, weight in sorted(changed.items())}}
        record(act=Act.RULES_EDIT, by=by, seat=seat, obj=programme, detail=detail)


# --- shapes -----------------------------------------------------------------------------------------
@transaction.atomic
def save_shape(
    *, programme: Programme, by: User, shape: TeamShape | None = None, version: int = 0, **fields: Any
) -> TeamShape:
    """Make a shape, or change one. `fields` are columns of TeamShape; making one the default ends the old default."""
    seat = _require_rules(by, programme)
    _lock(programme)
    row = TeamShape(programme=programme, version=0)
    if shape is not None:
        row = TeamShape.objects.select_for_update().get(pk=shape.pk, programme=programme)
        if row.version != version:
            raise StaleVersion(_("Somebody else saved this shape while you were writing."), row)
    for name, value in fields.items():
        setattr(row, name, value)
    if row.is_default:
        TeamShape.objects.filter(programme=programme, is_default=True).exclude(pk=row.pk).update(
            is_default=False, version=models.F("version") + 1
        )
    row.version += 1
    _clean(row)
    row.save()
    record(act=Act.RULES_EDIT, by=by, seat=seat, obj=row)
    return row


def why_shape_stays(shape: TeamShape) -> str:
    """Why the shape cannot be taken away, in a sentence; "" when it can."""
    if shape.is_default:
        return _("This is the usual shape. Make another one the usual one first.")
    refs = ", ".join(shape.used_by.order_by("challenge__ref").values_list("challenge__ref", flat=True))
    return _("This shape is used by %(refs)s. Give them another shape first.") % {"refs": refs} if refs else ""


@transaction.atomic
def remove_shape(*, shape: TeamShape, by: User) -> None:
    """Take a shape away; refused while it is the usual one or a challenge uses it. Twice changes nothing."""
    seat = _require_rules(by, shape.programme)
    row = TeamShape.objects.select_for_update().filter(pk=shape.pk).first()
    if row is None:
        return
    why = why_shape_stays(row)
    if why:
        raise Blocked([why])
    record(act=Act.RULES_EDIT, by=by, seat=seat, obj=row, detail={"removed": True})
    row.delete()


# --- one challenge ----------------------------------------------------------------------------------
def require_needs(by: User, challenge: Challenge) -> tuple[Act, str]:
    """The act and seat in which the person may say what the team needs: while the scope is set, and with the team.

    Raises what the right to put people on the list raises.
    """
    seat = decide(by, Act.CHALLENGE_SCOPE, challenge).seat
    if seat is not None:
        return Act.CHALLENGE_SCOPE, seat
    return Act.TEAM_PROPOSE, require(by, Act.TEAM_PROPOSE, challenge)


@transaction.atomic
def set_needs(
    *, challenge: Challenge, by: User, version: int, shape: TeamShape | None, size: int | None, welsh_wanted: bool
) -> ChallengeNeeds:
    """What this challenge asks of its team beside the themes in scope. `version` 1 where nothing was said yet."""
    locked = lock_challenge(challenge)
    act, seat = require_needs(by, locked)
    row = needs_of(locked)
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this while you were writing."), row)
    if shape is not None and shape.programme_id != locked.programme_id:
        raise BadInput(_("Choose a shape of this programme."))
    row.shape, row.size, row.welsh_wanted = shape, size, welsh_wanted
    row.version += 1
    _clean(row)
    row.save()
    record(act=act, by=by, seat=seat, obj=row, scope=locked.scope)
    return row


# --- pairs ------------------------------------------------------------------------------------------
@transaction.atomic
def add_pair(
    *, programme: Programme, by: User, first: PeerProfile, second: PeerProfile, better_together: bool, words: str = ""
) -> PreferredPair:
    """Note that two people go well together, or are better kept apart. The same entry twice is one."""
    seat = _require_rules(by, programme)
    _lock(programme)
    if pool_of([programme]).filter(pk__in=[first.pk, second.pk]).count() < 2:
        raise BadInput(_("Choose two different people of the pool."))
    one, other = sorted((first, second), key=lambda profile: profile.pk)
    known = PreferredPair.objects.filter(programme=programme, first=one, second=other).first()
    if known is not None and known.better_together == better_together:
        return known
    row = PreferredPair(programme=programme, first=one, second=other, better_together=better_together)
    row.words = words.strip()
    _clean(row)
    row.save()
    record(act=Act.RULES_EDIT, by=by, seat=seat, obj=row, label=_("A pair of peers"))
    return row


@transaction.atomic
def remove_pair(*, pair: PreferredPair, by: User) -> None:
    """Take the entry away; taking away twice changes nothing."""
    seat = _require_rules(by, pair.programme)
    row = PreferredPair.objects.select_for_update(of=("self",)).filter(pk=pair.pk).first()
    if row is not None:
        record(act=Act.RULES_EDIT, by=by, seat=seat, obj=row, label=_("A pair of peers"), detail={"removed": True})
        row.delete()
