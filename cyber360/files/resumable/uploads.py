"""Beginning an upload, asking whether there is room for it, ending it, and sweeping what nobody continued."""

import hashlib
import json
import uuid
from datetime import timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, NotNow, TooBig
from cyber360.files.archives import refuse_type
from cyber360.files.blobs import delete_blobs
from cyber360.files.handler import no_room_in_pack, too_big
from cyber360.files.models import Blob, BlobKind, Upload, UploadState, blob_path
from cyber360.files.names import clean_name
from cyber360.files.receiving import disk_is_full, file_limit, pack_room
from cyber360.files.storage import vault

from .parts import ask_to_finish
from .protocol import Refusal

OPEN_PER_PERSON = 5
EXPIRY = timedelta(hours=24)
KEPT = timedelta(days=30)  # how long an ended upload stays in sight
_COMING = (UploadState.RECEIVING, UploadState.FINISHING)


@transaction.atomic
def create(
    *,
    scope: str,
    name: str,
    size: int,
    owner: models.Model,
    target: dict,
    limit: int | None = None,
    metadata: str = "",
    archives: bool = False,
) -> Upload:
    """Begin an upload of `size` bytes for `owner`, who was asked for the right before.

    `limit` is in bytes for one file, by default EVIDENCE_FILE_MB. `metadata` is the client's header as sent. A file
    that the person began before and did not end (same scope, name, size, target and metadata) is begun anew.
    With `archives` a zip is taken as well, and reaches the registered function unchecked (`files.archives`).
    Raises BadInput (name, type, empty), TooBig (file, room of the scope), Refusal (423: the same file is coming in
    right now; 429: too many at once; 507: the disk is nearly full).
    """
    name = clean_name(name)
    refuse_type(name, archives=archives)
    if not size:
        raise BadInput(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if size > (limit or file_limit()):
        raise TooBig(too_big(name, limit or file_limit()))
    get_user_model().objects.select_for_update().get(pk=owner.pk)  # two tabs must not both pass the count
    upload = Upload(
        scope=scope,
        name=name,
        size=size,
        owner_id=owner.pk,
        target=target,
        metadata=metadata,
        touched_at=timezone.now(),
    )
    upload.fingerprint = _fingerprint(upload)
    _end_the_one_before(upload)
    require_room(upload)
    if _open_of(owner).count() >= OPEN_PER_PERSON:
        raise Refusal(
            429,
            _("You have %(count)s uploads that are not finished. Let them finish, or cancel one.")
            % {"count": OPEN_PER_PERSON},
        )
    upload.full_clean(exclude=["owner"])
    upload.save(force_insert=True)
    return upload


def _fingerprint(upload: Upload) -> str:
    told = [upload.scope, upload.name, upload.size, upload.target, upload.metadata]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _end_the_one_before(upload: Upload) -> None:
    before = (
        Upload.objects.select_for_update()
        .filter(owner_id=upload.owner_id, fingerprint=upload.fingerprint, state=UploadState.RECEIVING)
        .first()
    )
    if before is None:
        return
    if before.held_until and before.held_until >= timezone.now():
        raise Refusal(423, _("“%(name)s” is being uploaded in another window.") % {"name": upload.name})
    remove(before)


def _open_of(owner: models.Model) -> models.QuerySet[Upload]:
    return Upload.objects.filter(owner_id=owner.pk, state=UploadState.RECEIVING, touched_at__gt=timezone.now() - EXPIRY)


def require_room(upload: Upload) -> None:
    """Asked at creation and before each piece. Raises TooBig (the scope has no room), Refusal (507: the disk)."""
    coming = Upload.objects.filter(scope=upload.scope, state__in=_COMING).exclude(pk=upload.pk)
    received = coming.aggregate(total=Sum("offset"))["total"] or 0
    if upload.size > pack_room(upload.scope) - received:
        raise TooBig(no_room_in_pack(upload.name))
    if full := disk_is_full():
        raise Refusal(507, full)


def is_over(upload: Upload) -> bool:
    """True when nothing more can come and nothing was kept: refused, expired, or untouched for a day."""
    if upload.is_open:
        return upload.touched_at < timezone.now() - EXPIRY
    return upload.state in (UploadState.REFUSED, UploadState.EXPIRED)


@transaction.atomic
def end(upload: Upload) -> None:
    """The person cancels it: its row and its parts go. Raises NotNow once it was received whole."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if row is None:
        return
    if row.state in (UploadState.FINISHING, UploadState.DONE):
        raise NotNow(_("The file was received. It can be withdrawn where it is listed."))
    remove(row)


@transaction.atomic
def remove(upload: Upload) -> None:
    """The row and, once that is committed, the parts. A request that is writing can then commit no more."""
    delete_blobs(_parts(upload))
    upload.delete()


def _parts(upload: Upload) -> models.QuerySet[Blob]:
    return Blob.objects.filter(scope=upload.scope, kind=BlobKind.PART, owner=upload.pk)


@transaction.atomic
def refuse(upload: Upload, words: str, *, making: uuid.UUID | None = None) -> Upload | None:
    """Keep the words and nothing else of it. None when it is over, or another run than `making` has it in hand."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state__in=_COMING).first()
    if row is None or (making is not None and row.making != making):
        return None
    if row.making:
        transaction.on_commit(partial(vault().delete, blob_path(row.making)))
    row.state, row.refusal, row.making = UploadState.REFUSED, words, None
    row.held_by = row.held_until = None
    row.touched_at = timezone.now()
    row.save()
    delete_blobs(_parts(row))
    return row


def sweep() -> int:
    """End what nobody continued for a day, ask again for finishing that was lost, forget what ended long ago.

    Returns how many uploads were ended.
    """
    now = timezone.now()
    stale = Upload.objects.filter(state=UploadState.RECEIVING, touched_at__lt=now - EXPIRY)
    ended = sum(_expire(upload) for upload in stale[:500])
    for upload in Upload.objects.filter(state=UploadState.FINISHING, touched_at__lt=now - timedelta(minutes=1))[:500]:
        _finish_or_give_up(upload)
    over = (UploadState.DONE, UploadState.REFUSED, UploadState.EXPIRED)
    Upload.objects.filter(state__in=over, touched_at__lt=now - KEPT).delete()
    _sweep_parts()
    return ended


@transaction.atomic
def _expire(upload: Upload) -> bool:
    row = Upload.objects.select_for_update().filter(pk=upload.pk, state=UploadState.RECEIVING).first()
    if row is None or row.touched_at >= timezone.now() - EXPIRY:
        return False
    row.state, row.held_by, row.held_until = UploadState.EXPIRED, None, None
    row.save(update_fields=["state", "held_by", "held_until"])
    delete_blobs(_parts(row))
    return True


def _finish_or_give_up(upload: Upload) -> None:
    """A finishing whose job was stopped for good would say "being checked" for ever."""
    job = ask_to_finish(upload)
    if job.is_finished:
        refuse(upload, _("“%(name)s” could not be kept. Upload it again.") % {"name": upload.name})


def _sweep_parts() -> None:
    """Parts whose upload is gone: its owner's account was deleted, say."""
    living = Upload.objects.filter(state__in=_COMING).values("pk")
    delete_blobs(Blob.objects.filter(kind=BlobKind.PART).exclude(owner__in=living))


@transaction.atomic
def forget_scope(scope: str) -> int:
    """Remove every upload of the scope with its parts, whatever its state; how many there were."""
    delete_blobs(Blob.objects.filter(scope=scope, kind=BlobKind.PART))
    _all, by_model = Upload.objects.filter(scope=scope).delete()
    return by_model.get(Upload._meta.label, 0)
