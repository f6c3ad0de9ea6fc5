import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import Blocked
from cyber360.ui.cells import safe_cell
from peers import lifecycle
from peers.access import SeatName, acts, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import challenges_for, get_challenge, key_dates_of, with_present_dates
from peers.stages import Stage

from . import context, queries, services
from .forms import MoveForm, PipelineForm

ROWS_ON_A_PAGE = 50


@acts(Act.TASKS_READ)
def home(request):
    """My tasks; people whose only seat has a page of its own are taken there."""
    names = {row.name for row in context.seats_to_act_in(request.user)}
    if names == {SeatName.CONTRIBUTOR}:
        return redirect("answers:mine")
    if names == {SeatName.ADMINISTRATOR}:
        return redirect("accounts:list")
    today = timezone.localdate()
    tasks = queries.tasks_of(request.user, today)
    return render(request, "overview/home.html", {"groups": queries.grouped(tasks, today), "count": len(tasks)})


@acts(Act.TASKS_READ)
def seats(request):
    rows = queries.seat_choices(request.user)
    if request.method == "POST":
        chosen = next((row for row in rows if row["key"] == request.POST.get("seat")), None)
        if chosen is None:
            raise Http404
        request.session["acting_seat"] = chosen["key"]
        messages.success(request, _("You now act as %(seat)s.") % {"seat": chosen["label"]})
        return redirect(chosen["url"])
    return render(request, "overview/seats.html", {"rows": rows})


@acts(Act.RULES_EDIT, Act.TEMPLATE_READ)
def settings_page(request):
    """Where a coordinator finds what is data and not code."""
    require(request.user, Act.RULES_EDIT)
    return render(request, "overview/settings.html")


@acts(Act.CHALLENGE_READ)
def challenges(request):
    rows = with_present_dates(challenges_for(request.user)).order_by("-registered_on", "-ref")
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    return render(
        request,
        "overview/challenges.html",
        {
            "page": page,
            "rows": queries.pipeline_rows(page, today),
            "may_register": may(request.user, Act.CHALLENGE_REGISTER),
        },
    )


@acts(Act.CHALLENGE_READ)
def challenge(request, ref):
    found = get_challenge(request.user, ref, Act.CHALLENGE_READ)
    return render(
        request,
        "overview/challenge.html",
        {
            "challenge": found,
            "tab": "overview",
            "steps": queries.steps_of(found),
            "next": queries.next_move_for(request.user, found),
            "other_moves": queries.other_moves_for(request.user, found),
            "tasks": queries.tasks_here(request.user, found),
            "key_dates": key_dates_of(found),
            "facts": queries.facts_of(found),
        },
    )


@acts(*sorted({move.act for move in lifecycle.MOVES.values()}))
def move(request, ref, to):
    """The page of one move: what it does, what blocks it, its reason; POST makes it."""
    found = get_challenge(request.user, ref, Act.CHALLENGE_READ)
    if to not in Stage.values:
        raise Http404
    step = lifecycle.MOVES.get((Stage(found.stage), Stage(to)))
    if step is None:
        messages.info(request, _("The challenge is already in “%(stage)s”.") % {"stage": found.stage_name.label})
        return redirect(found)
    require(request.user, step.act, found)
    form = MoveForm(request.POST or None, needs_reason=step.needs_reason, initial={"since": found.stage})
    blockers = queries.with_own_links(request.user, found, lifecycle.blockers_of(found, step))
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.advance(
                challenge=found, to=step.to, by=request.user,
                reason=form.cleaned_data.get("reason", ""), since=Stage(form.cleaned_data["since"]),
            )  # fmt: skip
        except Blocked:
            blockers = queries.with_own_links(request.user, found, lifecycle.blockers_of(found, step))
        else:
            messages.success(request, _("%(ref)s is now in “%(stage)s”.") % {"ref": ref, "stage": step.to.label})
            return redirect(found)
    shown = {"challenge": found, "move": step, "form": form, "blockers": blockers}
    return render(request, "overview/move.html", shown, status=403 if request.method == "POST" and blockers else 200)


def _pipeline(request):
    """The filtered pipeline of a coordinator, not read yet, with the form that filtered it."""
    require(request.user, Act.PIPELINE_READ)
    form = PipelineForm(request.GET or None, regions=queries.regions_for(request.user))
    chosen = form.cleaned_data if form.is_valid() else {}
    return form, queries.pipeline_for(request.user, timezone.localdate(), **chosen)


@acts(Act.PIPELINE_READ)
def pipeline(request):
    form, found = _pipeline(request)
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "form": form,
        "page": page,
        "rows": queries.pipeline_rows(page, timezone.localdate()),
        "totals": queries.totals_of(found),
        "total": page.paginator.count,
    }
    return render(request, "overview/pipeline.html", shown)


@acts(Act.PIPELINE_READ)
def pipeline_export(request):
    _form, challenges_found = _pipeline(request)
    rows = queries.pipeline_rows(challenges_found, timezone.localdate())
    services.record_pipeline_export(by=request.user, rows=len(rows))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="pipeline.csv"'
    writer = csv.writer(response, quoting=csv.QUOTE_ALL)
    writer.writerow(["reference", "council", "region", "stage", "due", "days late", "next owner", "on hold since"])
    for row in rows:
        found: Challenge = row.challenge
        cells = [found.ref, found.council.name, found.council.region, found.stage_name.label, row.due_on or "",
                 row.days_late, row.next_owner, found.on_hold_since or ""]  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return response
