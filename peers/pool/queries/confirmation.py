"""Who has to say again that their profile is right, and who has not answered."""

import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from peers.pool.models import PeerProfile, State

YEAR = datetime.timedelta(days=365)
# How long a peer has before the coordinator sees that they have not answered.
PATIENCE = datetime.timedelta(days=60)
IN_USE = (State.ACTIVE, State.RESTING)
WAITING = Q(asked_to_confirm_on__isnull=False) & (Q(confirmed_on=None) | Q(confirmed_on__lt=F("asked_to_confirm_on")))


def due_for_confirmation(today: datetime.date) -> QuerySet[PeerProfile]:
    """Peers who said a year ago or longer that their profile is right, and were not asked since or in this year."""
    said = Coalesce("confirmed_on", TruncDate("approved_at"), TruncDate("registered_at"))
    rows = PeerProfile.objects.filter(state__in=IN_USE, user__is_active=True).annotate(said=said)
    not_asked = Q(asked_to_confirm_on=None) | Q(asked_to_confirm_on__lte=today - YEAR)
    return rows.filter(not_asked | Q(asked_to_confirm_on__lte=F("said")), said__lte=today - YEAR)


def unanswered(rows: QuerySet[PeerProfile], today: datetime.date) -> QuerySet[PeerProfile]:
    """Those of the rows who were asked more than PATIENCE ago and have not answered."""
    return rows.filter(WAITING, asked_to_confirm_on__lte=today - PATIENCE, state__in=IN_USE)


def is_asked(profile: PeerProfile) -> bool:
    """Whether the peer was asked and has not answered yet."""
    asked, said = profile.asked_to_confirm_on, profile.confirmed_on
    return asked is not None and profile.state in IN_USE and (said is None or said < asked)


def is_unanswered(profile: PeerProfile, today: datetime.date) -> bool:
    asked = profile.asked_to_confirm_on
    return asked is not None and is_asked(profile) and asked <= today - PATIENCE
