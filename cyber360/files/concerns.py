"""What must not be held here: looking for it, holding a file back for it, and the answer of a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput
from cyber360.files.checks import plain_text
from cyber360.files.models import Concern, State, Step, StepState, StoredFile
from cyber360.files.sensitive import Found, Search
from cyber360.files.steps import held_words, kinds_in_words, set_step

START_BYTES = 16
_STREAMED = frozenset({"txt", "csv", "eml"})  # read as text whatever their length
_WORDLESS = frozenset({"txt", "csv"})  # and nothing else is in them
_PICTURES = frozenset({"png", "jpg", "jpeg"})


def is_looked_through(stored: StoredFile) -> bool:
    """True for what people give us. What we made, and signed records, nobody could answer for or take away again."""
    return stored.scope.partition(":")[0] in settings.FILES_LOOK_THROUGH


class Looked(NamedTuple):
    """What was found, and how much of the words could be read: `known` at all, `cut` only the beginning of them."""

    found: list[Found]
    known: bool
    cut: bool = False


def look_for_sensitive(stored: StoredFile, start: bytes, text: Iterator[str]) -> Looked:
    """Look through the whole file. `start` are its first bytes, `text` the pieces of a text file or mail.

    Never inside a transaction: the words of a document come from a child process. Raises DamagedFile.
    """
    search = Search()
    search.look_at_start(start)
    if stored.extension in _STREAMED:
        for piece in text:
            search.look(piece)
    if stored.extension in _WORDLESS:
        return Looked(search.result(), known=True)
    words, cut = _words(stored)
    for number, page in enumerate(words or [], 1):
        search.look(page, number)
    return Looked(search.result(), known=words is not None and stored.extension not in _PICTURES, cut=cut)


def _words(stored: StoredFile) -> tuple[list[str] | None, bool]:
    """The words by page, None when they cannot be read, and whether they are cut.

    Reading stands on the services, and they on this: so it is loaded when it is needed.
    """
    words_of, words_are_cut, no_preview = (
        import_string(f"cyber360.files.rendering.{name}") for name in ("words_of", "words_are_cut", "NoPreview")
    )
    try:
        return words_of(stored), words_are_cut(stored)
    except no_preview:
        return None, False


def text_pieces(stored: StoredFile, file) -> Iterator[str]:
    """The decoded text of the open plain `file`, when it is of a kind that is read as text."""
    return plain_text(file) if stored.extension in _STREAMED else iter(())


@transaction.atomic
def raise_concerns(*, stored_file: StoredFile, looked: Looked) -> StoredFile:
    """Write what the step found: concerns not raised before, and the step's sentence. An answered one stays so."""
    stored = StoredFile.objects.select_for_update().get(pk=stored_file.pk)
    now = timezone.now()
    for one in looked.found:
        Concern.objects.get_or_create(
            stored_file=stored,
            kind=one.kind,
            defaults={"count": one.times, "pages": one.pages, "raised_at": now},
        )
    _hold(stored)
    set_step(stored, Step.SENSITIVE, *_told(stored, looked))
    return stored


def _hold(stored: StoredFile) -> None:
    """`held_for` as the rows say it. The file's row is locked."""
    kinds = stored.concerns.filter(answered_at__isnull=True).order_by("kind").values_list("kind", flat=True)
    stored.held_for = " ".join(kinds)
    stored.save(update_fields=["held_for"])


def _told(stored: StoredFile, looked: Looked) -> tuple[StepState, str]:
    if stored.has_open_concern:
        return StepState.HELD, held_words(stored.held_for.split())
    answered = list(stored.concerns.order_by("kind").values_list("kind", flat=True))
    if answered:
        last = stored.concerns.order_by("-answered_at").select_related("answered_by").first()
        who = last.answered_by.full_name if last is not None and last.answered_by is not None else _("The council")
        words = _("It looked as if it held %(kinds)s. %(who)s said with a reason that it does not.")
        return StepState.NOTED, words % {"kinds": kinds_in_words(answered), "who": who}
    if looked.cut:
        return StepState.NOTED, _("Nothing seen in its first pages. It is longer than what is looked through.")
    if looked.known:
        return StepState.PASSED, _(
            "No marking above OFFICIAL-SENSITIVE, no key, no line with a password and no long list of residents' "
            "numbers seen. This check does not find everything."
        )
    return StepState.UNKNOWN, _("Its words cannot be read here, so nobody looked.")


@transaction.atomic
def answer_concerns(*, stored_file: StoredFile, by: models.Model, reason: str) -> StoredFile:
    """ "This is not that", with a reason: all open concerns of the file at once. The right is the caller's to ask.

    Raises BadInput without a reason. A file that is not held back stays as it is.
    """
    words = reason.strip()
    if not words:
        raise BadInput(_("Give the reason why the file does not hold it."))
    stored = StoredFile.objects.select_for_update().get(pk=stored_file.pk)
    if not stored.has_open_concern:
        return stored
    stored.concerns.filter(answered_at__isnull=True).update(
        answer_reason=words[:400], answered_by_id=by.pk, answered_at=timezone.now()
    )
    _hold(stored)
    set_step(stored, Step.SENSITIVE, *_told(stored, Looked([], known=True)))
    return stored


def unanswered_since(moment: datetime | None = None) -> models.QuerySet[StoredFile]:
    """Held files whose oldest open concern is older than the days that the setting gives."""
    moment = moment or timezone.now() - timedelta(days=settings.FILES_CONCERN_DAYS)
    late = Concern.objects.filter(answered_at__isnull=True, raised_at__lt=moment).values("stored_file")
    files = StoredFile.objects.filter(pk__in=late, state=State.STORED).exclude(held_for="")
    scopes = [models.Q(scope__startswith=f"{word}:") for word in settings.FILES_LOOK_THROUGH]
    return files.filter(reduce(or_, scopes)) if scopes else files.none()
