"""Invitations to apply, applications, and what became of them."""

from typing import Any

from django.db.models import QuerySet

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import require
from peers.acts import Act
from peers.pool.models import PeerProfile, PoolInvitation, State

from .people import coordinated_by


def _of_coordinator(user: User) -> QuerySet[PoolInvitation]:
    require(user, Act.POOL_READ)
    programmes = coordinated_by(user).values("content_object_id")
    return PoolInvitation.objects.filter(programme__in=programmes).select_related("user", "invited_by", "programme")


def applications_for(user: User) -> QuerySet[PoolInvitation]:
    """Applications that wait for the coordinator, the longest waiting first."""
    waiting = _of_coordinator(user).filter(applied_at__isnull=False, decided_at=None, withdrawn_at=None)
    waiting = waiting.filter(user__peer_profile__state=State.APPLIED)
    return waiting.select_related("user__peer_profile__council").order_by("applied_at", "pk")


def pool_invitations_for(user: User) -> QuerySet[PoolInvitation]:
    """Invitations that nobody has answered yet, newest first."""
    return _of_coordinator(user).filter(applied_at=None, decided_at=None, withdrawn_at=None)


def pool_invitation_for_coordinator(user: User, pk: int) -> PoolInvitation:
    """Raises NoSeat."""
    found = _of_coordinator(user).filter(pk=pk).first()
    if found is None:
        raise NoSeat
    return found


def decisions_of(user: User, profile: PeerProfile) -> QuerySet[PoolInvitation]:
    """The invitations and decisions of one person, reasons included; for coordinators only."""
    return _of_coordinator(user).filter(user_id=profile.user_id).select_related("decided_by")


def own_pool_invitation(user: User) -> PoolInvitation:
    """The person's own open invitation to apply. Raises NoSeat when there is none (taken back, decided, a stranger)."""
    rows = PoolInvitation.objects.filter(user_id=user.pk, withdrawn_at=None, decided_at=None)
    found = rows.select_related("programme", "user").first()
    if found is None:
        raise NoSeat
    require(user, Act.POOL_APPLY, found)
    return found


def is_to_apply(user: User) -> bool:
    """Whether the person was asked to apply and has not yet."""
    waiting: Any = PoolInvitation.objects.filter(user_id=user.pk, withdrawn_at=None, decided_at=None, applied_at=None)
    return bool(waiting.exists())
