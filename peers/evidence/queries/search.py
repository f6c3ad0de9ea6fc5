"""Search inside one challenge: words about the evidence, what was asked for, the answers, the text of documents.

Everything stands on what the asker may see today, asked of the database in the same breath; the index of words only
says where in those files something is. Neither the words asked for nor what they hit is kept anywhere.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.files.index import Hit, IndexGone, IndexUnready, opened
from cyber360.files.matching import Part, matching, parts
from cyber360.files.models import State as FileState
from cyber360.files.models import Verdict
from peers.access import HOST, LGA, require
from peers.acts import Act
from peers.answers.queries import answers_visible_to
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion
from peers.frameworks.models import Theme

from .lists import filtered_items
from .visibility import items_visible_to, reading_seat, requests_visible_to

# Whose words may be in the index at all; the seat of the asker comes on top.
SEARCHABLE = Q(
    item__state=EvidenceItem.State.LIVE,
    stored_file__state=FileState.STORED,
    stored_file__refusal="",
    stored_file__held_for="",
) & ~Q(stored_file__verdict__in=[Verdict.PENDING, Verdict.INFECTED])


_SHEETS, _SLIDES = frozenset({"xlsx", "ods"}), frozenset({"pptx", "odp"})


class Index(Enum):
    """Whether the words of documents could be searched."""

    READY = "ready"
    PREPARING = "preparing"
    GONE = "gone"


class FoundPage(NamedTuple):
    """`place` is "Page 3", or what the kind of file has in place of pages."""

    number: int
    place: str
    parts: list[Part]


@dataclass
class FoundFile:
    """The best pages of one version; `more` is how many others hold the words too."""

    number: int
    is_current: bool
    pages: list[FoundPage]
    more: int


@dataclass
class FoundItem:
    """`about`: the words about the item where they hold what was asked for."""

    item: EvidenceItem
    about: list[Part]
    files: list[FoundFile]


class FoundRow(NamedTuple):
    """A request or an answer."""

    row: Any
    parts: list[Part]


@dataclass
class Searched:
    """What was looked through, counted only among what the asker may see."""

    items: int = 0
    requests: int = 0
    answers: int = 0
    documents: int = 0
    unread: int = 0
    waiting: int = 0


@dataclass
class Result:
    items: list[FoundItem]
    requests: list[FoundRow]
    answers: list[FoundRow]
    searched: Searched
    index: Index = Index.READY

    @property
    def count(self) -> int:
        return len(self.items) + len(self.requests) + len(self.answers)


class _File(NamedTuple):
    item_id: int
    number: int
    is_current: bool
    extension: str

    def place(self, number: int) -> str:
        if self.extension in _SHEETS:
            return _("Sheet %(number)s") % {"number": number}
        if self.extension in _SLIDES:
            return _("Slide %(number)s") % {"number": number}
        return _("Page %(number)s") % {"number": number}


def searchable_versions(challenge: Challenge) -> QuerySet[EvidenceVersion]:
    return EvidenceVersion.objects.filter(SEARCHABLE, item__challenge=challenge).order_by("pk")


def may_search_older(user: User, challenge: Challenge) -> bool:
    """Replaced versions are for the host and the LGA; to the team they were never given."""
    return reading_seat(user, challenge) in HOST | LGA


def search_evidence(
    user: User, challenge: Challenge, words: str, *, theme: Theme | None = None, older: bool = False
) -> Result:
    """All that holds every one of `words`, best first. Raises NoSeat, NotNow. Six queries beside those of the seats."""
    require(user, Act.EVIDENCE_SEARCH, challenge)
    rows = filtered_items(items_visible_to(user, challenge), {"theme": theme}).order_by("pk")
    items = {item.pk: item for item in rows}
    searched = Searched(items=len(items))
    files, unsearched = _files(rows, older=older and may_search_older(user, challenge))
    hits, state = _documents(challenge, words, files, searched)
    searched.waiting += unsearched
    about = matching({pk: f"{item.title} · {item.shows}" for pk, item in items.items()}, words)
    found = _by_item(items, about, hits, files)
    return Result(
        found,
        _requests(user, challenge, words, theme, searched),
        _answers(user, challenge, words, theme, searched),
        searched,
        state,
    )


def _files(items: QuerySet[EvidenceItem], *, older: bool) -> tuple[dict[UUID, _File], int]:
    """The files of visible items that may be searched, and how many may not (yet)."""
    versions = EvidenceVersion.objects.filter(item__in=items.order_by().values("pk"))
    if not older:
        versions = versions.filter(pk=F("item__current_id"))
    ready = Case(When(SEARCHABLE, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = versions.annotate(ready=ready).values_list(
        "stored_file_id", "item_id", "number", "item__current_id", "stored_file__extension", "pk", "ready"
    )
    files, unsearched = {}, 0
    for file_id, item_id, number, current_id, extension, pk, is_ready in rows:
        if is_ready:
            files[file_id] = _File(item_id, number, pk == current_id, extension)
        else:
            unsearched += 1
    return files, unsearched


def _documents(
    challenge: Challenge, words: str, files: dict[UUID, _File], searched: Searched
) -> tuple[list[Hit], Index]:
    if not files:
        return [], Index.READY
    try:
        with opened(challenge.scope) as index:
            known, hits = index.known(), index.search(words, files.keys())
    except IndexUnready:
        searched.waiting = len(files)
        return [], Index.PREPARING
    except IndexGone:
        searched.unread = len(files)
        return [], Index.GONE
    searched.documents = sum(known.get(file_id, False) for file_id in files)
    searched.waiting = sum(file_id not in known for file_id in files)
    searched.unread = len(files) - searched.documents - searched.waiting
    return hits, Index.READY


def _by_item(
    items: dict[int, EvidenceItem], about: dict[int, str], hits: list[Hit], files: dict[UUID, _File]
) -> list[FoundItem]:
    """Items whose own words hit come first, then by their best page."""
    by_file: dict[UUID, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_file[hit.file_id].append(hit)
    found = {pk: FoundItem(items[pk], parts(snippet), []) for pk, snippet in about.items()}
    for file_id, pages in by_file.items():
        file = files[file_id]
        entry = found.setdefault(file.item_id, FoundItem(items[file.item_id], [], []))
        shown = [
            FoundPage(hit.page, file.place(hit.page), parts(hit.snippet))
            for hit in sorted(pages, key=lambda hit: hit.page)
        ]
        entry.files.append(FoundFile(file.number, file.is_current, shown, pages[0].pages - len(pages)))
    for entry in found.values():
        entry.files.sort(key=lambda file: -file.number)
    return list(found.values())


def _requests(user: User, challenge: Challenge, words: str, theme: Theme | None, searched: Searched) -> list[FoundRow]:
    rows = requests_visible_to(user, challenge)
    rows = rows.filter(question__theme=theme) if theme else rows
    texts = {row: row.prompt for row in rows}
    searched.requests = len(texts)
    return [FoundRow(row, parts(snippet)) for row, snippet in matching(texts, words).items()]


def _answers(user: User, challenge: Challenge, words: str, theme: Theme | None, searched: Searched) -> list[FoundRow]:
    rows = answers_visible_to(user, challenge).exclude(text="")
    rows = rows.filter(question__theme=theme) if theme else rows
    texts = {row: row.text for row in rows.defer("question__guidance")}
    searched.answers = len(texts)
    for row in texts:
        row.challenge = challenge
    return [FoundRow(row, parts(snippet)) for row, snippet in matching(texts, words).items()]
