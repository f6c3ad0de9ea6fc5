"""The rules of conflicts, conflicts that came up later, and the host's objection."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from peers.access import acts, may, require
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.planning import queries, services
from peers.planning.forms.conflicts import ObjectForm, RuleForm, SettleForm, SettleObjectionForm
from peers.planning.models import SHOWN_TO_HOST
from peers.planning.pairing.conflicts import FIXED, ConflictKind

form_page = require_http_methods(["GET", "HEAD", "POST"])


# --- the rules ------------------------------------------------------------------------------------------
@require_safe
@acts(Act.RULES_EDIT)
def rules(request: HttpRequest) -> HttpResponse:
    require(request.user, Act.RULES_EDIT)
    return render(request, "planning/conflicts/rules.html", {"rows": queries.rule_rows(request.user)})


@form_page
@acts(Act.RULES_EDIT)
def rule(request: HttpRequest, kind: str) -> HttpResponse:
    require(request.user, Act.RULES_EDIT)
    if kind not in list(ConflictKind) or ConflictKind(kind) in FIXED:
        raise NoSeat
    row = next(one for one in queries.rule_rows(request.user) if one.kind == kind)
    initial = {"strength": row.rule.strength.value, "months": row.rule.months, "version": row.version}
    form = RuleForm(request.POST or None, windowed=row.windowed, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.set_rule(kind=row.kind, by=request.user, **form.values())
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        except StaleVersion as stale:
            form.data = form.data.copy()
            form.data["version"], status = str(stale.current.version), stale.status
            form.add_error(None, stale.message)
        else:
            messages.success(request, _("Saved: %(kind)s. Live teams are checked again.") % {"kind": row.title})
            return redirect("planning:conflict_rules")
    return render(request, "planning/conflicts/rule.html", {"row": row, "form": form}, status=status)


# --- came up later ----------------------------------------------------------------------------------------
@form_page
@acts(Act.CONFLICT_SETTLE)
def notice(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_notice(request.user, ref, pk)
    form = SettleForm(request.POST or None, bars=row.bars)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_notice(notice=row, by=request.user, **form.values())
        except (BadInput, Blocked) as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Settled. Your reason is kept with the team list."))
            return redirect("planning:team", ref=ref)
    context = {
        "challenge": row.placement.challenge, "tab": "team", "notice": row, "form": form,
        "touched": queries.touched_by(row),
    }  # fmt: skip
    return render(request, "planning/conflicts/notice.html", context)


# --- the host's objection -----------------------------------------------------------------------------------
@form_page
@acts(Act.TEAM_OBJECT)
def object_to(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_OBJECT)
    placement = queries.get_placement(request.user, ref, pk, Act.TEAM_OBJECT)
    if placement.state not in SHOWN_TO_HOST:
        raise NoSeat
    form = ObjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.object_to(placement=placement, by=request.user, **form.cleaned_data)
        messages.success(request, _("The coordinator has been told and will answer you."))
        return redirect("planning:agree", ref=ref)
    context = {"challenge": challenge, "tab": "team", "placement": placement, "form": form}
    return render(request, "planning/objection/object.html", context)


@form_page
@acts(Act.TEAM_OBJECTION_READ, Act.TEAM_OBJECTION_SETTLE)
def objection(request: HttpRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.TEAM_OBJECTION_READ)
    row = queries.get_objection(request.user, challenge)
    form = SettleObjectionForm(request.POST or None)
    if request.method == "POST":
        get_challenge(request.user, ref, Act.TEAM_OBJECTION_SETTLE)
    if request.method == "POST" and form.is_valid():
        services.settle_objection(objection=row, by=request.user, **form.values())
        messages.success(request, _("Settled. The host has been told by mail."))
        return redirect("planning:team", ref=ref)
    context = {
        "challenge": challenge, "tab": "team", "objection": row, "form": form,
        "may_settle": row.is_open and may(request.user, Act.TEAM_OBJECTION_SETTLE, row),
    }  # fmt: skip
    return render(request, "planning/objection/objection.html", context)
