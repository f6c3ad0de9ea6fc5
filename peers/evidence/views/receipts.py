"""Who has read what: for the host and the coordinator, on a page, on paper and as a sheet."""

import csv
import io

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from cyber360.ui.cells import safe_cell
from peers.access import SeatName, acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence import queries
from peers.evidence.forms import ReceiptFilterForm
from peers.evidence.models import ReadingReceipt

from .base import page

ON_A_PAGE, ON_PAPER = 50, 2000
HEADER = (
    "person", "e-mail", "seat", "evidence", "how", "version", "first", "last", "times", "pages seen", "first page",
    "copy with the reader's name",
)  # fmt: skip


@acts(Act.EVIDENCE_RECEIPTS_READ)
@require_safe
def receipts(request, ref):
    """`?all=1` puts the whole list on one page, for printing."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RECEIPTS_READ)
    readers, items = queries.readers_of(challenge), list(queries.read_items(challenge))
    form, wanted = _filter(request, readers, items)
    rows = queries.filtered_receipts(queries.receipts_of(challenge), wanted)
    return page(
        request,
        "receipts",
        challenge,
        filter_form=form,
        readers=readers,
        items=items,
        item_count=len(items),
        receipts=Paginator(rows, ON_PAPER if "all" in request.GET else ON_A_PAGE).get_page(request.GET.get("page")),
        exports=queries.exports_of(challenge),
        is_filtered=any(wanted.values()),
        made_at=timezone.now(),
    )


def _filter(request, readers: list[queries.Reader], items: list) -> tuple[ReceiptFilterForm, dict]:
    """The form and what it asks for; a filter that cannot be read is left out."""
    form = ReceiptFilterForm(
        request.GET or None,
        people=[(row.pk, row.name) for row in readers],
        items=[(row.pk, row.title) for row in items],
    )
    form.is_valid()
    return form, getattr(form, "cleaned_data", {})


@acts(Act.EVIDENCE_RECEIPTS_READ)
@require_safe
def receipts_sheet(request, ref):
    """The receipts that the filter leaves, as CSV in which no cell is taken for a formula."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RECEIPTS_READ)
    items = list(queries.read_items(challenge))
    _form, wanted = _filter(request, queries.readers_of(challenge), items)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    for row in queries.filtered_receipts(queries.receipts_of(challenge), wanted):
        writer.writerow([safe_cell(cell) for cell in _cells(row)])
    name = f"{challenge.ref}-reading-receipts.csv"
    return HttpResponse(
        b"\xef\xbb\xbf" + out.getvalue().encode(),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _cells(row: ReadingReceipt) -> list[object]:
    last = timezone.localtime(row.latest)
    return [
        row.reader.full_name,
        row.reader.email,
        str(SeatName(row.seat).label),
        row.item.title,
        row.get_kind_display(),
        row.version.number if row.version is not None else "",
        timezone.localtime(row.first_at).strftime("%Y-%m-%d %H:%M"),
        last.strftime("%Y-%m-%d %H:%M"),
        row.times,
        len(row.pages) or "",
        row.pages[0] if row.pages else "",
        "yes" if row.is_marked else "",
    ]
