"""What one person has read of the evidence: the present version, an earlier one, or none."""

from django.db.models import QuerySet

from cyber360.accounts.models import User
from peers.evidence.models import EvidenceItem, ReadingReceipt

READ, CHANGED = "read", "changed"


def read_by(user: User, items: QuerySet[EvidenceItem]) -> dict[int, str]:
    """Item -> READ when the person read what is there now, CHANGED when a version before. One query."""
    rows = ReadingReceipt.objects.filter(reader=user, item__in=items.order_by().values("pk")).order_by()
    rows = rows.exclude(kind=ReadingReceipt.Kind.OPENED)  # its page was looked at, not the thing itself
    found: dict[int, str] = {}
    for item, version, current in rows.values_list("item_id", "version_id", "item__current_id").distinct():
        if version == current:
            found[item] = READ
        else:
            found.setdefault(item, CHANGED)
    return found
