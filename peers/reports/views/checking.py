"""The factual check: the host comments line by line, the lead peer or the challenge manager answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts, require
from peers.acts import Act
from peers.reports import queries, services
from peers.reports.forms import AnswerForm, CommentForm

from .base import draft_now, page


@acts(Act.REPORT_DRAFT_READ)
@require_safe
def facts(request: SignedInRequest, ref: str) -> HttpResponse:
    """The register: every comment with its answer."""
    report = queries.get_report(request.user, ref, Act.REPORT_DRAFT_READ)
    comments = list(queries.comments_of(report))
    waiting = sum(not comment.outcome for comment in comments)
    return page(request, "facts", report, comments=comments, waiting=waiting)


@acts(Act.FACT_COMMENT)
def fact_add(request: SignedInRequest, ref: str, code: str) -> HttpResponse:
    section = queries.get_section(request.user, ref, code, Act.FACT_COMMENT)
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.comment_fact(section=section, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Your comment is with the team. You will find their answer here."))
            return redirect(section)
    document = draft_now(section.report, only=code)
    part = document.section(code)
    return page(request, "fact_add", section.report, section=section, form=form, part=part, document=document)


@acts(Act.REPORT_DRAFT_READ, Act.FACT_ANSWER)
def fact(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """One comment; those who answer do it here."""
    comment = queries.get_comment(request.user, ref, pk)
    names = ("version", "outcome", "answer")
    form = AnswerForm(request.POST or None, initial={name: getattr(comment, name) for name in names})
    current = None
    if request.method == "POST":
        require(request.user, Act.FACT_ANSWER, comment)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_fact(comment=comment, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form = AnswerForm(request.POST | {"version": str(current.version)})
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The answer is recorded. The host sees it."))
            return redirect("reports:facts", ref)
    return page(request, "fact", comment.report, 409 if current else 200, comment=comment, form=form, current=current)
