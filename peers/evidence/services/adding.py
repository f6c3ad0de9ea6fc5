"""One file becomes one item, whichever way it came in: by a form, in pieces, or out of a zip."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.files import names
from cyber360.files.models import StoredFile
from peers.access import SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion
from peers.frameworks.models import Question

from .base import clean, locked_request, meet, serves, set_links

TITLE_LENGTH = 200
FOLDER_LENGTH = 80
DATES = ("document_date", "period_from", "period_to", "review_on")


class LinksOnly(NotNow):
    """The council keeps its files."""

    def __init__(self) -> None:
        super().__init__(_("This challenge takes links only: the council keeps its files."))


class Admitted(NamedTuple):
    """The rows as they stand, locked, for a person who may add files to them now."""

    challenge: Challenge
    request: EvidenceRequest | None
    seat: SeatName


def may_take_files(challenge: Challenge, request: EvidenceRequest | None, by: User) -> SeatName:
    """Raises NoSeat, NotNow: the right, the stage, the pack's lock, and what the council wants to give."""
    seat = require(by, Act.EVIDENCE_UPLOAD, request if request is not None else challenge)
    if challenge.evidence_policy == Challenge.EvidencePolicy.LINKS:
        raise LinksOnly
    return seat


def admitted(challenge: Challenge, request: EvidenceRequest | None, by: User) -> Admitted:
    """The same, with the rows under lock. Call it inside a transaction."""
    if request is not None:
        request = locked_request(request)
        challenge = request.challenge
    else:
        challenge = lock_challenge(challenge)
    return Admitted(challenge, request, may_take_files(challenge, request, by))


@transaction.atomic
def add_one(
    *,
    challenge: Challenge,
    by: User,
    request: EvidenceRequest | None,
    keep: Callable[[], StoredFile],
    words: dict[str, Any],
    questions: Sequence[Question] = (),
    mark: str | None = None,
) -> tuple[EvidenceItem, bool]:
    """The item, and whether it was there before (`mark`). `keep` writes the file's row once all else is agreed.

    `words` are columns of EvidenceItem. Raises NoSeat, NotNow, BadInput.
    """
    row, request, seat = admitted(challenge, request, by)
    if mark and (known := EvidenceVersion.objects.filter(once=mark).select_related("item").first()):
        return known.item, True
    item = EvidenceItem(
        challenge=row, request=request, kind=EvidenceItem.Kind.FILE, added_by=by, added_at=timezone.now(), **words
    )
    clean(item)
    item.save()
    set_links(item, serves(request, list(questions)))
    stored = keep()
    add_version(item, stored, by, mark)
    meet(request)
    record_file(item, by, seat, Act.EVIDENCE_UPLOAD, stored, 1)
    return item, False


def add_version(item: EvidenceItem, stored: StoredFile, by: User, mark: str | None) -> EvidenceVersion:
    last = item.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = EvidenceVersion(
        item=item, number=last + 1, stored_file=stored, uploaded_by=by, uploaded_at=timezone.now(), once=mark
    )
    clean(version)
    version.save()
    item.current = version
    item.save(update_fields=["current", "version"])
    return version


def record_file(item: EvidenceItem, by: User, seat: str, act: Act, stored: StoredFile, number: int) -> None:
    record(
        act=act,
        by=by,
        seat=seat,
        obj=item,
        scope=item.challenge.scope,
        detail={"version": number, "size": stored.size, "sha256": stored.sha256},
    )


def not_uploaded(reason: str) -> str:
    return _("%(reason)s It was not uploaded. Nothing else on the page was lost.") % {"reason": reason}


def title_from(name: str, folder: str = "") -> str:
    """A file's name without its ending, with its folder, as a title that a person can change."""
    title = (name.rpartition(".")[0] or name).replace("_", " ").strip() or name
    if folder:
        title = _("%(title)s (from folder %(folder)s)") % {
            "title": title[: TITLE_LENGTH - FOLDER_LENGTH - 30],
            "folder": folder,
        }
    return title[:TITLE_LENGTH]


def folder_from(path: str) -> str:
    """ "Policies/2026" of "Policies/2026/plan.docx", cleaned as names are and cut from its beginning.

    Raises BadInput when a folder's name carries a marking above OFFICIAL-SENSITIVE.
    """
    parts = path.replace("\\", "/").split("/")[:-1]
    told = [part for part in parts if "".join(mark for mark in part if mark.isprintable()).strip(" .")]
    kept = [names.clean_name(part) for part in told]
    folder = "/".join(kept)
    return folder if len(folder) <= FOLDER_LENGTH else "…" + folder[-(FOLDER_LENGTH - 1) :]


def packed(words: dict[str, Any], questions: Sequence[Question]) -> dict[str, Any]:
    """Words for all files of a sending as JSON, until the files are there."""
    plain = {key: value.isoformat() if isinstance(value, date) else value for key, value in words.items()}
    return {**plain, "questions": [question.pk for question in questions]}


def unpacked(words: dict[str, Any], challenge: Challenge) -> tuple[dict[str, Any], list[Question]]:
    """The reverse of `packed`. A question that left the scope meanwhile is left out."""
    plain: dict[str, Any] = {key: words[key] for key in ("shows", "source", "marking") if key in words}
    days = {key: date.fromisoformat(words[key]) for key in DATES if words.get(key)}
    chosen = Question.objects.filter(pk__in=words.get("questions", []), theme__challenges=challenge)
    return {**plain, **days}, list(chosen)
