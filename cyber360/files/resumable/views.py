"""tus 1.0 over HTTP. Whoever mounts it has asked for the right before each call (see the package's docstring)."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.http import http_date
from django.utils.translation import gettext as _

from cyber360.exceptions import ExpectedError
from cyber360.files.handler import MEGABYTE
from cyber360.files.models import Upload, UploadState
from cyber360.files.patience import at_least_rate, read_away, stop_reading

from . import protocol
from .parts import Body, gone, held, is_held, receive, wrong_offset
from .protocol import Refusal
from .uploads import EXPIRY, end, is_over, require_room

READ_AWAY_BYTES = 32 * MEGABYTE  # our own page sends 16 MiB at a time
_STRANGERS = frozenset({401, 404, 405, 412})  # nothing of what they send is read


def speaks_tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Goes above `@acts`: failures become short plain answers that a client can show, with their status.

    A person who is no longer signed in is told 401, not led to a page. `resumes` lets the methods PATCH and DELETE
    through to this view.
    """

    @wraps(view)
    def outer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "OPTIONS" and "Tus-Resumable" not in request.headers:
            return _not_a_client(view, request, *args, **kwargs)
        try:
            if request.method != "OPTIONS":
                if not request.user.is_authenticated:
                    raise Refusal(401, _("You are signed out. Sign in, then choose the file again: it goes on."))
                protocol.require_version(request.headers)
            answer = _with_headers(view(request, *args, **kwargs))
            if answer.status_code in _STRANGERS:
                _leave_unread(request)
            return answer
        except ExpectedError as failure:
            return _refused(request, failure)

    vars(outer)["resumes"] = True
    return outer


def _not_a_client(view: Callable[..., HttpResponse], request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """Somebody who has opened the address: who may not be here gets the page of a thing that is not there."""
    try:
        return view(request, *args, **kwargs)
    except Refusal as failure:
        return _refused(request, failure)


def _refused(request: HttpRequest, failure: ExpectedError) -> HttpResponse:
    is_stranger = not request.user.is_authenticated or failure.status in _STRANGERS
    if not is_stranger and protocol.body_at_most(request.headers, READ_AWAY_BYTES):
        read_away(request)
    else:
        _leave_unread(request)
    answer = _with_headers(
        HttpResponse(failure.message, status=failure.status, content_type="text/plain; charset=utf-8")
    )
    if failure.status == 412:
        answer["Tus-Version"] = protocol.VERSION
    return answer


def _leave_unread(request: HttpRequest) -> None:
    if protocol.has_body(request.headers) or "Transfer-Encoding" in request.headers:
        stop_reading(request)


def _with_headers(answer: HttpResponse) -> HttpResponse:
    answer["Tus-Resumable"] = protocol.VERSION
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def options(limit: int) -> HttpResponse:
    """What this server can do; `limit` is the largest file in bytes."""
    answer = HttpResponse(status=204)
    answer["Tus-Version"] = protocol.VERSION
    answer["Tus-Extension"] = protocol.EXTENSIONS
    answer["Tus-Max-Size"] = str(limit)
    answer["Tus-Checksum-Algorithm"] = protocol.ALGORITHMS
    return answer


def created(request: HttpRequest, upload: Upload, location: str) -> HttpResponse:
    """The answer to a creation, taking in what the request already brings of the file. Raises Refusal."""
    offset = 0
    if protocol.has_body(request.headers):
        protocol.require_content_type(request.headers)
        offset = _received(request, upload, 0)
    answer = HttpResponse(status=201)
    answer["Location"] = location
    answer["Upload-Offset"] = str(offset)
    return _with_expiry(answer, upload)


def answer(request: HttpRequest, upload: Upload) -> HttpResponse:
    """HEAD, PATCH or DELETE on one upload. Raises ExpectedError (Refusal, TooBig, NotNow)."""
    protocol.require_version(request.headers)
    if request.method == "HEAD":
        return _told(upload)
    if request.method == "PATCH":
        return _patched(request, upload)
    if request.method == "DELETE":
        end(upload)
        return HttpResponse(status=204)
    return HttpResponseNotAllowed(["HEAD", "PATCH", "DELETE", "OPTIONS"])


def _told(upload: Upload) -> HttpResponse:
    """The whole length means "received": whether the file is kept is told by its page.

    While another request holds the upload, living or killed, its offset is not settled: 423, to be asked again.
    """
    if is_over(upload):
        raise gone()
    if is_held(upload):
        raise held()
    answer = HttpResponse(status=200)
    answer["Upload-Offset"] = str(upload.offset)
    answer["Upload-Length"] = str(upload.size)
    if upload.metadata:
        answer["Upload-Metadata"] = upload.metadata
    return _with_expiry(answer, upload)


def _patched(request: HttpRequest, upload: Upload) -> HttpResponse:
    protocol.require_content_type(request.headers)
    offset = protocol.number(request.headers, "Upload-Offset")
    if is_over(upload):
        raise gone()
    reached = _received(request, upload, offset)
    answer = HttpResponse(status=204)
    answer["Upload-Offset"] = str(reached)
    return _with_expiry(answer, upload)


def _received(request: HttpRequest, upload: Upload, offset: int) -> int:
    checksum, length = protocol.checksum(request.headers), protocol.body_length(request.headers)
    if offset != upload.offset:
        raise wrong_offset()
    if length > upload.size - offset:
        raise Refusal(413, _("More was sent than the file was said to hold."))
    if not upload.is_open:  # received whole, and asked once more
        return offset
    require_room(upload)
    with at_least_rate(request) as read:
        return receive(upload, Body(read, length), offset, checksum)


def _with_expiry(answer: HttpResponse, upload: Upload) -> HttpResponse:
    if upload.state == UploadState.RECEIVING:
        answer["Upload-Expires"] = http_date((upload.touched_at + EXPIRY).timestamp())
    return _with_headers(answer)
