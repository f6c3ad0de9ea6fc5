"""Copies of what is held about one person: one's own, and a coordinator's."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from cyber360.accounts.models import User
from cyber360.accounts.requests import SignedInRequest
from cyber360.files.responses import attachment
from peers.access import acts, require
from peers.acts import Act
from peers.records import queries, services
from peers.records.forms.information import ReferenceForm
from peers.records.models import InformationExport
from peers.records.queries.person import exports_about, get_person
from peers.records.services.information_person import ask_about_person


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.PERSON_EXPORT)
def own_information(request: SignedInRequest) -> HttpResponse:
    require(request.user, Act.PERSON_EXPORT, InformationExport(asked_by_id=request.user.pk))
    return _asking(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@acts(Act.PERSON_EXPORT)
def person_information(request: SignedInRequest, pk: int) -> HttpResponse:
    return _asking(request, get_person(request.user, pk, Act.PERSON_EXPORT))


def _asking(request: SignedInRequest, person: User) -> HttpResponse:
    form = ReferenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        export = ask_about_person(about=person, by=request.user, **form.cleaned_data)
        messages.success(request, _("The copy is being made. You get a mail when it is ready."))
        return redirect(export)
    copies = exports_about(person, request.user)[:20]
    context = {"form": form, "person": person, "own": person.pk == request.user.pk, "copies": copies}
    return render(request, "records/person_information.html", context)


@require_safe
@acts(Act.PERSON_EXPORT)
def person_export(request: SignedInRequest, pk: int) -> HttpResponse:
    export = queries.get_person_export(request.user, pk)
    job = queries.job_of_export(export) if export.is_open else None
    return render(request, "records/person_export.html", {"export": export, "job": job})


@require_GET
@acts(Act.PERSON_EXPORT)
def person_archive(request: SignedInRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    export = queries.get_person_export(request.user, pk)
    return attachment(request, services.note_taken(export=export, by=request.user))
