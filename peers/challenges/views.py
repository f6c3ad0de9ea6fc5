from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.councils.models import Council

from . import queries, services
from .forms import EndSeatForm, HoldForm, PersonForm, PinDateForm, ProgrammeSeatForm, RegisterForm, ScopeForm, VisitForm
from .models import Seat


def _page(request, name: str, challenge, code: int = 200, **context):
    return render(request, f"challenges/{name}.html", {"challenge": challenge, **context}, status=code)


@acts(Act.CHALLENGE_REGISTER)
def register(request):
    programme = queries.the_programme()
    require(request.user, Act.CHALLENGE_REGISTER, programme)
    councils = Council.objects.principal().on(timezone.localdate())
    form = RegisterForm(request.POST or None, councils=councils)
    if request.method == "POST" and form.is_valid():
        challenge = services.register_challenge(programme=programme, by=request.user, **form.cleaned_data)
        messages.success(
            request, _("%(ref)s is registered. Next, name the sponsor and the host lead.") % {"ref": challenge.ref}
        )
        return redirect("challenges:people", challenge.ref)
    return render(request, "challenges/register.html", {"form": form})


@acts(Act.PEOPLE_READ)
def people(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.PEOPLE_READ)
    context = {"sides": queries.seats_by_side(challenge), "can_grant": may(request.user, Act.SEAT_GRANT, challenge)}
    if may(request.user, Act.PERSON_CORRECT, challenge):
        context["left"] = queries.people_who_left(challenge)
    return _page(request, "people", challenge, **context)


@acts(Act.SEAT_GRANT)
def person_add(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.SEAT_GRANT)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            seat = services.name_person(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("%(person)s is %(seat)s.") % {"person": seat.user, "seat": seat.name.label})
            return redirect("challenges:people", ref)
    return _page(request, "person_add", challenge, form=form)


@acts(Act.SEAT_END)
def seat_end(request, ref, pk):
    challenge = queries.get_challenge(request.user, ref, Act.SEAT_END)
    seat = get_object_or_404(Seat.objects.select_related("user", "permission"), pk=pk, content_object=challenge)
    form = EndSeatForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.end_seat(seat=seat, by=request.user, **form.cleaned_data)
        messages.success(request, _("The seat of %(person)s has ended.") % {"person": seat.user})
        return redirect("challenges:people", ref)
    return _page(request, "seat_end", challenge, form=form, seat=seat)


@acts(Act.CHALLENGE_SCOPE)
def scope(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.CHALLENGE_SCOPE)
    fields = ("version", "focus", "framework_version", "window_first", "window_last", "team_min", "team_max",
              "team_wishes")  # fmt: skip
    initial = {name: getattr(challenge, name) for name in fields} | {"themes": challenge.themes.all()}
    form = ScopeForm(request.POST or None, initial=initial)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.set_scope(challenge=challenge, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = _say_stale(form, stale)
        else:
            messages.success(request, _("The scope is saved."))
            return redirect(challenge)
    return _page(request, "scope", challenge, code=409 if current else 200, form=form, current=current)


def _say_stale(form, stale: StaleVersion):
    """Keep what was typed, show what stands, and let the next save go through."""
    form.add_error(None, stale.message)
    form.data = form.data.copy()
    form.data["version"] = stale.current.version
    return stale.current


@acts(Act.CHALLENGE_DATES)
def dates(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.CHALLENGE_DATES)
    fields = ("version", "visit_first_day", "visit_last_day", "visit_place", "deadline_profile")
    form = VisitForm(request.POST or None, initial={name: getattr(challenge, name) for name in fields})
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            services.set_visit(challenge=challenge, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = _say_stale(form, stale)
        else:
            messages.success(request, _("The dates are saved. Key dates follow from them."))
            return redirect("challenges:dates", ref)
    context = {"form": form, "current": current, "key_dates": queries.key_dates_of(challenge)}
    return _page(request, "dates", challenge, code=409 if current else 200, **context)


@acts(Act.CHALLENGE_DATES)
def date_pin(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.CHALLENGE_DATES)
    form = PinDateForm(request.POST or None, initial={"stage": request.GET.get("stage", challenge.stage)})
    if request.method == "POST" and form.is_valid():
        services.pin_key_date(challenge=challenge, by=request.user, **form.cleaned_data)
        messages.success(request, _("The date is set."))
        return redirect("challenges:dates", ref)
    return _page(request, "date_pin", challenge, form=form)


@acts(Act.CHALLENGE_HOLD)
def hold(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.CHALLENGE_HOLD)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.hold_challenge(challenge=challenge, by=request.user, **form.cleaned_data)
        messages.success(request, _("The challenge is on hold. Nothing is locked; dates no longer count as late."))
        return redirect(challenge)
    return _page(request, "hold", challenge, form=form)


@acts(Act.CHALLENGE_RESUME)
def resume(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.CHALLENGE_RESUME)
    if request.method == "POST":
        services.resume_challenge(challenge=challenge, by=request.user)
        messages.success(request, _("The challenge goes on."))
        return redirect(challenge)
    return _page(request, "resume", challenge)


@acts(Act.TIMELINE_READ)
def timeline(request, ref):
    challenge = queries.get_challenge(request.user, ref, Act.TIMELINE_READ)
    chosen = request.GET.get("act", "")
    events = queries.timeline_for(request.user, challenge, act=chosen)
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    known = queries.timeline_choices(request.user, challenge)
    if chosen and chosen not in known:
        raise NoSeat
    return _page(
        request, "timeline", challenge, page=page, rows=queries.timeline_rows(page), known=known, chosen=chosen
    )


# --- the programme's own seats ---------------------------------------------------------------------------
@acts(Act.PROGRAMME_SEAT_GRANT)
def programme_seats(request):
    programme = queries.the_programme()
    require(request.user, Act.PROGRAMME_SEAT_GRANT, programme)
    form = ProgrammeSeatForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seat = services.name_on_programme(programme=programme, by=request.user, **form.cleaned_data)
        messages.success(request, _("%(person)s is %(seat)s.") % {"person": seat.user, "seat": seat.name.label})
        return redirect("challenges:programme_seats")
    rows = queries.programme_seats_of(programme)
    return render(request, "challenges/programme_seats.html", {"form": form, "rows": rows})


@acts(Act.PROGRAMME_SEAT_END)
def programme_seat_end(request, pk):
    programme = queries.the_programme()
    require(request.user, Act.PROGRAMME_SEAT_END, programme)
    seat = get_object_or_404(programme.seats.select_related("user", "permission"), pk=pk)
    if request.method == "POST":
        services.end_programme_seat(seat=seat, by=request.user)
        messages.success(request, _("The seat of %(person)s has ended.") % {"person": seat.user})
        return redirect("challenges:programme_seats")
    return render(request, "challenges/programme_seat_end.html", {"seat": seat})
