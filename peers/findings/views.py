from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.evidence.queries import items_visible_to

from . import queries, services
from .forms import DecideForm, FeedbackForm, FindingForm
from .models import Feedback, FindingType


def _page(request, name, challenge, status=200, **context):
    return render(
        request, f"findings/{name}.html", {"challenge": challenge, "tab": "findings", **context}, status=status
    )


@acts(Act.FINDING_READ)
def board(request, ref):
    challenge = get_challenge(request.user, ref, Act.FINDING_READ)
    rows = queries.findings_visible_to(request.user, challenge)
    theme, kind = request.GET.get("theme", ""), request.GET.get("kind", "")
    rows = rows.filter(theme__code=theme) if theme else rows
    rows = rows.filter(kind=kind) if kind in FindingType.values else rows
    rows = list(rows.prefetch_related("evidence", "conversations__attendees"))
    for row in rows:
        row.kinds, row.warnings = queries.source_kinds(row), queries.warnings_of(row)
    context = {"columns": queries.board_of(rows), "count": len(rows), "theme": theme, "kind": kind,
               "themes": challenge.themes.order_by("place"), "kinds": FindingType.choices,
               "may_write": may(request.user, Act.FINDING_WRITE, challenge)}  # fmt: skip
    return _page(request, "board", challenge, **context)


def _form(request, challenge, finding=None):
    initial = {}
    if finding is not None:
        names = ("version", "kind", "theme", "headline", "narrative", "owner_suggestion", "urgency", "caf_outcome",
                 "confidence", "sensitive", "state")  # fmt: skip
        initial = {name: getattr(finding, name) for name in names}
        initial |= {"evidence": finding.evidence.all(), "conversations": finding.conversations.all()}
    return FindingForm(
        request.POST or None, initial=initial, themes=challenge.themes.order_by("place"),
        evidence=items_visible_to(request.user, challenge).distinct(), conversations=challenge.conversations.all(),
        is_new=finding is None,
    )  # fmt: skip


@acts(Act.FINDING_WRITE)
def add(request, ref):
    challenge = get_challenge(request.user, ref, Act.FINDING_WRITE)
    form = _form(request, challenge)
    if request.method == "POST" and form.is_valid():
        try:
            services.draft_finding(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The finding is on the board."))
            return redirect("findings:board", ref)
    return _page(request, "edit", challenge, form=form)


def _finding(request, challenge, pk):
    rows = queries.findings_visible_to(request.user, challenge).prefetch_related("evidence", "conversations__attendees")
    return get_object_or_404(rows, pk=pk)


@acts(Act.FINDING_READ, Act.FINDING_DECIDE)
def detail(request, ref, pk):
    """One finding with its sources, warnings and history; those who decide do it here."""
    challenge = get_challenge(request.user, ref, Act.FINDING_READ)
    finding = _finding(request, challenge, pk)
    may_decide = may(request.user, Act.FINDING_DECIDE, challenge)
    form = DecideForm(request.POST or None, initial={"version": finding.version})
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_finding(finding=finding, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form.add_error(None, stale.message)
        except BadInput as wrong:
            form.add_error("state", wrong.message)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("findings:board", ref)
    context = {
        "finding": finding,
        "kinds": queries.source_kinds(finding),
        "warnings": queries.warnings_of(finding),
        "history": finding.history.select_related("by"),
        "form": form,
        "may_decide": may_decide,
        "may_write": may(request.user, Act.FINDING_WRITE, challenge) and finding.state not in queries.DECIDED,
    }
    return _page(request, "detail", challenge, status=409 if current else 200, current=current, **context)


@acts(Act.FINDING_WRITE)
def edit(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.FINDING_WRITE)
    finding = _finding(request, challenge, pk)
    form = _form(request, challenge, finding)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_finding(finding=finding, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form.add_error(None, stale.message)
            form.data = form.data.copy()
            form.data["version"] = stale.current.version
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The finding is saved."))
            return redirect("findings:detail", ref, pk)
    return _page(
        request, "edit", challenge, status=409 if current else 200, form=form, finding=finding, current=current
    )


@acts(Act.FEEDBACK_RECORD)
def feedback(request, ref):
    challenge = get_challenge(request.user, ref, Act.FEEDBACK_RECORD)
    row = Feedback.objects.filter(challenge=challenge).first()
    initial = {name: getattr(row, name) for name in ("held_on", "attendee_roles", "notes")} if row else {}
    form = FeedbackForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_feedback(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error("held_on", wrong.message)
        else:
            messages.success(request, _("The feedback presentation is recorded. Drafting can begin."))
            return redirect(challenge)
    return _page(request, "feedback", challenge, form=form)
