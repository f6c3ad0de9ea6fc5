"""One challenge's records: what is kept until when, its holds, disposals and certificates."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from cyber360.files.destruction import masters_to_retire
from cyber360.files.responses import attachment
from peers.access import acts, acts_for, may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import get_challenge
from peers.records import queries, services
from peers.records.forms import ApproveForm, AskForm, HoldForm, LiftForm, PutOffForm
from peers.records.models import DisposalRun, Kind, RunState
from peers.records.services.certificates import BODY_ENDS, BODY_STARTS

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@acts(Act.RETENTION_READ)
def room(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.RETENTION_READ)
    lines = queries.kept_lines(challenge)
    mine = acts_for(request.user, challenge)
    evidence = next((line.run for line in lines if line.period.kind == Kind.EVIDENCE), None)
    hold = queries.hold_of(challenge)
    context = {
        "challenge": challenge,
        "tab": "records",
        "lines": lines,
        "hold": hold,
        "past_holds": challenge.legal_holds.select_related("set_by", "lifted_by").exclude(lifted_at=None),
        "may_hold": Act.LEGAL_HOLD_SET in mine,
        "may_export": Act.INFORMATION_EXPORT in mine,
        "may_ask": Act.DISPOSAL_ASK in mine and hold is None and (evidence is None or evidence.is_open),
        "certificates": [line.run.certificate for line in lines if line.run and hasattr(line.run, "certificate")],
    }
    return render(request, "records/room.html", context)


@require_safe
@acts(Act.RETENTION_READ)
def run(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_run(request.user, ref, pk)
    mine = acts_for(request.user, row.challenge)
    decides = Act.DISPOSAL_APPROVE in mine
    context = _run_context(row) | {
        "warnings": row.warnings.all(),
        "may_approve": decides and row.state == RunState.AWAITING and not queries.has_asked(row, request.user),
        "may_put_off": decides and row.is_open,
        "in_the_way": masters_to_retire() if row.state == RunState.WAITING_FOR_MASTER else [],
        "sees_masters": may(request.user, Act.JOB_READ, row.challenge.programme),
    }
    return render(request, "records/run.html", context)


def _run_context(row: DisposalRun) -> dict:
    return {
        "challenge": row.challenge,
        "tab": "records",
        "run": row,
        "facts": row.facts or queries.facts_of(row),
        "hold": queries.hold_of(row.challenge),
    }


def _deciding(
    request: SignedInRequest, form: Form, do: Callable[..., object], said: str, name: str, context: dict
) -> HttpResponse:
    """A form whose service refuses in words; what was typed stays. `said` is what is told when it is done."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            do(by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        except StaleVersion as stale:
            form.add_error(None, stale.message)
            form.data = form.data.copy()
            form.data["version"] = stale.current.version
            status = stale.status
        else:
            messages.success(request, said)
            return redirect(context["next"])
    return render(request, f"records/{name}.html", context | {"form": form}, status=status)


def _of_run(request: SignedInRequest, ref: str, pk: int, form_class: type[Form], do: Callable[..., object], said: str,
            name: str) -> HttpResponse:  # fmt: skip
    """What a coordinator decides about one disposal."""
    row = queries.get_run(request.user, ref, pk, Act.DISPOSAL_APPROVE)
    form = form_class(request.POST or None, initial={"version": row.version})
    return _deciding(request, form, partial(do, run=row), said, name, _run_context(row) | {"next": row})


def _in_room(challenge: Challenge, **more: object) -> dict:
    """For what is decided about the challenge as a whole: afterwards back to its records."""
    return {"challenge": challenge, "tab": "records", "next": redirect("records:room", challenge.ref).url} | more


@form_page
@acts(Act.DISPOSAL_APPROVE)
def run_approve(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    said = _("The disposal is approved and begins now. This page shows how far it is.")
    return _of_run(request, ref, pk, ApproveForm, services.approve_run, said, "approve")


@form_page
@acts(Act.DISPOSAL_APPROVE)
def run_put_off(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    said = _("The disposal is put off. Both warnings go out again before the new day.")
    return _of_run(request, ref, pk, PutOffForm, services.put_off_run, said, "put_off")


@form_page
@acts(Act.DISPOSAL_ASK)
def ask(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.DISPOSAL_ASK)
    soonest = services.soonest_day(challenge)
    form = AskForm(request.POST or None, initial={"due_on": soonest})
    said = _("The coordinator is told. Nothing is disposed of until they approve it.")
    do = partial(services.ask_sooner, challenge=challenge)
    return _deciding(request, form, do, said, "ask", _in_room(challenge, soonest=soonest))


# --- holds -----------------------------------------------------------------------------------------
@form_page
@acts(Act.LEGAL_HOLD_SET)
def hold_set(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.LEGAL_HOLD_SET)
    said = _("The legal hold is set. Nothing of this challenge is disposed of until it is lifted.")
    do = partial(services.set_hold, challenge=challenge)
    return _deciding(request, HoldForm(request.POST or None), do, said, "hold_set", _in_room(challenge))


@form_page
@acts(Act.LEGAL_HOLD_SET)
def hold_lift(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.LEGAL_HOLD_SET)
    hold = queries.hold_of(challenge)
    if hold is None:
        return redirect("records:room", ref)
    said = _("The legal hold is lifted. Disposals are planned anew, with both warnings.")
    do = partial(services.lift_hold, hold=hold)
    return _deciding(request, LiftForm(request.POST or None), do, said, "hold_lift", _in_room(challenge, hold=hold))


# --- certificates ------------------------------------------------------------------------------------
@require_safe
@acts(Act.CERTIFICATE_READ)
def certificate(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_certificate(request.user, ref, pk)
    body = row.html.partition(BODY_STARTS)[2].partition(BODY_ENDS)[0]
    context = {
        "challenge": row.run.challenge,
        "tab": "records",
        "certificate": row,
        "body": mark_safe(body),  # noqa: S308 - escaped when it was rendered
    }
    return render(request, "records/certificate.html", context)


@require_safe
@acts(Act.CERTIFICATE_READ)
def certificate_pdf(request: SignedInRequest, ref: str, pk: int) -> HttpResponse | StreamingHttpResponse:
    row = queries.get_certificate(request.user, ref, pk)
    if row.pdf is None:
        raise NoSeat
    return attachment(request, row.pdf)
