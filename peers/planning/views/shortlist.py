from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import BadInput, NoSeat
from peers.access import acts, may
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.planning import services
from peers.planning.forms.shortlist import AddForm, ShortlistFilterForm
from peers.planning.models import TeamRole
from peers.planning.queries import shortlist as queries
from peers.pool.queries import pool_of

PER_PAGE = 20
LONGEST_QUERY = 1000  # characters of filters and page that a form brings back


@require_safe
@acts(Act.POOL_READ)
def shortlist(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.POOL_READ)
    listed = queries.shortlist(challenge)
    regions = sorted({person.council.region for person in listed.facts.people if person.council.region})
    form = ShortlistFilterForm(request.GET or None, regions=regions, themes=dict(listed.host.themes))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    warned = bool(wanted.pop("warned", False))
    found, teams, lacks = queries.teams(listed, with_warnings=warned)
    page = Paginator(queries.filtered(listed.ranking.ranked, **wanted), PER_PAGE).get_page(request.GET.get("page"))
    refused = Paginator(listed.ranking.excluded, PER_PAGE).get_page(request.GET.get("others"))
    context = {
        "challenge": challenge,
        "tab": "team",
        "listed": listed,
        "filter_form": form,
        "page": page,
        "people": queries.fits(listed, page.object_list),
        "refused": refused,
        "refusals": queries.refusals(refused.object_list),
        "missing": found.missing,
        "teams": teams,
        "on_list": [row.new_ids for row in teams if all(mate.state for mate in row.mates)],
        "query": request.GET.urlencode(),
        "lacks": lacks,
        "warned": warned,
        "roles": TeamRole.choices,
        "may_propose": may(request.user, Act.TEAM_PROPOSE, challenge),
    }
    return render(request, "planning/shortlist.html", context)


@require_POST
@acts(Act.TEAM_PROPOSE)
def shortlist_add(request: HttpRequest, ref: str) -> HttpResponse:
    """One person in a role, or a whole team with the one who leads it."""
    challenge = get_challenge(request.user, ref, Act.TEAM_PROPOSE)
    form = AddForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose a peer and a role."))
    wanted = form.cleaned_data
    by_id = {row.pk: row for row in pool_of([challenge.programme]).filter(pk__in=wanted["profile"])}
    profiles = [by_id[pk] for pk in dict.fromkeys(wanted["profile"]) if pk in by_id]
    if len(profiles) < len(set(wanted["profile"])):
        raise NoSeat
    try:
        _propose(request, challenge, profiles, wanted, by_id)
    except BadInput as wrong:
        messages.error(request, wrong.message)
        return _back(request, ref, profiles)
    number = len(profiles)
    words = ngettext(
        "%(n)s person is on the list. They have not been told yet.",
        "%(n)s people are on the list. They have not been told yet.",
        number,
    )
    messages.success(request, words % {"n": number})
    one_of_the_list = number == 1 and wanted["role"] and "query" in request.POST
    return _back(request, ref, profiles) if one_of_the_list else redirect("planning:team", ref=ref)


def _back(request: HttpRequest, ref: str, profiles: list) -> HttpResponse:
    """To the shortlist with the filters and the page that were open, at the person whom the button was for."""
    query = QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]).urlencode()
    place = f"#person-{profiles[0].pk}" if len(profiles) == 1 else ""
    return redirect(reverse("planning:shortlist", args=[ref]) + (f"?{query}" if query else "") + place)


def _propose(request: HttpRequest, challenge, profiles: list, wanted: dict, by_id: dict) -> None:
    if len(profiles) == 1 and wanted["role"]:
        services.propose_peer(challenge=challenge, profile=profiles[0], role=wanted["role"], by=request.user)
    else:
        lead = by_id.get(wanted["lead"])
        services.propose_team(challenge=challenge, profiles=profiles, lead=lead, by=request.user)
