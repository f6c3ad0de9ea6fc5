from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act

from . import queries, services
from .forms import BlackoutForm, CoordinatorProfileForm, InterestForm, PeerForm, PoolFilterForm, ProfileForm
from .models import BlackoutPeriod, Interest, PeerProfile, State

form_page = require_http_methods(["GET", "HEAD", "POST"])


# --- the coordinator's pool -----------------------------------------------------------------------
@require_safe
@acts(Act.POOL_READ)
def pool_list(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.POOL_READ)
    form = PoolFilterForm(request.GET or None, regions=queries.regions_of(request.user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    profiles = queries.pool_list(request.user, **wanted, sort=request.GET.get("sort", ""))
    page = Paginator(profiles, 50).get_page(request.GET.get("page"))
    rows = queries.pool_rows(list(page.object_list), timezone.localdate())
    context = {"form": form, "page": page, "rows": rows, "may_edit": may(request.user, Act.POOL_EDIT)}
    return render(request, "pool/list.html", context)


@form_page
@acts(Act.POOL_EDIT)
def peer_new(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.POOL_EDIT)
    form = PeerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        programme = queries.programmes_of(request.user)[0]
        try:
            profile = services.register_peer(programme=programme, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("%(person)s is in the pool and has been told by mail.") % {"person": profile})
            return redirect(profile)
    return render(request, "pool/new.html", {"form": form})


@require_safe
@acts(Act.POOL_READ)
def peer(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    row = queries.pool_rows([profile], timezone.localdate())[0]
    context = {
        "profile": profile,
        "row": row,
        "interests": queries.interests_of(profile),
        "history": queries.history_of(profile),
        "states": [state for state in (State.ACTIVE, State.RESTING, State.LEFT) if state != profile.state],
    }
    return render(request, "pool/peer.html", context)


@form_page
@acts(Act.POOL_EDIT)
def peer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    require(request.user, Act.POOL_EDIT)
    return _edit(request, profile, CoordinatorProfileForm, profile.get_absolute_url())


@require_POST
@acts(Act.POOL_EDIT)
def peer_state(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    row = services.set_state(profile=profile, by=request.user, state=request.POST.get("state", ""))
    messages.success(
        request, _("%(person)s is now: %(state)s.") % {"person": row, "state": row.get_state_display().lower()}
    )
    return redirect(profile)


@form_page
@acts(Act.POOL_EDIT)
def peer_interest_new(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    require(request.user, Act.POOL_EDIT)
    return _declare(request, profile, profile.get_absolute_url())


# --- my own profile -------------------------------------------------------------------------------
@require_safe
@acts(Act.PROFILE_EDIT)
def me(request: HttpRequest) -> HttpResponse:
    profile = queries.own_profile(request.user)
    row = queries.pool_rows([profile], timezone.localdate())[0]
    context = {"profile": profile, "row": row, "interests": queries.interests_of(profile)}
    return render(request, "pool/me.html", context)


@form_page
@acts(Act.PROFILE_EDIT)
def me_edit(request: HttpRequest) -> HttpResponse:
    return _edit(request, queries.own_profile(request.user), ProfileForm, "/profile/")


@form_page
@acts(Act.PROFILE_EDIT)
def interest_new(request: HttpRequest) -> HttpResponse:
    return _declare(request, queries.own_profile(request.user), "/profile/")


@require_POST
@acts(Act.PROFILE_EDIT, Act.POOL_EDIT)
def interest_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    interest = Interest.objects.select_related("profile").filter(pk=pk).first()
    if interest is None:
        raise NoSeat
    interest = services.withdraw_interest(interest=interest, by=request.user)
    messages.success(request, _("The declaration is taken back."))
    return redirect("pool:me" if interest.owner_id == request.user.pk else interest.profile.get_absolute_url())


@form_page
@acts(Act.PROFILE_EDIT)
def blackout_new(request: HttpRequest) -> HttpResponse:
    profile = queries.own_profile(request.user)
    form = BlackoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_blackout(profile=profile, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your days away are noted."))
        return redirect("pool:me")
    return render(request, "pool/away.html", {"form": form})


@require_POST
@acts(Act.PROFILE_EDIT, Act.POOL_EDIT)
def blackout_remove(request: HttpRequest, pk: int) -> HttpResponse:
    period = BlackoutPeriod.objects.select_related("profile__user").filter(pk=pk).first()
    if period is None:
        raise NoSeat
    services.remove_blackout(period=period, by=request.user)
    messages.success(request, _("The days away are removed."))
    return redirect("pool:me" if period.owner_id == request.user.pk else period.profile.get_absolute_url())


# --- shared ---------------------------------------------------------------------------------------
def _edit(request: HttpRequest, profile: PeerProfile, form_class: type[ProfileForm], back: str) -> HttpResponse:
    form, current, status = form_class(request.POST or None, instance=profile), None, 200
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_profile(
                profile=profile, by=request.user, version=form.cleaned_data["version"],
                skills=form.skills(), **form.values(),
            )  # fmt: skip
        except StaleVersion as stale:
            current, status = stale.current, stale.status
            form = form_class(request.POST | {"version": str(current.version)}, instance=profile)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The profile is saved."))
            return redirect(back)
    context = {"form": form, "profile": profile, "current": current, "back": back}
    return render(request, "pool/edit.html", context, status=status)


def _declare(request: HttpRequest, profile: PeerProfile, back: str) -> HttpResponse:
    form = InterestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.declare_interest(profile=profile, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The interest is declared."))
            return redirect(back)
    return render(request, "pool/interest.html", {"form": form, "profile": profile, "back": back})
