"""The pages for when something is not possible, and the two addresses that a monitor asks."""

import logging
import secrets
import sys
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import DatabaseError, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cyber360.exceptions import Blocked, ExpectedError, StaleVersion

log = logging.getLogger(__name__)
_migrated = False


@dataclass(frozen=True)
class Failure:
    """What a failure page says. `sentences` are reasons, `clashes` the two texts of each field of a stale form."""

    status: int
    title: str
    message: str
    sentences: list[str] = field(default_factory=list)
    clashes: list[dict[str, str]] = field(default_factory=list)


def wants_piece(request: HttpRequest) -> bool:
    """htmx (but not a boosted link) and this product's own fetch get the message alone, not a page around it."""
    htmx = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    return htmx or request.headers.get("X-Requested-With") == "fetch"


def _page(request: HttpRequest, failure: Failure) -> HttpResponse:
    template = "ui/_failure.html" if wants_piece(request) else "ui/failure.html"
    return render(request, template, {"failure": failure, "back": _way_back(request)}, status=failure.status)


def _way_back(request: HttpRequest) -> str:
    """The page the reader came from, when it is one of ours and not this one again."""
    came_from = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    if not url_has_allowed_host_and_scheme(came_from, {host}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(came_from)
    address = parts.path + (f"?{parts.query}" if parts.query else "")
    return "" if parts.path == request.path and request.method == "GET" else address


def expected_failure(request: HttpRequest, error: ExpectedError, status: int = 0) -> HttpResponse:
    """The page of every `ExpectedError` but NoSeat, which is `page_not_found`."""
    status = status or error.status
    titles = {
        400: _("Something in what you sent needs mending"),
        403: _("This is not possible now"),
        408: _("It did not arrive in time"),
        409: _("Somebody else saved meanwhile"),
        413: _("This is too big to send"),
        500: _("This file cannot be opened"),
        503: _("The product is busy for a moment"),
    }
    standard = {
        400: _("Go back, change it and send it again."),
        403: _("The stage of the challenge or the state of this item does not allow it."),
        409: _("Nothing is lost: both texts are below."),
        413: _("Choose a smaller file, or split it, and send it again."),
        503: _("Nothing of what you sent was saved, and nothing is lost: go back, wait a minute and send it again."),
    }
    sentences = error.sentences if isinstance(error, Blocked) else []
    failure = Failure(
        status=status,
        title=titles.get(status, titles[400]),
        message="" if sentences else error.message or standard.get(status, standard[400]),
        sentences=list(sentences),
        clashes=_clashes(request, error.current) if isinstance(error, StaleVersion) else [],
    )
    return _page(request, failure)


def _clashes(request: HttpRequest, current: object) -> list[dict[str, str]]:
    """For each text the reader sent that differs from the row: its name, theirs as `mine`, the row's as `saved`."""
    if not isinstance(current, models.Model):
        return []
    rows = []
    for column in current._meta.concrete_fields:
        if not isinstance(column, models.CharField | models.TextField) or column.choices:
            continue
        name = next((key for key in request.POST if key == column.name or key.endswith(f"-{column.name}")), None)
        mine = "" if name is None else request.POST[name].replace("\r\n", "\n")
        saved = str(getattr(current, column.name) or "")
        if name is not None and mine != saved:
            rows.append(
                {"label": str(column.verbose_name).capitalize(), "mine": mine, "saved": saved, "name": column.name}
            )
    return rows


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400; a body over the limit says so."""
    return expected_failure(request, ExpectedError(), 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403"""
    return _page(request, Failure(403, _("You cannot open this page"), _("Your seat does not include it.")))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404, and every NoSeat: the same bytes, so that the page never tells whether a thing exists."""
    request.resolver_match = None  # no header or navigation may know which address was asked for
    failure = Failure(
        404, _("Page not found"), _("The address may be mistyped, or the page is not open to the seat you act in.")
    )
    template = "ui/_failure.html" if wants_piece(request) else "ui/failure.html"
    return render(request, template, {"failure": failure, "back": ""}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a short reference that the log holds as well. Uses no database and no context processor."""
    reference = secrets.token_hex(4).upper()
    log.error("Reference %s: %s %s", reference, request.method, request.path, exc_info=sys.exc_info())
    return render(None, "500.html", {"reference": reference}, status=500)  # type: ignore[arg-type]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or in two sign-ins; the text is still in the browser."""
    failure = Failure(
        403,
        _("Please send the form once more"),
        _("The page was open for long, or you signed in again meanwhile. Nothing was saved and nothing is lost:"),
        [
            _("Go back with your browser's back button. What you wrote is still in the form."),
            _("Copy any long text to be safe, then reload the page."),
            _("Send the form again."),
        ],
    )
    return _page(request, failure)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What to do while there is no connection."""
    return render(request, "offline.html")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when this process can do its work, else 503; one word a check, details only in the log."""
    checks = {"database": _database(), "migrations": _migrations()}
    # Parts above this one (the queue's heartbeat) add theirs by name: functions that return "" or a sentence.
    for path in getattr(settings, "READINESS_CHECKS", []):
        checks[path.rsplit(".", 1)[-1]] = import_string(path)()
    for name, sentence in checks.items():
        if sentence:
            log.warning("Not ready, %s: %s", name, sentence)
    ready = not any(checks.values())
    words: dict[str, Any] = {name: "not ready" if sentence else "ok" for name, sentence in checks.items()}
    return JsonResponse({"ready": ready, "checks": words}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return str(error)
    return ""


def _migrations() -> str:
    """Reads the migration files until they were once all applied: that cannot become untrue in a running process."""
    global _migrated
    if _migrated:
        return ""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return str(error)
    _migrated = not plan
    return "" if _migrated else f"{len(plan)} migrations are not applied"
