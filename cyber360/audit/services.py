"""Writing and verifying the audit trail."""

import hashlib
import json
from datetime import UTC, datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from cyber360.audit.models import AuditChain, AuditEvent

PLATFORM = "platform"


def event_hash(event: AuditEvent) -> str:
    """SHA-256 over the event's facts and the hash before it, in a canonical JSON form."""
    facts = [
        event.previous_hash,
        event.scope,
        event.number,
        event.at.astimezone(UTC).isoformat(),
        event.act,
        event.actor_id,
        event.actor_name,
        event.seat,
        event.object_type,
        event.object_id,
        event.object_label,
        event.detail,
    ]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def record(
    *,
    act: str,
    by: AbstractBaseUser | None = None,
    seat: str = "",
    obj: models.Model | None = None,
    label: str = "",
    scope: str = PLATFORM,
    detail: dict | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """Add one event to the scope's chain, in the caller's transaction.

    `scope` is `platform` or `challenge:<id>`; `detail` holds plain JSON values and never content
    (no answer text, no note, no score), because a timeline shows it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs in the transaction of the write it records.")
    chain = _chain_for(scope)
    event = AuditEvent(
        scope=scope,
        number=chain.length + 1,
        at=at or timezone.now(),
        act=str(act),
        actor_id=by.pk if by is not None else None,
        actor_name=str(by) if by is not None else "",
        seat=str(seat),
        object_type=(obj._meta.model_name or "") if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=(label or (str(obj) if obj is not None else ""))[:200],
        detail=detail or {},
        previous_hash=chain.last_hash,
    )
    event.hash = event_hash(event)
    event.save()
    AuditChain.objects.filter(pk=chain.pk).update(length=event.number, last_hash=event.hash)
    return event


def _chain_for(scope: str) -> AuditChain:
    chain = AuditChain.objects.select_for_update().filter(scope=scope).first()
    if chain is None:
        AuditChain.objects.get_or_create(scope=scope)
        chain = AuditChain.objects.select_for_update().get(scope=scope)
    return chain


def verify_scope(scope: str) -> str | None:
    """None when the scope's chain is whole, else a sentence naming the first broken event."""
    previous, number = "", 0
    for event in AuditEvent.objects.filter(scope=scope).order_by("number").iterator(chunk_size=2000):
        number += 1
        if event.number != number:
            return f"{scope}: event {number} is missing."
        if event.previous_hash != previous or event_hash(event) != event.hash:
            return f"{scope}: event {number} of {event.at:%Y-%m-%d %H:%M} was changed."
        previous = event.hash
    chain = AuditChain.objects.filter(scope=scope).first()
    if chain is None:
        return f"{scope}: the end of the chain is missing, {number} events are there." if number else None
    if chain.length != number or chain.last_hash != previous:
        return f"{scope}: {chain.length} events were written, {number} are there."
    return None
