"""What the coordinator's and the peer's own pages share."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cyber360.exceptions import BadInput, StaleVersion
from peers.pool import services
from peers.pool.forms import InterestForm, ProfileForm
from peers.pool.models import PeerProfile

form_page = require_http_methods(["GET", "HEAD", "POST"])


def edit(request: HttpRequest, profile: PeerProfile, form_class: type[ProfileForm], back: str) -> HttpResponse:
    form, current, status = form_class(request.POST or None, instance=profile), None, 200
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_profile(
                profile=profile, by=request.user, version=form.cleaned_data["version"],
                skills=form.skills(), known=form.known(), **form.values(),
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


def declare(request: HttpRequest, profile: PeerProfile, back: str) -> HttpResponse:
    form = InterestForm(request.POST or None, own=profile.user_id == request.user.pk)
    if request.method == "POST" and form.is_valid():
        try:
            services.declare_interest(profile=profile, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The interest is declared."))
            return redirect(back)
    return render(request, "pool/interest.html", {"form": form, "profile": profile, "back": back})
