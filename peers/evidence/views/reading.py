"""Reading a file in the page, and taking it away as the council's policy allows."""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from cyber360.exceptions import NoSeat, NotNow
from cyber360.files.cipher import DamagedFile
from cyber360.files.rendering import NoPreview, marked_picture, page_picture
from cyber360.files.responses import attachment
from cyber360.ui.numbers import whole
from peers.access import acts
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import EvidenceVersion, ReadingReceipt
from peers.evidence.queries.reading import neighbours_of
from peers.evidence.services.copies import marked_copy

from .base import page

_DAMAGED = gettext_lazy(
    "“%(name)s” is damaged in the store, so nothing was sent. It has been recorded; tell the coordinator."
)

_COPY_SECONDS = 120

HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def _version(request, ref: str, pk: int) -> EvidenceVersion:
    return queries.version_to_read(request.user, ref, pk, request.GET.get("version", ""))


def _query(version: EvidenceVersion) -> str:
    return "" if version.pk == version.item.current_id else f"?version={version.number}"


@acts(Act.EVIDENCE_PREVIEW)
@require_safe
def preview(request, ref, pk, number):
    """One page of the file. The field to jump sends `go`."""
    version = _version(request, ref, pk)
    if "go" in request.GET:
        return redirect(_address(version, max(1, whole(request.GET["go"], otherwise=number))))
    leaf = queries.leaf(version.stored_file, number)
    context = {"item": version.item, "version": version, "leaf": leaf, "query": _query(version)}
    if leaf.waits:
        services.ask_for_preview(version=version, by=request.user)
    elif request.htmx:  # the waiting page asks again: now there is more to show than its one sentence
        return HttpResponseClientRefresh()
    if request.htmx:
        return render(request, "evidence/_preview_waits.html", {**context, "challenge": version.item.challenge})
    if leaf.count and request.method == "GET":
        services.record_preview(version=version, by=request.user, page=number)
    return page(
        request,
        "preview",
        version.item.challenge,
        **context,
        is_watched=queries.is_watched(request.user, version.item),
        neighbours=neighbours_of(request.user, version.item),
    )


def _address(version: EvidenceVersion, number: int) -> str:
    item = version.item
    return reverse("evidence:preview", args=[item.challenge.ref, item.pk, number]) + _query(version)


@acts(Act.EVIDENCE_PREVIEW)
@require_safe
def picture(request, ref, pk, number):
    """The picture of one page with the reader's name across it; never the bytes that were given."""
    version = _version(request, ref, pk)
    if not queries.has_picture(version.stored_file, number):
        raise NoSeat
    try:
        data = page_picture(version.stored_file, number)
    except NoPreview as none:
        raise NotNow(none.message) from none
    receipt = None
    if request.method == "GET":
        receipt = services.record_preview(version=version, by=request.user, page=number)
    copy_id = receipt.copy_id if receipt is not None else ""
    marked = marked_picture(data, queries.mark_lines(request.user, version.item, timezone.now(), copy_id))
    return HttpResponse(marked, content_type="image/png", headers=HARMLESS)


@acts(Act.EVIDENCE_DOWNLOAD)
@require_safe
def download(request, ref, pk, number):
    """The file as an attachment, or a copy with the reader's name on every page, as the council's policy says.

    A range that goes on with a broken download adds nothing to the audit trail.
    """
    version = queries.get_version(request.user, ref, pk, number, Act.EVIDENCE_DOWNLOAD)
    if queries.require_way(request.user, version) == queries.Way.MARKED:
        return _marked_copy(request, version)
    response = attachment(request, version.stored_file)
    if request.method == "GET" and response.status_code != 416:
        goes_on = response.status_code == 206 and not response["Content-Range"].startswith("bytes 0-")
        services.record_download(version=version, by=request.user, counts=not goes_on)
    return response


def _marked_copy(request, version: EvidenceVersion) -> HttpResponse | StreamingHttpResponse:
    """No two of them are alike, so there are no ranges: a download that broke off begins again, with the same id.

    Its first piece is made before anything is sent.
    """
    if not version.stored_file.is_readable:
        raise NotNow(queries.leaf(version.stored_file, 1).reason)
    pieces: Iterable[bytes] = ()
    if request.method == "GET":
        try:
            copy = marked_copy(version=version, by=request.user, kind=ReadingReceipt.Kind.DOWNLOAD)
            pieces = _begun(_alone(request.user.pk, copy.pieces))
        except NoPreview as none:
            raise NotNow(none.message) from none
        except DamagedFile as damage:
            services.record_damage(stored_file=version.stored_file, by=request.user, damage=damage)
            raise DamagedFile(_DAMAGED % {"name": version.stored_file.name}) from damage
        services.record_download(version=version, by=request.user, copy_id=copy.copy_id)
    response = StreamingHttpResponse(pieces, content_type="application/pdf", headers=HARMLESS)
    response["Content-Disposition"] = content_disposition_header(True, _name_for(request.user, version))
    response["Accept-Ranges"] = "none"
    return response


def _alone(person: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One copy at a time for each person: a slow reader holds a child process. Raises NotNow."""
    lock = f"evidence.marked:{person}"
    if not cache.add(lock, 1, _COPY_SECONDS):
        raise NotNow(_("A copy is on its way to you already. Wait until it has arrived, or try again in two minutes."))
    try:
        for piece in pieces:
            cache.touch(lock, _COPY_SECONDS)
            yield piece
    finally:
        cache.delete(lock)


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return chain([next(pieces)], pieces)


def _name_for(user, version: EvidenceVersion) -> str:
    """The reader's name in the file's own, so that a copy found later says whose it was."""
    reader = "".join(mark for mark in user.full_name if mark.isalnum() or mark in " -’'").strip()[:60]
    stem = version.stored_file.name.rpartition(".")[0][:80]
    return f"{stem} ({reader}).pdf"
