"""Views that take files: rights first, then encryption from the first byte, then the token, then the content check."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import TooManyFilesSent
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from cyber360.exceptions import BadInput, NotNow, TooBig
from cyber360.files.handler import MEGABYTE, Limits, VaultUploadHandler
from cyber360.files.models import State, StoredFile
from cyber360.files.names import ARCHIVE
from cyber360.files.patience import read_away
from cyber360.files.services import bytes_in_scope, check_plain
from cyber360.files.storage import vault
from cyber360.ui.numbers import whole

FORM_BYTES = 64 * 1024  # what the fields beside the files may take
BODY_BYTES = 1024 * MEGABYTE  # above this nothing is read: below, too much is answered beside the field


def file_limit() -> int:
    """The largest file in bytes."""
    return settings.EVIDENCE_FILE_MB * MEGABYTE


def pack_room(scope: str) -> int:
    """Bytes that the scope may still take."""
    return max(0, settings.EVIDENCE_PACK_MB * MEGABYTE - bytes_in_scope(scope))


def receives_files(check: Callable[..., str], *, limit: int | None = None, archives: bool = False) -> Callable:
    """Wrap a view that takes files of a form.

    `check(request, *args, **kwargs) -> scope` runs before a byte is read: it requires the right and the stage
    (raising NoSeat, NotNow) and names whose key encrypts. The person is known to be signed in by then.
    The view then finds `VaultUpload`s in `request.FILES`, refused ones among them, and hands those it wants to
    `services.keep_upload`; every file that has no row when the view ends is removed. `limit` is in bytes for one
    file, by default EVIDENCE_FILE_MB. With `archives` a zip is handed on unchecked, to `archives.keep_archive`.
    """

    def decorate(view: Callable) -> Callable:
        inner = csrf_protect(_with_content_checks(view))

        @csrf_exempt  # the token stands in the body, which must not be read before the handler is set
        @wraps(view)
        def outer(request, *args, **kwargs):
            if request.method != "POST" or not request.content_type.startswith("multipart/"):
                return inner(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            scope = _agreed(check, request, *args, **kwargs)
            receiver = _receiver(request, scope, limit or file_limit(), archives)
            try:
                return inner(request, *args, **kwargs)
            except TooManyFilesSent as many:
                raise _too_many(archives) from many
            finally:
                _drop_unkept(receiver)

        return outer

    return decorate


def _agreed(check: Callable[..., str], request, *args, **kwargs) -> str:
    """The scope. A person with a seat who is told "not now" or "too big" also gets to see it."""
    try:
        return check(request, *args, **kwargs)
    except (NotNow, TooBig):
        if _length(request) <= BODY_BYTES:
            read_away(request)
        raise


def _length(request) -> int:
    return whole(request.META.get("CONTENT_LENGTH") or "")


def _receiver(request, scope: str, limit: int, archives: bool) -> VaultUploadHandler:
    if _length(request) > BODY_BYTES:
        raise TooBig(_("The files together are larger than 1 GB. Upload them a few at a time."))
    receiver = VaultUploadHandler(request, scope, Limits(limit, pack_room(scope), disk_is_full(), archives))
    request.upload_handlers = [receiver]
    request.vault_receiver = receiver
    return receiver


def disk_is_full() -> str:
    """The sentence that refuses files while less than FILES_DISK_FLOOR_MB is free, else ""."""
    free = vault().free_bytes()
    if free is None or free >= getattr(settings, "FILES_DISK_FLOOR_MB", 2048) * MEGABYTE:
        return ""
    return _("Files cannot be taken at the moment: the store is nearly full. Tell the coordinator.")


def _too_many(archives: bool) -> TooBig:
    words = _("You sent more than %(most)s files in one go, and none of them was kept. Send them %(most)s at a time.")
    if archives:
        words = _(
            "You sent more than %(most)s files in one go, and none of them was kept. Send them %(most)s at a time, or "
            "put them into one zip file, which is unpacked here."
        )
    return TooBig(words % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES})


def _with_content_checks(view: Callable) -> Callable:
    @wraps(view)
    def inner(request, *args, **kwargs):
        receiver = getattr(request, "vault_receiver", None)
        if receiver is not None:
            request.FILES  # noqa: B018 - reading the form is what receives the files
            for upload in receiver.uploads:
                if not upload.refusal and upload.checked is None and upload.extension != ARCHIVE:
                    _check(upload)  # a zip comes this far only when asked for, and is checked as it is unpacked
        return view(request, *args, **kwargs)

    return inner


def _check(upload) -> None:
    try:
        upload.checked = check_plain(upload)
    except (BadInput, NotNow) as refusal:  # not now: there is no sandbox to read it in
        upload.refuse(refusal.message)


def _drop_unkept(receiver: VaultUploadHandler) -> None:
    ids = [upload.id for upload in receiver.uploads]
    kept = StoredFile.objects.filter(pk__in=ids).exclude(state=State.GONE) if ids else StoredFile.objects.none()
    receiver.discard_except(set(kept.values_list("pk", flat=True)))
