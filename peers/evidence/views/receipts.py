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
from peers.evidence.forms import CopyForm, ReceiptFilterForm
from peers.evidence.models import EvidenceItem, ReadingReceipt
from peers.evidence.queries.receipts import information_copies_of
from peers.evidence.services.receipts_pdf import receipts_as_pdf

from .base import page

ON_A_PAGE, ON_PAPER = 50, 2000
NAME = "-reading-receipts"
HEADER = (
    "person", "e-mail", "seat", "evidence", "how", "version", "first", "last", "times", "pages seen", "first page",
    "copy with the reader's name", "copy id",
)  # fmt: skip


@acts(Act.EVIDENCE_RECEIPTS_READ)
@require_safe
def receipts(request, ref):
    """`?all=1` puts the whole list on one page, for printing."""
    challenge, readers, items, forms, wanted, rows = _asked(request, ref)
    return page(
        request,
        "receipts",
        challenge,
        **forms,
        readers=readers,
        items=items,
        item_count=_in_use(items),
        receipts=Paginator(rows, ON_PAPER if "all" in request.GET else ON_A_PAGE).get_page(request.GET.get("page")),
        exports=queries.exports_of(challenge),
        information_copies=information_copies_of(challenge),
        is_filtered=any(wanted.values()),
        copy_asked=bool(wanted.get("copy")),
        made_at=timezone.now(),
    )


def _asked(request, ref: str) -> tuple:
    """The challenge, its readers and items, the forms and what they ask for, and the receipts that they leave."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_RECEIPTS_READ)
    readers, items = queries.readers_of(challenge), list(queries.read_items(challenge))
    forms, wanted = _filter(request, readers, items)
    return challenge, readers, items, forms, wanted, queries.filtered_receipts(queries.receipts_of(challenge), wanted)


def _in_use(items: list[EvidenceItem]) -> int:
    return sum(item.is_live for item in items)


def _filter(request, readers: list[queries.Reader], items: list) -> tuple[dict, dict]:
    """The forms by their names in the page, and what they ask for; what cannot be read is left out."""
    asked = request.GET or None
    filter_form = ReceiptFilterForm(
        asked,
        people=[(row.pk, f"{row.name}, {row.email}") for row in readers],
        items=[(row.pk, row.title) for row in items],
    )
    forms, wanted = {"filter_form": filter_form, "copy_form": CopyForm(asked)}, {}
    for form in forms.values():
        form.is_valid()
        wanted |= getattr(form, "cleaned_data", {})
    return forms, wanted


@acts(Act.EVIDENCE_RECEIPTS_READ)
@require_safe
def receipts_sheet(request, ref):
    """The receipts that the filter leaves, as CSV in which no cell is taken for a formula."""
    challenge, _readers, _items, _form, _wanted, rows = _asked(request, ref)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in _cells(row)])
    return _taken(b"\xef\xbb\xbf" + out.getvalue().encode(), "text/csv; charset=utf-8", f"{challenge.ref}{NAME}.csv")


@acts(Act.EVIDENCE_RECEIPTS_READ)
@require_safe
def receipts_pdf(request, ref):
    """The receipts that the filter leaves, as a PDF to file or to hand on."""
    challenge, readers, items, _form, wanted, rows = _asked(request, ref)
    data = receipts_as_pdf(
        challenge=challenge, by=request.user, readers=readers, item_count=_in_use(items), receipts=rows,
        is_filtered=any(wanted.values()),
    )  # fmt: skip
    return _taken(data, "application/pdf", f"{challenge.ref}{NAME}.pdf")


def _taken(data: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)


def _cells(row: ReadingReceipt) -> list[object]:
    last = timezone.localtime(row.latest)
    return [
        row.reader.full_name,
        row.reader.email,
        str(SeatName(row.seat).label),
        row.item.title,
        row.how,
        row.version.number if row.version is not None else "",
        timezone.localtime(row.first_at).strftime("%Y-%m-%d %H:%M"),
        last.strftime("%Y-%m-%d %H:%M"),
        row.times,
        len(row.pages) or "",
        row.pages[0] if row.pages else "",
        "yes" if row.is_marked else "",
        row.copy,
    ]
