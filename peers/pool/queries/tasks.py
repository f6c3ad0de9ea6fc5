"""What waits for somebody in the pool. Plain data: the list of tasks is made above this room."""

import datetime
from typing import NamedTuple

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.access import SeatName, seats_on
from peers.pool.models import PeerProfile

from .applications import applications_for, is_to_apply
from .confirmation import PATIENCE, is_asked

# How long an application may wait for its answer.
ANSWER_WITHIN = datetime.timedelta(days=14)


class PoolTask(NamedTuple):
    """One thing for one person to do that belongs to no challenge; `place` says what it belongs to."""

    what: str
    place: str
    url: str
    due_on: datetime.date | None
    kind: str


def pool_tasks_for(user: User) -> list[PoolTask]:
    """At most three queries, none for somebody who neither keeps a pool nor is in one."""
    seats = seats_on(user)
    found = _applications(user) if SeatName.COORDINATOR in seats else []
    return found + (_own(user) if SeatName.POOL_PEER in seats else [])


def _applications(user: User) -> list[PoolTask]:
    totals = applications_for(user).order_by().aggregate(count=Count("pk"), first=Min("applied_at"))
    if not totals["count"]:
        return []
    words = ngettext(
        "Decide on %(count)s application to join the pool",
        "Decide on %(count)s applications to join the pool",
        totals["count"],
    )
    due = timezone.localdate(totals["first"]) + ANSWER_WITHIN
    what = words % {"count": totals["count"]}
    return [PoolTask(what, _("Pool of peers"), reverse("pool:list"), due, "applications")]


def _own(user: User) -> list[PoolTask]:
    place = _("Pool of peers")
    profile = PeerProfile.objects.filter(user_id=user.pk).first()
    if profile is not None and profile.asked_to_confirm_on and is_asked(profile):
        due = profile.asked_to_confirm_on + PATIENCE
        return [PoolTask(_("Check that your profile is still right"), place, reverse("pool:me"), due, "confirm")]
    if is_to_apply(user):
        return [PoolTask(_("Apply to join the pool"), place, reverse("pool:apply"), None, "apply")]
    return []
