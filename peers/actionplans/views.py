from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.challenges.queries import challenges_for, get_challenge, questions_in_scope

from . import queries, services
from .exporters.sheets import as_csv
from .forms import ActionForm, CheckInForm, ProgressForm, ResponseForm, ReviewScoresForm
from .models import Action, ActionPlan, CheckIn

# Loaded when somebody asks for a workbook: it costs a web process half a second and 30 MB.
WORKBOOK = "peers.actionplans.exporters.workbook.as_xlsx"
HEADER = ("recommendation", "response", "action", "who leads it", "portfolio holder", "starts", "due", "priority",
          "status", "how you will know it worked", "what shows that it is done", "latest progress")  # fmt: skip


def _page(request, name, challenge, code=200, **context):
    shown = {"challenge": challenge, "tab": "plan", "today": timezone.localdate(), **context}
    return render(request, f"actionplans/{name}.html", shown, status=code)


@acts(Act.PLAN_READ)
def plan(request, ref):
    challenge = get_challenge(request.user, ref, Act.PLAN_READ)
    today = timezone.localdate()
    status, late = request.GET.get("status", ""), request.GET.get("late") == "1"
    responses = queries.responses_visible_to(request.user, challenge)
    actions = list(queries.actions_visible_to(request.user, challenge, status=status, late_on=today if late else None))
    for action in actions:
        action.late = action.is_overdue(today)
    context = {
        "plan": ActionPlan.objects.filter(challenge=challenge).select_related("approved_by").first(),
        "responses": responses,
        "actions": actions,
        "counts": queries.status_counts(request.user, challenge, today),
        "statuses": Action.Status.choices,
        "status": status,
        "late": late,
        **queries.acts_in_follow_up(request.user, challenge),
    }
    return _page(request, "plan", challenge, **context)


def _save(form, save, done):
    """Run the service; a stale row keeps what was typed, shows what stands, and lets the next save through."""
    try:
        save()
    except StaleVersion as stale:
        form.add_error(None, stale.message)
        form.data = form.data.copy()
        form.data["version"] = stale.current.version
        return stale.current
    except BadInput as wrong:
        form.add_error(None, wrong.message)
        return None
    return done


def _saved_words(request, challenge, response):
    """That it is saved and, while an accepted recommendation has no action, what comes next, as a link."""
    saved = _("The response to recommendation %(number)s is saved.") % {"number": response.number}
    if not (queries.lacks_action(response) and may(request.user, Act.ACTION_EDIT, challenge)):
        return saved
    url = reverse("actionplans:action_add", args=[challenge.ref, response.number])
    return format_html(
        '{} <a class="govuk-notification-banner__link" href="{}">{}</a>', saved, url, _("Next, add an action")
    )


@acts(Act.RESPONSE_EDIT)
def respond(request, ref, number):
    challenge = get_challenge(request.user, ref, Act.RESPONSE_EDIT)
    response = get_object_or_404(queries.responses_visible_to(request.user, challenge), number=number)
    initial = {name: getattr(response, name) for name in ("version", "answer", "reason")}
    form = ResponseForm(request.POST or None, initial=initial)
    current = None
    if request.method == "POST" and form.is_valid():
        current = _save(form, lambda: services.respond(response=response, by=request.user, **form.cleaned_data), True)
        if current is True:
            messages.success(request, _saved_words(request, challenge, response))
            return redirect("actionplans:plan", ref)
    return _page(
        request, "respond", challenge, form=form, response=response, current=current, code=409 if current else 200
    )


@acts(Act.ACTION_EDIT)
def action_add(request, ref, number):
    challenge = get_challenge(request.user, ref, Act.ACTION_EDIT)
    response = get_object_or_404(queries.responses_visible_to(request.user, challenge), number=number)
    form = ActionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_action(response=response, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The action is in the plan."))
            return redirect("actionplans:plan", ref)
    return _page(request, "action_edit", challenge, form=form, response=response)


def _action(request, challenge, pk):
    return get_object_or_404(queries.actions_visible_to(request.user, challenge), pk=pk)


@acts(Act.ACTION_EDIT)
def action_edit(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.ACTION_EDIT)
    action = _action(request, challenge, pk)
    initial = {name: getattr(action, name) for name in ("version", *services.ACTION_COLUMNS)}
    form = ActionForm(request.POST or None, initial=initial)
    current = None
    if request.method == "POST" and form.is_valid():
        current = _save(form, lambda: services.edit_action(action=action, by=request.user, **form.cleaned_data), True)
        if current is True:
            messages.success(request, _("The action is saved."))
            return redirect("actionplans:action", ref, pk)
    shown = {"form": form, "action": action, "response": action.response, "current": current}
    return _page(request, "action_edit", challenge, code=409 if current else 200, **shown)


@acts(Act.PLAN_READ)
def action(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.PLAN_READ)
    found = _action(request, challenge, pk)
    found.late = found.is_overdue(timezone.localdate())
    return _page(request, "action", challenge, action=found, **queries.acts_in_follow_up(request.user, challenge))


@acts(Act.ACTION_PROGRESS)
def progress(request, ref, pk):
    challenge = get_challenge(request.user, ref, Act.ACTION_PROGRESS)
    found = _action(request, challenge, pk)
    initial = {name: getattr(found, name) for name in ("version", "status", "completion_evidence")}
    form = ProgressForm(request.POST or None, initial=initial)
    current = None
    if request.method == "POST" and form.is_valid():
        current = _save(
            form, lambda: services.report_progress(action=found, by=request.user, **form.cleaned_data), True
        )
        if current is True:
            messages.success(request, _("Progress is recorded."))
            return redirect("actionplans:action", ref, pk)
    return _page(request, "progress", challenge, form=form, action=found, current=current, code=409 if current else 200)


@acts(Act.PLAN_READ)
def check_ins(request, ref):
    challenge = get_challenge(request.user, ref, Act.PLAN_READ)
    rows = challenge.check_ins.select_related("recorded_by").prefetch_related("scores__question")
    may_record = may(request.user, Act.CHECK_IN_RECORD, challenge)
    return _page(request, "check_ins", challenge, rows=rows, may_record=may_record)


@acts(Act.CHECK_IN_RECORD)
def check_in_add(request, ref):
    challenge = get_challenge(request.user, ref, Act.CHECK_IN_RECORD)
    form = CheckInForm(request.POST or None)
    words = dict(challenge.framework_version.scale.values_list("level", "word"))
    scores = ReviewScoresForm(request.POST or None, questions=questions_in_scope(challenge), words=words)
    if request.method == "POST" and form.is_valid() and scores.is_valid():
        again = scores.scores() if form.cleaned_data["kind"] == CheckIn.Kind.REVIEW else {}
        try:
            services.record_check_in(challenge=challenge, by=request.user, scores=again, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("It is recorded."))
            return redirect("actionplans:check_ins", ref)
    return _page(request, "check_in_add", challenge, form=form, scores=scores)


def _export_rows(user, challenge):
    for found in queries.actions_visible_to(user, challenge):
        latest = next(iter(found.notes.all()), None)
        yield (
            str(found.response), found.response.get_answer_display(), found.title, found.lead_officer,
            found.portfolio_holder, found.starts_on or "", found.due_on, found.get_priority_display(),
            found.get_status_display(), found.success_measure, found.completion_evidence, latest.text if latest else "",
        )  # fmt: skip


@acts(Act.PLAN_EXPORT)
def export(request, ref, form):
    challenge = get_challenge(request.user, ref, Act.PLAN_EXPORT)
    rows = list(_export_rows(request.user, challenge))
    kinds = {
        "csv": ("text/csv; charset=utf-8", lambda: as_csv(HEADER, rows)),
        "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                 lambda: import_string(WORKBOOK)(_("Action plan"), HEADER, rows)),
    }  # fmt: skip
    if form not in kinds:
        raise Http404
    media_type, make = kinds[form]
    services.record_export(challenge=challenge, by=request.user, name=f"action-plan.{form}", rows=len(rows))
    headers = {"Content-Disposition": f'attachment; filename="{challenge.ref}-action-plan.{form}"'}
    return HttpResponse(make(), content_type=media_type, headers=headers)


@acts(Act.PIPELINE_READ)
def overdue(request):
    """Overdue actions across every council, for the coordinator."""
    require(request.user, Act.PIPELINE_READ)
    today = timezone.localdate()
    rows = queries.overdue_for(request.user, challenges_for(request.user), today)[:500]
    return render(request, "actionplans/overdue.html", {"rows": rows, "today": today})
