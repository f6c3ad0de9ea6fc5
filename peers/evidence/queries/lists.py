"""What the lists and pages of evidence show."""

from typing import Any

from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from cyber360.accounts.models import User
from cyber360.files.models import State as FileState
from peers.access import HOST, TEAM, SeatName, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat, questions_in_scope
from peers.challenges.sitting import still_seated
from peers.evidence.models import (
    EvidenceItem,
    EvidenceLink,
    EvidenceRequest,
    EvidenceVersion,
    ReadingReceipt,
)
from peers.frameworks.models import Question

from .departed import left_behind
from .receipts import READ_KINDS, SHOWN_SEATS
from .visibility import HELD, LIVE_FILE, REPLACE, SAFE, items_visible_to, reading_seat, requests_visible_to


def with_parts(items: QuerySet[EvidenceItem]) -> QuerySet[EvidenceItem]:
    """With the questions of each item and their themes: one query."""
    questions = Question.objects.select_related("theme").order_by("theme__place", "place")
    return items.prefetch_related(Prefetch("questions", questions))


def items_in_brief(items: QuerySet[EvidenceItem], *, with_readers: bool = False) -> QuerySet[EvidenceItem]:
    """What a list shows of each item and no more: one query for the questions' codes, one for the readers."""
    codes = Question.objects.only("code").order_by("theme__place", "place")
    items = items.select_related(None).select_related("current__stored_file", "current__release")
    items = items.prefetch_related(Prefetch("questions", codes))
    if with_readers:
        receipts = ReadingReceipt.objects.filter(SHOWN_SEATS, kind__in=READ_KINDS).select_related("reader")
        items = items.prefetch_related(Prefetch("receipts", receipts, to_attr="read_by"))
    return items


def with_counts(requests: QuerySet[EvidenceRequest], items: QuerySet[EvidenceItem]) -> QuerySet[EvidenceRequest]:
    """The requests in the order of `open_first`, with `given`: how many live `items` there are for each."""
    live = items.filter(state=EvidenceItem.State.LIVE, request=OuterRef("pk")).order_by()
    given = live.values("request").annotate(number=Count("pk")).values("number")
    return open_first(requests).annotate(given=Coalesce(Subquery(given), 0))


def requests_in_brief(requests: QuerySet[EvidenceRequest]) -> QuerySet[EvidenceRequest]:
    """The columns that a list shows: the texts of questions and prompts are long."""
    shown = (
        "challenge_id",
        "prompt",
        "state",
        "reason",
        "due_on",
        "owner__full_name",
        "question__code",
        "question__title",
    )
    return (
        requests.select_related(None)
        .select_related("owner", "question")
        .only(*shown)
        .annotate(has_seat=still_seated("owner"))
    )


def open_first(requests: QuerySet[EvidenceRequest]) -> QuerySet[EvidenceRequest]:
    """Open ones first, by due date."""
    settled = Case(When(state=EvidenceRequest.State.OPEN, then=0), default=1)
    return requests.order_by(
        settled, F("due_on").asc(nulls_last=True), "question__theme__place", "question__place", "pk"
    )


def filtered_requests(requests: QuerySet[EvidenceRequest], user: User, wanted: dict) -> QuerySet[EvidenceRequest]:
    """`wanted`: theme, state, owner ("me", "nobody", "left" the challenge, or an id), each optional."""
    if wanted.get("theme"):
        requests = requests.filter(question__theme=wanted["theme"])
    if wanted.get("state"):
        requests = requests.filter(state=wanted["state"])
    owner = wanted.get("owner")
    if owner == "left":
        requests = left_behind(requests)
    elif owner:
        requests = requests.filter(owner=None if owner == "nobody" else user.pk if owner == "me" else int(owner))
    return requests


def filtered_items(items: QuerySet[EvidenceItem], wanted: dict) -> QuerySet[EvidenceItem]:
    """`wanted`: theme, question, and `file` ("held" back, of these those that wait for the host's "answer" or are to
    be "replace"d, "withdrawn", else in use)."""
    kind = wanted.get("file")
    state = EvidenceItem.State.WITHDRAWN if kind == "withdrawn" else EvidenceItem.State.LIVE
    items = items.filter(state=state)
    if kind == "held":
        items = items.filter(kind=EvidenceItem.Kind.FILE).exclude(SAFE)
    if kind == "answer":
        items = items.filter(LIVE_FILE, HELD)
    if kind == "replace":
        gone = Q(current=None) | Q(current__stored_file__state=FileState.GONE)
        items = items.filter(REPLACE | gone, LIVE_FILE).exclude(HELD)
    if wanted.get("theme"):
        linked = EvidenceLink.objects.filter(question__theme=wanted["theme"]).values("item_id")
        items = items.filter(Q(pk__in=linked) | Q(pk__in=wanted["theme"].evidence_items.values("pk")))
    if wanted.get("question"):
        items = items.filter(pk__in=EvidenceLink.objects.filter(question=wanted["question"]).values("item_id"))
    return items


def questions_visible_to(user: User, challenge: Challenge) -> QuerySet[Question]:
    """The questions in scope; for a contributor those of their own requests."""
    questions = questions_in_scope(challenge)
    if reading_seat(user, challenge) == SeatName.CONTRIBUTOR:
        questions = questions.filter(pk__in=requests_visible_to(user, challenge).order_by().values("question_id"))
    return questions


def owners_for(challenge: Challenge) -> QuerySet:
    """Who may look for evidence: the host's people and contributors."""
    return people_in_seat(challenge, HOST | {SeatName.CONTRIBUTOR}).order_by("full_name", "pk")


def receipts_for(user: User, item: EvidenceItem) -> list[ReadingReceipt]:
    """Who took the item first when, newest last; empty for a seat that may not see it."""
    if not may(user, Act.EVIDENCE_RECEIPTS_READ, item):
        return []
    return list(item.receipts.select_related("reader", "version"))


def versions_for(user: User, item: EvidenceItem) -> list[EvidenceVersion]:
    """Newest first; the team sees the present one only. `item` is `get_item`'s."""
    if reading_seat(user, item.challenge) in TEAM:
        if item.current is None:
            return []
        item.current.item = item
        return [item.current]
    return list(item.versions.select_related("stored_file", "release__by", "uploaded_by"))


def can_be_released(item: EvidenceItem) -> bool:
    """A coordinator's word would let the present file through."""
    return item.is_live and item.current is not None and item.current.may_be_released


def quarantine(challenge: Challenge) -> list[EvidenceItem]:
    """Live files that the team cannot have yet, with the reason in their verdict."""
    held = challenge.evidence_items.filter(LIVE_FILE).exclude(SAFE)
    return list(
        held.select_related("challenge__council", "current__stored_file", "current__release", "added_by").order_by(
            "current__stored_file__verdict", "added_at", "pk"
        )
    )


def evidence_for_question(user: User, question: Question, challenge: Challenge) -> dict[str, Any]:
    """Context of the piece `evidence/_for_question.html`: what this person may see of one question's evidence.

    `items`, `requests` (both lists), `may_add`, `challenge`, `question`. Three queries beside those of the seats.
    """
    items = items_visible_to(user, challenge)
    live = items.filter(state=EvidenceItem.State.LIVE, links__question=question).order_by("title", "pk")
    requests = list(with_counts(requests_visible_to(user, challenge).filter(question=question), items))
    return {
        "challenge": challenge,
        "question": question,
        "items": list(live),
        "requests": requests,
        "may_add": may(user, Act.EVIDENCE_UPLOAD, challenge),
    }
