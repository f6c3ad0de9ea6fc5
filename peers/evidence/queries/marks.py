"""The words drawn across what is read: who reads, from where, when, and how it is marked."""

from datetime import datetime

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.ui.templatetags.ui import nice_moment
from peers.access import TEAM, SeatName
from peers.evidence.models import EvidenceItem
from peers.evidence.models.receipts import spaced
from peers.pool.models import PeerProfile

from .visibility import reading_seat


def mark_lines(user: User, item: EvidenceItem, at: datetime, copy_id: str = "") -> list[str]:
    """Short lines: name with council or seat, e-mail address, time, marking with the challenge's reference, and the id
    of the copy if it has one."""
    seat = reading_seat(user, item.challenge)
    return [
        f"{user.full_name}, {_whence(user, item, seat)}",
        user.email,  # the name can be corrected; this stays from the first use of the account
        nice_moment(at),
        f"{item.get_marking_display()}, {item.challenge.ref}",
        *([_("Copy %(id)s") % {"id": spaced(copy_id)}] if copy_id else []),
    ]


def _whence(user: User, item: EvidenceItem, seat: SeatName | None) -> str:
    """A peer's own council, the host's for its own people, else the seat."""
    if seat in TEAM:
        council = PeerProfile.objects.filter(user=user).values_list("council__name", flat=True).first()
        return council or str(SeatName(seat).label)
    if seat in {SeatName.HOST_LEAD, SeatName.HOST_SPONSOR, SeatName.CONTRIBUTOR}:
        return str(item.challenge.council.name)
    return str(SeatName(seat).label) if seat is not None else ""
