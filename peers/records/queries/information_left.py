"""Which evidence files a copy of the record leaves out because the council lets them be read in the page only."""

from typing import NamedTuple

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from peers.access import HOST, decide
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem
from peers.evidence.queries import items_visible_to, pack_for
from peers.records.models import InformationExport


class LeftInPage(NamedTuple):
    """`left_out` of `files` evidence files are not in a copy."""

    left_out: int = 0
    files: int = 0


def left_in_page(user: User, challenge: Challenge) -> LeftInPage:
    """What a copy made now for this person would leave out. The caller has required INFORMATION_EXPORT."""
    taken_by = decide(user, Act.EVIDENCE_PACK_EXPORT, challenge)
    if taken_by.seat is None or taken_by.seat in HOST:
        return LeftInPage()
    if not challenge.lets_download:
        live = items_visible_to(user, challenge).filter(state=EvidenceItem.State.LIVE, kind=EvidenceItem.Kind.FILE)
        return LeftInPage(live.count(), live.count())
    entries = [entry for entry in pack_for(user, challenge).entries if not entry.item.is_link]
    return LeftInPage(sum(entry.page_only for entry in entries), len(entries))


def left_out_of(export: InformationExport) -> LeftInPage:
    """What a copy did leave out when it was made, as it was recorded then."""
    if export.challenge is None or not export.is_ready:
        return LeftInPage()
    events = AuditEvent.objects.filter(scope=export.challenge.scope, act=Act.INFORMATION_EXPORT)
    event = events.filter(detail__export=export.pk).last()
    if event is None:
        return LeftInPage()
    left_out, held = event.detail.get("page_only", 0), event.detail.get("evidence", 0)
    return LeftInPage(left_out, left_out + held)
