"""A peer's own profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import NoSeat
from peers.access import acts
from peers.acts import Act
from peers.pool import queries, services
from peers.pool.forms import ProfileForm
from peers.pool.models import Interest

from .common import declare, edit, form_page


@require_safe
@acts(Act.PROFILE_EDIT)
def me(request: HttpRequest) -> HttpResponse:
    if queries.is_to_apply(request.user):
        return redirect("pool:apply")
    profile = queries.own_profile(request.user)
    row = queries.pool_rows([profile], timezone.localdate())[0]
    context = {
        "profile": profile,
        "row": row,
        "interests": queries.interests_of(profile),
        "homes": queries.homes_of(profile),
    }
    return render(request, "pool/me.html", context)


@form_page
@acts(Act.PROFILE_EDIT)
def me_edit(request: HttpRequest) -> HttpResponse:
    return edit(request, queries.own_profile(request.user), ProfileForm, "/profile/")


@require_POST
@acts(Act.PROFILE_EDIT)
def me_confirm(request: HttpRequest) -> HttpResponse:
    services.confirm_profile(profile=queries.own_profile(request.user), by=request.user)
    messages.success(request, _("Thank you. Your profile counts as right as of today."))
    return redirect("pool:me")


@form_page
@acts(Act.PROFILE_EDIT)
def interest_new(request: HttpRequest) -> HttpResponse:
    return declare(request, queries.own_profile(request.user), "/profile/")


@require_POST
@acts(Act.PROFILE_EDIT, Act.POOL_EDIT)
def interest_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    interest = Interest.objects.select_related("profile").filter(pk=pk).first()
    if interest is None:
        raise NoSeat
    interest = services.withdraw_interest(interest=interest, by=request.user)
    messages.success(request, _("The declaration is taken back."))
    return redirect("pool:me" if interest.owner_id == request.user.pk else interest.profile.get_absolute_url())
