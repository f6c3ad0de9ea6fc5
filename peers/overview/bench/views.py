"""Bare views beside the product, by which its own are measured. Only the bench's own settings serve them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from peers.challenges.models import Programme

NAME, PLAIN = "sent.txt", "plain.txt"
PIECE = 1024 * 1024


def bare(request: HttpRequest) -> HttpResponse:
    """One row read and said: what the server itself costs, by which the pages are measured."""
    return HttpResponse(Programme.objects.values_list("title", flat=True).first() or "")


def _store() -> FileSystemStorage:
    return FileSystemStorage(Path(settings.VAR_DIR) / "bare", allow_overwrite=True)


# --- what Django does with a file by itself ---------------------------------------------------------
@csrf_exempt  # nothing is checked here
def bare_upload(request: HttpRequest) -> HttpResponse:
    """A temporary file, renamed. It may still be lost when the machine stops; nobody would notice a changed byte."""
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    _store().save(NAME, request.FILES["files"])
    return HttpResponse("kept")


def bare_download(request: HttpRequest) -> HttpResponseBase:
    """The server hands the open file to the kernel: no byte passes through Python, none is verified."""
    return FileResponse(_store().open(NAME), as_attachment=True)


# --- the same as the product does, in clear ---------------------------------------------------------
class PlainHandler(FileUploadHandler):
    """Writes the file as it comes in pieces as large as the product's, hashes it, and syncs it to the disk."""

    chunk_size = PIECE

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.place = Path(_store().path(PLAIN))
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.out = self.place.with_suffix(".part").open("wb", buffering=0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.digest.update(raw_data)
        self.out.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        os.fsync(self.out.fileno())
        self.out.close()
        self.place.with_suffix(".part").rename(self.place)
        self.place.with_suffix(".sha256").write_text(self.digest.hexdigest())
        return UploadedFile(name=PLAIN, size=file_size)


@csrf_exempt  # nothing is checked here
def plain_upload(request: HttpRequest) -> HttpResponse:
    """Hashed while it comes, and safe on the disk before it is acknowledged."""
    request.upload_handlers = [PlainHandler(request)]
    return HttpResponse(f"kept {request.FILES['files'].size}")


def plain_download(request: HttpRequest) -> HttpResponseBase:
    """The whole file is verified against its hash before the first byte is sent."""
    digest = hashlib.sha256()
    for piece in _pieces():
        digest.update(piece)
    if digest.hexdigest() != Path(_store().path(PLAIN)).with_suffix(".sha256").read_text():
        return HttpResponse("damaged", status=500)
    return _streamed()


def unverified_download(request: HttpRequest) -> HttpResponseBase:
    """Through Python, but whatever lies there."""
    return _streamed()


def _streamed() -> StreamingHttpResponse:
    response = StreamingHttpResponse(_pieces(), content_type="text/plain")
    response["Content-Length"] = str(_store().size(PLAIN))
    return response


def _pieces() -> Iterator[bytes]:
    with Path(_store().path(PLAIN)).open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            yield piece
