"""Reading: the report's own page, draft or issued, and the draft as a document."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from cyber360.accounts.requests import SignedInRequest
from peers.access import acts
from peers.acts import Act
from peers.reports import queries, services
from peers.reports.document import body_of
from peers.reports.models import IssuedReport, Report

from .base import draft_now, page


@acts(Act.REPORT_DRAFT_READ, Act.REPORT_READ)
@require_safe
def report(request: SignedInRequest, ref: str) -> HttpResponse:
    row = queries.get_open_report(request.user, ref)
    issued = getattr(row, "issued", None) if row.is_issued else None
    return _draft(request, row) if issued is None else _issued(request, row, issued)


def _draft(request: SignedInRequest, row: Report) -> HttpResponse:
    comments = list(queries.comments_of(row))
    drafts = [draft for draft in queries.drafts_of(row) if queries.may_have_draft(request.user, row, draft)]
    for draft in drafts:
        draft.is_current = draft.text_sha256 == row.text_sha256
    sections = queries.sections_with_state(row, comments)
    return page(
        request, "report", row, sections=sections, missing=sum(not part.text.strip() for part in sections),
        comments=comments, waiting=sum(not comment.outcome for comment in comments),
        sign_offs=queries.sign_offs_of(row), drafts=drafts,
        has_current_pdf=any(draft.is_current and draft.pdf_id for draft in drafts),
    )  # fmt: skip


def _issued(request: SignedInRequest, row: Report, issued: IssuedReport) -> HttpResponse:
    issued.report = row
    services.note_reading(issued=issued, by=request.user)
    job = None if issued.pdf_id else queries.job_of_issued(issued, "issued")
    return page(
        request, "issued", row, issued=issued, body=body_of(issued.html), job=job,
        comments=list(queries.comments_of(row)),
    )  # fmt: skip


@acts(Act.REPORT_DRAFT_READ)
@require_safe
def preview(request: SignedInRequest, ref: str) -> HttpResponse:
    row = queries.get_report(request.user, ref, Act.REPORT_DRAFT_READ)
    if row.is_issued:
        return redirect(row)
    return page(request, "preview", row, document=draft_now(row))
