"""One page, sheet or slide of a file, as the reading page shows it. Nothing is worked out here while a reader waits:
what the worker has not made yet is said to be on its way."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.exceptions import NoSeat
from cyber360.files.blobs import find_blob
from cyber360.files.models import Blob, BlobKind, StoredFile, Verdict
from cyber360.files.rendering import NoPreview, page_count, preview_kind, words_with_end
from cyber360.jobs.models import Job, State

FOLLOW_KIND = "evidence.follow"
_SHEETS = frozenset({"xlsx", "ods"})
_SLIDES = frozenset({"pptx", "odp"})
_WORDLESS = frozenset({"png", "jpg", "jpeg"})


@dataclass(frozen=True)
class Leaf:
    """`count` is how many there are to turn. `reason` says why there is nothing, `waits` that it is being made.

    `rows` are the cells of a sheet, `words` the text otherwise; `cut` says what is not shown.
    """

    number: int = 1
    count: int = 0
    unit: str = ""
    has_picture: bool = False
    words: str = ""
    heading: str = ""
    rows: list[list[str]] = field(default_factory=list)
    cut: str = ""
    reason: str = ""
    waits: bool = False

    @property
    def place(self) -> str:
        """“page 3 of 12”."""
        return _("%(unit)s %(number)s of %(count)s") % {"unit": self.unit, "number": self.number, "count": self.count}

    @property
    def before(self) -> int:
        return self.number - 1 if self.number > 1 else 0

    @property
    def after(self) -> int:
        return self.number + 1 if self.number < self.count else 0


def follow_key(stored: StoredFile) -> str:
    return f"{FOLLOW_KIND}:{stored.pk}"


def leaf(stored: StoredFile, number: int) -> Leaf:
    """Raises NoSeat for a number that the file does not have."""
    if reason := _nothing_to_show(stored):
        return Leaf(reason=reason)
    if stored.verdict == Verdict.PENDING or (not _is_made(stored) and not _is_over(stored)):
        return Leaf(waits=True)
    try:
        return _made(stored, number)
    except NoPreview as none:
        return Leaf(reason=none.message)


def has_picture(stored: StoredFile, number: int) -> bool:
    """Whether the picture of this page is made, and may be shown of such a file."""
    if _nothing_to_show(stored) or stored.verdict == Verdict.PENDING or number < 1:
        return False
    return find_blob(scope=stored.scope, kind=BlobKind.PAGE, owner=stored.pk, number=number) is not None


def _nothing_to_show(stored: StoredFile) -> str:
    if stored.refusal:
        return stored.refusal
    if stored.verdict == Verdict.INFECTED:
        return _("A virus was found in it, so nothing of it is shown. The host lead can replace or withdraw it.")
    if not stored.is_readable:
        return _("The file is no longer here.")
    if stored.verdict != Verdict.PENDING and not preview_kind(stored):
        return _("There is no preview of this kind of file.")
    return ""


def _is_made(stored: StoredFile) -> bool:
    """Whether the worker has left what is needed; a failure counts, its sentence is kept in the same place."""
    rows = Blob.objects.filter(scope=stored.scope, owner=stored.pk)
    made = set(rows.filter(kind__in=[BlobKind.WORDS, BlobKind.PAGE], number=0).values_list("kind", flat=True))
    wanted = {BlobKind.PAGE.value} if preview_kind(stored) == "pages" else set()
    if stored.extension not in _WORDLESS:
        wanted.add(BlobKind.WORDS.value)
    return wanted <= made


def _is_over(stored: StoredFile) -> bool:
    """The worker has tried and left nothing: what stands in the way is said when it is tried here."""
    finished = Job.objects.filter(key=follow_key(stored), state__in=[State.DONE, State.STOPPED])
    return finished.exists()


def _made(stored: StoredFile, number: int) -> Leaf:
    pictures = page_count(stored) if preview_kind(stored) == "pages" else 0
    texts, goes_on = _texts(stored, pictures)
    count = max(pictures, len(texts), 1)
    if not 1 <= number <= count:
        raise NoSeat
    words = texts[number - 1] if number <= len(texts) else ""
    is_cut = bool(texts) and number == count and goes_on
    heading, rows = _as_table(words) if stored.extension in _SHEETS else ("", [])
    return Leaf(
        number, count, _unit(stored), number <= pictures, "" if rows else words.strip("\n"), heading, rows,
        _cut(pictures, len(texts), is_cut),
    )  # fmt: skip


def _texts(stored: StoredFile, pictures: int) -> tuple[list[str], bool]:
    """The words of each page, and whether the document goes on after them; pictures alone are enough without them."""
    try:
        return words_with_end(stored)
    except NoPreview:
        if not pictures:
            raise
        return [], False


def _unit(stored: StoredFile) -> str:
    if stored.extension in _SHEETS:
        return _("sheet")
    return _("slide") if stored.extension in _SLIDES else _("page")


def _as_table(words: str) -> tuple[str, list[list[str]]]:
    """The sheet's name, where the piece begins with it, and the cells, each row as long as the longest."""
    heading, _newline, rest = words.partition("\n")
    if "\t" in heading:  # a later piece of a long sheet
        heading, rest = "", words
    rows = [line.split("\t") for line in rest.split("\n") if line.strip()]
    width = max((len(row) for row in rows), default=0)
    return heading, [row + [""] * (width - len(row)) for row in rows]


def _cut(pictures: int, texts: int, is_cut: bool) -> str:
    if pictures and texts > pictures:
        return ngettext(
            "Only the first page is shown as a picture, the others by their words.",
            "The first %(count)s pages are shown as pictures, the others by their words.",
            pictures,
        ) % {"count": pictures}
    return _("The document is longer than what is shown here. This is the last of it.") if is_cut else ""
