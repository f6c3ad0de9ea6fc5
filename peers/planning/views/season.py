"""Season plans: the list, what is asked for, the plan while it is worked out and when it is ready."""

import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, Blocked, NotNow, StaleVersion
from cyber360.jobs.queries import job_for
from peers.access import acts
from peers.acts import Act
from peers.planning.forms.season import ClosedForm, CopyForm, PinForm, SeasonForm, TitleForm
from peers.planning.models import PlanVisitState, SeasonPlan
from peers.planning.plans.charts import search_picture, season_picture
from peers.planning.plans.words import copy_title, quality_words
from peers.planning.queries import season as queries
from peers.planning.queries import season_pages as pages
from peers.planning.queries.season_problem import challenges_of
from peers.planning.queries.shapes import weights_by_term
from peers.planning.services import season as services

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@acts(Act.SEASON_READ)
def season_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.plans_for(request.user), 20).get_page(request.GET.get("page"))
    rows = [(plan, quality_words(plan.cost, plan.bound)) for plan in page.object_list]
    return render(request, "planning/season_list.html", {"page": page, "rows": rows})


# --- what is asked for ------------------------------------------------------------------------------
@form_page
@acts(Act.SEASON_PLAN)
def season_new(request: SignedInRequest) -> HttpResponse:
    programme = queries.programme_for(request.user, Act.SEASON_PLAN)
    challenges = queries.plannable(programme)
    initial = {"challenges": challenges, "first_week": timezone.localdate() + datetime.timedelta(weeks=8)}
    form = SeasonForm(
        request.POST or None, initial=initial, challenges=challenges, weights=weights_by_term(programme)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        plan = services.make_plan(programme=programme, by=request.user, **form.values())
        messages.success(request, _("The plan is saved. Look at the days without visits, then have it worked out."))
        return redirect(plan)
    return render(request, "planning/season_edit.html", {"form": form, "plan": None})


@form_page
@acts(Act.SEASON_PLAN)
def season_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _editable(queries.get_plan(request.user, pk, Act.SEASON_PLAN))
    form = SeasonForm(
        request.POST or None,
        initial=SeasonForm.values_of(plan),
        challenges=queries.plannable(plan.programme, plan),
        weights=plan.weights,
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            plan = services.edit_plan(plan=plan, by=request.user, version=version, **form.values())
        except StaleVersion as stale:
            form.add_error(None, stale.message)
        else:
            messages.success(request, _("The plan is saved."))
            return redirect(plan)
    return render(request, "planning/season_edit.html", {"form": form, "plan": plan})


def _editable(plan: SeasonPlan) -> SeasonPlan:
    if plan.state not in queries.EDITABLE:
        raise NotNow(_("This plan has been worked out and stays as it is. Make a new one from it to change it."))
    return plan


# --- one plan ---------------------------------------------------------------------------------------
@require_safe
@acts(Act.SEASON_READ)
def season_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_READ)
    if request.htmx:  # the waiting page asks every two seconds: it gets the piece alone
        answer = render(request, "planning/_season_progress.html", _progress_context(plan))
        if not plan.is_under_way:
            answer["HX-Refresh"] = "true"  # tag, buttons and result belong to the whole page
        return answer
    return render(request, "planning/season_plan.html", _plan_context(plan))


def _progress_context(plan: SeasonPlan) -> dict:
    moments = pages.moments_of(plan)
    return {
        "plan": plan,
        "quality": quality_words(plan.cost, plan.bound),
        "search": search_picture(moments, uid="search") if any(m.cost is not None for m in moments) else None,
        "job": job_for(plan.job_key) if plan.is_under_way else None,
    }


def _plan_context(plan: SeasonPlan, **more: object) -> dict:
    challenges, closed = challenges_of(plan), list(plan.closed_days.all())
    visits = queries.visits_of(plan)
    shut = pages.closed_weeks(plan, closed)
    picture = pages.picture_rows(plan, challenges, visits, shut)
    return {
        **_progress_context(plan),
        "challenges": challenges,
        "closed": closed,
        "views": [pages.visit_view(plan, visit) for visit in visits],
        "proposed": sum(visit.state == PlanVisitState.PROPOSED for visit in visits),
        "accepted": sum(visit.state == PlanVisitState.ACCEPTED for visit in visits),
        "costs": pages.cost_rows(plan.costs),
        "picture": season_picture(picture, plan.mondays, shut, uid="season") if challenges else None,
        "pins": plan.pins.select_related("challenge__council", "profile__user"),
        "given": queries.given_of(plan),
        "pin_form": PinForm(challenges=challenges, mondays=plan.mondays),
        "closed_form": ClosedForm(),
        "copy_form": CopyForm(ready=plan.is_ready, initial={"title": _copy_title(plan)}),
        "title_form": TitleForm(initial={"title": plan.title}),
        "editable": plan.state in queries.EDITABLE,
        **more,
    }


def _copy_title(plan: SeasonPlan) -> str:
    known = plan.programme.season_plans.values_list("title", flat=True)
    return copy_title(plan.title, set(known))


@require_POST
@acts(Act.SEASON_PLAN)
def season_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    try:
        services.request_plan(plan=plan, by=request.user)
    except Blocked as blocked:
        context = _plan_context(plan, against=blocked.sentences)
        return render(request, "planning/season_plan.html", context, status=blocked.status)
    return redirect(plan)


@require_POST
@acts(Act.SEASON_PLAN)
def season_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    services.stop_plan(plan=plan, by=request.user)
    messages.success(request, _("The search is being stopped. The best plan so far is kept."))
    return redirect(plan)


# --- kept, named, copied, deleted -------------------------------------------------------------------
@require_POST
@acts(Act.SEASON_PLAN)
def season_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    form = TitleForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Enter a name of at most 80 characters."))
    services.rename_plan(plan=plan, by=request.user, **form.cleaned_data)
    messages.success(request, _("The plan has its new name."))
    return redirect(plan)


@require_POST
@acts(Act.SEASON_PLAN)
def season_copy(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    form = CopyForm(request.POST, ready=plan.is_ready)
    if not form.is_valid():
        raise BadInput(_("Enter a name of at most 80 characters."))
    copy = services.copy_plan(
        plan=plan, by=request.user, title=form.cleaned_data["title"], near=form.cleaned_data.get("near", False)
    )
    messages.success(request, _("A new plan has been made from “%(title)s”. Change it, then have it worked out.")
                     % {"title": plan.title})  # fmt: skip
    return redirect(copy)


@form_page
@acts(Act.SEASON_PLAN)
def season_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    if request.method == "POST":
        services.delete_plan(plan=plan, by=request.user)
        messages.success(request, _("The plan has been deleted."))
        return redirect("planning:season_list")
    return render(request, "planning/season_delete.html", {"plan": plan})
