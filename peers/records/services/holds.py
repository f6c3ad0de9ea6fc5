"""Legal holds: nothing goes, and the host's access does not end by itself."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from peers.access import HOST, require
from peers.acts import Act
from peers.challenges.models import Challenge, Seat
from peers.challenges.services import lock_challenge
from peers.records.models import OPEN_STATES, DisposalRun, LegalHold, RunState

from .base import clean, needed


@transaction.atomic
def set_hold(*, challenge: Challenge, by: User, reason: str) -> LegalHold:
    """Stop every disposal that has not begun. The same again gives the hold that is in force."""
    row = lock_challenge(challenge)
    seat = require(by, Act.LEGAL_HOLD_SET, row)
    hold = LegalHold.objects.filter(challenge=row, lifted_at=None).first()
    if hold is not None:
        return hold
    hold = LegalHold(challenge=row, reason=needed(reason, _("Give the reason for the hold.")), set_by=by)
    clean(hold)
    hold.save()
    stopped = DisposalRun.objects.filter(challenge=row, state__in=[*OPEN_STATES, RunState.APPROVED])
    stopped.update(state=RunState.HELD, approved_at=None, approved_by=None)
    _keep_access(hold, timezone.localdate())
    record(act=Act.LEGAL_HOLD_SET, by=by, seat=seat, obj=hold, scope=row.scope, detail={"set": True})
    return hold


@transaction.atomic
def lift_hold(*, hold: LegalHold, by: User, reason: str) -> LegalHold:
    """Let things end again: runs are planned anew with both warnings, host seats end after the programme's days.

    A day that the host had asked for is forgotten: it would be due without any warning. They may ask again.
    """
    challenge = lock_challenge(hold.challenge)
    seat = require(by, Act.LEGAL_HOLD_SET, challenge)
    row = LegalHold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
    if not row.is_in_force:
        raise NotNow(_("This hold is already lifted."))
    row.lift_reason = needed(reason, _("Say why the hold is lifted."))
    row.lifted_at, row.lifted_by = timezone.now(), by
    clean(row)
    row.save()
    _end_access(row, challenge)
    held = DisposalRun.objects.filter(challenge=challenge, state=RunState.HELD)
    for run in held:
        run.warnings.all().delete()
    held.update(state=RunState.PLANNED, asked_by=None, asked_at=None, asked_reason="")
    record(act=Act.LEGAL_HOLD_SET, by=by, seat=seat, obj=row, scope=challenge.scope, detail={"set": False})
    return row


def scopes_under_hold(scopes: set[str]) -> set[str]:
    """Of these, the scopes of challenges of which nothing may be deleted now."""
    holds = LegalHold.objects.filter(lifted_at=None).select_related("challenge")
    return scopes & {scope for hold in holds for scope in (hold.challenge.scope, hold.challenge.record_scope)}


def keep_host_access() -> int:
    """For challenges that were closed under a hold: take the last day off host seats; holds touched."""
    today, touched = timezone.localdate(), 0
    for hold in LegalHold.objects.filter(lifted_at=None).select_related("challenge"):
        with transaction.atomic():
            touched += _keep_access(hold, today)
    return touched


def _keep_access(hold: LegalHold, today: date) -> bool:
    """A seat that was ended by hand has its last day behind it and stays ended."""
    seats = Seat.objects.filter(content_object=hold.challenge, permission__codename__in=list(HOST), ends_on__gte=today)
    taken = [[seat.pk, str(seat.ends_on)] for seat in seats]
    if not taken:
        return False
    seats.update(ends_on=None)
    hold.seats = [*hold.seats, *taken]
    hold.save(update_fields=["seats"])
    return True


def _end_access(hold: LegalHold, challenge: Challenge) -> None:
    soonest = timezone.localdate() + timedelta(days=challenge.programme.access_days_after_close)
    for seat_id, day in hold.seats:
        last = max(date.fromisoformat(day), soonest)
        Seat.objects.filter(pk=seat_id, content_object=challenge, ends_on=None).update(ends_on=last)
