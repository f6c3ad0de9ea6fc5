"""Asking for a copy, the job that makes it, handing it out, and its end after two weeks."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from stream_zip import MemberFile

from cyber360.accounts.models import User
from cyber360.audit.services import PLATFORM, record
from cyber360.exceptions import BadInput, ExpectedError, NoSeat, NotNow
from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile, blob_path
from cyber360.files.names import shortened
from cyber360.files.services import ask_for_check, delete_file, verify_file
from cyber360.files.storage import vault
from cyber360.jobs.services import enqueue
from cyber360.notify.services import queue_mail
from peers.access import HOST, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.challenges.services import lock_challenge
from peers.records.models import OPEN_EXPORTS, ExportState, InformationExport
from peers.records.queries.information import MAKE, PARTS, Codes, job_key
from peers.records.queries.information_sheets import Asking

from .base import clean
from .information_archive import ZIP_TYPE, Archive, Show, Written, challenge_members, seal_archive

KEPT_DAYS = 14
TAKEN = "information.taken"


# --- asking ------------------------------------------------------------------------------------------
@transaction.atomic
def ask_for_information(
    *, challenge: Challenge, by: User, parts: Iterable[str], reference: str = ""
) -> InformationExport:
    """Queue a copy of the challenge. While one is being made for the same person, that one is given back."""
    row = lock_challenge(challenge)
    seat = require(by, Act.INFORMATION_EXPORT, row)
    wanted = set(parts)
    chosen = [part for part in PARTS if part in wanted]
    if not chosen or wanted - set(PARTS):
        raise BadInput(_("Choose at least one part of the record."))
    if known := InformationExport.objects.filter(challenge=row, asked_by=by, state__in=OPEN_EXPORTS).first():
        return queue_making(known)
    export = InformationExport(challenge=row, asked_by=by, seat=seat, parts=chosen, reference=reference.strip())
    clean(export)
    export.save()
    _tell_the_other_side(export)
    return queue_making(export)


def queue_making(export: InformationExport) -> InformationExport:
    """Its job; one that stopped begins again."""
    scope = "" if export.challenge is None else export.challenge.scope
    enqueue(kind=MAKE, key=job_key(export), payload={"export": export.pk}, by=export.asked_by, scope=scope, again=True)
    return export


def _tell_the_other_side(export: InformationExport) -> None:
    """The council hears when the coordinator makes a copy, the coordinators when the council does."""
    challenge = export.challenge
    assert challenge is not None
    people = coordinators_of(challenge) if export.seat in HOST else people_in_seat(challenge, HOST)
    for person in people.exclude(pk=export.asked_by_id):
        queue_mail(
            to=person,
            kind="information",
            subject=_("%(ref)s: a copy of the record is being made") % {"ref": challenge.ref},
            body=_("It is made to answer a request for information. The page says who asked for it."),
            link=f"/challenges/{challenge.ref}/records/information/",
            key=f"information:{export.pk}:{person.pk}",
        )


# --- making ------------------------------------------------------------------------------------------
Members = Callable[[InformationExport, Archive], Iterator[MemberFile]]


def make_information(*, export_id: int, show: Show, about_person: Members) -> dict[str, Any]:
    """The job. May run any number of times; a run that was killed leaves nothing that can be read, and is begun anew.

    `about_person` gives the members of a copy about one person.
    """
    export = _begin(export_id)
    if export is None:
        return {"state": "done"}
    archive = Archive(timezone.now(), show)
    try:
        members = about_person(export, archive) if export.challenge is None else _of_challenge(export, archive)
        written = seal_archive(scope=scope_of(export), file_id=export.making, members=members, archive=archive)
    except ExpectedError as refusal:
        return _refuse(export, refusal)
    return _finish(export, written)


def scope_of(export: InformationExport) -> str:
    """Not the evidence's own: room for evidence is counted there. The sweep follows a disposal of evidence."""
    return f"person:{export.about_id}" if export.challenge is None else export.challenge.record_scope


def _of_challenge(export: InformationExport, archive: Archive) -> Iterator[MemberFile]:
    """With the right asked again. Raises NoSeat, NotNow."""
    assert export.challenge is not None
    challenge = Challenge.objects.select_related("council", "programme").get(pk=export.challenge.pk)
    seat = require(export.asked_by, Act.INFORMATION_EXPORT, challenge)
    return challenge_members(export, Asking(export.asked_by, seat, challenge, Codes()), archive)


@transaction.atomic
def _begin(export_id: int) -> InformationExport | None:
    """Each run writes under an id of its own; the bytes of one that was killed go."""
    rows = InformationExport.objects.select_for_update(of=("self",))
    row = rows.select_related("challenge__council", "about", "asked_by").get(pk=export_id)
    if not row.is_open:
        return None
    if row.state == ExportState.MAKING:
        transaction.on_commit(partial(vault().delete, blob_path(row.making)))
    row.state, row.making = ExportState.MAKING, uuid.uuid4()
    row.save(update_fields=["state", "making"])
    return row


def _refuse(export: InformationExport, refusal: ExpectedError) -> dict[str, Any]:
    words = refusal.message or _("You have no right to it any more.")
    rows = InformationExport.objects.filter(pk=export.pk, making=export.making, state=ExportState.MAKING)
    rows.update(state=ExportState.REFUSED, words=words[:300])
    return {"state": ExportState.REFUSED.value}


@transaction.atomic
def _finish(export: InformationExport, written: Written) -> dict[str, Any]:
    """Read back once before anybody is told. A run that was overtaken drops what it wrote."""
    row = InformationExport.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if row.state != ExportState.MAKING or row.making != export.making:
        transaction.on_commit(partial(vault().delete, blob_path(export.making)))
        return {"state": row.state}
    now = timezone.now()
    row.stored_file = _kept(export, written)
    row.state, row.made_at, row.ends_on = ExportState.READY, now, timezone.localdate() + timedelta(days=KEPT_DAYS)
    row.files, row.size, row.sha256 = written.members, written.size, written.sha256
    row.save()
    _record_made(export, row, written)
    queue_mail(
        to=export.asked_by,
        kind="information",
        subject=_("The copy that you asked for is ready"),
        body=_("You can take it for %(days)s days. After that it is deleted here.") % {"days": KEPT_DAYS},
        link=export.get_absolute_url(),
        key=f"information:{row.pk}:ready",
    )
    return {"state": row.state, "files": row.files}


def _kept(export: InformationExport, written: Written) -> StoredFile:
    about = _("person") if export.challenge is None else export.challenge.ref
    stored = StoredFile(
        id=export.making, scope=scope_of(export), name=shortened(f"{about} information.zip"), media_type=ZIP_TYPE,
        extension="zip", size=written.size, sha256=written.sha256, state=FileState.STORED, uploaded_by=export.asked_by,
    )  # fmt: skip
    stored.full_clean()
    verify_file(stored)
    stored.save(force_insert=True)
    ask_for_check(stored_file=stored)
    return stored


def _record_made(export: InformationExport, row: InformationExport, written: Written) -> None:
    detail: dict[str, Any] = {"files": row.files, "size": row.size, "export": row.pk}
    if export.challenge is not None:
        detail |= {"evidence": written.evidence, "page_only": written.page_only}
        record(
            act=Act.INFORMATION_EXPORT, by=export.asked_by, seat=row.seat, obj=export.challenge,
            scope=export.challenge.scope, detail=detail | {"parts": row.parts, "reference": row.reference},
        )  # fmt: skip
    else:
        record(act=Act.PERSON_EXPORT, by=export.asked_by, seat=row.seat, obj=export.about, detail=detail)


# --- handing out, and the end --------------------------------------------------------------------------
@transaction.atomic
def note_taken(*, export: InformationExport, by: User) -> StoredFile:
    """Before the first byte: counted and recorded. Raises NoSeat for anybody else's copy, NotNow for one not ready."""
    row = InformationExport.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if row.asked_by_id != by.pk:
        raise NoSeat
    if row.state != ExportState.READY or row.stored_file is None:
        raise NotNow(_("This copy is not here. Ask for another one."))
    InformationExport.objects.filter(pk=row.pk).update(taken_at=timezone.now(), times_taken=F("times_taken") + 1)
    scope = PLATFORM if export.challenge is None else export.challenge.scope
    record(act=TAKEN, by=by, seat=row.seat, obj=row, scope=scope, detail={"times": row.times_taken + 1})
    return row.stored_file


def end_information(*, on: Any = None) -> int:
    """Delete the bytes of copies whose days are over, and of those with evidence that was disposed of; how many."""
    day = on or timezone.localdate()
    over = Q(ends_on__lt=day) | Q(challenge__evidence_disposed_at__isnull=False)
    rows = InformationExport.objects.filter(over, state=ExportState.READY).order_by("ends_on")
    over_now = [row.pk for row in rows if (row.ends_on and row.ends_on < day) or "files" in row.parts]
    return sum(end_copy(pk) for pk in over_now)


@transaction.atomic
def end_copy(pk: int) -> int:
    row = InformationExport.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.state != ExportState.READY or row.stored_file is None:
        return 0
    delete_file(stored_file=row.stored_file)
    row.state, row.words = ExportState.GONE, ""
    row.save(update_fields=["state", "words"])
    return 1
