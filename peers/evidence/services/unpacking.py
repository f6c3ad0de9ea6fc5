"""A zip becomes items: one of its files after the other is decrypted, inflated, encrypted anew and checked.

Nothing plain is written anywhere. Each file that became an item carries a mark of the unpacking and its place in the
zip, so a run that was killed is simply done again: what is there already is passed over.
"""

import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, ExpectedError, NoSeat, NotNow
from cyber360.files.checks import zips
from cyber360.files.checks.base import Refused
from cyber360.files.handler import MEGABYTE, Limits, VaultUpload, VaultUploadHandler
from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile
from cyber360.files.reader import plain_file
from cyber360.files.receiving import file_limit, pack_room
from cyber360.files.services import check_plain, delete_file, keep_upload, open_for_reading
from cyber360.jobs.models import Job
from cyber360.jobs.models import State as JobState
from cyber360.jobs.services import enqueue
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceRequest, EvidenceVersion, Unpacking
from peers.frameworks.models import Question

from .adding import add_one, admitted, folder_from, may_take_files, packed, title_from, unpacked
from .base import clean, once_mark

UNPACK_KIND = "evidence.unpack"
FILES_IN_ZIP = 200
FOLDERS_DEEP = 8
ZIP_MB = 250  # the same as what all its files together may unpack to
# What systems add by themselves: passed over, and only counted.
LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
Show = Callable[[int, str], None]


def zip_limit() -> int:
    """Bytes that one zip may have."""
    return min(int(settings.EVIDENCE_PACK_MB), ZIP_MB) * MEGABYTE


# --- in ------------------------------------------------------------------------------------------------
@transaction.atomic
def begin_unpacking(
    *,
    challenge: Challenge,
    by: User,
    request: EvidenceRequest | None,
    keep: Callable[[], StoredFile],
    words: dict[str, Any],
    questions: list[Question],
    mark: str | None = None,
) -> tuple[Unpacking, bool]:
    """Ask for the unpacking; the row, and whether it was asked for before (`mark`). Raises NoSeat, NotNow."""
    row, request, seat = admitted(challenge, request, by)
    if mark and (known := Unpacking.objects.filter(once=mark).first()):
        return known, True
    stored = keep()
    unpacking = Unpacking(
        challenge=row, request=request, stored_file=stored, by=by, name=stored.name,
        words=packed(words, questions), once=mark, begun_at=timezone.now(),
    )  # fmt: skip
    clean(unpacking)
    unpacking.save()
    _record(unpacking, by, seat, {"what": "zip to unpack", "size": stored.size, "sha256": stored.sha256})
    _ask(unpacking, by)
    return unpacking, False


def _ask(unpacking: Unpacking, by: User, *, again: bool = False) -> None:
    enqueue(
        kind=UNPACK_KIND,
        key=unpacking.job_key,
        payload={"unpacking": unpacking.pk},
        by=by,
        scope=unpacking.challenge.scope,
        again=again,
    )


@transaction.atomic
def unpack_again(*, unpacking: Unpacking, by: User) -> None:
    """Go on with one whose worker stopped. What became an item is not added twice. Raises NotNow."""
    row, _request, seat = admitted(unpacking.challenge, unpacking.request, by)
    unpacking.challenge = row
    if not Job.objects.filter(key=unpacking.job_key, state=JobState.STOPPED).exists() or unpacking.is_ended:
        raise NotNow(_("This zip is unpacked, or is being unpacked."))
    _record(unpacking, by, seat, {"what": "unpacking asked for again"})
    _ask(unpacking, by, again=True)


def _record(unpacking: Unpacking, by: User | None, seat: str, detail: dict[str, Any]) -> None:
    record(
        act=Act.EVIDENCE_UPLOAD, by=by, seat=seat, obj=unpacking, label=_("Zip"),
        scope=unpacking.challenge.scope, detail=detail,
    )  # fmt: skip


# --- out -----------------------------------------------------------------------------------------------
def unpack(*, unpacking_id: int, show: Show) -> Unpacking:
    """Do it, or go on with it. `show(percent, sentence)` tells the waiting page. May run any number of times."""
    row = (
        Unpacking.objects.select_related("challenge__council", "request", "by", "stored_file")
        .filter(pk=unpacking_id)
        .first()
    )
    if row is None:
        raise NotNow(_("The zip is no longer here."))
    if row.is_ended:
        return row
    try:
        _unpack(row, show)
    except (ExpectedError, Refused) as ending:
        return _end(row, _reason(row, ending))
    return _end(row, "")


def _reason(row: Unpacking, ending: Exception) -> str:
    if isinstance(ending, Refused):
        return _(
            "“%(name)s” cannot be unpacked: it is damaged, protected by a password, or unpacks to far more than "
            "documents do. Unpack it yourself and add the files, or make a new zip of them."
        ) % {"name": row.name}
    if isinstance(ending, NoSeat):
        return _("You can no longer add evidence here.")
    return str(getattr(ending, "message", "")) or _("“%(name)s” cannot be unpacked.") % {"name": row.name}


def _unpack(row: Unpacking, show: Show) -> None:
    stored, by = row.stored_file, row.by
    if stored is None or by is None or stored.state != FileState.STORED:
        raise NotNow(_("The zip is no longer here."))
    may_take_files(row.challenge, row.request, by)
    with plain_file(partial(open_for_reading, stored), stored.size) as plain, zips.open_zip(plain) as container:
        members = _members(row, container)
        marks = {member.filename: once_mark(f"unpacking:{row.pk}", member.filename) for member in members}
        made = EvidenceVersion.objects.filter(once__in=marks.values())
        there: dict[str | None, int] = dict(made.values_list("once", "item_id"))
        row.added, row.left_out, row.words["items"] = 0, [], []
        row.state, row.total = Unpacking.State.UNPACKING, len(members)
        for number, member in enumerate(members):
            mark = marks[member.filename]
            try:
                item = there[mark] if mark in there else _member(row, by, container, member, mark)
            except BadInput as wrong:
                row.left_out.append([_shown(member.filename), wrong.message])
            else:
                row.added += 1
                row.words["items"].append(item)
            row.save(update_fields=["state", "total", "added", "left_out", "words"])
            show((number + 1) * 100 // len(members), _so_far(number + 1, len(members)))


def _so_far(done: int, total: int) -> str:
    return _("%(done)s of %(total)s files are unpacked.") % {"done": done, "total": total}


def _members(row: Unpacking, container: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files, in the order in which they lie, so that the stream is read forwards. Raises BadInput."""
    files = [info for info in container.infolist() if not info.is_dir()]
    found = [info for info in files if not _is_litter(info.filename)]
    row.words["ignored"] = len(files) - len(found)
    if not found:
        raise BadInput(_("There is no file in “%(name)s”.") % {"name": row.name})
    if len(found) > FILES_IN_ZIP:
        message = _("There are %(count)s files in “%(name)s”. One zip may have %(most)s: make several of it.")
        raise BadInput(message % {"count": len(found), "name": row.name, "most": FILES_IN_ZIP})
    return sorted(found, key=lambda info: info.header_offset)


def _is_litter(path: str) -> bool:
    low = path.lower()
    return low.startswith(LITTER[0]) or low.rpartition("/")[2].startswith("~$") or low.endswith(LITTER[1:])


def _member(row: Unpacking, by: User, container: zipfile.ZipFile, member: zipfile.ZipInfo, mark: str | None) -> int:
    """Add one file; the item's number. Raises BadInput with the reason why it is left out, and NotNow or NoSeat when
    no more may be added.
    """
    if member.filename.count("/") > FOLDERS_DEEP:
        told = _("It lies more than %(count)s folders deep. Move it up and add it by itself.")
        raise BadInput(told % {"count": FOLDERS_DEEP})
    room = pack_room(row.challenge.scope) + (row.stored_file.size if row.stored_file else 0)
    receiver = VaultUploadHandler(None, row.challenge.scope, Limits(file_limit(), room))
    kept = set()
    try:
        folder = folder_from(member.filename)
        upload = _received(receiver, container, member)
        words, questions = unpacked(row.words, row.challenge)
        item, _known = add_one(
            challenge=row.challenge, by=by, request=row.request, keep=partial(keep_upload, upload=upload, by=by),
            words={**words, "title": title_from(upload.name, folder)}, questions=questions, mark=mark,
        )  # fmt: skip
        kept = {upload.id} if item.current is not None else set()
    except _BROKEN as broken:
        raise BadInput(_("It is damaged in the zip. Add it by itself.")) from broken
    finally:
        receiver.discard_except(kept)
    return item.pk


def _received(receiver: VaultUploadHandler, container: zipfile.ZipFile, member: zipfile.ZipInfo) -> VaultUpload:
    """One file of the zip, encrypted and checked as one of a form would be. Raises BadInput, or zipfile's errors."""
    receiver.new_file("file", member.filename, "", member.file_size)
    with container.open(member) as plain:
        start = 0
        while piece := plain.read(MEGABYTE):
            receiver.receive_data_chunk(piece, start)
            start += len(piece)
    upload = receiver.file_complete(start)
    assert upload is not None  # a file was opened just now
    if upload.refusal:
        raise BadInput(upload.refusal)
    upload.checked = check_plain(upload)
    return upload


def _shown(path: str) -> str:
    """A name out of a zip as a page may show it."""
    return "".join(mark for mark in path.replace("\\", "/") if mark.isprintable())[-200:] or _("file without a name")


@transaction.atomic
def _end(row: Unpacking, refusal: str) -> Unpacking:
    """Write how it ended and delete the zip. What was added before a refusal stays."""
    live = Unpacking.objects.select_for_update(of=("self",)).select_related("challenge", "stored_file").get(pk=row.pk)
    if live.is_ended:
        return live
    live.total, live.added, live.left_out, live.words = row.total, row.added, row.left_out, row.words
    live.refusal, live.ended_at = refusal, timezone.now()
    live.state = Unpacking.State.REFUSED if refusal and not row.added else Unpacking.State.DONE
    live.save()
    if live.stored_file is not None and live.stored_file.state == FileState.STORED:
        delete_file(stored_file=live.stored_file)
    _record(live, row.by, "", {"what": "zip unpacked", "added": live.added, "left out": len(live.left_out)})
    return live
