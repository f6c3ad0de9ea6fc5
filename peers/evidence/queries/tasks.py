"""What the first page asks of a person."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.access import HOST, SeatName, held_seats
from peers.challenges.models import Challenge
from peers.challenges.queries import Task
from peers.challenges.sitting import still_seated
from peers.evidence.models import (
    EvidenceItem,
    EvidenceRequest,
)
from peers.stages import Stage

from .departed import departed_task
from .visibility import AWAITING_RELEASE, HELD, LIVE_FILE, REPLACE

_UNANSWERED = Q(current__stored_file__concerns__answered_at__isnull=True)


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Requests in the person's hands, files to replace, files to release. Two queries beside that of the seats."""
    preparing = {row.pk: row for row in challenges if row.stage == Stage.PREPARATION}
    if not preparing:
        return []
    return [*_request_tasks(user, preparing), *_file_tasks(user, preparing)]


def _request_tasks(user: User, challenges: dict[int, Challenge]) -> Iterable[Task]:
    seeking = [pk for pk, row in challenges.items() if _sits(user, row, HOST | {SeatName.CONTRIBUTOR})]
    leading = [pk for pk, row in challenges.items() if _sits(user, row, {SeatName.HOST_LEAD})]
    wanted = EvidenceRequest.objects.filter(state=EvidenceRequest.State.OPEN, challenge_id__in=seeking).order_by()
    left = Q(challenge_id__in=leading) & ~still_seated("owner")  # those in nobody's hands are among them
    rows = (
        wanted.filter(Q(owner=user) | left)
        .values("challenge_id", "owner_id", name=F("owner__full_name"))
        .annotate(count=Count("pk"), due=Min("due_on"), first=Min("pk"))
    )
    for row in rows:
        challenge = challenges[row["challenge_id"]]
        if row["owner_id"] == user.pk:
            yield _seeking(challenge, row)
        elif row["owner_id"] is None:
            words = ngettext(
                "Say who looks for %(count)s request", "Say who looks for %(count)s requests", row["count"]
            )
            url = reverse("evidence:list", args=[challenge.ref]) + "?state=open&owner=nobody"
            yield Task(words % {"count": row["count"]}, challenge, url, None, "evidence")
        else:
            yield departed_task(challenge, row)


def _seeking(challenge: Challenge, row: Mapping[str, Any]) -> Task:
    words = ngettext("Find evidence for %(count)s request", "Find evidence for %(count)s requests", row["count"])
    url = reverse("evidence:list", args=[challenge.ref]) + "?state=open&owner=me"
    if row["count"] == 1:
        url = reverse("evidence:request", args=[challenge.ref, row["first"]])
    return Task(words % {"count": row["count"]}, challenge, url, row["due"], "evidence")


def _file_tasks(user: User, challenges: dict[int, Challenge]) -> Iterable[Task]:
    minding = [pk for pk, row in challenges.items() if _sits(user, row, {SeatName.COORDINATOR, SeatName.HOST_LEAD})]
    rows = (
        EvidenceItem.objects.filter(LIVE_FILE, challenge_id__in=minding)
        .order_by()
        .values("challenge_id")
        .annotate(
            release=Count("pk", filter=AWAITING_RELEASE, distinct=True),
            replace=Count("pk", filter=REPLACE & ~HELD, distinct=True),
            answer=Count("pk", filter=HELD, distinct=True),
            first_answer=Min("pk", filter=HELD),
            first_replace=Min("pk", filter=REPLACE & ~HELD),
            raised=Min("current__stored_file__concerns__raised_at", filter=HELD & _UNANSWERED),
        )
    )
    for row in rows:
        challenge = challenges[row["challenge_id"]]
        if row["release"] and _sits(user, challenge, {SeatName.COORDINATOR}):
            words = ngettext(
                "Look at %(count)s file that is held back",
                "Look at %(count)s files that are held back",
                row["release"],
            )
            url = reverse("evidence:quarantine", args=[challenge.ref])
            yield Task(words % {"count": row["release"]}, challenge, url, None, "evidence")
        if row["answer"] and _sits(user, challenge, {SeatName.HOST_LEAD}):
            words = ngettext(
                "Answer what was noticed in %(count)s file",
                "Answer what was noticed in %(count)s files",
                row["answer"],
            )
            url = reverse("evidence:list", args=[challenge.ref]) + "?file=answer"
            if row["answer"] == 1:
                url = reverse("evidence:concern", args=[challenge.ref, row["first_answer"]])
            yield Task(words % {"count": row["answer"]}, challenge, url, _deleted_on(row["raised"]), "evidence")
        if row["replace"] and _sits(user, challenge, {SeatName.HOST_LEAD}):
            words = ngettext(
                "Replace or withdraw %(count)s file that cannot be used",
                "Replace or withdraw %(count)s files that cannot be used",
                row["replace"],
            )
            url = reverse("evidence:list", args=[challenge.ref]) + "?file=replace"
            if row["replace"] == 1:
                url = reverse("evidence:item", args=[challenge.ref, row["first_replace"]])
            yield Task(words % {"count": row["replace"]}, challenge, url, None, "evidence")


def _deleted_on(raised: datetime | None) -> date | None:
    """The first day on which an unanswered file is deleted."""
    return timezone.localdate(raised) + timedelta(days=settings.FILES_CONCERN_DAYS) if raised else None


def _sits(user: User, challenge: Challenge, names: set[SeatName]) -> bool:
    held = held_seats(user)
    return any(pk == challenge.pk and name in names for pk, name in held["challenge"]) or any(
        pk == challenge.programme_id and name in names for pk, name in held["programme"]
    )
