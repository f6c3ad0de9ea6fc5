"""Once a year a peer says that their profile is still right."""

import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.notify.services import queue_mail
from peers.access import require
from peers.acts import Act
from peers.pool.models import PeerProfile
from peers.pool.queries.confirmation import IN_USE, PATIENCE, due_for_confirmation

from .common import lock
from .people import confirmed

AT_ONCE = 100


@transaction.atomic
def confirm_profile(*, profile: PeerProfile, by: User) -> PeerProfile:
    """The peer says that everything is still right. Twice on one day is once; NotNow before the first save."""
    row = lock(profile)
    seat = require(by, Act.PROFILE_EDIT, row)
    if row.state not in IN_USE:
        raise NotNow(_("Fill in your profile and save it first."))
    before = row.confirmed_on
    confirmed(row)
    if row.confirmed_on != before:
        row.save(update_fields=["confirmed_on"])
        record(act=Act.PROFILE_EDIT, by=by, seat=seat, obj=row, detail={"confirmed": True})
    return row


def ask_for_confirmation(*, today: datetime.date) -> int:
    """Ask by mail all who are due, a hundred at a time; how many. Running it twice on one day asks nobody twice."""
    asked = 0
    while some := _ask_some(today):
        asked += some
    return asked


@transaction.atomic
def _ask_some(today: datetime.date) -> int:
    rows = due_for_confirmation(today).select_for_update(of=("self",)).select_related("user").order_by("pk")
    profiles = list(rows[:AT_ONCE])
    answer_by = date_format(today + PATIENCE)
    for profile in profiles:
        queue_mail(
            to=profile.user,
            kind="pool",
            subject=_("Please check your Cyber 360 profile by %(day)s") % {"day": answer_by},
            body=_("It is a year since you last told us that it is right. One press is enough if nothing has changed."),
            link=reverse("pool:me"),
            key=f"pool-confirm:{profile.pk}:{today}",
        )
    PeerProfile.objects.filter(pk__in=[profile.pk for profile in profiles]).update(asked_to_confirm_on=today)
    if profiles:
        label = _("Peers asked to confirm their profile")
        record(act=Act.POOL_EDIT, label=label, detail={"asked": len(profiles)})
    return len(profiles)
