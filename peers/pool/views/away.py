"""A peer's days away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cyber360.exceptions import NoSeat
from peers.access import acts
from peers.acts import Act
from peers.pool import queries, services
from peers.pool.forms import BlackoutForm
from peers.pool.models import BlackoutPeriod

from .common import form_page


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
