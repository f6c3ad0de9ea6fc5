"""Copies that answer a request for information: asking, waiting, taking."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput
from cyber360.files.responses import attachment
from peers.access import acts
from peers.acts import Act
from peers.challenges.queries import get_challenge
from peers.records import queries, services
from peers.records.forms import InformationForm
from peers.records.queries.information_left import left_in_page, left_out_of


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.INFORMATION_EXPORT)
def information(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.INFORMATION_EXPORT)
    form = InformationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            export = services.ask_for_information(challenge=challenge, by=request.user, **form.cleaned_data)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("The copy is being made. You get a mail when it is ready."))
            return redirect(export)
    page = Paginator(queries.exports_of(challenge), 20).get_page(request.GET.get("page"))
    context = {"challenge": challenge, "tab": "records", "form": form, "page": page}
    context["left"] = left_in_page(request.user, challenge)
    return render(request, "records/information.html", context)


@require_safe
@acts(Act.INFORMATION_EXPORT)
def information_export(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    export = queries.get_export(request.user, ref, pk)
    job = queries.job_of_export(export) if export.is_open else None
    context = {"challenge": export.challenge, "tab": "records", "export": export, "job": job}
    context["left"] = left_out_of(export)
    return render(request, "records/information_export.html", context)


@require_GET
@acts(Act.INFORMATION_EXPORT)
def information_archive(request: SignedInRequest, ref: str, pk: int) -> HttpResponse | StreamingHttpResponse:
    export = queries.get_export(request.user, ref, pk)
    return attachment(request, services.note_taken(export=export, by=request.user))
