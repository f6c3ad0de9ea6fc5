"""What ties a peer to a council, by declaration."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import NotNow
from peers.acts import Act
from peers.councils.models import Council
from peers.pool.models import Interest, PeerProfile

from .common import lock, require_profile


@transaction.atomic
def declare_interest(
    *,
    profile: PeerProfile,
    by: User,
    council: Council,
    kind: str,
    words: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    bars: bool = False,
) -> Interest:
    """Declare a tie; declaring twice changes nothing. `bars` is a coordinator's to say.

    A coordinator's entry is pinned: the peer cannot take it back. One that the peer had declared becomes pinned.
    """
    row = lock(profile)
    act, seat = require_profile(by, row)
    pinned = act == Act.POOL_EDIT
    said: dict[str, object] = {
        "words": words,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "pinned": pinned,
        "bars": bars and pinned,
    }
    known = row.interests.filter(council=council, kind=kind, withdrawn_at=None).first()
    if known is not None and (known.pinned >= pinned) and _same(known, said):
        return known
    interest = known if known is not None and pinned else Interest(profile=row, council=council, kind=kind)
    for name, value in said.items():
        setattr(interest, name, value)
    interest.declared_by, interest.declared_at = by, timezone.now()
    clean(interest)
    interest.save()
    record(act=act, by=by, seat=seat, obj=interest, detail={"kind": kind})
    return interest


def _same(known: Interest, said: dict[str, object]) -> bool:
    names = ("words", "starts_on", "ends_on", *(("bars",) if said["pinned"] else ()))
    return all(getattr(known, name) == said[name] for name in names)


@transaction.atomic
def withdraw_interest(*, interest: Interest, by: User) -> Interest:
    """Take a declaration back; the row stays with its date. Raises NotNow for a peer and a pinned entry."""
    row = (
        Interest.objects.select_for_update(of=("self",)).select_related("profile__user", "council").get(pk=interest.pk)
    )
    act, seat = require_profile(by, row.profile)
    if row.withdrawn_at is not None:
        return row
    if row.pinned and act == Act.PROFILE_EDIT:
        raise NotNow(_("A coordinator entered this. Ask them if it is no longer true."))
    row.pinned, row.bars, row.withdrawn_at = False, False, timezone.now()
    row.save(update_fields=["pinned", "bars", "withdrawn_at"])
    record(act=act, by=by, seat=seat, obj=row, detail={"withdrawn": True})
    return row
