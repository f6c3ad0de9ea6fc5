"""What reading evidence costs: a search over forty documents, page pictures, a virus scan, the whole pack as a zip."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from cyber360.files.cipher import PIECE
from cyber360.files.keys import key_for
from cyber360.files.models import StoredFile, Verdict
from cyber360.files.rendering import make_pages, words_of
from cyber360.files.scanner import scanner
from cyber360.files.services import delete_file, keep_bytes
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion
from peers.evidence.services.following import index_documents
from peers.stages import Stage

from .figures import page_figures
from .serving import Client, fetched, serving
from .visits import Page, cookie_of, measured_challenge, standing
from .words import text

DOCUMENTS, PAGES, SENTENCES = 40, 50, 30  # a page of about 450 words
PACK_FILES, PACK_FILE_MB = 20, 25
PDF_PAGES = 60
SCANNED_MB = 20
Figures = dict[str, float]


def measure_reading() -> Figures:
    """A search's queries and ratio to the bare view; seconds of pictures, of a scan (with CLAMD), to the first byte."""
    challenge = measured_challenge()
    figures = pictures(challenge) | scan()
    with serving(Path(settings.BASE_DIR), os.environ) as server, standing(challenge, Stage.DESK_REVIEW):
        figures |= search(server, challenge)
        with whole_pack(challenge):
            path = reverse("evidence:pack_archive", args=[challenge.ref])
            found = fetched(server, path, cookie_of(challenge, SeatName.HOST_LEAD))
            figures |= {"evidence.zip_first_byte_s": found.first_byte, "evidence.zip_mb_per_s": found.mb_per_s}
    return figures


def search(server, challenge: Challenge) -> Figures:
    """Forty documents of fifty pages each, as a member of the team asks for two words."""
    versions = EvidenceVersion.objects.filter(current_of__challenge=challenge).order_by("pk")[:DOCUMENTS]
    rng = random.Random(7)  # noqa: S311 - words to search among, not secrets
    key_for(challenge.scope)
    documents = {row.stored_file_id: [text(rng, SENTENCES) for _page in range(PAGES)] for row in versions}
    index_documents(challenge=challenge, documents=documents)
    asked = " ".join(next(iter(documents.values()))[0].split()[10:12])
    path = f"{reverse('evidence:search', args=[challenge.ref])}?{urlencode({'q': asked})}"
    page = Page("search", path, SeatName.PEER, Stage.DESK_REVIEW)
    found = page_figures(page, Client(server.port, cookie_of(challenge, page.seat)), Client(server.port))
    return {
        "evidence.search_documents": float(len(documents)),
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


def scan() -> Figures:
    if not settings.CLAMD:
        return {}
    pieces = [os.urandom(PIECE)] * (SCANNED_MB * 1024 * 1024 // PIECE)
    begun = time.perf_counter()
    found = scanner().scan(pieces, SCANNED_MB * 1024 * 1024)
    if found.verdict != Verdict.CLEAN:
        raise RuntimeError(f"the scanner said {found.verdict} {found.detail}")
    return {"evidence.scan_20mb_s": time.perf_counter() - begun}


@contextmanager
def whole_pack(challenge: Challenge) -> Iterator[None]:
    """For a while the pack is 500 MB of real files; the generated items have no bytes and are withdrawn meanwhile."""
    generated = EvidenceItem.objects.filter(challenge=challenge, state=EvidenceItem.State.LIVE)
    ids = list(generated.values_list("pk", flat=True))
    EvidenceItem.objects.filter(pk__in=ids).update(
        state=EvidenceItem.State.WITHDRAWN, withdrawn_reason="For the bench.", withdrawn_at=timezone.now()
    )
    added = [_add(challenge, number) for number in range(PACK_FILES)]
    try:
        yield
    finally:
        for item, stored in added:
            EvidenceItem.objects.filter(pk=item.pk).update(current=None)
            item.delete()
            _forget(stored)
        EvidenceItem.objects.filter(pk__in=ids).update(
            state=EvidenceItem.State.LIVE, withdrawn_reason="", withdrawn_at=None
        )


def _add(challenge: Challenge, number: int) -> tuple[EvidenceItem, StoredFile]:
    data = os.urandom(PACK_FILE_MB * 1024 * 1024)
    stored = keep_bytes(data=data, name=f"part-{number}.pdf", media_type="application/pdf", scope=challenge.scope)
    StoredFile.objects.filter(pk=stored.pk).update(verdict=Verdict.CLEAN, scanned_at=timezone.now())
    item = EvidenceItem.objects.create(challenge=challenge, title=f"Part {number}", kind=EvidenceItem.Kind.FILE)
    version = EvidenceVersion.objects.create(item=item, number=1, stored_file=stored)
    EvidenceItem.objects.filter(pk=item.pk).update(current=version)
    return item, stored


def _forget(stored: StoredFile) -> None:
    delete_file(stored_file=stored)
    stored.delete()
