"""How the platform's own pages ask for rights without knowing what a seat is."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.utils.module_loading import import_string


def guard(user: object, act: str) -> str:
    """The seat in which the person may do the platform act. Raises NoSeat."""
    return str(import_string(settings.PLATFORM_GUARD)(user, act))


def acts(*names: str) -> Callable:
    """Mark a view with its acts, and open it only to somebody signed in who holds the first of them.

    A view that also writes names the writing act second; its service checks that one.
    """

    def mark(view: Callable) -> Callable:
        @wraps(view)
        def checked(request, *args, **kwargs):
            guard(request.user, names[0])
            return view(request, *args, **kwargs)

        guarded = login_required(checked)
        guarded.acts = names  # type: ignore[attr-defined]
        return guarded

    return mark
