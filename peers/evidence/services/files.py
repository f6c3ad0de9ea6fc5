"""Files: taking them in, several at once, replacing them, and letting an unscanned one through."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.files.handler import VaultUpload
from cyber360.files.models import StoredFile
from cyber360.files.services import ask_for_check, keep_upload
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion, Marking, Release
from peers.frameworks.models import Question

from .base import clean, in_scope, kind_of, locked_item, locked_request, meet, needed, once_mark, serves, set_links

TITLE_LENGTH = EvidenceItem._meta.get_field("title").max_length


class Outcome(NamedTuple):
    """What became of one file of a form. `item` is None when it was refused; `message` then says why."""

    name: str
    item: EvidenceItem | None
    message: str = ""
    known: bool = False


def add_files(
    *,
    challenge: Challenge,
    by: User,
    uploads: Sequence[VaultUpload],
    request: EvidenceRequest | None = None,
    title: str = "",
    shows: str = "",
    source: str = "",
    document_date: date | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
    review_on: date | None = None,
    marking: str = Marking.OFFICIAL_SENSITIVE,
    questions: Sequence[Question] = (),
    token: str = "",
) -> list[Outcome]:
    """Each file becomes an item of its own, in a transaction of its own: one refused file loses no other.

    `title` is used when there is one file; several are called by their names. `token` names the sending of the
    form. Raises NoSeat or NotNow when the person may not add evidence here at all, BadInput for wrong words.
    """
    require(by, Act.EVIDENCE_UPLOAD, request if request is not None else challenge)
    words = {
        "shows": shows.strip(), "source": kind_of(request, source), "document_date": document_date,
        "period_from": period_from, "period_to": period_to, "review_on": review_on, "marking": marking,
    }  # fmt: skip
    chosen = in_scope(challenge, list(questions))
    outcomes = []
    for upload in uploads:
        called = title.strip() if len(uploads) == 1 and title.strip() else title_from(upload.name)
        outcomes.append(_outcome(challenge, by, upload, request, chosen, token, words | {"title": called}))
    return outcomes


def _outcome(
    challenge: Challenge,
    by: User,
    upload: VaultUpload,
    request: EvidenceRequest | None,
    questions: list[Question],
    token: str,
    words: dict,
) -> Outcome:
    if upload.refusal:
        return Outcome(upload.name, None, not_uploaded(upload.refusal))
    mark = once_mark(token, upload.sha256, upload.name)
    try:
        item, known = _add_file(challenge, by, upload, request, questions, mark, words)
    except BadInput as wrong:
        return Outcome(upload.name, None, not_uploaded(wrong.message))
    return Outcome(upload.name, item, known=known)


def not_uploaded(reason: str) -> str:
    return _("%(reason)s It was not uploaded. Nothing else on the page was lost.") % {"reason": reason}


def title_from(name: str) -> str:
    """A file's name without its ending, as a title that a person can change."""
    return (name.rpartition(".")[0] or name).replace("_", " ").strip()[:TITLE_LENGTH] or name[:TITLE_LENGTH]


@transaction.atomic
def _add_file(
    challenge: Challenge,
    by: User,
    upload: VaultUpload,
    request: EvidenceRequest | None,
    questions: list[Question],
    mark: str | None,
    words: dict,
) -> tuple[EvidenceItem, bool]:
    if request is not None:
        request = locked_request(request)
        row = request.challenge
    else:
        row = lock_challenge(challenge)
    seat = require(by, Act.EVIDENCE_UPLOAD, request if request is not None else row)
    if row.evidence_policy == Challenge.EvidencePolicy.LINKS:
        raise BadInput(_("This challenge takes links only: the council keeps its files."))
    if mark and (known := EvidenceVersion.objects.filter(once=mark).select_related("item").first()):
        return known.item, True
    item = EvidenceItem(
        challenge=row, request=request, kind=EvidenceItem.Kind.FILE, added_by=by, added_at=timezone.now(), **words
    )
    clean(item)
    item.save()
    set_links(item, serves(request, questions))
    stored = keep_upload(upload=upload, by=by)
    _add_version(item, stored, by, mark)
    meet(request)
    _record(item, by, seat, Act.EVIDENCE_UPLOAD, stored, 1)
    return item, False


def _add_version(item: EvidenceItem, stored: StoredFile, by: User, mark: str | None) -> EvidenceVersion:
    last = item.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = EvidenceVersion(
        item=item, number=last + 1, stored_file=stored, uploaded_by=by, uploaded_at=timezone.now(), once=mark
    )
    clean(version)
    version.save()
    item.current = version
    item.save(update_fields=["current", "version"])
    return version


def _record(item: EvidenceItem, by: User, seat: str, act: Act, stored: StoredFile, number: int) -> None:
    record(
        act=act,
        by=by,
        seat=seat,
        obj=item,
        scope=item.challenge.scope,
        detail={"version": number, "size": stored.size, "sha256": stored.sha256},
    )


@transaction.atomic
def replace_file(
    *, item: EvidenceItem, by: User, upload: VaultUpload, version: int | None = None, token: str = ""
) -> EvidenceItem:
    """A new version of the file; the one before is kept. Raises BadInput with the refusal, StaleVersion."""
    mark = once_mark(token, upload.sha256, upload.name)
    if mark and EvidenceVersion.objects.filter(once=mark, item_id=item.pk).exists():
        require(by, Act.EVIDENCE_WITHDRAW, item)
        return locked_item(item)
    row = locked_item(item, version)
    seat = require(by, Act.EVIDENCE_WITHDRAW, row)
    if row.is_link:
        raise NotNow(_("This is a link. Withdraw it and add a file instead."))
    if not row.is_live:
        raise NotNow(_("This evidence is withdrawn. Add it anew instead."))
    if row.challenge.evidence_policy == Challenge.EvidencePolicy.LINKS:
        raise BadInput(_("This challenge takes links only: the council keeps its files."))
    if upload.refusal:
        raise BadInput(not_uploaded(upload.refusal))
    stored = keep_upload(upload=upload, by=by)
    row.version += 1
    added = _add_version(row, stored, by, mark)
    _record(row, by, seat, Act.EVIDENCE_WITHDRAW, stored, added.number)
    return row


@transaction.atomic
def release_version(*, version: EvidenceVersion, by: User, reason: str) -> Release:
    """A coordinator lets a file through that the scanner could not judge. Never an infected or refused one.

    Raises NotNow when the file is infected, clean, still being checked, replaced or withdrawn.
    """
    item = locked_item(version.item)
    seat = require(by, Act.EVIDENCE_RELEASE, item)
    words = needed(reason, _("Give the reason why this file may go to the team unscanned."))
    row = EvidenceVersion.objects.select_related("stored_file", "release").get(pk=version.pk)
    if row.is_release_given:
        return row.release
    if not item.is_live or item.current_id != row.pk:
        raise NotNow(_("This version is no longer in use, so there is nothing to release."))
    if not row.may_be_released:
        raise NotNow(_("This file cannot be released: %(state)s.") % {"state": state_words(row.stored_file)})
    release = Release(version=row, by=by, reason=words, at=timezone.now())
    clean(release)
    release.save()
    record(
        act=Act.EVIDENCE_RELEASE, by=by, seat=seat, obj=item, scope=item.challenge.scope,
        detail={"version": row.number, "verdict": row.stored_file.verdict, "sha256": row.stored_file.sha256},
    )  # fmt: skip
    return release


@transaction.atomic
def check_again(*, item: EvidenceItem, by: User) -> None:
    """Ask the scanner once more for a file that it could not judge (it was down, or came only later)."""
    row = locked_item(item)
    seat = require(by, Act.EVIDENCE_RELEASE, row)
    if row.current is None or not row.current.stored_file.is_readable:
        raise NotNow(_("There is no file to check."))
    ask_for_check(stored_file=row.current.stored_file, again=True)
    record(
        act=Act.EVIDENCE_RELEASE, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "check asked for again", "version": row.current.number},
    )  # fmt: skip


def state_words(stored: StoredFile) -> str:
    """What our checks say of a file, in small letters for the middle of a sentence."""
    if stored.refusal:
        return _("its content was refused")
    return stored.get_verdict_display().lower()
