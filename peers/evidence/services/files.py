"""Files: taking them in, several at once, replacing them, and letting an unscanned one through."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.files.archives import keep_archive
from cyber360.files.handler import VaultUpload
from cyber360.files.models import StoredFile
from cyber360.files.names import ARCHIVE, extension_of
from cyber360.files.services import ask_for_check, keep_upload
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion, Marking, Release, Unpacking
from peers.frameworks.models import Question

from .adding import LinksOnly, add_one, add_version, not_uploaded, record_file, title_from
from .base import clean, in_scope, kind_of, locked_item, needed, once_mark
from .unpacking import begin_unpacking


class Outcome(NamedTuple):
    """What became of one file of a form. With neither item nor unpacking it was refused; `message` then says why."""

    name: str
    item: EvidenceItem | None
    message: str = ""
    known: bool = False
    unpacking: Unpacking | None = None


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
    place: dict[str, Any] = {"challenge": challenge, "request": request, "by": by, "questions": questions, "mark": mark}
    try:
        if extension_of(upload.name) == ARCHIVE:
            row, known = begin_unpacking(keep=partial(keep_archive, upload=upload, by=by), words=words, **place)
            return Outcome(upload.name, None, known=known, unpacking=row)
        item, known = add_one(keep=partial(keep_upload, upload=upload, by=by), words=words, **place)
    except (BadInput, LinksOnly) as wrong:
        return Outcome(upload.name, None, not_uploaded(wrong.message))
    return Outcome(upload.name, item, known=known)


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
        raise LinksOnly
    if upload.refusal:
        raise BadInput(not_uploaded(upload.refusal))
    stored = keep_upload(upload=upload, by=by)
    row.version += 1
    added = add_version(row, stored, by, mark)
    record_file(row, by, seat, Act.EVIDENCE_WITHDRAW, stored, added.number)
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
    # Once the team reads, nothing is held back anew that the council could no longer answer for.
    ask_for_check(stored_file=row.current.stored_file, again=True, only_scan=row.challenge.pack_locked_at is not None)
    record(
        act=Act.EVIDENCE_RELEASE, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "check asked for again", "version": row.current.number},
    )  # fmt: skip


def state_words(stored: StoredFile) -> str:
    """What our checks say of a file, in small letters for the middle of a sentence."""
    if stored.refusal:
        return _("its content was refused")
    if stored.has_open_concern:
        return _("the host has not answered what it looks like")
    return stored.get_verdict_display().lower()
