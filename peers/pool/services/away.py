"""When a peer is away: by dates, by days of a month, by a calendar file."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput
from peers.pool.models import BlackoutPeriod, PeerProfile
from peers.pool.models.away import Source
from peers.pool.month import ONE_DAY, Period, all_days, joined, without

from .common import lock, require_profile

MOST_PERIODS = 400


@transaction.atomic
def add_blackout(*, profile: PeerProfile, by: User, first_day: date, last_day: date, words: str = "") -> BlackoutPeriod:
    """Note days on which the peer cannot be asked. The same days twice are one period."""
    row = lock(profile)
    act, seat = require_profile(by, row)
    known = row.blackouts.filter(first_day=first_day, last_day=last_day, source=Source.HAND).first()
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


# --- single days ----------------------------------------------------------------------------------
@transaction.atomic
def mark_days(*, profile: PeerProfile, by: User, away: Iterable[date] = (), free: Iterable[date] = ()) -> PeerProfile:
    """Note `away` days as away and `free` ones as not, wherever they came from. Days not named stay as they are.

    A period of which one day becomes free is cut in two. The same call twice changes nothing.
    """
    row = lock(profile)
    act, seat = require_profile(by, row)
    free_days = set(free) - set(away)
    _refuse_far(set(away) | free_days)
    cut = _cut(row, free_days)
    added = _add_days(row, set(away))
    if cut or added:
        record(act=act, by=by, seat=seat, obj=row, detail={"away": added, "free": cut})
    return row


def _refuse_far(days: set[date]) -> None:
    if any(not 2000 <= day.year <= 2099 for day in days):
        raise BadInput(_("Choose days of a month that the calendar shows."))


def _cut(profile: PeerProfile, days: set[date]) -> int:
    """Take the days out of every period; how many were in one."""
    if not days:
        return 0
    gone: set[date] = set()
    for period in profile.blackouts.filter(first_day__lte=max(days), last_day__gte=min(days)):
        inside = {day for day in days if period.first_day <= day <= period.last_day}
        if not inside:
            continue
        gone |= inside
        period.delete()
        for first, last in without((period.first_day, period.last_day), inside):
            profile.blackouts.get_or_create(
                first_day=first, last_day=last, source=period.source, defaults={"words": period.words}
            )
    return len(gone)


def _add_days(profile: PeerProfile, days: set[date]) -> int:
    """Note the days that no period covers, joined with wordless neighbours; how many there were."""
    if not days:
        return 0
    known = list(profile.blackouts.filter(first_day__lte=max(days) + ONE_DAY, last_day__gte=min(days) - ONE_DAY))
    new = {day for day in days if not any(period.first_day <= day <= period.last_day for period in known)}
    plain = [period for period in known if period.source == Source.HAND and not period.words]
    for first, last in joined(new):
        beside = [one for one in plain if one.last_day + ONE_DAY == first or one.first_day - ONE_DAY == last]
        for one in beside:
            first, last = min(first, one.first_day), max(last, one.last_day)
            plain.remove(one)
            profile.blackouts.filter(pk=one.pk).delete()
        plain.append(profile.blackouts.get_or_create(first_day=first, last_day=last, source=Source.HAND)[0])
    return len(new)


# --- a calendar file --------------------------------------------------------------------------------
@transaction.atomic
def take_file_days(*, profile: PeerProfile, by: User, periods: Iterable[Period]) -> int:
    """Keep the days of a calendar file in place of the former file's; nothing but the dates. How many days.

    The same days twice are kept once and recorded once. No period at all removes those of the former file.
    """
    row = lock(profile)
    act, seat = require_profile(by, row)
    wanted = sorted(set(periods))
    _refuse_odd(wanted)
    held = row.blackouts.filter(source=Source.ICS).order_by("first_day", "last_day")
    if list(held.values_list("first_day", "last_day")) != wanted:
        held.delete()
        BlackoutPeriod.objects.bulk_create(
            BlackoutPeriod(profile=row, first_day=first, last_day=last, source=Source.ICS) for first, last in wanted
        )
        record(act=act, by=by, seat=seat, obj=row, detail={"days_of_a_file": all_days(wanted)})
    return all_days(wanted)


def _refuse_odd(periods: list[Period]) -> None:
    longest = timedelta(days=1000)
    if len(periods) > MOST_PERIODS or any(not timedelta(0) <= last - first < longest for first, last in periods):
        raise BadInput(_("These days make no sense. Choose the file again."))
