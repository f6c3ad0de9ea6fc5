"""Rows of the lists, with their words ready: a template that works them out for every line is slow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.challenges.models import Challenge
from peers.evidence.models import RELEASABLE, EvidenceItem, EvidenceLink, EvidenceRequest
from peers.frameworks.models import Question

from .doubles import Double, same_files
from .reading import CHANGED, READ, read_by

COLOURS: dict[str, str] = {EvidenceRequest.State.OPEN: "blue", EvidenceRequest.State.MET: "green"}


class Given(NamedTuple):
    """An item as a link in another row."""

    pk: int
    title: str
    url: str


@dataclass
class ItemRow:
    """An item. `reading` is empty for those whose reading is not shown to themselves, `readers` for others."""

    item: EvidenceItem
    url: str
    word: str
    colour: str
    detail: str
    waits: bool
    codes: str
    reading: str = ""
    is_changed: bool = False
    readers: str = ""
    is_unscanned: bool = False
    same: Double | None = None


@dataclass
class RequestRow:
    request: EvidenceRequest
    url: str
    word: str
    colour: str
    given: list[Given] = field(default_factory=list)


@dataclass
class QuestionRow:
    question: Question
    items: int = 0
    asked: list[RequestRow] = field(default_factory=list)


def item_rows(
    challenge: Challenge, items: Sequence[EvidenceItem], user: User, *, reads: bool, shows_readers: bool
) -> list[ItemRow]:
    """`items` come from `with_parts`. `reads` adds what the person has read, `shows_readers` who else has.

    `same` names the file that was here before with the same content, of those that the person sees.
    Who reads and releases nothing has `is_unscanned` instead of a colour: the page says once what that means.
    """
    reading = read_by(user, EvidenceItem.objects.filter(pk__in=[item.pk for item in items])) if reads else {}
    same = same_files(user, challenge, items)
    words = {READ: _("Read"), CHANGED: _("Changed since you read it")}
    rows = []
    for item in items:
        item.challenge = challenge
        status = item.status
        row = ItemRow(
            item, item.get_absolute_url(), str(status.word), status.colour, str(status.detail), status.waits,
            ", ".join(question.code for question in item.questions.all()), same=same.get(item.pk),
        )  # fmt: skip
        if reads and not shows_readers and _is_unscanned(item):
            row.is_unscanned, row.colour, row.detail = True, "grey", ""
        if reads:
            found = reading.get(item.pk, "")
            row.reading, row.is_changed = words.get(found, _("Not read yet")), found == CHANGED
        if shows_readers:
            row.readers = ", ".join(dict.fromkeys(one.reader.full_name for one in getattr(item, "read_by", ()))) or _(
                "Nobody yet"
            )
        rows.append(row)
    return rows


def _is_unscanned(item: EvidenceItem) -> bool:
    version = item.current
    return version is not None and version.stored_file.verdict in RELEASABLE and version.is_safe


def request_rows(
    challenge: Challenge, requests: Iterable[EvidenceRequest], items: QuerySet[EvidenceItem]
) -> list[RequestRow]:
    """The requests with what of `items` was given for each and is in use. One query."""
    requests = list(requests)
    for row in requests:
        row.challenge = challenge
    given: dict[int | None, list[Given]] = {}
    live = items.filter(state=EvidenceItem.State.LIVE, request__in=[row.pk for row in requests])
    for pk, title, request in live.order_by("title", "pk").values_list("pk", "title", "request_id"):
        address = reverse("evidence:item", args=[challenge.ref, pk])
        given.setdefault(request, []).append(Given(pk, title, address))
    return [
        RequestRow(
            row, row.get_absolute_url(), str(row.get_state_display()), COLOURS.get(row.state, "grey"),
            given.get(row.pk, []),
        )
        for row in requests
    ]  # fmt: skip


def question_rows(
    challenge: Challenge,
    questions: Iterable[Question],
    items: QuerySet[EvidenceItem],
    requests: QuerySet[EvidenceRequest],
) -> list[QuestionRow]:
    """The questions with how many of `items` serve each, and what of `requests` asks for it. Two queries."""
    rows = {question.pk: QuestionRow(question) for question in questions}
    live = items.filter(state=EvidenceItem.State.LIVE).order_by().values("pk")
    for pk in EvidenceLink.objects.filter(question__in=rows, item__in=live).values_list("question_id", flat=True):
        rows[pk].items += 1
    for request in requests.filter(question__in=rows).order_by("pk"):
        request.challenge = challenge
        word, colour = str(request.get_state_display()), COLOURS.get(request.state, "grey")
        line = RequestRow(request, request.get_absolute_url(), word, colour)
        if request.question_id is not None:
            rows[request.question_id].asked.append(line)
    return list(rows.values())
