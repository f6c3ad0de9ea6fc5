"""The coordinator's pool."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, NotNow
from peers.access import acts, may, require
from peers.acts import Act
from peers.pool import queries, services
from peers.pool.forms import CoordinatorProfileForm, PeerForm, PoolFilterForm
from peers.pool.models import State

from .common import declare, edit, form_page

SHOWN_ABOVE = 20
SETTABLE = (State.ACTIVE, State.RESTING, State.LEFT)
SETTABLE_FROM = (State.INVITED, *SETTABLE)


@require_safe
@acts(Act.POOL_READ)
def pool_list(request: HttpRequest) -> HttpResponse:
    """The pool; what waits for the coordinator stands above it on the first page."""
    require(request.user, Act.POOL_READ)
    today = timezone.localdate()
    form = PoolFilterForm(request.GET or None, regions=queries.regions_of(request.user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    profiles = queries.pool_list(request.user, today=today, **wanted, sort=request.GET.get("sort", ""))
    page = Paginator(profiles, 50).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": queries.pool_rows(list(page.object_list), today),
        "applications": list(queries.applications_for(request.user)[: SHOWN_ABOVE + 1]) if page.number == 1 else [],
        "shown_above": SHOWN_ABOVE,
        "year": today.year,
        "may_edit": may(request.user, Act.POOL_EDIT),
    }
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
        except (BadInput, NotNow) as wrong:
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
        "homes": queries.homes_of(profile),
        "decisions": queries.decisions_of(request.user, profile),
        "states": [state for state in SETTABLE if state != profile.state] if profile.state in SETTABLE_FROM else [],
    }
    return render(request, "pool/peer.html", context)


@form_page
@acts(Act.POOL_EDIT)
def peer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    require(request.user, Act.POOL_EDIT)
    return edit(request, profile, CoordinatorProfileForm, profile.get_absolute_url())


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
    return declare(request, profile, profile.get_absolute_url())
