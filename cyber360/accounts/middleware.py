"""The second factor that some seats ask for, and the person's seats kept for one request."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

# What must stay open so that a second factor can be set up, and what a monitor asks.
EXEMPT = ("account_", "mfa_", "usersessions_", "healthz", "readyz")


# Passwords, factors and sessions: for people who signed in by themselves.
OWN_ACCOUNT = ("account_set_password", "account_change_password", "account_email", "mfa_", "usersessions_")


class SecondFactor:
    """Sends a person whose seat needs a second factor to set one up, before anything else opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.user = _with_seat_cache(request.user)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if _is_of_an_own_account(request) and request.session.get("by_link"):
            raise Http404  # an e-mailed link opens what was handed over; it must not become a lasting way in
        names = settings.SECOND_FACTOR_SEATS
        if not names or getattr(view, "before_second_factor", False) or _is_exempt(request):
            return None
        user = request.user
        if not user.is_authenticated or is_mfa_enabled(user) or not _needed(user, names):
            return None
        messages.info(request, _("Your part in Cyber 360 needs a second factor. Set one up to go on."))
        address = reverse("mfa_index")
        htmx = request.headers.get("HX-Request") == "true"
        return HttpResponseClientRedirect(address) if htmx else HttpResponseRedirect(address)


def _with_seat_cache(user: Any) -> SimpleLazyObject:
    """The same person, with an empty `seat_cache`, and still not asked for until a page needs to know who it is."""

    def load():
        user.seat_cache = {}  # asks the session; goes to the person behind the lazy object
        return user

    return SimpleLazyObject(load)


def _is_exempt(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").startswith(EXEMPT)


def _is_of_an_own_account(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").startswith(OWN_ACCOUNT)


def _needed(user, names: list[str]) -> bool:
    return user.is_staff or bool(import_string(settings.SECOND_FACTOR_NEEDED)(user, names))
