from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.planning import queries, services
from peers.planning.forms import AnswerForm, CandidateFilterForm, InviteForm, ProposeForm, RemoveForm
from peers.planning.models import Placement, PlacementState, TeamRole
from peers.planning.queries.doubts import facts_of
from peers.planning.queries.standing import cover_words, gap_of, to_decide
from peers.pool.queries import interests_of, pool_of, regions_of

form_page = require_http_methods(["GET", "HEAD", "POST"])
# Who said no or was taken off no longer reads how the visit goes on.
LIVE_TO_THE_PEER = {
    PlacementState.INVITED,
    PlacementState.ACCEPTED,
    PlacementState.PROPOSED,
    PlacementState.EXPIRED,
}


# --- the coordinator's page -------------------------------------------------------------------------
@require_safe
@acts(Act.PEOPLE_READ, Act.POOL_READ)
def team(request: HttpRequest, ref: str) -> HttpResponse:
    """The list with all that speaks for and against; people other than the coordinator are shown the team alone."""
    challenge = get_challenge(request.user, ref, Act.PEOPLE_READ)
    if not may(request.user, Act.POOL_READ, challenge):
        return redirect("planning:agree", ref=ref)
    return render(request, "planning/team.html", _team_context(request, challenge))


def _team_context(request: HttpRequest, challenge: Challenge) -> dict:
    form = CandidateFilterForm(request.GET or None, regions=regions_of(request.user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(queries.candidates(challenge, **wanted), 20).get_page(request.GET.get("page"))
    places = queries.places_of(challenge)
    placements, past = places.active, places.past
    may_propose = may(request.user, Act.TEAM_PROPOSE, challenge)
    # One reading for both lists: what speaks for and against costs the same for two people as for twenty.
    facts = facts_of(challenge)
    rows = queries.candidate_rows(challenge, [*(row.profile for row in placements), *page.object_list], facts)
    listed = list(zip(placements, rows[: len(placements)], strict=True))
    return {
        "challenge": challenge,
        "tab": "team",
        "filter_form": form,
        "page": page,
        "candidates": rows[len(placements) :],
        "team": listed,
        "past": past,
        "cover": cover_words(facts, facts.hosts[challenge.pk], placements),
        "to_decide": to_decide(placements),
        "gap": gap_of(challenge, listed, past, facts) if may_propose else None,
        "agreed": queries.agreement_in_force(challenge),
        "roles": TeamRole.choices,
        "may_propose": may_propose,
        "notices": queries.open_notices(challenge) if places.noticed else [],
        "objection": queries.objection_shown_to(request.user, challenge) if places.objected else None,
        "waiting": [row for row in placements if row.state == PlacementState.PROPOSED],
        "lines": queries.lines_of(challenge, placements, known=places.lined),
    }


@require_POST
@acts(Act.TEAM_PROPOSE)
def propose(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_PROPOSE)
    form = ProposeForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose a peer and a role."))
    profile = pool_of([challenge.programme]).filter(pk=form.cleaned_data["profile"]).first()
    if profile is None:
        raise NoSeat
    try:
        services.propose_peer(challenge=challenge, profile=profile, role=form.cleaned_data["role"], by=request.user)
    except BadInput as wrong:
        messages.error(request, wrong.message)
    else:
        messages.success(request, _("%(person)s is on the list. They have not been told yet.") % {"person": profile})
    return redirect("planning:team", ref=ref)


@form_page
@acts(Act.TEAM_INVITE)
def invite(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    placement = queries.get_placement(request.user, ref, pk, Act.TEAM_INVITE)
    row = queries.candidate_rows(placement.challenge, [placement.profile])[0]
    form = InviteForm(request.POST or None, warnings=bool(row.conflicts))
    if request.method == "POST" and form.is_valid():
        try:
            services.invite_peer(placement=placement, by=request.user, **form.cleaned_data)
        except Blocked:
            pass  # the page shows what bars it, as it stands now
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("%(person)s has been invited by mail.") % {"person": placement.profile})
            return redirect("planning:team", ref=ref)
    context = {
        "challenge": placement.challenge, "tab": "team", "placement": placement, "row": row, "form": form,
        "too_many": queries.is_full(placement),
    }  # fmt: skip
    return render(request, "planning/invite.html", context, status=403 if row.barred and form.is_bound else 200)


@form_page
@acts(Act.TEAM_REMOVE)
def remove(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    placement = queries.get_placement(request.user, ref, pk, Act.TEAM_REMOVE)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.remove_peer(placement=placement, by=request.user, **form.cleaned_data)
        messages.success(request, _("%(person)s is off the list.") % {"person": placement.profile})
        return redirect("planning:team", ref=ref)
    runs = queries.line_runs(placement)
    context = {"challenge": placement.challenge, "tab": "team", "placement": placement, "form": form, "line_runs": runs}
    return render(request, "planning/remove.html", context)


# --- the host's page ----------------------------------------------------------------------------------
@form_page
@acts(Act.PEOPLE_READ, Act.TEAM_AGREE)
def agree(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.PEOPLE_READ)
    changed, status = "", 200
    if request.method == "POST":
        get_challenge(request.user, ref, Act.TEAM_AGREE)
        try:
            services.agree_team(challenge=challenge, by=request.user, seen_hash=request.POST.get("team_hash", ""))
        except StaleVersion as stale:
            changed, status = stale.message, stale.status
        else:
            messages.success(request, _("You have agreed the team. The coordinator can see it."))
            return redirect("planning:agree", ref=ref)
    shown = queries.team_shown_to(request.user, challenge)
    agreed = queries.agreement_in_force(challenge)
    objection = queries.objection_shown_to(request.user, challenge)
    context = {
        "challenge": challenge,
        "tab": "team",
        "team": shown,
        "team_hash": queries.team_hash(shown),
        "complete": queries.is_complete(challenge, shown),
        "agreed": agreed,
        "may_agree": may(request.user, Act.TEAM_AGREE, challenge),
        "objection": objection,
        "may_object": may(request.user, Act.TEAM_OBJECT, challenge) and objection is None and agreed is None,
        "changed": changed,
    }
    return render(request, "planning/agree.html", context, status=status)


# --- the peer's pages -----------------------------------------------------------------------------------
@require_safe
@acts(Act.PROFILE_EDIT)
def invitations(request: HttpRequest) -> HttpResponse:
    return render(request, "planning/invitations.html", {"rows": queries.invitations_of(request.user)})


@form_page
@acts(Act.PROFILE_EDIT, Act.INVITATION_ANSWER)
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    placement = queries.own_invitation(request.user, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.answer_invitation(placement=placement, by=request.user, **form.values())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _after_answer(row))
            return redirect(row)
    context = {
        "placement": placement,
        "challenge": placement.challenge,
        "form": form,
        "ties": interests_of(placement.profile).filter(council=placement.challenge.council),
        "live": placement.state in LIVE_TO_THE_PEER,
        "may_come_back": placement.state == PlacementState.EXPIRED
        and may(request.user, Act.INVITATION_ANSWER, placement),
        "may_answer": placement.state == PlacementState.INVITED and may(request.user, Act.INVITATION_ANSWER, placement),
    }
    return render(request, "planning/invitation.html", context)


def _after_answer(row: Placement) -> str:
    if row.state == PlacementState.ACCEPTED:
        return _("You are on the team. Next: read and accept the peer terms.")
    if row.state == PlacementState.DECLINED:
        return _("Thank you for answering. The coordinator has been told.")
    return _("Thank you. The coordinator looks at what you told us and writes to you again.")
