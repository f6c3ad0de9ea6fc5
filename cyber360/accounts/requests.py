"""The request of a page that only somebody signed in reaches, for views that name their types."""

from django.http import HttpRequest

from .models import User


class SignedInRequest(HttpRequest):
    """Behind `login_required` (every view marked with `acts` is) the person is never anonymous."""

    user: User  # type: ignore[assignment]  # HttpRequest says: or anonymous
