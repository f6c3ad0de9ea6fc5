"""Handing a file out: verified first, as an attachment, with what browsers need to stay harmless."""

import re
from collections.abc import Iterator

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from cyber360.audit.services import record
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import StoredFile
from cyber360.files.services import open_for_reading

_RANGE = re.compile(r"bytes=\s*(\d{0,15})-(\d{0,15})\s*")


def attachment(request: HttpRequest, stored_file: StoredFile) -> HttpResponse | StreamingHttpResponse:
    """The file, or the one range asked for. Rights and the reading receipt are the caller's, before this.

    Raises DamagedFile before the first byte, with an audit event `file.damaged`; NotNow when gone or infected.
    """
    span = _span(request, stored_file)
    if span is None:
        answer = HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored_file.size}"})
        return _with_headers(answer, stored_file)
    start, end = span
    try:
        pieces: Iterator[bytes] = open_for_reading(stored_file, start, end)
    except DamagedFile as damage:
        _record_damage(request, stored_file, damage)
        raise DamagedFile(
            _("“%(name)s” is damaged in the store, so nothing was sent. It has been recorded; tell the coordinator.")
            % {"name": stored_file.name}
        ) from damage
    part = (start, end) != (0, stored_file.size)
    response = StreamingHttpResponse(pieces, status=206 if part else 200, content_type=stored_file.media_type)
    response["Content-Length"] = str(end - start)
    if part:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{stored_file.size}"
    return _with_headers(response, stored_file)


def _with_headers(response, stored_file: StoredFile):
    response["Content-Type"] = stored_file.media_type or "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(True, stored_file.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _etag(stored_file)
    return response


def _etag(stored_file: StoredFile) -> str:
    return f'"{stored_file.sha256}"'


def _span(request: HttpRequest, stored_file: StoredFile) -> tuple[int, int] | None:
    """[start, end) to send: the whole for no, several or unreadable ranges; None when it lies past the end."""
    whole = (0, stored_file.size)
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or asked is None or asked.groups() == ("", ""):
        return whole
    if request.headers.get("If-Range", _etag(stored_file)) != _etag(stored_file):
        return whole
    first, last = asked.groups()
    if not first:  # the last so many bytes
        return (max(0, stored_file.size - int(last)), stored_file.size) if int(last) else None
    start, end = int(first), min(int(last) + 1, stored_file.size) if last else stored_file.size
    if last and int(last) < start:
        return whole
    return (start, end) if start < stored_file.size else None


@transaction.atomic
def _record_damage(request: HttpRequest, stored_file: StoredFile, damage: DamagedFile) -> None:
    by = request.user if request.user.is_authenticated else None
    record(act="file.damaged", by=by, obj=stored_file, scope=stored_file.scope, detail={"reason": damage.message})
