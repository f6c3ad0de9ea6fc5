"""Several requests at once: ticked in the list, then one short page for what is to be done with them."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.exceptions import BadInput
from peers.access import acts, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.evidence import queries, services
from peers.evidence.forms import DayForm, PersonForm, ReasonForm

from .base import page

AT_ONCE = 100


@acts(Act.EVIDENCE_REQUEST_EDIT, Act.QUESTION_HAND_OVER, Act.EVIDENCE_REQUEST_SETTLE)
def requests_several(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_REQUEST_EDIT)
    what = request.POST.get("do") or request.GET.get("do", "")
    act, form = _form(request, challenge, what)
    if form is None or act is None:
        return redirect("evidence:list", ref)
    require(request.user, act, challenge)
    rows = _chosen(request, challenge)
    if not rows:
        messages.info(request, _("Tick at least one request that is still open, then choose what to do with them."))
        return redirect("evidence:list", ref)
    if request.method == "POST" and form.is_valid():
        try:
            _done(request, challenge, what, rows, form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            return redirect("evidence:list", ref)
    return page(request, "several", challenge, form=form, rows=rows, what=what)


def _form(request, challenge: Challenge, what: str):
    data = request.POST or None
    if what == "hand":
        return Act.QUESTION_HAND_OVER, PersonForm(data, people=list(queries.owners_for(challenge)))
    if what == "day":
        return Act.EVIDENCE_REQUEST_EDIT, DayForm(data)
    if what == "not_held":
        hint = _("The peers read this, for each of them. Not holding something is an answer too.")
        return Act.EVIDENCE_REQUEST_SETTLE, ReasonForm(data, label=_("Why do you not hold them?"), help_text=hint)
    return None, None


def _chosen(request, challenge: Challenge) -> list:
    """The ticked ones that are still open."""
    ticked = (request.POST if request.method == "POST" else request.GET).getlist("request")[:AT_ONCE]
    keys = [int(pk) for pk in ticked if pk.isdecimal() and len(pk) < 15]
    rows = queries.requests_visible_to(request.user, challenge).filter(pk__in=keys, state="open")
    return list(queries.open_first(rows))


def _done(request, challenge: Challenge, what: str, rows: list, words: dict) -> None:
    services_by: dict[str, Callable[..., int]] = {
        "hand": services.hand_several,
        "day": services.set_due_dates,
        "not_held": services.mark_several_not_held,
    }
    number = services_by[what](challenge=challenge, requests=rows, by=request.user, **words)
    said = {
        "hand": ngettext("%(count)s request changed hands.", "%(count)s requests changed hands.", number),
        "day": ngettext("%(count)s request has a new day.", "%(count)s requests have a new day.", number),
        "not_held": ngettext(
            "%(count)s request is marked “not held”.", "%(count)s requests are marked “not held”.", number
        ),
    }
    messages.success(request, said[what] % {"count": number})
