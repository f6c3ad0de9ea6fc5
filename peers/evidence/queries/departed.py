"""Requests in the hands of people who have no seat any more, or are about to lose it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.challenges.models import Challenge
from peers.challenges.queries import Task
from peers.challenges.sitting import still_seated
from peers.evidence.models import EvidenceRequest


def left_behind(requests: QuerySet[EvidenceRequest]) -> QuerySet[EvidenceRequest]:
    """Those whose owner cannot see them any more."""
    return requests.filter(owner__isnull=False).exclude(still_seated("owner"))


def requests_held(challenge: Challenge, person: User) -> int:
    return challenge.evidence_requests.filter(owner=person, state=EvidenceRequest.State.OPEN).count()


def departed_task(challenge: Challenge, row: Mapping[str, Any]) -> Task:
    """`row`: the `count` of the requests of one person, the `name`, the first `due` day and the `first` request."""
    words = ngettext(
        "Hand on the request for evidence that %(name)s held",
        "Hand on the %(count)s requests for evidence that %(name)s held",
        row["count"],
    )
    url = reverse("evidence:list", args=[challenge.ref]) + "?state=open&owner=left"
    if row["count"] == 1:
        url = reverse("evidence:request", args=[challenge.ref, row["first"]])
    return Task(words % {"count": row["count"], "name": row["name"]}, challenge, url, row["due"], "evidence")
