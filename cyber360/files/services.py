"""Keeping, checking, reading and deleting files. Everything that another room needs stands here."""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import models, transaction
from django.db.models import Sum
from django.dispatch import Signal
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, NotNow
from cyber360.files import cipher
from cyber360.files.blobs import delete_blobs
from cyber360.files.checks import Checked, ContentRefused, check_content
from cyber360.files.cipher import DamagedFile
from cyber360.files.concerns import (
    START_BYTES,
    is_looked_through,
    look_for_sensitive,
    raise_concerns,
    text_pieces,
    unanswered_since,
)
from cyber360.files.handler import VaultUpload
from cyber360.files.keys import existing_key, key_for
from cyber360.files.models import Blob, State, Step, StepState, StoredFile, Verdict
from cyber360.files.names import extension_of, shortened
from cyber360.files.reader import plain_file
from cyber360.files.scanner import Scan, scanner, signatures_day
from cyber360.files.steps import (
    content_told,
    first_steps,
    is_open,
    kinds_in_words,
    scan_told,
    set_step,
    skip_the_rest,
    wait_again,
)
from cyber360.files.storage import TEMPORARY, vault
from cyber360.jobs.services import enqueue

log = logging.getLogger(__name__)

# Sent inside the transaction that writes a changed verdict: sender=StoredFile, file=<StoredFile>.
verdict_given = Signal()

CHECK_KIND = "files.check"
DAMAGED = "damaged"  # stands for the version where the scanner was handed no whole file
_FINAL = {Verdict.CLEAN, Verdict.INFECTED, Verdict.TOO_BIG}


@transaction.atomic
def keep_upload(*, upload: VaultUpload, by: models.Model | None, taken_as: Checked | None = None) -> StoredFile:
    """Finish an upload into a row, in the caller's transaction, and ask for its check.

    `upload` is one item of `request.FILES` in a view under `receiving.receives_files`. What is `taken_as` a type
    unseen (a zip to be unpacked) is neither checked nor scanned, and stays "not scanned".
    Raises BadInput with the refusal when nothing of it was kept (empty, too big, wrong content, no room).
    """
    if upload.refusal:
        raise BadInput(upload.refusal)
    stored = StoredFile(
        id=upload.id,
        scope=upload.scope,
        name=upload.name,
        extension=upload.extension,
        size=upload.size,
        sha256=upload.sha256,
        state=State.STORED,
        uploaded_by_id=None if by is None else by.pk,
    )
    if taken_as is not None:
        stored.verdict = Verdict.NOT_SCANNED
    if (checked := taken_as or upload.checked) is not None:
        _take_over(stored, checked)
    stored.full_clean()
    stored.save(force_insert=True)
    if taken_as is None:
        first_steps(stored)
        ask_for_check(stored_file=stored)
    return stored


@transaction.atomic
def keep_bytes(*, data: bytes, name: str, media_type: str, scope: str, by: models.Model | None = None) -> StoredFile:
    """A file that we made ourselves (a PDF, say), kept as an upload is and scanned like one.

    Its name is ours, so only its length is cut. When the caller's transaction fails, the sweep removes the bytes.
    """
    stored = StoredFile(
        scope=scope,
        name=shortened(name),
        media_type=media_type,
        extension=extension_of(name),
        size=len(data),
        sha256=cipher.measure([data]).sha256,
        state=State.STORED,
        uploaded_by_id=None if by is None else by.pk,
    )
    lock = cipher.encryptor(key_for(scope), cipher.file_context(scope, stored.pk))
    with vault().write(stored.path) as out:
        for start in range(0, len(data), cipher.PIECE):
            out.write(lock.update(data[start : start + cipher.PIECE]))
        out.write(lock.finalize())
    stored.full_clean()
    stored.save(force_insert=True)
    ask_for_check(stored_file=stored)
    return stored


def ask_for_check(*, stored_file: StoredFile, again: bool = False, only_scan: bool = False) -> None:
    """Queue the check; `again` also when it was done before (the scanner was down, or came only later).

    `only_scan`: for a file that people read already, the scanner alone is asked, and nothing else is judged anew.
    """
    payload: dict[str, object] = {"file_id": str(stored_file.pk)}
    if again:
        payload |= {"again": True, "only_scan": only_scan}
    enqueue(
        kind=CHECK_KIND,
        key=f"{CHECK_KIND}:{stored_file.pk}",
        payload=payload,
        scope=stored_file.scope,
        again=again,
    )


def _take_over(stored: StoredFile, checked: Checked) -> None:
    stored.media_type, stored.extension, stored.notes = checked.media_type, checked.extension, checked.notes


def check_and_scan(*, file_id: uuid.UUID | str, again: bool = False, only_scan: bool = False) -> StoredFile:
    """Take the steps that were not taken yet, in their order, and give the verdict. May run any number of times.

    Each step's state is written as it ends; a run that dies leaves "waiting", and the next one goes on from there.
    `again` also judges a file anew that has its final verdict (new signatures), `only_scan` as in `ask_for_check`.
    The file is read outside any transaction; only what was found is written in one.
    """
    stored = StoredFile.objects.get(pk=file_id)
    if stored.state != State.STORED or (stored.verdict in _FINAL and not again):
        return stored
    first_steps(stored)
    wait_again(stored, Step.SCAN)
    try:
        checked = None if stored.media_type else _take_content(stored)
        if not only_scan and is_open(stored, Step.SENSITIVE):
            _take_sensitive(stored)
        found = scanner().scan(_plain(stored), stored.size)
    except BadInput as refusal:
        return _refuse(stored, refusal.message, refusal.step if isinstance(refusal, ContentRefused) else Step.NAME)
    except DamagedFile as damage:
        log.error("File %s of %s: %s", stored.pk, stored.scope, damage.message)
        found, checked = Scan(Verdict.ERROR, damage.message, DAMAGED), None
    return _give_verdict(stored, found, checked)


def _take_content(stored: StoredFile) -> Checked:
    checked = check_plain(stored)
    _take_over(stored, checked)
    for step, (state, sentence) in content_told(stored).items():
        set_step(stored, step, state, sentence)
    return checked


def _take_sensitive(stored: StoredFile) -> None:
    if not is_looked_through(stored):
        set_step(stored, Step.SENSITIVE, StepState.UNKNOWN, _("Not looked for in records."))
        return
    with plain_file(partial(_plain, stored), stored.size) as file:
        start = file.read(START_BYTES)
        looked = look_for_sensitive(stored, start, text_pieces(stored, file))
    held_before = stored.held_for
    stored.held_for = raise_concerns(stored_file=stored, looked=looked).held_for
    if stored.held_for != held_before and stored.verdict != Verdict.PENDING:
        with transaction.atomic():
            verdict_given.send(sender=StoredFile, file=stored)


def check_plain(stored: StoredFile | VaultUpload) -> Checked:
    """Prove the content by its structure. Raises BadInput with what to do instead, DamagedFile."""
    opened = stored.plain_pieces if isinstance(stored, VaultUpload) else partial(_plain, stored)
    with plain_file(opened, stored.size) as file:
        return check_content(stored.name, file)


@transaction.atomic
def _give_verdict(stored: StoredFile, found: Scan, checked: Checked | None) -> StoredFile:
    stored = StoredFile.objects.select_for_update().get(pk=stored.pk)
    if stored.state != State.STORED:
        return stored
    before = stored.verdict
    if _says_nothing_new(before, found):
        return _keep_verdict(stored, found)
    if checked is not None:
        _take_over(stored, checked)
    version = "" if found.version == DAMAGED else found.version
    stored.verdict, stored.verdict_detail, stored.scanner_version = found.verdict, found.detail[:200], version
    stored.signatures_on = signatures_day(found.version)
    stored.scanned_at = None if found.verdict == Verdict.NOT_SCANNED else timezone.now()
    stored.full_clean()
    stored.save()
    set_step(stored, Step.SCAN, *scan_told(found))
    if stored.verdict != before:
        verdict_given.send(sender=StoredFile, file=stored)
    return stored


def _says_nothing_new(before: str, found: Scan) -> bool:
    """A check that did not end takes nothing back: a virus stays found, and what was clean stays clean for readers.

    Only "clean" clears a file that was infected. A damaged file that was clean is an error all the same.
    """
    if before == Verdict.INFECTED:
        return found.verdict not in {Verdict.INFECTED, Verdict.CLEAN}
    if before == Verdict.CLEAN:
        return found.verdict not in {Verdict.INFECTED, Verdict.CLEAN} and found.version != DAMAGED
    return False


def _keep_verdict(stored: StoredFile, found: Scan) -> StoredFile:
    if found.version and found.version != DAMAGED:
        stored.scanner_version = found.version  # it was asked with these signatures: not again every night
        stored.save(update_fields=["scanner_version"])
    if stored.verdict == Verdict.CLEAN:
        told = _("No virus found when it was checked first. A later check did not end and is tried again.")
        set_step(stored, Step.SCAN, StepState.PASSED, told)
    else:
        set_step(stored, Step.SCAN, *scan_told(Scan(Verdict.INFECTED)))
    return stored


@transaction.atomic
def _refuse(stored: StoredFile, reason: str, step: Step) -> StoredFile:
    """Keep the row, so that the page can say why, and none of the content."""
    stored = StoredFile.objects.select_for_update().get(pk=stored.pk)
    if stored.state != State.STORED:
        return stored
    stored.refusal, stored.verdict, stored.verdict_detail = reason, Verdict.ERROR, ""
    stored.save()
    set_step(stored, step, StepState.REFUSED, reason)
    skip_the_rest(stored)
    delete_file(stored_file=stored)
    verdict_given.send(sender=StoredFile, file=stored)
    return stored


def remove_held_file(*, stored_file: StoredFile, reason: str) -> StoredFile:
    """Delete the bytes of a held file because its people ask for it; the row keeps `reason`."""
    return _refuse(stored_file, reason, Step.SENSITIVE)


def delete_unanswered() -> int:
    """Delete the bytes of files that were held back for too long without an answer; the number of files.

    Not of a scope that must be kept as it is.
    """
    overdue = unanswered_since()
    must_stay = import_string(settings.SCOPES_THAT_STAY)(set(overdue.order_by().values_list("scope", flat=True)))
    late = list(overdue.exclude(scope__in=must_stay)[:100])
    for stored in late:
        reason = _("It looked as if it held %(kinds)s, and nobody answered in time, so it was deleted.") % {
            "kinds": kinds_in_words(stored.held_for.split())
        }
        _refuse(stored, reason, Step.SENSITIVE)
    return len(late)


def _plain(stored: StoredFile) -> Iterator[bytes]:
    key = existing_key(stored.scope)
    return cipher.decrypted(vault().read(stored.path), key, cipher.file_context(stored.scope, stored.pk))


def verify_file(stored_file: StoredFile) -> None:
    """Read the whole file once. Raises DamagedFile when a single byte or its length is not as kept.

    Each piece is authenticated under the file's own key and context, so hashing once more would prove nothing.
    """
    if sum(map(len, _plain(stored_file))) != stored_file.size:
        raise DamagedFile(_("The stored file is not the one that was uploaded."))


def open_for_reading(stored_file: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The plain bytes [start, end) in pieces, after the whole file was verified.

    Rights and receipts are the caller's. Raises NotNow for a file that is gone or infected, DamagedFile.
    """
    if stored_file.state != State.STORED:
        raise NotNow(_("The file is no longer here."))
    if not stored_file.is_readable:
        raise NotNow(_("The file cannot be opened: a virus was found in it."))
    verify_file(stored_file)
    plain = _plain(stored_file)
    if start == 0 and end is None:
        return plain
    return cipher.between(plain, start, stored_file.size if end is None else end)


@transaction.atomic
def delete_file(*, stored_file: StoredFile) -> StoredFile:
    """Set `gone` and remove the bytes once the transaction commits. The row stays as a trace."""
    stored = StoredFile.objects.select_for_update().get(pk=stored_file.pk)
    stored.state = State.GONE
    stored.save(update_fields=["state"])
    delete_blobs(Blob.objects.filter(scope=stored.scope, owner=stored.pk))
    transaction.on_commit(partial(vault().delete, stored.path))
    stored_file.state = State.GONE
    return stored


def sweep_orphans(*, older_than: timedelta = timedelta(hours=24)) -> int:
    """Delete stored bytes without a living row; the number removed.

    Younger ones may belong to an upload that is still coming in.
    """
    before, store = timezone.now() - older_than, vault()
    old = {path for path, changed in store.paths() if changed < before}
    ids = {_file_id(path) for path in old} - {None}
    living = set()
    for some in _batches(sorted(ids, key=str), 500):
        rows = StoredFile.objects.filter(pk__in=some).exclude(state=State.GONE)
        living |= {stored.path for stored in rows.only("pk")}
        living |= {blob.path for blob in Blob.objects.filter(pk__in=some).only("pk")}
    orphans = old - living
    for path in orphans:
        store.delete(path)
    return len(orphans)


def _file_id(path: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.rpartition("/")[2].removesuffix(TEMPORARY))
    except ValueError:
        return None


def _batches(items: list, size: int) -> Iterator[list]:
    return (items[start : start + size] for start in range(0, len(items), size))


def bytes_in_scope(scope: str) -> int:
    """Plain bytes that the scope's stored files take."""
    rows = StoredFile.objects.filter(scope=scope, state=State.STORED)
    return rows.aggregate(total=Sum("size"))["total"] or 0
