"""How far the evidence reaches, for everybody who reads it; whether it is enough, for the team."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cyber360.exceptions import NoSeat, StaleVersion
from cyber360.ui.charts import Part, status_bar
from peers.access import SeatName, acts, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services
from peers.evidence.forms import JudgementForm
from peers.evidence.models import QUALITIES

from .base import page


@acts(Act.EVIDENCE_READ)
@require_safe
def coverage(request, ref):
    challenge = queries.open_evidence(request.user, ref)
    if queries.reading_seat(request.user, challenge) == SeatName.CONTRIBUTOR:
        raise NoSeat  # what they see of the pack says nothing of how far it reaches
    rows = queries.coverage_of(request.user, challenge)
    parts = [
        Part(_("met"), sum(row.met for row in rows), "done"),
        Part(_("open"), sum(row.open for row in rows), "doing"),
        Part(_("not held"), sum(row.not_held for row in rows), "waiting"),
        Part(_("not needed"), sum(row.not_needed for row in rows), "none"),
    ]
    return page(
        request,
        "coverage",
        challenge,
        rows=rows,
        drawing=status_bar(parts, what=_("requests"), uid="requests"),
        reads_judgements=may(request.user, Act.EVIDENCE_JUDGEMENT_READ, challenge),
    )


@acts(Act.EVIDENCE_JUDGEMENT_READ)
@require_safe
def judgements(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_JUDGEMENT_READ)
    return page(
        request,
        "judgements",
        challenge,
        rows=queries.judgements_by_theme(request.user, challenge),
        may_judge=may(request.user, Act.EVIDENCE_JUDGE, challenge),
    )


@acts(Act.EVIDENCE_JUDGE)
def judge(request, ref, code):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_JUDGE)
    theme = queries.theme_in_scope(challenge, code)
    standing = queries.judgement_of(request.user, challenge, theme)
    form, current = _form(request, standing), None
    if request.method == "POST" and form.is_valid():
        try:
            services.save_judgement(challenge=challenge, theme=theme, by=request.user, **form.cleaned_data)
        except StaleVersion as stale:
            current = stale.current
            form = _upon(request, current)
            form.add_error(None, stale.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("evidence:judgements", ref)
    return page(
        request,
        "judge",
        challenge,
        status=409 if current else 200,
        form=form,
        pairs=_pairs(form),
        theme=theme,
        current=current,
        covered=_covered(request, challenge, theme),
        autosave_key=f"judgement-{challenge.pk}-{theme.pk}",
    )


@acts(Act.EVIDENCE_JUDGE)
@require_POST
def judge_autosave(request, ref, code):
    """The same form, sent while it is written: JSON with the new version, or 409 with what stands."""
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_JUDGE)
    theme = queries.theme_in_scope(challenge, code)
    form = JudgementForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        saved = services.save_judgement(
            challenge=challenge, theme=theme, by=request.user, autosave=True, **form.cleaned_data
        )
    except StaleVersion as stale:
        return render(request, "evidence/_judgement_clash.html", {"current": stale.current}, status=409)
    return JsonResponse({"version": saved.version, "saved": timezone.localtime().strftime("%H:%M")})


def _form(request, standing) -> JudgementForm:
    names = ["version", *(name for quality in QUALITIES for name in (quality, f"{quality}_why"))]
    start = {name: getattr(standing, name) for name in names} if standing else {"version": 0}
    return JudgementForm(request.POST or None, initial=start)


def _upon(request, current) -> JudgementForm:
    """What was written, upon the version that stands now, so that the next save goes through."""
    data = request.POST.copy()
    data["version"] = current.version
    return JudgementForm(data)


def _pairs(form: JudgementForm) -> list[tuple]:
    return [(form[name], form[f"{name}_why"]) for name in QUALITIES]


def _covered(request, challenge: Challenge, theme):
    rows = queries.coverage_of(request.user, challenge)
    return next((row for row in rows if row.theme == theme), None)
