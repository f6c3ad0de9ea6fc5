"""Invitations to apply, the application, and the decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, NotNow
from peers.access import acts, require
from peers.acts import Act
from peers.councils.models import Council
from peers.councils.queries import councils_found
from peers.pool import queries, services
from peers.pool.forms import ApplicationForm, CouncilSearchForm, PoolInvitationForm, TurnDownForm
from peers.pool.models import PeerProfile, PoolInvitation, State

from .common import form_page

COUNCILS_SHOWN = 30


# --- the coordinator invites ----------------------------------------------------------------------
@require_safe
@acts(Act.POOL_READ)
def invitations(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.pool_invitations_for(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "pool/invitations.html", {"page": page})


@form_page
@acts(Act.POOL_EDIT)
def invite(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.POOL_EDIT)
    form = PoolInvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        programme = queries.programmes_of(request.user)[0]
        try:
            invitation, how = services.invite_to_pool(programme=programme, by=request.user, **form.cleaned_data)
        except (BadInput, NotNow) as wrong:
            form.add_error("email", wrong.message)
        else:
            _say_sent(request, invitation, how)
            return redirect("pool:invitations")
    return render(request, "pool/invite.html", {"form": form})


@require_POST
@acts(Act.POOL_EDIT)
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.pool_invitation_for_coordinator(request.user, pk)
    person = found.user
    invitation, how = services.invite_to_pool(
        programme=found.programme, by=request.user, email=person.email, full_name=person.full_name
    )
    _say_sent(request, invitation, how)
    return redirect("pool:invitations")


def _say_sent(request: HttpRequest, invitation: PoolInvitation, how: str) -> None:
    words = {
        "sent": _("%(person)s is invited to apply and gets a mail with a link."),
        "again": _("%(person)s was invited before and gets a fresh link."),
        "lately": _("%(person)s was sent an invitation a few minutes ago. No second one was sent."),
    }
    messages.success(request, words[how] % {"person": invitation.user.full_name})


@require_POST
@acts(Act.POOL_EDIT)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = queries.pool_invitation_for_coordinator(request.user, pk)
    services.withdraw_pool_invitation(invitation=invitation, by=request.user)
    messages.success(request, _("The invitation of %(person)s is taken back.") % {"person": invitation.user.full_name})
    return redirect("pool:invitations")


@require_POST
@acts(Act.POOL_EDIT)
def send_to_peer(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail to a peer who was put into the pool and has not answered."""
    profile = queries.profile_for_coordinator(request.user, pk)
    services.send_first_mail(profile=profile, by=request.user)
    messages.success(request, _("%(person)s gets a mail with a link.") % {"person": profile})
    return redirect(profile)


# --- the invited person applies ---------------------------------------------------------------------
@form_page
@acts(Act.POOL_APPLY)
def apply(request: HttpRequest) -> HttpResponse:
    """First the council, by a search; then the rest, on one page. Who has applied sees that it is being looked at."""
    invitation = queries.own_pool_invitation(request.user)
    if invitation.applied_at is not None:
        return redirect("pool:me")
    council = _chosen_council(request)
    if council is None:
        return _choose_council(request)
    profile = PeerProfile.objects.filter(user_id=request.user.pk).first() or PeerProfile(user=request.user)
    form = ApplicationForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        try:
            services.apply_to_pool(
                invitation=invitation, by=request.user, council=council, skills=form.skills(), known=form.known(),
                **form.values(),
            )  # fmt: skip
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Thank you. Your application is with the coordinator, who will write to you."))
            return redirect("pool:me")
    return render(request, "pool/apply.html", {"form": form, "council": council})


def _chosen_council(request: HttpRequest) -> Council | None:
    number = request.GET.get("council", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    return Council.objects.on(timezone.localdate()).filter(pk=number).first()


def _choose_council(request: HttpRequest) -> HttpResponse:
    form = CouncilSearchForm(request.GET if "q" in request.GET else None)
    found = []
    if form.is_valid():
        today = timezone.localdate()
        found = list(councils_found(words=form.cleaned_data["q"], today=today)[: COUNCILS_SHOWN + 1])
    context = {"form": form, "found": found[:COUNCILS_SHOWN], "more": len(found) > COUNCILS_SHOWN}
    return render(request, "pool/apply_council.html", context)


# --- the coordinator decides --------------------------------------------------------------------------
@require_POST
@acts(Act.POOL_EDIT)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    services.approve_application(profile=profile, by=request.user)
    messages.success(request, _("%(person)s is in the pool and is told by mail.") % {"person": profile})
    return redirect(profile)


@form_page
@acts(Act.POOL_EDIT)
def turn_down(request: HttpRequest, pk: int) -> HttpResponse:
    profile = queries.profile_for_coordinator(request.user, pk)
    require(request.user, Act.POOL_EDIT)
    form = TurnDownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.turn_down_application(profile=profile, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(
            request, _("%(person)s is told that they are not taken, without the reason.") % {"person": profile}
        )
        return redirect("pool:list")
    if profile.state != State.APPLIED:
        return redirect(profile)
    return render(request, "pool/turn_down.html", {"form": form, "profile": profile})
