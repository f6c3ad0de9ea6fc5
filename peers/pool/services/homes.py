"""A peer's home council through the years: moving closes the old row and opens a new one."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.cleaning import clean
from cyber360.exceptions import BadInput
from peers.councils.models import Council
from peers.pool.models import HomeCouncil, PeerProfile


def open_home(profile: PeerProfile) -> HomeCouncil:
    """The row of the present council; made when there is none yet, with its beginning unknown."""
    row = profile.homes.filter(ends_on=None).first()
    return row or HomeCouncil.objects.create(profile=profile, council_id=profile.council_id)


def move_home(profile: PeerProfile, council: Council, *, on: date | None = None, mistaken: bool = False) -> None:
    """Make `council` the home from `on` (today when left out). The caller holds the lock and saves the profile.

    `mistaken`: the person never worked for the council that stood here, so its row is put right, not closed.
    Raises BadInput for a day in the future, or before the present council began.
    """
    if profile.council_id == council.pk:
        return
    now = open_home(profile)
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise BadInput(_("Enter the move once it has happened: the first day at the new council is in the future."))
    if mistaken or now.starts_on == day:
        now.council = council
        clean(now)
        now.save()
    else:
        _close_and_open(profile, now, council, day)
    profile.council = council


def _close_and_open(profile: PeerProfile, now: HomeCouncil, council: Council, day: date) -> None:
    if now.starts_on is not None and now.starts_on > day:
        raise BadInput(_("The move is before the day on which the present home council began."))
    now.ends_on = day - timedelta(days=1)
    clean(now)
    now.save()
    row = HomeCouncil(profile=profile, council=council, starts_on=day)
    clean(row)
    row.save()
