"""Reading evidence. `items_visible_to` and `requests_visible_to` are the only ways to reach rows for a page,
a count, a search or an export."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Count, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.files.models import State as FileState
from cyber360.files.models import Verdict
from peers.access import HOST, LGA, TEAM, SeatName, decide, held_seats, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task, people_in_seat
from peers.frameworks.models import Question
from peers.stages import Stage

from .models import RELEASABLE, EvidenceItem, EvidenceLink, EvidenceRequest, EvidenceVersion, ReadingReceipt

NAMED = 5  # how many things a blocker names before it counts the rest

READABLE = Q(current__stored_file__state=FileState.STORED, current__stored_file__refusal="")
SAFE = Q(kind=EvidenceItem.Kind.LINK) | READABLE & (
    Q(current__stored_file__verdict=Verdict.CLEAN)
    | Q(current__stored_file__verdict__in=RELEASABLE, current__release__isnull=False)
)
AWAITING_RELEASE = READABLE & Q(current__stored_file__verdict__in=RELEASABLE, current__release__isnull=True)
REPLACE = Q(current__stored_file__verdict=Verdict.INFECTED) | ~Q(current__stored_file__refusal="")
LIVE_FILE = Q(state=EvidenceItem.State.LIVE, kind=EvidenceItem.Kind.FILE)


# --- who sees what -----------------------------------------------------------------------------------
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
    row = requests_visible_to(user, open_evidence(user, ref)).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    return row


def get_item(user: User, ref: str, pk: int, act: Act) -> EvidenceItem:
    """As `get_request`. The team never finds one that is not released."""
    row = items_visible_to(user, open_evidence(user, ref)).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    return row


def get_version(user: User, ref: str, pk: int, number: int, act: Act) -> EvidenceVersion:
    """One version of an item; the team finds only the present one."""
    item = get_item(user, ref, pk, act)
    row = item.versions.select_related("stored_file", "release").filter(number=number).first()
    if row is None or (row.pk != item.current_id and reading_seat(user, item.challenge) in TEAM):
        raise NoSeat
    row.item = item
    return row


# --- lists -------------------------------------------------------------------------------------------
def with_parts(items: QuerySet[EvidenceItem], *, with_readers: bool = False) -> QuerySet[EvidenceItem]:
    """What a list shows of each item: one query for the questions, one for the readers."""
    items = items.prefetch_related(
        Prefetch("questions", Question.objects.select_related("theme").order_by("theme__place", "place"))
    )
    if with_readers:
        receipts = ReadingReceipt.objects.filter(seat__in=list(TEAM | LGA)).select_related("reader")
        items = items.prefetch_related(Prefetch("receipts", receipts, to_attr="read_by"))
    return items


def with_counts(requests: QuerySet[EvidenceRequest], items: QuerySet[EvidenceItem]) -> QuerySet[EvidenceRequest]:
    """The requests, open ones first, by due date, with `given`: how many live `items` there are for each."""
    live = items.filter(state=EvidenceItem.State.LIVE, request=OuterRef("pk")).order_by()
    given = live.values("request").annotate(number=Count("pk")).values("number")
    settled = Case(When(state=EvidenceRequest.State.OPEN, then=0), default=1)
    return requests.annotate(given=Coalesce(Subquery(given), 0)).order_by(
        settled, F("due_on").asc(nulls_last=True), "question__theme__place", "question__place", "pk"
    )


def filtered_requests(requests: QuerySet[EvidenceRequest], user: User, wanted: dict) -> QuerySet[EvidenceRequest]:
    """`wanted`: theme, state, owner ("me", "nobody", or an id), each optional."""
    if wanted.get("theme"):
        requests = requests.filter(question__theme=wanted["theme"])
    if wanted.get("state"):
        requests = requests.filter(state=wanted["state"])
    owner = wanted.get("owner")
    if owner:
        requests = requests.filter(owner=None if owner == "nobody" else user.pk if owner == "me" else int(owner))
    return requests


def filtered_items(items: QuerySet[EvidenceItem], wanted: dict) -> QuerySet[EvidenceItem]:
    """`wanted`: theme, and `file` ("held" back, "withdrawn", else in use)."""
    kind = wanted.get("file")
    state = EvidenceItem.State.WITHDRAWN if kind == "withdrawn" else EvidenceItem.State.LIVE
    items = items.filter(state=state)
    if kind == "held":
        items = items.filter(kind=EvidenceItem.Kind.FILE).exclude(SAFE)
    if wanted.get("theme"):
        items = items.filter(pk__in=EvidenceLink.objects.filter(question__theme=wanted["theme"]).values("item_id"))
    return items


def owners_for(challenge: Challenge) -> QuerySet:
    """Who may look for evidence: the host's people and contributors."""
    return people_in_seat(challenge, HOST | {SeatName.CONTRIBUTOR}).order_by("full_name", "pk")


def receipts_for(user: User, item: EvidenceItem) -> list[ReadingReceipt]:
    """Who took the item first when, newest last; empty for a seat that may not see it."""
    if not may(user, Act.EVIDENCE_RECEIPTS_READ, item):
        return []
    return list(item.receipts.select_related("reader", "version"))


def versions_for(user: User, item: EvidenceItem) -> list[EvidenceVersion]:
    """Newest first; the team sees the present one only."""
    rows = item.versions.select_related("stored_file", "release__by", "uploaded_by")
    if reading_seat(user, item.challenge) in TEAM:
        rows = rows.filter(current_of=item)
    return list(rows)


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


# --- what blocks the release of the pack -----------------------------------------------------------------
def open_requests(challenge: Challenge) -> list[Blocker]:
    rows = challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).values_list("prompt", flat=True)
    prompts = list(rows)
    if not prompts:
        return []
    sentence = ngettext(
        "%(count)s evidence request is still open: %(names)s. The host lead can meet it or mark it “not held”.",
        "%(count)s evidence requests are still open: %(names)s. The host lead can meet them or mark them “not held”.",
        len(prompts),
    ) % {"count": len(prompts), "names": _named([f"“{prompt}”" for prompt in prompts])}
    url = reverse("evidence:list", args=[challenge.ref]) + "?state=open"
    return [Blocker(sentence, frozenset({SeatName.HOST_LEAD}), url)]


def _named(names: list[str]) -> str:
    """The first few, then how many more."""
    if len(names) <= NAMED:
        return "; ".join(names)
    more = _("and %(count)s more") % {"count": len(names) - NAMED}
    return "; ".join([*names[:NAMED], more])


def unsafe_files(challenge: Challenge) -> list[Blocker]:
    """One sentence for each file that may not go to the team, at most five, then how many more."""
    held = quarantine(challenge)
    url = reverse("evidence:list", args=[challenge.ref])
    blockers = [_unsafe(item) for item in held[:NAMED]]
    if len(held) > NAMED:
        left = len(held) - NAMED
        sentence = ngettext(
            "%(count)s more file is held back. The coordinator sees it on the page of held files.",
            "%(count)s more files are held back. The coordinator sees them on the page of held files.",
            left,
        ) % {"count": left}
        blockers.append(Blocker(sentence, frozenset({SeatName.COORDINATOR}), url))
    return blockers


def _unsafe(item: EvidenceItem) -> Blocker:
    stored = item.current.stored_file if item.current else None
    name = {"name": stored.name if stored else item.title}
    host, coordinator = frozenset({SeatName.HOST_LEAD}), frozenset({SeatName.COORDINATOR})
    if stored is None or stored.refusal or stored.state == FileState.GONE:
        words = _("“%(name)s” could not be kept. The host lead can replace or withdraw it.") % name
        return Blocker(words, host, item.get_absolute_url())
    if stored.verdict == Verdict.INFECTED:
        words = _("A virus was found in “%(name)s”. The host lead can replace or withdraw it.") % name
        return Blocker(words, host, item.get_absolute_url())
    if stored.verdict == Verdict.PENDING:
        words = _("“%(name)s” is still being checked. Nobody has to do anything; look again in a minute.") % name
        return Blocker(words, frozenset(), item.get_absolute_url())
    sentences = {
        Verdict.NOT_SCANNED: _("“%(name)s” was not scanned for viruses. The coordinator can release it with a reason."),
        Verdict.TOO_BIG: _("“%(name)s” is too big for the scanner. The coordinator can release it with a reason."),
    }
    other = _("“%(name)s” could not be checked. The coordinator can release it with a reason.")
    return Blocker(sentences.get(Verdict(stored.verdict), other) % name, coordinator, item.get_absolute_url())


# --- my tasks -----------------------------------------------------------------------------------------
def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Requests in the person's hands, files to replace, files to release. Two queries beside that of the seats."""
    preparing = {row.pk: row for row in challenges if row.stage == Stage.PREPARATION}
    if not preparing:
        return []
    return [*_request_tasks(user, preparing), *_file_tasks(user, preparing)]


def _request_tasks(user: User, challenges: dict[int, Challenge]) -> Iterable[Task]:
    seeking = [pk for pk, row in challenges.items() if _sits(user, row, HOST | {SeatName.CONTRIBUTOR})]
    mine = EvidenceRequest.objects.filter(
        owner=user, state=EvidenceRequest.State.OPEN, challenge_id__in=seeking
    ).order_by()
    rows = mine.values("challenge_id").annotate(count=Count("pk"), due=Min("due_on"), first=Min("pk"))
    for row in rows:
        challenge = challenges[row["challenge_id"]]
        words = ngettext("Find evidence for %(count)s request", "Find evidence for %(count)s requests", row["count"])
        url = reverse("evidence:list", args=[challenge.ref]) + "?state=open&owner=me"
        if row["count"] == 1:
            url = reverse("evidence:request", args=[challenge.ref, row["first"]])
        yield Task(words % {"count": row["count"]}, challenge, url, row["due"], "evidence")


def _file_tasks(user: User, challenges: dict[int, Challenge]) -> Iterable[Task]:
    minding = [pk for pk, row in challenges.items() if _sits(user, row, {SeatName.COORDINATOR, SeatName.HOST_LEAD})]
    rows = (
        EvidenceItem.objects.filter(LIVE_FILE, challenge_id__in=minding)
        .order_by()
        .values("challenge_id")
        .annotate(release=Count("pk", filter=AWAITING_RELEASE), replace=Count("pk", filter=REPLACE))
    )
    for row in rows:
        challenge = challenges[row["challenge_id"]]
        if row["release"] and _sits(user, challenge, {SeatName.COORDINATOR}):
            words = ngettext(
                "Release or send back %(count)s unscanned file",
                "Release or send back %(count)s unscanned files",
                row["release"],
            )
            url = reverse("evidence:quarantine", args=[challenge.ref])
            yield Task(words % {"count": row["release"]}, challenge, url, None, "evidence")
        if row["replace"] and _sits(user, challenge, {SeatName.HOST_LEAD}):
            words = ngettext(
                "Replace or withdraw %(count)s file that cannot be used",
                "Replace or withdraw %(count)s files that cannot be used",
                row["replace"],
            )
            url = reverse("evidence:list", args=[challenge.ref]) + "?file=held"
            yield Task(words % {"count": row["replace"]}, challenge, url, None, "evidence")


def _sits(user: User, challenge: Challenge, names: set[SeatName]) -> bool:
    held = held_seats(user)
    return any(pk == challenge.pk and name in names for pk, name in held["challenge"]) or any(
        pk == challenge.programme_id and name in names for pk, name in held["programme"]
    )
