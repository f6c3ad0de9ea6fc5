"""Two guards around every page: headers that browsers act on, and one place where expected failures become pages."""

from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from cyber360.exceptions import Busy, ExpectedError, NoSeat
from cyber360.ui import views

# Nothing here uses a camera, a microphone or the reader's place; passkeys are asked for by this site alone.
PERMISSIONS = ", ".join(
    [
        f"{name}=()"
        for name in ("accelerometer", "browsing-topics", "camera", "geolocation", "microphone", "payment", "usb")
    ]
    + [f"publickey-credentials-{name}=(self)" for name in ("create", "get")]
)


SECRET_PATHS = ("/in/", "/invitation/", "/calendar/")


class SafetyHeaders:
    """Headers that Django and django-csp do not set. A page of a signed-in person is never kept by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(SECRET_PATHS):
            response.headers["Referrer-Policy"] = "strict-origin"  # the address itself signs somebody in
        # The cookie, not the user: asking for the user would cost a query on pages that need none.
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES or name in response.cookies:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
RESUMING = {"PATCH", "DELETE"}


class PlainRequests:
    """Refuses what no browser sends and what the parts below stumble over: NUL, and methods that no page has.

    PATCH and DELETE reach only views that say `resumes = True` (uploads that go on after a break).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS | RESUMING:
            return HttpResponseNotAllowed(sorted(METHODS))
        told = (request.path, unquote(request.META.get("QUERY_STRING", "")), *request.COOKIES.values())
        if any("\0" in text for text in told):
            request.COOKIES.clear()
            return views.bad_request(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if request.method in RESUMING and not getattr(view, "resumes", False):
            return HttpResponseNotAllowed(sorted(METHODS))
        return None


class FailurePages:
    """`cyber360.exceptions` -> page and status. A thing without a seat and a thing that is not there look the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NoSeat | Http404):
            return views.page_not_found(request, exception)
        if isinstance(exception, ExpectedError):
            return views.expected_failure(request, exception)
        if is_lock(exception):
            return views.expected_failure(request, Busy())
        return None


def is_lock(exception: Exception) -> bool:
    """Whether the database gave up waiting for another write (SQLite's words, or PostgreSQL's lock timeout)."""
    words = str(exception).lower()
    return isinstance(exception, OperationalError) and ("locked" in words or "lock timeout" in words)
