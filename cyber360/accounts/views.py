"""Ways in other than a password, a person's own account, and the administrator's pages."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from cyber360.accounts import queries, services
from cyber360.accounts.forms import AcceptInvitationForm, AccountFilterForm, AccountStateForm, OwnDetailsForm
from cyber360.accounts.models import User
from cyber360.audit.guard import acts


def _sign_in(request: HttpRequest, user: User, how: str, path: str) -> HttpResponse:
    """Open a session as allauth does, a second factor included; it ends with the browser."""
    record_authentication(request, user, method=how)
    return perform_login(request, user, redirect_url=path)


def _before_second_factor(view):
    view.before_second_factor = True
    return view


# --- ways in ---------------------------------------------------------------------------------------
@_before_second_factor
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = queries.open_invitation(token)
    if found is None:
        return render(request, "accounts/invitation_closed.html", status=410)
    form = AcceptInvitationForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        details = {"full_name": found.user.full_name} | {
            name: value for name, value in form.cleaned_data.items() if name in ("full_name", "password")
        }
        user, path = services.accept_invitation(token=token, **details)
        return _sign_in(request, user, "invitation", path)
    return render(request, "accounts/invitation.html", {"form": form, "invitation": found})


@_before_second_factor
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A contributor's link. It asks for a click, so that a mail scanner that follows links does not sign in."""
    found = queries.open_link(token)
    if found is None:
        return render(request, "accounts/link_closed.html", status=410)
    if request.user.is_authenticated and request.user.pk == found.user_id:
        return redirect(found.path)
    if not queries.may_sign_in_by_link(found.user):
        return redirect(f"{reverse('account_login')}?{urlencode({'next': found.path})}")
    if request.method == "POST":
        used = services.use_link(token=token)
        answer = _sign_in(request, used.user, "link", used.path)
        request.session["by_link"] = True
        return answer
    return render(request, "accounts/link.html", {"link": found})


@require_GET
def sign_up_closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html")


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/demo.html", {"groups": queries.demo_people()})


@require_POST
def demo_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    user = queries.demo_person(pk)
    if user is None:
        raise Http404
    return _sign_in(request, user, "demo", reverse("overview:home"))


# --- one's own account -------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    form = OwnDetailsForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        services.save_own_details(by=request.user, **form.cleaned_data)
        messages.success(request, _("Your details are saved."))
        return redirect("accounts:own")
    return render(request, "accounts/own.html", {"form": form})


# --- the administrator's pages -------------------------------------------------------------------------
@require_safe
@acts("account.read")
def account_list(request: HttpRequest) -> HttpResponse:
    form = AccountFilterForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(queries.accounts(**wanted), 50).get_page(request.GET.get("page"))
    return render(request, "accounts/list.html", {"form": form, "page": page})


@require_http_methods(["GET", "POST"])
@acts("account.read", "account.edit")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(queries.accounts(), pk=pk)
    form = AccountStateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = services.disable_account if person.is_active else services.enable_account
        change(user=person, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The account is disabled.") if person.is_active else _("The account is enabled."))
        return redirect("accounts:account", pk)
    return render(
        request, "accounts/account.html", {"form": form, "person": person, "last": person.invitations.first()}
    )


@require_POST
@acts("account.read", "account.edit")
def account_invite(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.resend_invitation(user=person, by=request.user)
    messages.success(request, _("A new invitation is on its way to %(address)s.") % {"address": person.email})
    return redirect("accounts:account", pk)


@require_POST
@acts("account.read", "account.edit")
def account_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    services.revoke_invitations(user=get_object_or_404(User, pk=pk), by=request.user)
    messages.success(request, _("The invitation no longer works."))
    return redirect("accounts:account", pk)
