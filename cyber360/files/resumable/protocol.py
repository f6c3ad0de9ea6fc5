"""The words of tus 1.0 (tus.io/protocols/resumable-upload): headers, read strictly.

`X-HTTP-Method-Override` is not honoured: it would turn a GET, which carries no token, into a DELETE.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cyber360.exceptions import ExpectedError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
METADATA_BYTES = 2048
CHECKSUM_MISMATCH = 460
_LONGEST = 18  # digits that every database takes

_DIGESTS: dict[str, Callable[[], Any]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),  # a test of the line, named by the protocol
    "sha256": hashlib.sha256,
}
ALGORITHMS = ",".join(_DIGESTS)
_KEY = re.compile(r"[!-+\--~]{1,100}")  # visible ASCII without the comma


class Refusal(ExpectedError):
    """An answer of the protocol: `status` with a sentence for the person."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Wanted:
    """What a client asks for at creation: `name`, `size` in bytes, its `metadata` decoded and as sent (`raw`)."""

    name: str
    size: int
    metadata: dict[str, str]
    raw: str


@dataclass(frozen=True)
class Checksum:
    """What the client says of the body of one request: the algorithm's name and the digest."""

    algorithm: str
    digest: bytes

    def started(self) -> Any:
        return _DIGESTS[self.algorithm]()


def wanted(headers: Mapping[str, str]) -> Wanted:
    """The creation headers. Raises Refusal (400, 412, 413)."""
    require_version(headers)
    if "Upload-Defer-Length" in headers or "Upload-Concat" in headers:
        raise Refusal(400, _("The length of the file must be told at the beginning, and it must come as one."))
    raw = headers.get("Upload-Metadata", "")
    if len(raw.encode()) > METADATA_BYTES:
        raise Refusal(413, _("The description of the file is longer than 2 KB. Give the file a shorter name."))
    metadata = _metadata(raw)
    name = metadata.get("filename") or metadata.get("name") or ""
    return Wanted(name, number(headers, "Upload-Length"), metadata, raw)


def _metadata(raw: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, raw.split(",")):
        key, _space, value = pair.strip(" ").partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise _unreadable("Upload-Metadata")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _unreadable("Upload-Metadata") from error
    return found


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a whole number of at least 0: plain digits only. Raises Refusal (400)."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise _unreadable(name)
    return int(text)


def body_length(headers: Mapping[str, str]) -> int:
    """Raises Refusal (411) when the length of the body is not told."""
    if not headers.get("Content-Length") or "Transfer-Encoding" in headers:
        raise Refusal(411, _("The length of this piece was not told."))
    return number(headers, "Content-Length")


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """What `Upload-Checksum` says. Raises Refusal (400) for an algorithm that we do not know."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _space, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise _unreadable("Upload-Checksum") from error
    if algorithm not in _DIGESTS or len(digest) != _DIGESTS[algorithm]().digest_size:
        raise _unreadable("Upload-Checksum")
    return Checksum(algorithm, digest)


def require_version(headers: Mapping[str, str]) -> None:
    if headers.get("Tus-Resumable") != VERSION:
        raise Refusal(
            412, _("This client speaks another version of the protocol than %(version)s.") % {"version": VERSION}
        )


def require_content_type(headers: Mapping[str, str]) -> None:
    if headers.get("Content-Type", "") != CONTENT_TYPE:
        raise Refusal(415, _("A piece of a file must be sent as %(type)s.") % {"type": CONTENT_TYPE})


def _unreadable(name: str) -> Refusal:
    return Refusal(400, _("The header %(name)s cannot be read.") % {"name": name})


def has_body(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Length", "0") not in ("", "0")


def body_at_most(headers: Mapping[str, str], most: int) -> bool:
    text = headers.get("Content-Length", "")
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST and 0 < int(text) <= most
