"""Asking in order: a line of peers for one role, of whom the next is invited when a place is free again."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, Blocked, StaleVersion
from peers.access import may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.planning.models import (
    SHOWN_TO_HOST,
    InvitationLine,
    LineState,
    Placement,
    PlacementState,
)
from peers.planning.queries import WORKING_ROLES
from peers.planning.queries.doubts import DECLINED, Against, against_for, facts_of

from .common import WITH_ALL, tell_coordinators
from .sending import send_invitation


@transaction.atomic
def start_line(
    *,
    challenge: Challenge,
    role: str,
    by: User,
    order: Sequence[tuple[int, str]],
    wanted: int = 1,
    days: int = 10,
    message: str = "",
    version: int = 0,
) -> InvitationLine:
    """Put proposed peers in a line and invite as many as are wanted; the rest follow by themselves.

    `order`: (placement id, the reason why this peer is right in spite of a warning, or "") from first to last.
    `version`: of the line as it was read, 0 where there was none. Starting the same line twice invites nobody twice.
    Raises BadInput for an empty line, somebody who is not on the list, has declined this visit or has a warning and no
    reason, Blocked when one of them is barred.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_INVITE, row)
    line = InvitationLine.objects.select_for_update().filter(challenge=row, role=role).first()
    if line is not None and version != line.version:
        raise StaleVersion(_("Somebody else changed this line while you were looking at it."), line)
    line = line or InvitationLine(challenge=row, role=role, version=0)
    _take_places(row, role, order)
    line.wanted, line.days, line.message, line.state = wanted, days, message.strip(), LineState.RUNNING
    line.started_by, line.started_at = by, timezone.now()
    line.version += 1
    clean(line)
    line.save()
    detail = {"role": role, "line": len(order), "places": wanted}
    record(act=Act.TEAM_INVITE, by=by, seat=seat, obj=line, scope=row.scope, detail=detail)
    move_line(row, role)
    line.refresh_from_db()
    return line


def _take_places(challenge: Challenge, role: str, order: Sequence[tuple[int, str]]) -> None:
    """Writes the places, and beside each reason which conflicts it was given for."""
    listed = challenge.placements.filter(state=PlacementState.PROPOSED, role=role).select_related(*WITH_ALL)
    known = {placement.pk: placement for placement in listed}
    ids = [pk for pk, _reason in order]
    if not ids or len(set(ids)) != len(ids) or not known.keys() >= set(ids):
        raise BadInput(_("Choose at least one peer of this role who is on the list and has not been asked yet."))
    found = against_for(challenge, [known[pk].profile for pk in ids])
    bars = [one.sentence for pk in ids for one in found[known[pk].profile_id] if one.bars]
    if bars:
        raise Blocked(bars)
    for pk, reason in order:
        _refuse_unsaid(known[pk], found[known[pk].profile_id], reason)
    challenge.placements.filter(role=role, state=PlacementState.PROPOSED).update(line_place=None)
    for place, (pk, reason) in enumerate(order, start=1):
        placement = known[pk]
        placement.line_place, placement.reason = place, reason.strip()
        against = found[placement.profile_id] if placement.reason else []
        placement.known_conflicts = [conflict.key for conflict in against]
        placement.version += 1
        clean(placement)
        placement.save()


def _refuse_unsaid(placement: Placement, found: Sequence[Against], reason: str) -> None:
    """What would stop the line later is said before it starts."""
    if any(one.key == DECLINED for one in found):
        raise BadInput(
            _("%(person)s has declined this visit, so the line does not ask them. Invite them on their own instead.")
            % {"person": placement.profile}
        )
    if found and not reason.strip():
        why = " ".join(one.sentence for one in found)
        raise BadInput(
            _("%(person)s: give the reason why they are right although: %(why)s Or leave them out of the line.")
            % {"person": placement.profile, "why": why}
        )


@transaction.atomic
def stop_line(*, challenge: Challenge, role: str, by: User) -> InvitationLine | None:
    """No one else is asked by itself; who was asked stays asked. Stopping twice changes nothing."""
    row = lock_challenge(challenge)
    seat = require(by, Act.TEAM_INVITE, row)
    line = InvitationLine.objects.select_for_update().filter(challenge=row, role=role).first()
    if line is None or not line.is_running:
        return line
    _stop(line, LineState.STOPPED)
    record(act=Act.TEAM_INVITE, by=by, seat=seat, obj=line, scope=row.scope, detail={"role": role, "stopped": True})
    return line


def move_line(challenge: Challenge, role: str) -> list[Placement]:
    """Invite the next in the line while a wanted place is free, in the name of whoever started it.

    Called in the transaction of every answer, expiry and removal, with the challenge locked; doing it again does
    nothing. Whatever a person would have to decide stops the line, and the coordinators are told. It ends, and they
    are told, when its places are filled or nobody is left for a free one.
    """
    lines = InvitationLine.objects.select_for_update(of=("self",)).select_related("started_by")
    line = lines.filter(challenge=challenge, role=role, state=LineState.RUNNING).first()
    invited: list[Placement] = []
    if line is None or challenge.on_hold_since is not None:
        return invited
    by = line.started_by
    if by is None or not may(by, Act.TEAM_INVITE, challenge):
        _stop_and_tell(line, LineState.ORPHANED)
        return invited
    if _is_filled(line):
        _stop_and_tell(line, LineState.EMPTY)
        return invited
    facts = facts_of(challenge) if _has_room(line) else None
    while _has_room(line):
        placement = _next(line)
        if placement is None:
            _stop_and_tell(line, LineState.EMPTY)
            break
        found = against_for(challenge, [placement.profile], facts)[placement.profile_id]
        if any(one.bars or one.key == DECLINED or one.key not in placement.known_conflicts for one in found):
            _stop_and_tell(line, LineState.AGAINST)
            break
        seat = require(by, Act.TEAM_INVITE, challenge)
        until = timezone.localdate() + timedelta(days=line.days)
        send_invitation(placement, by=by, seat=seat, answer_by=until, found=found, message=line.message, in_line=True)
        invited.append(placement)
    return invited


def _has_room(line: InvitationLine) -> bool:
    """Whether a wanted place is free, and the team would not grow beyond its largest."""
    roles = list(line.challenge.placements.filter(state__in=SHOWN_TO_HOST).values_list("role", flat=True))
    working = sum(role in WORKING_ROLES for role in roles)
    full = line.role in WORKING_ROLES and working >= line.challenge.team_max
    return not full and roles.count(line.role) < line.wanted


def _is_filled(line: InvitationLine) -> bool:
    """Whether so many have said yes, in the line or beside it, that nobody more of this role is wanted."""
    rows = line.challenge.placements.filter(state=PlacementState.ACCEPTED)
    roles = list(rows.values_list("role", flat=True))
    working = sum(role in WORKING_ROLES for role in roles)
    full = line.role in WORKING_ROLES and working >= line.challenge.team_max
    return full or roles.count(line.role) >= line.wanted


def _next(line: InvitationLine) -> Placement | None:
    rows = line.challenge.placements.filter(role=line.role, state=PlacementState.PROPOSED, line_place__isnull=False)
    rows = rows.select_for_update(of=("self",)).select_related(*WITH_ALL)
    return rows.order_by("line_place", "pk").first()


def _stop(line: InvitationLine, state: LineState) -> None:
    line.state = state
    line.version += 1
    line.save(update_fields=["state", "version"])


def _stop_and_tell(line: InvitationLine, state: LineState) -> None:
    _stop(line, state)
    filled = state == LineState.EMPTY and _is_filled(line)
    tell_coordinators(
        line.challenge,
        subject=_("The line of invitations for %(challenge)s has ended: its places are filled")
        if filled
        else _("The line of invitations for %(challenge)s has stopped. Please look at it"),
        key=f"line:{line.pk}:{line.version}",
    )
