"""What every page of a report shares."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cyber360.accounts.requests import SignedInRequest
from peers.access import acts_for
from peers.acts import Act
from peers.reports import queries, services
from peers.reports.contents import document_of
from peers.reports.document import Document
from peers.reports.models import Report, ReportSection


def frame(request: SignedInRequest, report: Report) -> dict:
    """The context of every page: rights as booleans, asked once."""
    open_acts = acts_for(request.user, report.challenge)
    is_open = not report.is_issued
    return {
        "challenge": report.challenge,
        "tab": "report",
        "report": report,
        "may_edit": is_open and Act.REPORT_EDIT in open_acts,
        "may_sign": is_open and Act.REPORT_SIGN_OFF in open_acts,
        "may_render": Act.REPORT_RENDER in open_acts,
        "may_comment": is_open and Act.FACT_COMMENT in open_acts,
        "may_answer": is_open and Act.FACT_ANSWER in open_acts,
        "sees_sources": Act.FINDING_READ in open_acts,
        "sees_annex": queries.may_read_annex(request.user, report),
    }


def page(request: SignedInRequest, name: str, report: Report, status: int = 200, **context) -> HttpResponse:
    return render(request, f"reports/{name}.html", {**frame(request, report), **context}, status=status)


def draft_now(report: Report, *, only: str = "", sections: list[ReportSection] | None = None) -> Document:
    """The draft as it reads at this moment, as a document (or what one section of it needs)."""
    number = 0 if only else max((row.number for row in report.draft_pdfs.only("number")), default=0)
    now = timezone.now()
    label = services.draft_label(number + 1, now)
    return document_of(report, label=label, dated=now, only=only, sections=sections)
