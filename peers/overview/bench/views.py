from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from peers.challenges.models import Programme

NAME = "sent.txt"


def bare(request: HttpRequest) -> HttpResponse:
    """One row read and said: what the server itself costs, by which the pages are measured."""
    return HttpResponse(Programme.objects.values_list("title", flat=True).first() or "")


def _store() -> FileSystemStorage:
    return FileSystemStorage(Path(settings.VAR_DIR) / "bare", allow_overwrite=True)


@csrf_exempt  # nothing is checked here: it is what Django itself does with a file
def bare_upload(request: HttpRequest) -> HttpResponse:
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    _store().save(NAME, request.FILES["files"])
    return HttpResponse("kept")


def bare_download(request: HttpRequest) -> HttpResponseBase:
    return FileResponse(_store().open(NAME), as_attachment=True)
