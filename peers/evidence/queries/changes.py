"""What changed in a file since somebody read it: for a mark in lists, and passage by passage on a page of its own."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.files.cipher import DamagedFile
from cyber360.files.matching import plain_text
from cyber360.files.models import Blob, BlobKind, StoredFile
from cyber360.files.rendering import NoPreview, words_of
from cyber360.files.rendering.kinds import WORDED
from peers.access import HOST, LGA, SeatName, require
from peers.acts import Act
from peers.evidence.models import EvidenceItem, EvidenceVersion, ReadingReceipt

from .visibility import reading_seat

SENTENCES, PASSAGES, LETTERS = 4000, 60, 600
_OFTEN = 5  # a sentence that stands more often than this (a table's zero) says nothing about what moved where
_END = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_a-z])|\n+")
_SAW_WORDS = [ReadingReceipt.Kind.PREVIEWED, ReadingReceipt.Kind.DOWNLOAD, ReadingReceipt.Kind.PACK]


class Sentence(NamedTuple):
    text: str
    page: int


class Passage(NamedTuple):
    """`before` is empty for what is new, `now` for what is gone. `page` is where it stands, else where it stood."""

    before: str
    now: str
    page: int


class Changes(NamedTuple):
    """`note` says why there are no passages, or that there are more than these."""

    passages: list[Passage]
    note: str = ""


def changed_since(user: User, items: Iterable[EvidenceItem]) -> dict[int, int]:
    """Item id -> the number of the version that the person read last, where it is not the present one any more.

    `items` with `current` at hand; one query for all. Having opened the item's page is no reading of its file.
    """
    present = {item.pk: item.current.number for item in items if item.current is not None}
    rows = ReadingReceipt.objects.filter(reader=user, item__in=present, version__isnull=False, kind__in=_SAW_WORDS)
    read = rows.order_by().values_list("item_id").annotate(last=Max("version__number"))
    return {item_id: last for item_id, last in read if last < present[item_id]}


def changed_from(mine: Iterable[ReadingReceipt], item: EvidenceItem) -> int:
    """As `changed_since` for one item, from the person's receipts of it; 0 when nothing changed."""
    if item.current is None:
        return 0
    read = [row.version.number for row in mine if row.version is not None and row.kind in _SAW_WORDS]
    return max(read) if read and max(read) < item.current.number else 0


def version_to_compare(user: User, item: EvidenceItem, number: int = 0) -> EvidenceVersion:
    """The older version that the page sets beside the present one. Raises NoSeat when there is none for this person.

    Host and LGA may name any; everybody else only what they read themselves. Without a number it is what the
    person read last, for host and LGA else the one before.
    """
    if item.current is None:
        raise NoSeat
    saw = ReadingReceipt.objects.filter(version=OuterRef("pk"), reader=user, kind__in=_SAW_WORDS)
    older = item.versions.select_related("stored_file").filter(number__lt=item.current.number).order_by("-number")
    rows = list(older.annotate(was_read=Exists(saw)))
    read = [row for row in rows if row.was_read]
    may_name = rows if reading_seat(user, item.challenge) in HOST | LGA else read
    wanted = [row for row in may_name if row.number == number] if number else [*read, *may_name]
    if not wanted:
        raise NoSeat
    wanted[0].item = item
    return wanted[0]


def what_changed(user: User, item: EvidenceItem, old: EvidenceVersion, new: EvidenceVersion) -> Changes:
    """The passages that differ between two versions of the item. Raises NoSeat, NotNow."""
    if new.pk != item.current_id or old.pk != version_to_compare(user, item, old.number).pk:
        raise NoSeat
    return changes_from(user, item, old)


def changes_from(user: User, item: EvidenceItem, old: EvidenceVersion) -> Changes:
    """As `what_changed`, for a version that `version_to_compare` gave.

    Words that are not read yet are not read here: that takes a child process.
    """
    require(user, Act.EVIDENCE_PREVIEW, item)
    if item.current is None:
        raise NoSeat
    seat, versions = reading_seat(user, item.challenge), (old, item.current)
    for version in versions:
        if reason := _hidden(version, seat):
            return Changes([], reason)
    files = [version.stored_file for version in versions]
    worded = [stored.pk for stored in files if stored.extension in WORDED]
    if Blob.objects.filter(scope=files[0].scope, kind=BlobKind.WORDS, owner__in=worded).count() < len(worded):
        return Changes([], _("The words of this file are being read. Look again in a minute."))
    before, now = map(_sentences, files)
    if not before or not now:
        return Changes([], _("The words of one of the two versions cannot be read, so they cannot be compared here."))
    return compared(before, now)


def _hidden(version: EvidenceVersion, seat: SeatName | None) -> str:
    """Why a version must not be shown, if so."""
    stored = version.stored_file
    if not stored.is_readable:
        return _("Version %(number)s is no longer here.") % {"number": version.number}
    if version.is_held_from(seat):
        return _("Version %(number)s is held back until the council has answered.") % {"number": version.number}
    return ""


def _sentences(stored: StoredFile) -> list[Sentence]:
    """Empty when the words cannot be read."""
    try:
        pages = words_of(stored)
    except (NoPreview, DamagedFile):
        return []
    return [
        Sentence(text, number)
        for number, page in enumerate(pages, start=1)
        for part in _END.split(page)
        if (text := plain_text(part))
    ]


# --- comparing -------------------------------------------------------------------------------------------
def compared(before: Sequence[Sentence], now: Sequence[Sentence]) -> Changes:
    """Sentences that stand in one and not in the other, what replaces what where that can be told."""
    notes = []
    if max(len(before), len(now)) > SENTENCES:
        notes.append(_("The document is long: only its first part was compared."))
    before, now = before[:SENTENCES], now[:SENTENCES]
    passages = list(_differing(before, now))
    if not passages and not notes:
        notes.append(_("The words are the same. Pictures or the layout may differ."))
    if len(passages) > PASSAGES:
        notes.append(_("Only the first %(count)s changes are shown.") % {"count": PASSAGES})
    return Changes(passages[:PASSAGES], " ".join(notes))


def _differing(before: Sequence[Sentence], now: Sequence[Sentence]) -> Iterable[Passage]:
    old, new = [row.text for row in before], [row.text for row in now]
    counts = Counter(old) | Counter(new)
    matcher = difflib.SequenceMatcher(lambda text: counts[text] > _OFTEN, old, new, autojunk=False)
    for kind, start, end, begin, stop in matcher.get_opcodes():
        if kind == "equal" or sorted(old[start:end]) == sorted(new[begin:stop]):
            continue
        page = now[begin].page if begin < stop else before[start].page
        yield Passage(_cut(old[start:end]), _cut(new[begin:stop]), page)


def _cut(sentences: Sequence[str]) -> str:
    text = " ".join(sentences)
    return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"
