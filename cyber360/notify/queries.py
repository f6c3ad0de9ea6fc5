"""Reading the outbox."""

from django.db.models import Count, Q, QuerySet

from cyber360.notify.models import MailState, OutboxMail


def mails(*, state: str = "", kind: str = "", search: str = "") -> QuerySet[OutboxMail]:
    """The outbox, newest first; `search` looks in address and subject."""
    found = OutboxMail.objects.select_related("to").defer("body")
    if state in MailState.values:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if search:
        found = found.filter(Q(address__icontains=search) | Q(subject__icontains=search))
    return found


def mail_counts() -> dict[str, int]:
    """How many mails are in each state."""
    counted = dict(OutboxMail.objects.order_by().values_list("state").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in MailState.values}


def kinds() -> list[str]:
    """The kinds of mail there are, for the filter."""
    return list(OutboxMail.objects.order_by("kind").values_list("kind", flat=True).distinct())
