"""The reading receipts as a PDF: what stood on the page when it was asked for."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NotNow
from cyber360.ui.pdf import PdfFailure, render_pdf
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import ReadingReceipt
from peers.evidence.queries.receipts import Reader, exports_of, information_copies_of

ROWS = 500  # takes five seconds, and a quarter of a minute on a busy machine; the sheet has them all
_SECONDS = 60


def receipts_as_pdf(
    *,
    challenge: Challenge,
    by: User,
    readers: Sequence[Reader],
    item_count: int,
    receipts: QuerySet[ReadingReceipt],
    is_filtered: bool,
) -> bytes:
    """Tagged, with the newest `ROWS` receipts. Raises NoSeat, and NotNow while another one is made for the person."""
    require(by, Act.EVIDENCE_RECEIPTS_READ, challenge)
    lock = f"evidence.receipts:{by.pk}"
    if not cache.add(lock, 1, _SECONDS):
        raise NotNow(_("The PDF is being made already. Wait until it has arrived, or try again in a minute."))
    title = _("Who has read the evidence, %(ref)s") % {"ref": challenge.ref}
    try:
        rows = list(receipts[: ROWS + 1])
        context = {
            "title": title,
            "challenge": challenge,
            "readers": readers,
            "item_count": item_count,
            "receipts": rows[:ROWS],
            "most": ROWS if len(rows) > ROWS else 0,
            "exports": exports_of(challenge),
            "information_copies": information_copies_of(challenge),
            "is_filtered": is_filtered,
            "made_at": timezone.now(),
            "made_by": by,
        }
        return render_pdf(render_to_string("pdf/reading_receipts.html", context), title=title, seconds=_SECONDS)
    except PdfFailure as failure:
        raise NotNow(failure.message) from failure
    finally:
        cache.delete(lock)
