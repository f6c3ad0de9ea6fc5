"""Sending one invitation, and what may stand in its way."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, Blocked
from cyber360.notify.services import queue_mail
from peers.acts import Act
from peers.planning.models import Placement, PlacementState
from peers.planning.queries.doubts import Against

from .common import void_agreement


def send_invitation(
    row: Placement,
    *,
    by: User,
    seat: str,
    answer_by: date,
    found: Sequence[Against],
    message: str,
    in_line: bool = False,
) -> None:
    """Ask the peer of a locked, proposed place, by mail. The caller has looked at `found`; `row.reason` is set."""
    row.state, row.invited_by, row.invited_at = PlacementState.INVITED, by, timezone.now()
    row.answer_by, row.message, row.answered_at, row.answer_reason = answer_by, message.strip(), None, ""
    row.expired_at = row.reminded_at = None
    row.known_conflicts = [conflict.key for conflict in found]
    row.version += 1
    clean(row)
    row.save()
    detail = {"role": row.role, "overridden": len(found)} | ({"in_line": True} if in_line else {})
    record(act=Act.TEAM_INVITE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    void_agreement(row.challenge)
    queue_mail(
        to=row.profile.user,
        kind="invitation",
        subject=_("Please say by %(day)s whether you can join a Cyber 360 team")
        % {"day": date_format(answer_by, "l j F Y")},
        link=row.get_absolute_url(),
        key=f"invitation:{row.pk}:{row.version}",
    )


def refuse_past(answer_by: date) -> None:
    if answer_by < timezone.localdate():
        raise BadInput(_("The day to answer by has passed. Choose today or later."))


def refuse_conflicts(found: Sequence[Against], reason: str) -> None:
    """Raises Blocked when one bars, BadInput when there is a warning and no reason."""
    bars = [conflict.sentence for conflict in found if conflict.bars]
    if bars:
        raise Blocked(bars)
    if found and not reason.strip():
        raise BadInput(
            _("Give the reason why this peer is right although: %(why)s")
            % {"why": " ".join(conflict.sentence for conflict in found)}
        )
