"""Two views as other rooms write them: one that keeps files, one that hands them out."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import ensure_csrf_cookie

from cyber360.exceptions import NoSeat, NotNow
from cyber360.files.models import StoredFile
from cyber360.files.receiving import receives_files
from cyber360.files.responses import attachment
from cyber360.files.services import keep_upload

LIMIT = 200_000


def may_upload(request, challenge: int) -> str:
    if challenge == 404:
        raise NoSeat
    if challenge == 403:
        raise NotNow("The pack is locked.")
    return f"challenge:{challenge}"


@receives_files(may_upload, limit=LIMIT)
def upload(request, challenge):
    if request.method == "GET":
        return ensure_csrf_cookie(lambda request: HttpResponse("a form"))(request)
    if "explode" in request.POST:
        raise RuntimeError("a fault in the view")
    uploads = request.FILES.getlist("files")
    if "keep_nothing" in request.POST:
        return JsonResponse({"received": len(uploads)})
    kept = [keep_upload(upload=one, by=request.user) for one in uploads if not one.refusal]
    refused = [one.refusal for one in uploads if one.refusal]
    return JsonResponse({"kept": [str(one.pk) for one in kept], "refused": refused, "note": request.POST.get("note")})


def download(request, file_id):
    return attachment(request, get_object_or_404(StoredFile, pk=file_id))


urlpatterns = [
    path("upload/<int:challenge>/", upload, name="upload"),
    path("download/<uuid:file_id>/", download, name="download"),
]
