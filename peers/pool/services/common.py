"""What every writing of the pool begins with: the row under lock, and the right to change it."""

from django.core.exceptions import ValidationError
from django.db import models

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput, NoSeat
from peers.access import may, require
from peers.acts import Act
from peers.pool.models import PeerProfile
from peers.pool.queries import programmes_of


def clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def lock(profile: PeerProfile) -> PeerProfile:
    rows = PeerProfile.objects.select_for_update(of=("self",)).select_related("user", "council")
    return rows.get(pk=profile.pk)


def require_profile(by: User, profile: PeerProfile) -> tuple[Act, str]:
    """The act and seat in which the person may change this record: their own, or as its coordinator."""
    if may(by, Act.PROFILE_EDIT, profile):
        return Act.PROFILE_EDIT, require(by, Act.PROFILE_EDIT, profile)
    return Act.POOL_EDIT, require_coordinator(by, profile)


def require_coordinator(by: User, profile: PeerProfile) -> str:
    seat = require(by, Act.POOL_EDIT)
    programmes = [programme.pk for programme in programmes_of(by)]
    if not profile.user.programme_seats.filter(content_object__in=programmes).exists():
        raise NoSeat
    return seat
