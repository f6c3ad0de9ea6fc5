"""Reminding those who still look for something: by hand, and once by itself before the day."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NotNow
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceRequest
from peers.stages import Stage

from .base import locked_request
from .mails import tell_again
from .requests import note

State = EvidenceRequest.State
REMIND_DAYS_BEFORE = 3


@transaction.atomic
def remind_owner(*, request: EvidenceRequest, by: User) -> bool:
    """Remind the person who looks for it, at most once a day. True when a mail goes out."""
    row = locked_request(request)
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    if row.owner is None or not row.may_be_reminded_by(by):
        raise NotNow(_("Only somebody else who still looks for it can be reminded."))
    if row.reminded_at is not None and timezone.localdate(row.reminded_at) == timezone.localdate():
        return False
    _reminded([row])
    note(row, by, seat, "reminded")
    tell_again(row.challenge, row.owner, [row], by)
    return True


def _reminded(rows: Sequence[EvidenceRequest]) -> None:
    now = timezone.now()
    for row in rows:
        row.reminded_at = now
    EvidenceRequest.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)


def remind_before_due() -> int:
    """Once for each request, some days before its day: one mail a person and challenge. The number of mails."""
    soon = timezone.localdate() + timedelta(days=REMIND_DAYS_BEFORE)
    rows = EvidenceRequest.objects.filter(
        state=State.OPEN, owner__is_active=True, due_on__lte=soon, reminded_at=None,
        challenge__stage=Stage.PREPARATION, challenge__on_hold_since=None, challenge__pack_locked_at=None,
    )  # fmt: skip
    pairs = rows.order_by().values_list("challenge_id", "owner_id").distinct()
    return sum(_remind_pair(challenge, owner) for challenge, owner in pairs[:200])


@transaction.atomic
def _remind_pair(challenge_id: int, owner_id: int) -> bool:
    challenge = lock_challenge(Challenge.objects.get(pk=challenge_id))
    soon = timezone.localdate() + timedelta(days=REMIND_DAYS_BEFORE)
    found = challenge.evidence_requests.filter(
        state=State.OPEN, owner_id=owner_id, due_on__lte=soon, reminded_at=None
    ).select_related("owner")
    rows = list(found.order_by("due_on", "pk"))
    lead = people_in_seat(challenge, {SeatName.HOST_LEAD}).first()
    owner = rows[0].owner if rows else None
    if owner is None or lead is None:
        return False
    for row in rows:
        row.challenge = challenge
    _reminded(rows)
    if lead.pk == owner_id:  # the tasks on the first page say it to the lead
        return False
    tell_again(challenge, owner, rows, lead)
    return True
