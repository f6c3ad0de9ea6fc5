"""What a council may take over from its own earlier challenges."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from cyber360.accounts.models import User
from peers.access import may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, Reuse

from .visibility import SAFE


def earlier_challenges(challenge: Challenge) -> QuerySet[Challenge]:
    """Of the same council, registered no later, with their evidence not disposed of."""
    rows = Challenge.objects.filter(council_id=challenge.council_id, evidence_disposed_at__isnull=True)
    return rows.filter(registered_on__lte=challenge.registered_on).exclude(pk=challenge.pk)


def earlier_items(challenge: Challenge) -> QuerySet[EvidenceItem]:
    """What the council itself gave there and what is still in use and safe. No right is checked here."""
    rows = EvidenceItem.objects.filter(SAFE, challenge__in=earlier_challenges(challenge), state=EvidenceItem.State.LIVE)
    return rows.select_related("challenge", "request__question", "current__stored_file")


def reusable_items(user: User, challenge: Challenge) -> QuerySet[EvidenceItem]:
    """Those not taken over yet, newest document first; none for a person who may not take over here now."""
    if not may(user, Act.EVIDENCE_REUSE, challenge):
        return EvidenceItem.objects.none()
    taken = Reuse.objects.filter(challenge=challenge, source=OuterRef("pk")).filter(
        Q(state=Reuse.State.WAITING) | Q(item__state=EvidenceItem.State.LIVE)
    )
    return earlier_items(challenge).exclude(Exists(taken)).order_by("-document_date", "-added_at", "pk")


def reuses_of(user: User, challenge: Challenge) -> list[Reuse]:
    """What was asked for here and what became of it, newest first, at most 50."""
    if not may(user, Act.EVIDENCE_REUSE, challenge):
        return []
    rows = challenge.evidence_reuses.select_related("item__current__stored_file", "item__current__release")
    return list(rows.order_by("-asked_at", "-pk")[:50])
