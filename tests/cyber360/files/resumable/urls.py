"""Two views as a room writes them, and a room that takes what was received over."""

from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.csrf import ensure_csrf_cookie

from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.files.models import Upload
from cyber360.files.resumable import answer, create, created, finishes, options, speaks_tus, wanted

LIMIT = 64 * 1024 * 1024
KIND = "tests"
CLOSED: set[str] = set()  # scopes that take nothing any more
taken: list[tuple[str, str]] = []  # what the room was handed: (upload, stored file)


def scope_for(request, challenge: int) -> str:
    if challenge == 404:
        raise NoSeat
    if f"challenge:{challenge}" in CLOSED:
        raise NotNow("The pack is locked.")
    return f"challenge:{challenge}"


@speaks_tus
@login_required
def uploads(request, challenge):
    scope = scope_for(request, challenge)
    if request.method == "OPTIONS":
        return options(LIMIT)
    asked = wanted(request.headers)
    upload = create(
        scope=scope,
        name=asked.name,
        size=asked.size,
        owner=request.user,
        target={"kind": KIND, "challenge": challenge},
        limit=LIMIT,
        metadata=asked.raw,
    )
    return created(request, upload, reverse("upload", args=[challenge, upload.pk]))


@speaks_tus
@login_required
def upload(request, challenge, pk):
    row = Upload.objects.filter(pk=pk, scope=scope_for(request, challenge), owner=request.user).first()
    if row is None:
        raise NoSeat
    return answer(request, row)


@finishes(KIND)
def take_over(upload, stored_file):
    scope_for(None, upload.target["challenge"])
    if "unwanted" in upload.name:
        raise BadInput("The room does not want it.")
    taken.append((str(upload.pk), str(stored_file.pk)))


@ensure_csrf_cookie
def sign_in(request, pk):
    """For clients that are no browsers: a session and a token."""
    login(request, get_user_model().objects.get(pk=pk), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("signed in")


urlpatterns = [
    path("uploads/<int:challenge>/", uploads, name="uploads"),
    path("uploads/<int:challenge>/<uuid:pk>/", upload, name="upload"),
    path("sign-in/<int:pk>/", sign_in, name="sign_in"),
]
