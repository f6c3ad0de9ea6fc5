"""Everything that was asked of one peer, and what came of it."""

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from peers.access import SeatName, held_seats, require
from peers.acts import Act
from peers.planning.models import Placement
from peers.pool.models import PeerProfile

ACTS = (Act.TEAM_PROPOSE, Act.TEAM_INVITE, Act.INVITATION_ANSWER, Act.TEAM_REMOVE)


@dataclass(frozen=True)
class Step:
    at: datetime.datetime
    what: str
    who: str


@dataclass(frozen=True)
class Invited:
    """A place on one list with what happened to it, oldest step first."""

    placement: Placement
    steps: list[Step] = field(default_factory=list)


def invitations_through_time(user: User, profile: PeerProfile) -> list[Invited]:
    """For coordinators alone, of their own programmes, newest place first; two queries."""
    require(user, Act.POOL_READ)
    mine = [pk for pk, name in held_seats(user)["programme"] if name == SeatName.COORDINATOR]
    rows = Placement.objects.filter(profile=profile, challenge__programme__in=mine)
    rows = rows.select_related("challenge__council").order_by("-pk")
    found = {str(row.pk): Invited(row) for row in rows}
    events = AuditEvent.objects.filter(object_type="placement", object_id__in=found, act__in=[str(act) for act in ACTS])
    for event in events.order_by("scope", "number"):
        found[event.object_id].steps.append(Step(event.at, _what(event), event.actor_name))
    return list(found.values())


def _what(event: AuditEvent) -> str:
    detail = event.detail
    if event.act == Act.TEAM_PROPOSE:
        return _("Put on the list")
    if event.act == Act.TEAM_REMOVE:
        return _("Taken off")
    if event.act == Act.TEAM_INVITE:
        if detail.get("reminder"):
            return _("Reminded")
        if detail.get("expired"):
            return _("The day to answer passed")
        return _("Invited from the line") if detail.get("in_line") else _("Invited")
    return {
        "accepted": _("Accepted"),
        "declined": _("Declined"),
        "would still come": _("Would still come"),
    }.get(str(detail.get("answer")), _("Said yes, and something new came up"))
