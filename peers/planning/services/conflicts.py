"""The rules of conflicts, the nightly look at those who are already on a team, and settling what it finds."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, Blocked, NotNow, StaleVersion
from cyber360.jobs.services import enqueue
from peers.access import require
from peers.acts import Act
from peers.planning.models import (
    SHOWN_TO_HOST,
    ConflictNotice,
    ConflictRule,
    NoticeState,
    Placement,
)
from peers.planning.pairing.conflicts import FIXED, WINDOWED, Conflict, ConflictKind, Strength
from peers.planning.queries import conflicts_for, conflicts_of, news_of, watched

from .common import lock, tell_coordinators
from .team import remove_peer

CHECK = "planning.conflicts"


# --- the rules ------------------------------------------------------------------------------------------
@transaction.atomic
def set_rule(
    *, kind: ConflictKind, by: User, strength: Strength, months: int | None = None, version: int = 0
) -> ConflictRule:
    """How a kind counts from now on. `version` 0: no rule was stored, the default counted.

    Raises BadInput for a kind that always bars, StaleVersion when somebody saved since `version`. Everybody who is
    asked or on a team is looked at again soon after.
    """
    seat = require(by, Act.RULES_EDIT)
    if kind in FIXED:
        raise BadInput(_("This kind always bars."))
    if kind == ConflictKind.COOLING_OFF and strength != Strength.OFF and months is None:
        raise BadInput(_("Say for how many months two visits are too close."))
    row = ConflictRule.objects.select_for_update().filter(kind=kind).first()
    if row is not None and row.version != version:
        raise StaleVersion(_("Somebody changed this rule while you were looking at it."), row)
    row = row or ConflictRule(kind=kind, version=0)
    months = months if kind in WINDOWED else None
    if row.pk and (row.strength, row.months) == (strength, months):
        return row
    row.strength, row.months = strength, months
    row.changed_by, row.changed_at = by, timezone.now()
    row.version += 1
    clean(row)
    row.save()
    detail = {"strength": str(strength), "months": months}
    record(act=Act.RULES_EDIT, by=by, seat=seat, obj=row, label=str(kind), detail=detail)
    enqueue(kind=CHECK, key=f"{CHECK}:{kind}:{row.version}", payload={}, by=by)
    return row


# --- looking again ----------------------------------------------------------------------------------------
def check_conflicts() -> dict[str, int]:
    """Raise what has come up since each invitation, and let go what is no longer true. Again does no harm."""
    rows = list(watched())
    news = news_of(rows, conflicts_of(rows))
    raised = sum(_raise(row, conflict) for row in rows for conflict in news[row.pk])
    still = {(row.pk, conflict.key) for row in rows for conflict in news[row.pk]}
    return {"looked_at": len(rows), "raised": raised, "gone": _let_go(still)}


@transaction.atomic
def _raise(placement: Placement, conflict: Conflict) -> bool:
    row = lock(placement)
    if row.state not in SHOWN_TO_HOST or (conflict.key in row.known_conflicts and not conflict.bars):
        return False
    notice = ConflictNotice.objects.select_for_update().filter(placement=row, key=conflict.key).first()
    if notice is not None and notice.state == NoticeState.OPEN and notice.strength == conflict.strength:
        return False
    notice = notice or ConflictNotice(placement=row, key=conflict.key)
    notice.kind, notice.strength, notice.sentence = conflict.kind, conflict.strength, conflict.sentence[:600]
    notice.source, notice.state, notice.raised_at = conflict.source, NoticeState.OPEN, timezone.now()
    notice.settled_by, notice.settled_at = None, None
    clean(notice)
    notice.save()
    tell_coordinators(
        row.challenge,
        subject=_("Something new speaks against a person on the team for %(challenge)s"),
        key=f"conflict:{notice.pk}:{notice.raised_at:%Y%m%d%H%M%S}",
        link=reverse("planning:notice", args=[row.challenge.ref, notice.pk]),
    )
    return True


def _let_go(still: set[tuple[int, str]]) -> int:
    """What is not true any more, or can no longer be settled because the visit is over."""
    waiting = ConflictNotice.objects.filter(state=NoticeState.OPEN).values_list("pk", "placement_id", "key")
    gone = [pk for pk, placement, key in waiting if (placement, key) not in still]
    rows = ConflictNotice.objects.filter(pk__in=gone, state=NoticeState.OPEN)
    return rows.update(state=NoticeState.GONE, settled_at=timezone.now()) if gone else 0


@transaction.atomic
def settle_notice(*, notice: ConflictNotice, by: User, keep: bool, reason: str) -> ConflictNotice:
    """Keep the person in spite of it, with a reason, or take them off. Settling twice changes nothing.

    Raises Blocked when it bars: nothing overrides that; BadInput without a reason.
    """
    placement = lock(notice.placement)
    row = ConflictNotice.objects.select_for_update().get(pk=notice.pk)
    row.placement = placement
    seat = require(by, Act.CONFLICT_SETTLE, row)
    if row.state != NoticeState.OPEN:
        return row
    if not reason.strip():
        raise BadInput(_("Give the reason."))
    if not keep:
        remove_peer(placement=placement, by=by, reason=reason)
        ConflictNotice.objects.filter(pk=row.pk).update(reason=reason.strip(), settled_by=by)
    else:
        _keep(row, by, reason.strip())
    detail = {"kind": row.kind, "kept": keep}
    record(act=Act.CONFLICT_SETTLE, by=by, seat=seat, obj=row, scope=placement.challenge.scope, detail=detail)
    row.refresh_from_db()
    return row


def _keep(row: ConflictNotice, by: User, reason: str) -> None:
    placement = row.placement
    if placement.state not in SHOWN_TO_HOST:
        raise NotNow(_("This person is not on the team any more."))
    now = conflicts_for(placement.challenge, [placement.profile])[placement.profile_id]
    still = next((conflict for conflict in now if conflict.key == row.key), None)
    if still is not None and still.bars:
        raise Blocked([still.sentence])
    row.state = NoticeState.KEPT if still is not None else NoticeState.GONE
    row.strength = Strength.WARNS
    row.reason, row.settled_by, row.settled_at = reason, by, timezone.now()
    clean(row)
    row.save()
    if still is not None and row.key not in placement.known_conflicts:
        placement.known_conflicts = [*placement.known_conflicts, row.key]
        placement.version += 1
        placement.save(update_fields=["known_conflicts", "version"])
