"""Who sees which evidence: the named querysets and the getters of the pages."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow
from cyber360.files.models import State as FileState
from cyber360.files.models import Verdict
from peers.access import HOST, LGA, TEAM, SeatName, decide, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.sitting import still_seated
from peers.evidence.models import (
    RELEASABLE,
    EvidenceItem,
    EvidenceRequest,
    EvidenceVersion,
)

# The bytes are there, and nothing in them is held back for an answer.
READABLE = Q(
    current__stored_file__state=FileState.STORED, current__stored_file__refusal="", current__stored_file__held_for=""
)

HELD = Q(current__stored_file__state=FileState.STORED) & ~Q(current__stored_file__held_for="")

SAFE = Q(kind=EvidenceItem.Kind.LINK) | READABLE & (
    Q(current__stored_file__verdict=Verdict.CLEAN)
    | Q(current__stored_file__verdict__in=RELEASABLE, current__release__isnull=False)
)

AWAITING_RELEASE = READABLE & Q(current__stored_file__verdict__in=RELEASABLE, current__release__isnull=True)

REPLACE = Q(current__stored_file__verdict=Verdict.INFECTED) | ~Q(current__stored_file__refusal="") | HELD

OPENING = frozenset({Act.EVIDENCE_PREVIEW, Act.EVIDENCE_DOWNLOAD})  # acts that show what is in a file

LIVE_FILE = Q(state=EvidenceItem.State.LIVE, kind=EvidenceItem.Kind.FILE)


def reading_seat(user: User, challenge: Challenge) -> SeatName | None:
    """The seat in which the person may read evidence of this challenge now, if something here were theirs."""
    mine = EvidenceRequest(challenge=challenge, owner_id=user.pk)
    return decide(user, Act.EVIDENCE_READ, mine).seat


def released_items(items: QuerySet[EvidenceItem]) -> QuerySet[EvidenceItem]:
    """What the team may read; `EvidenceItem.is_released` says the same of one row."""
    return items.filter(SAFE, state=EvidenceItem.State.LIVE, challenge__pack_locked_at__isnull=False)


def items_visible_to(user: User, challenge: Challenge) -> QuerySet[EvidenceItem]:
    """Host side and LGA: all; a contributor: what was given for their own requests; the team: what is released."""
    items = EvidenceItem.objects.filter(challenge=challenge).select_related(
        "challenge__council", "request", "added_by", "current__stored_file", "current__release"
    )
    seat = reading_seat(user, challenge)
    if seat in HOST | LGA:
        return items
    if seat == SeatName.CONTRIBUTOR:
        return items.filter(request__owner=user)
    return released_items(items) if seat in TEAM else items.none()


def requests_visible_to(user: User, challenge: Challenge) -> QuerySet[EvidenceRequest]:
    """Host side and LGA: all; a contributor: their own; the team: all, once the pack is released."""
    requests = EvidenceRequest.objects.filter(challenge=challenge).select_related(
        "challenge__council", "owner", "question__theme"
    )
    seat = reading_seat(user, challenge)
    if seat in HOST | LGA:
        return requests
    if seat == SeatName.CONTRIBUTOR:
        return requests.filter(owner=user)
    return requests if seat in TEAM and challenge.pack_locked_at else requests.none()


def open_evidence(user: User, ref: str) -> Challenge:
    """The challenge, for a person who may read something of its evidence. Raises NoSeat (404), NotNow (403)."""
    challenge = Challenge.objects.select_related("council", "framework_version", "programme").filter(ref=ref).first()
    if challenge is None:
        raise NoSeat
    seat = require(user, Act.EVIDENCE_READ, EvidenceRequest(challenge=challenge, owner_id=user.pk))
    if seat == SeatName.CONTRIBUTOR and not challenge.evidence_requests.filter(owner=user).exists():
        raise NoSeat
    setattr(user, "acting_on", challenge)  # noqa: B010 - for the page's header, as `get_challenge` does
    return challenge


def get_request(user: User, ref: str, pk: int, act: Act) -> EvidenceRequest:
    """Raises NoSeat when it is not there, not here, or not for this person; NotNow in the wrong stage."""
    rows = requests_visible_to(user, open_evidence(user, ref)).annotate(has_seat=still_seated("owner"))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    return row


def get_item(user: User, ref: str, pk: int, act: Act) -> EvidenceItem:
    """As `get_request`. The team never finds one that is not released."""
    rows = items_visible_to(user, open_evidence(user, ref)).select_related(
        "current__uploaded_by", "current__release__by"
    )
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    return row


def get_version(user: User, ref: str, pk: int, number: int, act: Act) -> EvidenceVersion:
    """One version of an item; the team finds only the present one. NotNow for one whose concerns are open."""
    item = get_item(user, ref, pk, act)
    row = item.versions.select_related("stored_file", "release").filter(number=number).first()
    seat = reading_seat(user, item.challenge)
    if row is None or (row.pk != item.current_id and seat in TEAM):
        raise NoSeat
    if act in OPENING and row.is_held_from(seat):
        raise NotNow(_("This file is held back until the council has answered. Nobody else can open it before that."))
    row.item = item
    return row
