"""What belongs to a season plan: pins, days without visits, one visit, the pool, acceptance, plans side by side."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from cyber360.ui.numbers import whole
from peers.access import acts
from peers.acts import Act
from peers.planning.forms.season import AcceptForm, ClosedForm, PinForm
from peers.planning.models import PlanPin, PlanVisit, SeasonPlan
from peers.planning.plans.charts import load_picture
from peers.planning.queries import season as queries
from peers.planning.queries import season_pages as pages
from peers.planning.queries.season_problem import challenges_of, facts_only
from peers.planning.services import season as services
from peers.planning.services.season_accept import Inviting, Outcome, accept_visits, leave_visit

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _numbers(values: list[str]) -> list[int]:
    """Ids of a form; what is no id of a row is left out."""
    return [number for value in values if (number := whole(value, -1)) >= 0]


def _back_to(plan: SeasonPlan, part: str) -> HttpResponse:
    return redirect(f"{plan.get_absolute_url()}#{part}")


# --- days without visits ----------------------------------------------------------------------------
@require_POST
@acts(Act.SEASON_PLAN)
def season_closed_set(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    services.set_closed(plan=plan, by=request.user, counted=_numbers(request.POST.getlist("counts")))
    messages.success(request, _("The days without visits are kept."))
    return _back_to(plan, "closed")


@form_page
@acts(Act.SEASON_PLAN)
def season_closed_add(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    form = ClosedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_closed(plan=plan, by=request.user, **form.cleaned_data)
        messages.success(request, _("The days are added to this plan."))
        return _back_to(plan, "closed")
    return render(request, "planning/season_closed_add.html", {"plan": plan, "form": form})


@form_page
@acts(Act.SEASON_PLAN)
def season_closed(request: SignedInRequest) -> HttpResponse:
    """The programme's own days without visits, for every plan to come."""
    programme = queries.programme_for(request.user, Act.SEASON_PLAN)
    form = ClosedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_closed_period(programme=programme, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The days are added. They count in plans made from now on."))
            return redirect("planning:season_closed")
    return render(
        request, "planning/season_closed.html", {"form": form, "rows": queries.closed_periods(programme)}
    )  # fmt: skip


@require_POST
@acts(Act.SEASON_PLAN)
def season_closed_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    programme = queries.programme_for(request.user, Act.SEASON_PLAN)
    services.remove_closed_period(programme=programme, by=request.user, pk=pk)
    messages.success(request, _("The days are off the list. Plans made before keep them."))
    return redirect("planning:season_closed")


# --- pins -------------------------------------------------------------------------------------------
@form_page
@acts(Act.SEASON_PLAN)
def season_pin(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form of a plan's page; one that cannot be read comes back on a page of its own."""
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    challenges = challenges_of(plan)
    form = PinForm(request.POST or None, challenges=challenges, mondays=plan.mondays)
    if request.method == "POST" and form.is_valid():
        try:
            services.pin(plan=plan, by=request.user, **_pinned(plan, form, challenges))
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("That is held now."))
            return _back_to(plan, "pins")
    return render(request, "planning/season_pin.html", {"plan": plan, "form": form})


def _pinned(plan: SeasonPlan, form: PinForm, challenges: list) -> dict:
    data = form.cleaned_data
    found = {"challenge": next(row for row in challenges if row.pk == data["challenge"]), "kind": data["kind"]}
    if data["kind"] == PlanPin.Kind.WEEK:
        return {**found, "week": data["week"]}
    people = pages.people_named(plan, data["person"])
    if len(people) == 1:
        return {**found, "profile": people[0]}
    if not people:
        raise BadInput(_("Nobody in the pool has this name."))
    names = "; ".join(f"{person.user.full_name} ({person.council.name})" for person in people)
    raise BadInput(_("Several people fit: %(names)s. Enter the whole name.") % {"names": names})


@require_POST
@acts(Act.SEASON_PLAN)
def season_hold(request: SignedInRequest, pk: int, visit: int, kind: str) -> HttpResponse:
    """The buttons beside a visit's week and people: hold this week, hold this person, not this person."""
    row = queries.get_visit(request.user, pk, visit, Act.SEASON_PLAN)
    held = {"plan": row.plan, "by": request.user, "challenge": row.challenge, "kind": kind}
    if kind == PlanPin.Kind.WEEK:
        services.pin(**held, week=row.week)
    elif kind in PlanPin.Kind.values:
        seats = {seat.pk: seat for seat in row.seats.all()}
        seat = next((seats[one] for one in _numbers([request.POST.get("seat", "")]) if one in seats), None)
        if seat is None:
            raise NoSeat
        services.pin(**held, profile=seat.profile)
    else:
        raise NoSeat
    messages.success(request, _("That is held in the next plan made from this one."))
    return redirect("planning:season_visit", pk, visit)


@require_POST
@acts(Act.SEASON_PLAN)
def season_unpin(request: SignedInRequest, pk: int, pin: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_PLAN)
    services.unpin(plan=plan, by=request.user, pk=pin)
    messages.success(request, _("That is no longer held."))
    return _back_to(plan, "pins")


# --- one visit, and the pool ------------------------------------------------------------------------
@require_safe
@acts(Act.SEASON_READ)
def season_visit(request: SignedInRequest, pk: int, visit: int) -> HttpResponse:
    row = queries.get_visit(request.user, pk, visit, Act.SEASON_READ)
    pins = list(row.plan.pins.filter(challenge=row.challenge_id).select_related("profile__user"))
    context = {"plan": row.plan, "view": pages.visit_view(row.plan, row), "pins": pins}
    return render(request, "planning/season_visit.html", context)


@require_POST
@acts(Act.SEASON_ACCEPT)
def season_leave(request: SignedInRequest, pk: int, visit: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_ACCEPT)
    left = request.POST.get("left") == "1"
    leave_visit(plan=plan, by=request.user, visit=visit, left=left)
    messages.success(request, _("The visit is left out.") if left else _("The visit is back in the plan."))
    return _back_to(plan, "visits")


@require_safe
@acts(Act.SEASON_READ)
def season_pool(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_READ)
    visits = queries.visits_of(plan)
    loads = pages.loads_of(plan, visits)
    gaps = pages.gaps_of(plan, facts_only(plan))
    context = {
        "plan": plan,
        "load": load_picture(loads, uid="load") if loads else None,
        "distances": pages.distances_of(visits),
        "gaps": gaps[: pages.MOST_GAPS],
        "more_gaps": gaps[pages.MOST_GAPS :],
    }
    return render(request, "planning/season_pool.html", context)


# --- accepting --------------------------------------------------------------------------------------
@form_page
@acts(Act.SEASON_ACCEPT)
def season_accept(request: SignedInRequest, pk: int, visit: int | None = None) -> HttpResponse:
    plan = queries.get_plan(request.user, pk, Act.SEASON_ACCEPT)
    rows = [row for row in queries.visits_of(plan) if row.state == "proposed" and visit in (None, row.pk)]
    form = AcceptForm(request.POST or None, initial={"version": plan.version}, warnings=_any_warning(rows))
    stale, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            wanted = None if visit is None else [visit]
            outcome = accept_visits(
                plan=plan, by=request.user, version=form.cleaned_data["version"], visits=wanted,
                inviting=_inviting(form),
            )  # fmt: skip
        except StaleVersion as told:
            stale, status = told.message, told.status
        else:
            _tell(request, outcome)
            return _back_to(plan, "visits")
    given = set(queries.given_of(plan).values_list("challenge_id", "profile_id"))
    views = [(pages.visit_view(plan, row), pages.hindrance(row, given)) for row in rows]
    context = {"plan": plan, "form": form, "views": views, "one": visit is not None, "stale": stale}
    context["any_left"] = any(not against for _view, against in views)
    return render(request, "planning/season_accept.html", context, status=status)


def _any_warning(rows: list[PlanVisit]) -> bool:
    return any(seat.warnings for row in rows for seat in row.seats.all())


def _inviting(form: AcceptForm) -> Inviting | None:
    data = form.cleaned_data
    if not data["invite"]:
        return None
    return Inviting(data["answer_by"], reason=data.get("reason", ""), message=data["message"])


def _tell(request: SignedInRequest, outcome: Outcome) -> None:
    done = len(outcome.accepted)
    if done:
        words = ngettext("%(n)s visit is accepted.", "%(n)s visits are accepted.", done) % {"n": done}
        if outcome.invited:
            words += " " + ngettext("%(n)s person is invited.", "%(n)s people are invited.", outcome.invited) % {
                "n": outcome.invited
            }
        messages.success(request, words)
    elif not outcome.refused:
        messages.success(request, _("You have accepted this already."))
    for sentence in (*outcome.refused, *outcome.uninvited):
        messages.error(request, sentence)


# --- side by side -----------------------------------------------------------------------------------
@require_safe
@acts(Act.SEASON_READ)
def season_compare(request: SignedInRequest) -> HttpResponse:
    wanted = _numbers(request.GET.getlist("plan"))[: queries.MOST_COMPARED]
    plans = list(queries.plans_for(request.user).filter(pk__in=wanted).order_by("created_at"))
    if len(plans) < 2:
        messages.error(request, _("Choose two to four plans to compare."))
        return redirect("planning:season_list")
    columns = queries.compare(plans)
    context = {"columns": columns, "parts": pages.compared_rows(columns), "weeks": pages.compared_weeks(columns)}
    return render(request, "planning/season_compare.html", context)
