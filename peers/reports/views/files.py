"""PDFs: asked for by a POST, made by the worker, fetched from here; and the annex for the council alone."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import NoSeat
from cyber360.files.responses import attachment
from cyber360.jobs.queries import job_for
from peers.access import acts
from peers.acts import Act
from peers.reports import queries, services
from peers.reports.contents import annex_of
from peers.reports.document import body_of, render_annex

from .base import page


@acts(Act.REPORT_DRAFT_READ, Act.REPORT_RENDER, Act.REPORT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def pdf(request: SignedInRequest, ref: str) -> HttpResponse:
    """The state of the PDF of what stands now: the issued report, else the draft."""
    report = queries.get_open_report(request.user, ref)
    issued = getattr(report, "issued", None) if report.is_issued else None
    if request.method == "POST":
        if issued is None:
            services.request_pdf(report=report, by=request.user)
        else:
            issued.report = report
            services.retry_issued(issued=issued, by=request.user)
        return redirect("reports:pdf", ref)
    if issued is not None:
        job = None if issued.pdf_id else queries.job_of_issued(issued, "issued")
        return page(request, "pdf", report, issued=issued, draft=None, job=job)
    draft = report.draft_pdfs.filter(text_sha256=report.text_sha256).defer("html").first()
    job = job_for(queries.draft_key(draft)) if draft is not None and draft.pdf_id is None else None
    return page(request, "pdf", report, issued=None, draft=draft, job=job)


@acts(Act.REPORT_DRAFT_READ)
@require_safe
def draft_pdf(request: SignedInRequest, ref: str, number: int) -> HttpResponse | StreamingHttpResponse:
    report = queries.get_report(request.user, ref, Act.REPORT_DRAFT_READ)
    draft = report.draft_pdfs.select_related("pdf").defer("html").filter(number=number).first()
    if draft is None or draft.pdf is None or not queries.may_have_draft(request.user, report, draft):
        raise NoSeat
    services.note_download(report=report, by=request.user, what=f"draft {number}")
    return attachment(request, draft.pdf)


@acts(Act.REPORT_READ)
@require_safe
def issued_pdf(request: SignedInRequest, ref: str) -> HttpResponse | StreamingHttpResponse:
    issued = queries.get_issued(request.user, ref)
    if issued.pdf is None:
        return redirect("reports:pdf", ref)
    services.note_download(report=issued.report, by=request.user, what="pdf")
    return attachment(request, issued.pdf)


@acts(Act.REPORT_READ)
@require_safe
def issued_html(request: SignedInRequest, ref: str) -> HttpResponse:
    """The frozen document, byte for byte: its SHA-256 is the one shown."""
    issued = queries.get_issued(request.user, ref)
    services.note_download(report=issued.report, by=request.user, what="html")
    answer = HttpResponse(issued.html.encode(), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{issued.number}.html"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


# --- what only the council receives -----------------------------------------------------------------------
@acts(Act.REPORT_DRAFT_READ)
@require_safe
def annex(request: SignedInRequest, ref: str) -> HttpResponse:
    report = queries.get_annex_report(request.user, ref)
    issued = getattr(report, "issued", None) if report.is_issued else None
    if issued is None:
        label = services.draft_label(1, timezone.now())
        html = render_annex(annex_of(report, label=label))
        return page(request, "annex", report, body=body_of(html), issued=None, job=None)
    if not issued.annex_html:
        raise NoSeat
    job = None if issued.annex_pdf_id else queries.job_of_issued(issued, "annex")
    return page(request, "annex", report, body=body_of(issued.annex_html), issued=issued, job=job)


@acts(Act.REPORT_DRAFT_READ)
@require_safe
def annex_pdf(request: SignedInRequest, ref: str) -> HttpResponse | StreamingHttpResponse:
    report = queries.get_annex_report(request.user, ref)
    issued = getattr(report, "issued", None) if report.is_issued else None
    if issued is None or issued.annex_pdf is None:
        raise NoSeat
    services.note_download(report=report, by=request.user, what="annex")
    return attachment(request, issued.annex_pdf)
