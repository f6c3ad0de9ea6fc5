"""Writing: a section, a finding's words, marking and levels, and the sign-off."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts, may
from peers.acts import Act
from peers.reports import queries, services
from peers.reports.forms import RewordForm, SectionForm, SettingsForm, SignOffForm
from peers.reports.models import ReportSection

from .base import draft_now, page


@acts(Act.REPORT_DRAFT_READ, Act.REPORT_EDIT)
def section(request: SignedInRequest, ref: str, code: str) -> HttpResponse:
    """One section: written by those who may, read and commented on by the others."""
    act = Act.REPORT_EDIT if request.method == "POST" else Act.REPORT_DRAFT_READ
    row = queries.get_section(request.user, ref, code, act)
    if row.report.is_issued:
        return redirect(row.report)
    form = SectionForm(request.POST or None, initial={"version": row.version, "text": row.text})
    clash: ReportSection | None = None
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_section(section=row, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            clash, form = stale.current, _again(form, stale.current.version)
        except BadInput as wrong:
            form.add_error("text", wrong.message)
        else:
            messages.success(request, _("“%(title)s” is saved.") % {"title": row.title})
            return redirect(row)
    return _section_page(request, row, form, clash)


def _again(form: SectionForm, version: int) -> SectionForm:
    """The person's own text in the form, on top of what was saved meanwhile."""
    return SectionForm({"text": form.cleaned_data["text"], "version": version})


def _section_page(request, row: ReportSection, form: SectionForm, clash: ReportSection | None) -> HttpResponse:
    report = row.report
    comments = list(queries.comments_of(report))
    sections = queries.sections_with_state(report, comments)
    document = draft_now(report, only=row.code, sections=sections)
    names = queries.named_in(row.text, queries.names_met(report.challenge))
    return page(
        request, "section", report, status=409 if clash else 200, section=row, form=form, clash=clash,
        autosave_key=f"report-section-{row.pk}",
        part=document.section(row.code), document=document, sections=sections,
        comments=[comment for comment in comments if comment.section_id == row.pk],
        names=names if may(request.user, Act.NOTE_READ, report.challenge) else [],
        history=list(row.history.select_related("by")[:20]) if may(request.user, Act.REPORT_EDIT, report) else [],
    )  # fmt: skip


@acts(Act.REPORT_EDIT)
@require_POST
def section_save(request: SignedInRequest, ref: str, code: str) -> HttpResponse:
    """The same form, sent while it is written: JSON with the new version, or 409 with the text that stands."""
    row = queries.get_section(request.user, ref, code, Act.REPORT_EDIT)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        saved = services.edit_section(section=row, by=request.user, **form.cleaned_data)
    except StaleVersion as stale:
        context = {"clash": stale.current, "mine": form.cleaned_data["text"]}
        return render(request, "reports/_clash.html", context, status=409)
    return JsonResponse({"version": saved.version, "saved": timezone.localtime().strftime("%H:%M")})


@acts(Act.REPORT_EDIT)
def reword(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_finding(request.user, ref, pk)
    names = ("version", "headline", "narrative", "owner_suggestion", "urgency", "sensitive")
    form = RewordForm(request.POST or None, initial={name: getattr(row, name) for name in names}, finding=row)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.change_finding(finding=row, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form = RewordForm(request.POST | {"version": str(current.version)}, finding=row)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The words are saved. Report and action plan use them."))
            return redirect(queries.section_of_finding(row.challenge.report, row))
    report = row.challenge.report
    report.challenge = row.challenge
    return page(request, "reword", report, 409 if current else 200, finding=row, form=form, current=current)


@acts(Act.REPORT_EDIT)
def settings(request: SignedInRequest, ref: str) -> HttpResponse:
    report = queries.get_report(request.user, ref, Act.REPORT_EDIT)
    names = ("version", "marking", "show_levels")
    form = SettingsForm(request.POST or None, initial={name: getattr(report, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_report(report=report, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            form.add_error(None, stale.message)
        else:
            messages.success(request, _("Saved."))
            return redirect(report)
    return page(request, "settings", report, form=form)


@acts(Act.REPORT_SIGN_OFF)
def sign_off(request: SignedInRequest, ref: str) -> HttpResponse:
    report = queries.get_report(request.user, ref, Act.REPORT_SIGN_OFF)
    form = SignOffForm(request.POST or None, initial={"text_sha256": report.text_sha256})
    stale_words, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            services.sign_off(report=report, by=request.user, text_sha256=form.cleaned_data["text_sha256"])
        except StaleVersion as stale:
            stale_words, status = stale.message, stale.status
            form = SignOffForm(initial={"text_sha256": stale.current.text_sha256})
        else:
            messages.success(request, _("Thank you. You have signed off the draft as it reads now."))
            return redirect(report)
    return page(request, "sign_off", report, status, form=form, stale=stale_words)
