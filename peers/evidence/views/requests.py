from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cyber360.exceptions import BadInput
from peers.access import acts, may, require
from peers.acts import Act
from peers.challenges.queries import get_challenge, questions_in_scope
from peers.evidence import queries, services
from peers.evidence.forms import HandOverForm, RequestForm, SettleForm
from peers.evidence.models import EvidenceRequest

from .base import page


@acts(Act.EVIDENCE_REQUEST_EDIT)
def request_add(request, ref):
    challenge = get_challenge(request.user, ref, Act.EVIDENCE_REQUEST_EDIT)
    form = RequestForm(
        request.POST or None, questions=questions_in_scope(challenge), owners=queries.owners_for(challenge)
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = services.add_request(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The request is added."))
            return redirect(row)
    return page(request, "request_form", challenge, form=form)


@acts(Act.EVIDENCE_REQUEST_EDIT)
def request_edit(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_EDIT)
    challenge = row.challenge
    form = RequestForm(
        request.POST or None, row=row, questions=questions_in_scope(challenge), owners=queries.owners_for(challenge)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_request(request=row, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The request is changed."))
            return redirect(row)
    return page(
        request,
        "request_form",
        challenge,
        form=form,
        row=row,
        may_hand_over=may(request.user, Act.QUESTION_HAND_OVER, row),
    )


@acts(Act.EVIDENCE_REQUEST_EDIT, Act.QUESTION_HAND_OVER)
def request_hand_over(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_EDIT)
    require(request.user, Act.QUESTION_HAND_OVER, row)
    form = HandOverForm(request.POST or None, row=row, people=list(queries.owners_for(row.challenge)))
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_request(request=row, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The request is with %(name)s.") % {"name": form.cleaned_data["full_name"]})
            return redirect(row)
    return page(request, "hand_over", row.challenge, form=form, row=row)


@acts(Act.EVIDENCE_REQUEST_SETTLE)
def request_settle(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_SETTLE)
    form = SettleForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        words = dict(form.cleaned_data)
        not_held = words.pop("state") == EvidenceRequest.State.NOT_HELD
        mark = services.mark_not_held if not_held else services.mark_not_needed
        mark(request=row, by=request.user, **words)
        messages.success(
            request, _("The request is marked “not held”.") if not_held else _("The request is marked “not needed”.")
        )
        return redirect(row)
    return page(request, "settle", row.challenge, form=form, row=row)


@acts(Act.EVIDENCE_REQUEST_SETTLE)
@require_POST
def request_met(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_SETTLE)
    services.mark_met(request=row, by=request.user)
    messages.success(request, _("The request is met."))
    return redirect(row)


@acts(Act.EVIDENCE_REQUEST_SETTLE)
@require_POST
def request_reopen(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_SETTLE)
    services.reopen_request(request=row, by=request.user)
    messages.success(request, _("The request is open again."))
    return redirect(row)


@acts(Act.EVIDENCE_REQUEST_EDIT)
@require_POST
def request_remind(request, ref, pk):
    row = queries.get_request(request.user, ref, pk, Act.EVIDENCE_REQUEST_EDIT)
    if services.remind_owner(request=row, by=request.user):
        messages.success(request, _("%(name)s has been reminded by mail.") % {"name": row.owner.full_name})
    else:
        messages.info(request, _("%(name)s has been reminded today already.") % {"name": row.owner.full_name})
    return redirect(row)
