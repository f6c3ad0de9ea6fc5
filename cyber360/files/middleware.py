"""No body, of a form or with files, may hold its thread for as long as its sender likes."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from cyber360.exceptions import ExpectedError
from cyber360.files.patience import Watch, is_watched, read_away, stop_reading
from cyber360.files.resumable.protocol import CONTENT_TYPE
from cyber360.ui import views
from cyber360.ui.numbers import whole


class TooSlow(ExpectedError):
    """The body came below the least rate."""

    status = 408


class BrokenOff(UnreadablePostError):
    """Raised where a body is read whose line was given up."""


class LeastRate:
    """Gives up a body that comes too slowly: nothing of it is worked on, and the sender is told 408 in words.

    Whatever a view left unread is read away for a while, because a browser shows no answer before it has sent all;
    then the connection ends. Uploads that resume keep what came, so they have a watch of their own: known by their
    view, because a sender may write any type over a body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = whole(request.META.get("CONTENT_LENGTH") or "")
        if not length or not is_watched(request):
            return self.get_response(request)
        if _watches_itself(request):
            response = self.get_response(request)
            if "Tus-Resumable" not in response.headers:  # turned away before its view was asked: nothing was read
                stop_reading(request)
            return response
        watch = Watch(request, while_reading=True)
        vars(request)["read"] = _complete(watch, length)
        watch.start()
        try:
            response = self.get_response(request)
        finally:
            watch.over.set()
            del vars(request)["read"]
        if watch.gave_up:
            return _too_slow(request)
        if watch.count < length:
            read_away(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return _too_slow(request) if isinstance(exception, BrokenOff) else None


def _watches_itself(request: HttpRequest) -> bool:
    """Whether the address is that of a view that takes a file in pieces (`resumes`, set by `speaks_tus`)."""
    if request.content_type != CONTENT_TYPE:
        return False
    try:
        return bool(getattr(resolve(request.path_info).func, "resumes", False))
    except Resolver404:
        return False


def _complete(watch: Watch, length: int) -> Callable[..., bytes]:
    """Nobody may act on the part of a form that a slow line, or one that broke, has brought."""

    def read(*args: Any) -> bytes:
        data = watch.read(*args)
        if watch.gave_up:
            raise BrokenOff("The body came too slowly.")
        if watch.ended and watch.count < length:
            raise BrokenOff("The body ended before its length.")
        return data

    return read


def _too_slow(request: HttpRequest) -> HttpResponseBase:
    words = _(
        "Your connection was so slow that what you sent did not arrive, and nothing of it was kept. Send it again "
        "from a better connection, or a file at a time: the page for adding evidence goes on where it was cut off."
    )
    return views.expected_failure(request, TooSlow(words))
