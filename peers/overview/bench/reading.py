"""What reading evidence costs: a search over forty documents, page pictures, a virus scan, the whole pack as a zip."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from cyber360.files.checks import TYPES
from cyber360.files.keys import key_for
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.rendering import make_pages, words_of
from cyber360.files.services import delete_file, keep_bytes
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion
from peers.evidence.services.following import index_documents
from peers.stages import Stage

from .documents import documents, first_words
from .figures import page_figures
from .scanning import scan
from .serving import Client, fetched, serving
from .visits import Page, cookie_of, measured_challenge, standing

STAGE = Stage.DESK_REVIEW
PACK_FILES, PACK_FILE_MB = 20, 25
PDF_PAGES = 60
Figures = dict[str, float]


def measure_reading() -> Figures:
    """A search's queries and ratio to the bare view; seconds of pictures, of a scan, to the first byte of a zip."""
    challenge = measured_challenge()
    figures = pictures(challenge) | scan()
    with serving(Path(settings.BASE_DIR), os.environ) as server, standing(challenge, STAGE):
        figures |= search(server, challenge)
        with only_these(challenge, _pack()):
            path = reverse("evidence:pack_archive", args=[challenge.ref])
            found = fetched(server, path, cookie_of(challenge, SeatName.HOST_LEAD))
            figures |= {"evidence.zip_first_byte_s": found.first_byte, "evidence.zip_mb_per_s": found.mb_per_s}
    return figures


def search(server, challenge: Challenge) -> Figures:
    """Forty documents of all kinds, their words read in the child, as a member of the team asks for two words."""
    with only_these(challenge, documents(Random(7))) as added:  # noqa: S311 - words to search among, not secrets
        key_for(challenge.scope)
        index_documents(challenge=challenge, documents={stored.pk: words_of(stored) for stored in added})
        asked = urlencode({"q": first_words(Random(7))})  # noqa: S311
        page = Page("search", f"{reverse('evidence:search', args=[challenge.ref])}?{asked}", SeatName.PEER, STAGE)
        found = page_figures(page, Client(server.port, cookie_of(challenge, page.seat)), Client(server.port))
        return {
            "evidence.search_documents": float(len(added)),
            "evidence.search_queries": found["search.queries"],
            "evidence.search_ratio": found["search.ratio_p50"],
            "evidence.search_ms": found["search.server_ms"],
        }


def pictures(challenge: Challenge) -> Figures:
    """A PDF of sixty pages: its pictures (the first fifty) and its words, each in a child as the worker makes them."""
    page = "<p style='break-after: page'>" + "Words of a policy. " * 200 + "</p>"
    data = HTML(string=f"<html lang='en-GB'><title>Policy</title><body>{page * PDF_PAGES}</body></html>").write_pdf()
    assert data is not None
    stored = keep_bytes(data=data, name="policy.pdf", media_type="application/pdf", scope=challenge.scope)
    try:
        begun = time.perf_counter()
        made = make_pages(stored)
        pictured = time.perf_counter()
        words_of(stored)
        return {
            "evidence.preview_pages": float(made),
            "evidence.preview_60_pages_s": pictured - begun,
            "evidence.words_60_pages_s": time.perf_counter() - pictured,
        }
    finally:
        _forget(stored)


@contextmanager
def only_these(challenge: Challenge, files: Iterable[tuple[str, bytes]]) -> Iterator[list[StoredFile]]:
    """For a while the pack is these files; the generated items have no bytes and are withdrawn meanwhile."""
    generated = EvidenceItem.objects.filter(challenge=challenge, state=EvidenceItem.State.LIVE)
    ids = list(generated.values_list("pk", flat=True))
    EvidenceItem.objects.filter(pk__in=ids).update(
        state=EvidenceItem.State.WITHDRAWN, withdrawn_reason="For the bench.", withdrawn_at=timezone.now()
    )
    added: list[StoredFile] = []
    try:
        for name, data in files:
            added.append(_add(challenge, name, data))
        yield added
    finally:
        for stored in added:
            EvidenceItem.objects.filter(current__stored_file=stored).update(current=None)
            EvidenceItem.objects.filter(versions__stored_file=stored).delete()
            _forget(stored)
        EvidenceItem.objects.filter(pk__in=ids).update(
            state=EvidenceItem.State.LIVE, withdrawn_reason="", withdrawn_at=None
        )


def _pack() -> Iterator[tuple[str, bytes]]:
    for number in range(PACK_FILES):
        yield f"part-{number}.pdf", os.urandom(PACK_FILE_MB * 1024 * 1024)


def _add(challenge: Challenge, name: str, data: bytes) -> StoredFile:
    media_type, _check = TYPES[name.rpartition(".")[2]]
    stored = keep_bytes(data=data, name=name, media_type=media_type, scope=challenge.scope)
    StoredFile.objects.filter(pk=stored.pk).update(verdict=Verdict.CLEAN, scanned_at=timezone.now())
    item = EvidenceItem.objects.create(challenge=challenge, title=name, kind=EvidenceItem.Kind.FILE)
    version = EvidenceVersion.objects.create(item=item, number=1, stored_file=stored)
    EvidenceItem.objects.filter(pk=item.pk).update(current=version)
    return stored


def _forget(stored: StoredFile) -> None:
    delete_file(stored_file=stored)
    stored.delete()
