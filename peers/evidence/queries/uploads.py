"""Files on their way in: what a person sent, and zips with what was left out of them."""

from uuid import UUID

from django.db.models import QuerySet

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.files.models import Upload, UploadState
from cyber360.jobs.models import Job
from peers.access import HOST, SeatName
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, Unpacking

from .visibility import items_visible_to, open_evidence, reading_seat

DESCRIBED_AT_ONCE = 10


def uploads_of(user: User, challenge: Challenge) -> QuerySet[Upload]:
    """The person's own, whatever became of them; nobody sees another's."""
    return Upload.objects.filter(scope=challenge.scope, owner=user, target__kind="evidence")


def unfinished_uploads(user: User, challenge: Challenge, request: EvidenceRequest | None) -> list[Upload]:
    """What the person began on this page and can go on with."""
    rows = uploads_of(user, challenge).filter(state=UploadState.RECEIVING)
    wanted = None if request is None else request.pk
    return [row for row in rows if row.target.get("request") == wanted]


def sent(user: User, challenge: Challenge, tokens: set[str]) -> set[str]:
    """Of these sendings of the person, those that began and of which no file is on its way in any more."""
    if not tokens:
        return set()
    rows = uploads_of(user, challenge).filter(target__token__in=list(tokens))
    states = list(rows.values_list("target__token", "state"))
    return {token for token, _state in states} - {token for token, state in states if state == UploadState.RECEIVING}


def get_upload(user: User, challenge: Challenge, pk: UUID) -> Upload:
    """Raises NoSeat: another's and one that never was look the same."""
    row = uploads_of(user, challenge).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    return row


# --- zips ----------------------------------------------------------------------------------------------
def unpackings_visible_to(user: User, challenge: Challenge) -> QuerySet[Unpacking]:
    """The host side: all. A contributor: their own, for requests that are still theirs. Nobody else."""
    rows = Unpacking.objects.filter(challenge=challenge).select_related("request", "by")
    seat = reading_seat(user, challenge)
    if seat in HOST:
        return rows
    return rows.filter(by=user, request__owner=user) if seat == SeatName.CONTRIBUTOR else rows.none()


def get_unpacking(user: User, ref: str, pk: int) -> Unpacking:
    """Raises NoSeat, NotNow."""
    challenge = open_evidence(user, ref)
    row = unpackings_visible_to(user, challenge).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    row.challenge = challenge
    return row


def job_of(row: Unpacking) -> Job | None:
    return Job.objects.filter(key=row.job_key).first()


# --- words that are still missing ----------------------------------------------------------------------
def undescribed_items(user: User, challenge: Challenge, after: int = 0) -> QuerySet[EvidenceItem]:
    """Files that the person added and of which nothing is said yet, in the order in which they came."""
    rows = items_visible_to(user, challenge).filter(
        added_by=user, kind=EvidenceItem.Kind.FILE, state=EvidenceItem.State.LIVE, shows="", pk__gt=after
    )
    return rows.prefetch_related("questions").order_by("pk")
