"""Reading the audit trail."""

from collections.abc import Iterable

from django.db import models
from django.db.models import QuerySet

from cyber360.audit.models import AuditChain, AuditEvent


def events_for(scope: str, acts: Iterable[str] | None = None) -> QuerySet[AuditEvent]:
    """The events of a scope, newest first; with `acts` only these (a timeline asks for those its reader may see)."""
    events = AuditEvent.objects.filter(scope=scope).order_by("-number")
    return events if acts is None else events.filter(act__in=[str(act) for act in acts])


def events_about(obj: models.Model) -> QuerySet[AuditEvent]:
    """The events about one row, newest first, in whatever scope."""
    assert obj._meta.model_name is not None
    return AuditEvent.objects.filter(object_type=obj._meta.model_name, object_id=str(obj.pk)).order_by("-at", "-number")


def scopes() -> list[str]:
    """Every scope that has a chain or an event."""
    chains = AuditChain.objects.values_list("scope", flat=True)
    events = AuditEvent.objects.order_by().values_list("scope", flat=True).distinct()
    return sorted({*chains, *events})
