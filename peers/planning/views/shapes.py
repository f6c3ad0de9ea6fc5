from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from peers.access import acts, require
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.planning import queries, services
from peers.planning.forms.shapes import NeedsForm, PairForm, ShapeForm, WeightsForm
from peers.planning.models import PreferredPair, TeamShape
from peers.planning.queries.shapes import weights_by_term
from peers.planning.services.shapes import require_needs, weights_version, why_shape_stays
from peers.pool.queries import pool_of, programmes_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


def _stale(form, message: str, version: int) -> None:
    """What was typed stays on the page; the next press of the button counts for what is saved now."""
    form.add_error(None, message)
    form.data = form.data.copy()
    form.data["version"] = version


def _programme(request: HttpRequest):
    """The programme whose rules the person keeps."""
    require(request.user, Act.RULES_EDIT)
    programmes = programmes_of(request.user)
    if not programmes:
        raise NoSeat
    return programmes[0]


# --- weights ----------------------------------------------------------------------------------------
@form_page
@acts(Act.RULES_EDIT)
def weights(request: HttpRequest) -> HttpResponse:
    programme = _programme(request)
    form = WeightsForm(
        request.POST or None,
        weights=weights_by_term(programme),
        initial={"version": weights_version(programme)},
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.set_weights(
                programme=programme, by=request.user, version=form.cleaned_data["version"], weights=form.weights()
            )
        except StaleVersion as stale:
            _stale(form, stale.message, weights_version(programme))
            status = stale.status
        else:
            messages.success(request, _("The points are saved. Every shortlist counts with them from now on."))
            return redirect("planning:weights")
    return render(request, "planning/weights.html", {"form": form}, status=status)


# --- shapes and pairs -------------------------------------------------------------------------------
@require_safe
@acts(Act.RULES_EDIT)
def shapes(request: HttpRequest) -> HttpResponse:
    programme = _programme(request)
    rows = list(queries.shapes_of(programme))
    return render(request, "planning/shapes.html", {"shapes": rows, "standard": not any(r.is_default for r in rows)})


@form_page
@acts(Act.RULES_EDIT)
def shape(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    programme = _programme(request)
    row = None
    if pk is not None:
        row = TeamShape.objects.filter(pk=pk, programme=programme).first()
        if row is None:
            raise NoSeat
    form = ShapeForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            services.save_shape(programme=programme, by=request.user, shape=row, version=version, **form.values())
        except StaleVersion as stale:
            _stale(form, stale.message, stale.current.version)
            status = stale.status
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The shape is saved."))
            return redirect("planning:shapes")
    return render(request, "planning/shape.html", {"form": form, "shape": row}, status=status)


@form_page
@acts(Act.RULES_EDIT)
def shape_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, or says why the shape has to stay."""
    row = TeamShape.objects.filter(pk=pk, programme=_programme(request)).first()
    if row is None:
        raise NoSeat
    if request.method != "POST":
        context = {"shape": row, "blocked": why_shape_stays(row)}
        return render(request, "planning/shapes_remove.html", context)
    try:
        services.remove_shape(shape=row, by=request.user)
    except Blocked as blocked:
        messages.error(request, blocked.message)
    else:
        messages.success(request, _("The shape is gone."))
    return redirect("planning:shapes")


@form_page
@acts(Act.RULES_EDIT)
def pairs(request: HttpRequest) -> HttpResponse:
    programme = _programme(request)
    form = PairForm(request.POST or None, people=pool_of([programme]))
    if request.method == "POST" and form.is_valid():
        try:
            services.add_pair(programme=programme, by=request.user, **form.values())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The pair is noted. Neither of them is told."))
            return redirect("planning:pairs")
    return render(request, "planning/pairs.html", {"form": form, "pairs": list(queries.pairs_of(programme))})


@require_POST
@acts(Act.RULES_EDIT)
def pair_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = PreferredPair.objects.filter(pk=pk, programme=_programme(request)).first()
    if row is None:
        raise NoSeat
    services.remove_pair(pair=row, by=request.user)
    messages.success(request, _("The pair is off the list."))
    return redirect("planning:pairs")


# --- one challenge ----------------------------------------------------------------------------------
@form_page
@acts(Act.CHALLENGE_SCOPE, Act.TEAM_PROPOSE)
def needs(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.CHALLENGE_READ)
    require_needs(request.user, challenge)
    row = queries.needs_of(challenge)
    initial = {"version": row.version, "shape": row.shape_id, "size": row.size, "welsh_wanted": row.welsh_wanted}
    form = NeedsForm(request.POST or None, initial=initial, shapes=queries.shapes_of(challenge.programme))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.set_needs(challenge=challenge, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            _stale(form, stale.message, stale.current.version)
            status = stale.status
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("What the team needs is saved."))
            return redirect("planning:needs", ref=ref)
    context = {"challenge": challenge, "tab": "team", "form": form, "shape": queries.shape_of(challenge)}
    return render(request, "planning/needs.html", context, status=status)
