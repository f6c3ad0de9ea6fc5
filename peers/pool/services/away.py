"""When a peer is away."""

from datetime import date

from django.db import transaction

from cyber360.accounts.models import User
from cyber360.audit.services import record
from peers.pool.models import BlackoutPeriod, PeerProfile

from .common import clean, lock, require_profile


@transaction.atomic
def add_blackout(*, profile: PeerProfile, by: User, first_day: date, last_day: date, words: str = "") -> BlackoutPeriod:
    """Note days on which the peer cannot be asked. The same days twice are one period."""
    row = lock(profile)
    act, seat = require_profile(by, row)
    known = row.blackouts.filter(first_day=first_day, last_day=last_day).first()
    if known is not None:
        return known
    period = BlackoutPeriod(profile=row, first_day=first_day, last_day=last_day, words=words)
    clean(period)
    period.save()
    record(act=act, by=by, seat=seat, obj=period)
    return period


@transaction.atomic
def remove_blackout(*, period: BlackoutPeriod, by: User) -> None:
    """Remove days away; removing them twice does no harm."""
    row = BlackoutPeriod.objects.select_for_update(of=("self",)).select_related("profile__user").filter(pk=period.pk)
    known = row.first()
    act, seat = require_profile(by, period.profile)
    if known is not None:
        record(act=act, by=by, seat=seat, obj=known, detail={"removed": True})
        known.delete()
