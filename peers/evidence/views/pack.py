"""The whole pack as one archive."""

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from peers.access import HOST, acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services

from .base import page
from .reading import HARMLESS


@acts(Act.EVIDENCE_PACK_EXPORT)
@require_safe
def pack(request, ref):
    """What is in it, how large it is, and what is left out and why, before the button."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_PACK_EXPORT)
    whole = queries.pack_for(request.user, challenge)
    return page(
        request,
        "pack",
        challenge,
        pack=whole,
        folders=queries.by_folder(whole),
        is_own=whole.seat in HOST,
        has_marked=any(entry.way == queries.Way.MARKED for entry in whole.sent),
        exports=queries.exports_of(challenge),
    )


@acts(Act.EVIDENCE_PACK_EXPORT)
@require_safe
def pack_archive(request, ref):
    """The archive, streamed: how long it will be is not known before its end."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_PACK_EXPORT)
    whole = queries.pack_for(request.user, challenge)
    response: HttpResponse | StreamingHttpResponse
    if request.method == "HEAD":
        response = HttpResponse(content_type="application/zip", headers=HARMLESS)
    else:
        export = services.begin_export(pack=whole, by=request.user)
        pieces = services.archive(pack=whole, export=export, by=request.user)
        response = StreamingHttpResponse(pieces, content_type="application/zip", headers=HARMLESS)
    name = f"{challenge.ref}-evidence-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
