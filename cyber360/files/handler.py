"""Receiving a file: encrypted from its first byte, never a plain temporary file."""

import errno
import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput
from cyber360.files import cipher, names
from cyber360.files.checks import Checked, Glance, refuse_extension
from cyber360.files.keys import key_for
from cyber360.files.models import NAME_LENGTH, blob_path
from cyber360.files.sealing import Sealing
from cyber360.files.storage import vault

log = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class VaultUpload(UploadedFile):
    """One received file. `refusal` is empty, or the sentence that says why nothing of it was kept.

    `id` (UUID) and `scope` place it in the vault; `size` in bytes and `sha256` are those of the plain bytes;
    `checked` is what the content check found, None until it ran; plain text is mostly proved while it comes in.
    It has no `read()`: see `plain_pieces`.
    """

    name: str  # type: ignore[assignment]
    size: int  # type: ignore[assignment]

    def __init__(self, *, id: uuid.UUID, scope: str, name: str, size: int, sha256: str, refusal: str = "") -> None:
        super().__init__(file=None, name=name, size=size)
        self.id = id
        self.scope = scope
        self.sha256 = sha256
        self.refusal = refusal
        self.checked: Checked | None = None

    @property
    def extension(self) -> str:
        return names.extension_of(self.name)

    def plain_pieces(self) -> Iterator[bytes]:
        """Decrypt what was just stored. Raises DamagedFile."""
        key = key_for(self.scope)
        return cipher.decrypted(vault().read(blob_path(self.id)), key, cipher.file_context(self.scope, self.id))

    def refuse(self, reason: str) -> None:
        """Keep nothing of it."""
        self.refusal = reason
        vault().delete(blob_path(self.id))

    def close(self) -> None:
        """Nothing is held open."""


@dataclass
class Limits:
    """Bytes: `file` for one file, `room` for all files of this request together, None without a limit.

    `refusal`: a sentence that refuses every file unread, when it is known beforehand that they cannot be kept.
    `archives`: a zip is taken as well, to be unpacked.
    """

    file: int
    room: int | None = None
    refusal: str = ""
    archives: bool = False


@dataclass
class Receipt:
    """A file that is just coming in: `start`, `take` as often as it comes, then `finish` or `drop`.

    One that was never started is only counted. `refusal` says why nothing of it is kept.
    """

    scope: str
    name: str
    refusal: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    size: int = 0
    sha256: str = ""
    sealing: Sealing | None = None
    checked: Checked | None = None

    def start(self, key: bytes) -> None:
        self._glance = Glance(self.name)
        self.sealing = Sealing(key, self.scope, self.id, self._glance.take)

    def take(self, data: bytes) -> None:
        self.size += len(data)
        if self.sealing is not None:
            self.sealing.take(data)

    def finish(self) -> None:
        if self.sealing is not None:
            self.sha256 = self.sealing.finish()
            self.checked = self._glance.checked()

    def upload(self) -> VaultUpload:
        upload = VaultUpload(
            id=self.id,
            scope=self.scope,
            name=self.name,
            size=self.size,
            sha256=self.sha256,
            refusal=self.refusal,
        )
        upload.checked = self.checked
        return upload

    def drop(self, reason: str) -> None:
        """Nothing of the file stays, neither half-written nor whole."""
        self.refusal = reason
        if self.sealing is not None:
            self.sealing.drop()


class VaultUploadHandler(FileUploadHandler):
    """Encrypts each file of a form as it arrives. Must be the only handler: a second one would see plain bytes.

    A refused file is read to its end and thrown away, so that the rest of the form (its token, other files)
    still arrives. `request.FILES` then holds `VaultUpload`s, refused ones too.
    """

    chunk_size = MEGABYTE  # 64 KiB costs a quarter more time

    def __init__(self, request, scope: str, limits: Limits) -> None:
        super().__init__(request)
        self.scope = scope
        self.limits = limits
        self.uploads: list[VaultUpload] = []
        self._key = key_for(scope)
        self._current: Receipt | None = None

    def new_file(self, field_name, file_name, *args, **kwargs) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._abandon()
        self._current = self._opened(file_name)

    def _opened(self, file_name: str) -> Receipt:
        try:
            receipt = Receipt(self.scope, names.clean_name(file_name), self.limits.refusal)
            if not receipt.refusal and not (self.limits.archives and names.extension_of(receipt.name) == names.ARCHIVE):
                refuse_extension(receipt.name)
        except BadInput as error:
            return Receipt(self.scope, _showable(file_name), error.message)
        if not receipt.refusal:
            self._guarded(receipt, lambda: receipt.start(self._key))
        return receipt

    def receive_data_chunk(self, raw_data, start) -> None:
        receipt = self._current
        if receipt is None or receipt.refusal:
            return
        if receipt.size + len(raw_data) > self.limits.file:
            receipt.drop(too_big(receipt.name, self.limits.file))
        elif self.limits.room is not None and self._kept() + receipt.size + len(raw_data) > self.limits.room:
            receipt.drop(no_room_in_pack(receipt.name))
        else:
            self._guarded(receipt, lambda: receipt.take(raw_data))

    def _kept(self) -> int:
        return sum(upload.size for upload in self.uploads if not upload.refusal)

    def file_complete(self, file_size) -> VaultUpload | None:
        receipt, self._current = self._current, None
        if receipt is None:
            return None
        if not receipt.refusal and not receipt.size:
            receipt.drop(_("“%(name)s” is empty. Choose the file again.") % {"name": receipt.name})
        if not receipt.refusal:
            self._guarded(receipt, receipt.finish)
        upload = receipt.upload()
        self.uploads.append(upload)
        return upload

    def _guarded(self, receipt: Receipt, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            receipt.drop(
                _("“%(name)s” could not be kept: there is no room left in the store. Try again later.")
                % {"name": receipt.name}
            )
            if error.errno not in _NO_ROOM:
                raise
            log.error("The vault is full: %s", error)

    def upload_interrupted(self) -> None:
        self._abandon()

    def _abandon(self) -> None:
        if self._current is not None:
            self._current.drop("")
            self._current = None

    def discard_except(self, kept: set[uuid.UUID]) -> None:
        """Remove every received file that found no row: forged token, refused form, exception."""
        self._abandon()
        for upload in self.uploads:
            if upload.id not in kept:
                vault().delete(blob_path(upload.id))


def too_big(name: str, limit: int) -> str:
    return _("“%(name)s” is larger than %(limit)s. Make it smaller or split it.") % {
        "name": name,
        "limit": _in_words(limit),
    }


def _in_words(limit: int) -> str:
    """The limit as people read it: whole megabytes, or kilobytes below one."""
    if limit >= MEGABYTE:
        return _("%(count)s MB") % {"count": limit // MEGABYTE}
    return _("%(count)s KB") % {"count": max(1, limit // 1024)}


def no_room_in_pack(name: str) -> str:
    return _("“%(name)s” does not fit into what is left of the space for this challenge. Remove files or ask.") % {
        "name": name
    }


def _showable(file_name: str) -> str:
    """A refused name is still shown beside its refusal."""
    return "".join(mark for mark in file_name if mark.isprintable())[:NAME_LENGTH].strip() or _("file without a name")
