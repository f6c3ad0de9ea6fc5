"""A form sent twice from one page (a double click, a reload of the sending) is worked on once."""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import Busy, NotNow
from cyber360.ui import views
from cyber360.ui.middleware import is_lock
from cyber360.ui.models import SentForm

KEPT = timedelta(minutes=10)
GIVEN_UP = timedelta(seconds=60)
PATIENCE_SECONDS = 10.0
STEP_SECONDS = 0.05


class OncePerForm:
    """The first sending is worked on; a second, equal one waits for it and is led to the same place.

    An answer that is no redirect (the form again, with its errors) forgets the sending, so that it can be sent again.
    Uploads (multipart) and what a script sends are left alone: those carry a token or a version of their own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = _key_of(request)
        if not key:
            return self.get_response(request)
        try:
            mine = _claim(key)
        except OperationalError as error:
            if not is_lock(error):
                raise
            return views.expected_failure(request, Busy())
        if not mine:
            return _answer_of_the_first(key) or self._after_all(request, key)
        return self._work(request, key)

    def _work(self, request: HttpRequest, key: str) -> HttpResponseBase:
        response = None
        try:
            response = self.get_response(request)
        finally:
            where = response.headers.get("Location", "") if response is not None and response.status_code == 302 else ""
            if where and len(where) <= 500:
                SentForm.objects.filter(key=key).update(location=where)
            else:
                SentForm.objects.filter(key=key).delete()
        return response

    def _after_all(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """The first sending came to nothing (then this one counts), or is still being worked on."""
        if _claim(key):
            return self._work(request, key)
        return views.expected_failure(
            request, NotNow(_("This form was sent twice. The first sending is still being worked on; wait a moment."))
        )


def _key_of(request: HttpRequest) -> str:
    """ "" for anything but an ordinary form post."""
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return ""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    if views.wants_piece(request) or b"csrfmiddlewaretoken=" not in request.body:
        return ""
    return hashlib.sha256(request.get_full_path().encode() + b"\0" + request.body).hexdigest()


def _claim(key: str) -> bool:
    now = timezone.now()
    try:
        with transaction.atomic():
            SentForm.objects.create(key=key, at=now)
    except IntegrityError:
        # A process that died in the middle leaves its row without an answer.
        return bool(SentForm.objects.filter(key=key, location="", at__lt=now - GIVEN_UP).update(at=now))
    return True


def _answer_of_the_first(key: str) -> HttpResponseRedirect | None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        where = SentForm.objects.filter(key=key).values_list("location", flat=True).first()
        if where:
            return HttpResponseRedirect(where)
        if where is None:
            return None
        time.sleep(STEP_SECONDS)
    return None


def forget_old() -> int:
    """Rows that no second click can need any more. Returns how many went."""
    return SentForm.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
