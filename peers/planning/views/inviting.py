"""Inviting several at once or in order, reminding, and the late answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from peers.access import acts
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.planning import queries, services
from peers.planning.forms.invitations import InviteManyForm, LineForm
from peers.planning.models import InvitationLine, LineState, Placement, PlacementState, TeamRole
from peers.planning.queries.lines import line_words, waiting_in

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _waiting(challenge: Challenge, role: str = "") -> list[tuple[Placement, queries.Candidate]]:
    """Those on the list who have not been asked, each with what speaks for and against."""
    rows = [row for row in queries.team_list(challenge) if row.state == PlacementState.PROPOSED]
    rows = [row for row in rows if not role or row.role == role]
    return list(zip(rows, queries.candidate_rows(challenge, [row.profile for row in rows]), strict=True))


# --- at once ------------------------------------------------------------------------------------------
@form_page
@acts(Act.TEAM_INVITE)
def invite_many(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_INVITE)
    people = _waiting(challenge)
    form = InviteManyForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.invite_many(challenge=challenge, by=request.user, **form.values())
        except (BadInput, Blocked) as wrong:
            form.add_error(None, wrong.message)
        else:
            words = ngettext("%(count)s person has been invited.", "%(count)s people have been invited.", len(sent))
            messages.success(request, words % {"count": len(sent)})
            return redirect("planning:team", ref=ref)
    barred = [row for _placement, row in people if row.barred]
    context = {"challenge": challenge, "tab": "team", "form": form, "barred": barred}
    return render(request, "planning/invitations/at_once.html", context)


@require_POST
@acts(Act.TEAM_INVITE)
def remind(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    placement = queries.get_placement(request.user, ref, pk, Act.TEAM_INVITE)
    if services.remind_peer(placement=placement, by=request.user):
        messages.success(request, _("%(person)s has been reminded by mail.") % {"person": placement.profile})
    else:
        messages.info(request, _("%(person)s has been reminded today already.") % {"person": placement.profile})
    return redirect("planning:team", ref=ref)


# --- in order -------------------------------------------------------------------------------------------
@form_page
@acts(Act.TEAM_INVITE)
def line(request: HttpRequest, ref: str, role: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_INVITE)
    if role not in TeamRole.values:
        raise NoSeat
    row = (
        InvitationLine.objects.filter(challenge=challenge, role=role).select_related("challenge", "started_by").first()
    )
    form = LineForm(request.POST or None, people=_waiting(challenge, role), role=role, initial=_line_initial(row))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            row = services.start_line(challenge=challenge, role=role, by=request.user, **form.values())
        except (BadInput, Blocked) as wrong:
            form.add_error(None, wrong.message)
        except StaleVersion as stale:
            form.data = form.data.copy()
            form.data["version"], status = str(stale.current.version), stale.status
            form.add_error(None, stale.message)
        else:
            _say_how_it_goes(request, row)
            return redirect("planning:team", ref=ref)
    context = {
        "challenge": challenge, "tab": "team", "form": form, "line": row, "role": role,
        "line_state": line_words(row, waiting_in(row)) if row else "",
        "role_words": TeamRole(role).label, "asked": challenge.placements.filter(role=role, state="invited").count(),
    }  # fmt: skip
    return render(request, "planning/invitations/line.html", context, status=status)


def _line_initial(row: InvitationLine | None) -> dict:
    if row is None:
        return {"wanted": 1, "version": 0}
    return {"wanted": row.wanted, "days": row.days, "message": row.message, "version": row.version}


def _say_how_it_goes(request: HttpRequest, row: InvitationLine) -> None:
    asked = row.challenge.placements.filter(invited_at__gte=row.started_at, role=row.role).exists()
    if row.state == LineState.AGAINST:
        messages.info(
            request, _("The line has stopped: something speaks against the next person. Give a reason first.")
        )
    elif row.state == LineState.EMPTY and waiting_in(row):
        messages.info(request, _("Nobody was invited and the line has ended: so many have said yes already."))
    elif row.state == LineState.EMPTY:
        messages.info(request, _("Everybody in the line has been invited; nobody is left for a place that is free."))
    elif not asked:
        messages.info(
            request,
            _("Nobody was invited: every place is asked or filled. The line waits until a place is free."),
        )
    else:
        messages.success(request, _("The line is running. The next is invited by itself when somebody says no."))


@require_POST
@acts(Act.TEAM_INVITE)
def line_stop(request: HttpRequest, ref: str, role: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_INVITE)
    services.stop_line(challenge=challenge, role=role, by=request.user)
    messages.success(request, _("The line is stopped. Who has been asked stays asked."))
    return redirect("planning:team", ref=ref)


# --- the peer's late answer -------------------------------------------------------------------------------
@require_POST
@acts(Act.INVITATION_ANSWER)
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    placement = queries.own_invitation(request.user, pk)
    row = services.come_back(placement=placement, by=request.user)
    messages.success(
        request, _("Thank you. The coordinator has been told and writes to you if there is still a place.")
    )
    return redirect(row)
