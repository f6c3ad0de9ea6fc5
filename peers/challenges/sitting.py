"""Who among the people that hold work of a challenge still has a seat from which to do it."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from peers.access import CONTRIBUTOR, HOST

from .models import Seat


def still_seated(person: str) -> Exists:
    """Whether the person in the column `person` of a row sits on the host's side of the row's `challenge` today."""
    return Exists(
        Seat.objects.in_force(timezone.localdate()).filter(
            user=OuterRef(person),
            user__is_active=True,
            content_object=OuterRef("challenge"),
            permission__codename__in=list(HOST | CONTRIBUTOR),
        )
    )
