"""Pages of one challenge's agreements."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cyber360.accounts.requests import SignedInRequest
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from cyber360.files.receiving import receives_files
from cyber360.files.responses import attachment
from cyber360.jobs.queries import job_for
from peers.access import acts, may
from peers.acts import Act
from peers.agreements import queries, services
from peers.agreements.forms import PeerTermsForm, ReturnForm, SignForm
from peers.agreements.models import TO_RETURN, Agreement, DocumentKind
from peers.agreements.rendering import to_html
from peers.challenges.queries import get_challenge

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@acts(Act.CHALLENGE_READ, Act.AGREEMENT_READ)
def agreement_list(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.CHALLENGE_READ)
    may_issue = may(request.user, Act.AGREEMENT_ISSUE, challenge)
    context = {
        "challenge": challenge,
        "tab": "agreements",
        "rows": queries.agreements_for(request.user, challenge),
        "missing": queries.missing_kinds(challenge) if may_issue else [],
        "may_issue": may_issue,
    }
    return render(request, "agreements/list.html", context)


@require_POST
@acts(Act.AGREEMENT_ISSUE)
def issue(request: SignedInRequest, ref: str) -> HttpResponse:
    challenge = get_challenge(request.user, ref, Act.AGREEMENT_ISSUE)
    issued = services.issue_agreements(challenge=challenge, by=request.user)
    if issued:
        messages.success(request, _("The documents are issued. The host lead and the host sponsor are told by mail."))
    else:
        messages.info(request, _("Everything was issued already."))
    return redirect("agreements:list", ref=ref)


@require_safe
@acts(Act.AGREEMENT_READ)
def agreement(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_agreement(request.user, ref, pk)
    settled = queries.is_settled(row)
    context = _page(row) | {
        "settled": settled,
        "may_sign": row.kind in TO_RETURN and not settled and may(request.user, Act.AGREEMENT_SIGN, row),
        "may_accept": row.kind == DocumentKind.PEER_TERMS
        and not settled
        and may(request.user, Act.PEER_TERMS_ACCEPT, row),
        "may_reissue": may(request.user, Act.AGREEMENT_ISSUE, row),
    }
    return render(request, "agreements/agreement.html", context)


def _page(row: Agreement) -> dict:
    return {"challenge": row.challenge, "tab": "agreements", "agreement": row, "text": to_html(row.body)}


# --- coming back ------------------------------------------------------------------------------------
@form_page
@acts(Act.AGREEMENT_SIGN)
def sign(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_agreement(request.user, ref, pk, Act.AGREEMENT_SIGN)
    if row.kind not in TO_RETURN:
        raise NoSeat
    return _signing(request, row, SignForm, services.sign_agreement, "agreements/sign.html")


@form_page
@acts(Act.PEER_TERMS_ACCEPT)
def accept(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_agreement(request.user, ref, pk, Act.PEER_TERMS_ACCEPT)
    return _signing(request, row, PeerTermsForm, services.accept_peer_terms, "agreements/sign.html")


@acts(Act.AGREEMENT_SIGN)
@receives_files(
    lambda request, ref, pk: queries.get_agreement(request.user, ref, pk, Act.AGREEMENT_SIGN).challenge.record_scope
)
def return_copy(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_agreement(request.user, ref, pk, Act.AGREEMENT_SIGN)
    if row.kind not in TO_RETURN:
        raise NoSeat
    return _signing(request, row, ReturnForm, services.return_upload, "agreements/return.html")


def _signing(request: SignedInRequest, row: Agreement, form_class: type, service, template: str) -> HttpResponse:
    initial = {
        "body_sha256": row.body_sha256,
        "name": request.user.full_name,
        "job_title": request.user.job_title,
    }
    form = form_class(request.POST or None, request.FILES or None, initial=initial)
    context = _page(row) | {"form": form, "stale": "", "terms": row.kind == DocumentKind.PEER_TERMS}
    if request.method == "POST" and form.is_valid():
        try:
            service(agreement=row, by=request.user, **form.values())
        except StaleVersion as stale:
            context |= {"stale": stale.message, "form": form_class(initial=initial)}
            return render(request, template, context, status=stale.status)
        except BadInput as wrong:
            form.add_error(None, wrong.message)
        else:
            messages.success(request, _("Thank you. The document is returned and the programme has been told."))
            return redirect(row)
    return render(request, template, context)


@require_safe
@acts(Act.AGREEMENT_READ)
def signed_copy(request: SignedInRequest, ref: str, pk: int) -> HttpResponse | StreamingHttpResponse:
    row = queries.get_agreement(request.user, ref, pk)
    if row.returned_file is None:
        raise NoSeat
    services.note_download(agreement=row, by=request.user)
    return attachment(request, row.returned_file)


@form_page
@acts(Act.AGREEMENT_ISSUE)
def reissue(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    row = queries.get_agreement(request.user, ref, pk, Act.AGREEMENT_ISSUE)
    if request.method == "POST":
        new = services.reissue_agreement(agreement=row, by=request.user)
        messages.success(request, _("The document is issued anew. The one before is kept but no longer counts."))
        return redirect(new)
    return render(request, "agreements/reissue.html", _page(row))


# --- the PDF ----------------------------------------------------------------------------------------
@form_page
@acts(Act.AGREEMENT_READ)
def pdf(request: SignedInRequest, ref: str, pk: int) -> HttpResponse:
    """The PDF's state: asked for by a POST, made by the worker, fetched from here."""
    row = queries.get_agreement(request.user, ref, pk)
    if request.method == "POST":
        if row.pdf_file is None:
            services.ask_for_pdf(agreement=row, by=request.user)
        return redirect("agreements:pdf", ref=ref, pk=pk)
    job = job_for(services.pdf_key(row)) if row.pdf_file is None else None
    return render(request, "agreements/making.html", _page(row) | {"job": job})


@require_safe
@acts(Act.AGREEMENT_READ)
def pdf_file(request: SignedInRequest, ref: str, pk: int) -> HttpResponse | StreamingHttpResponse:
    row = queries.get_agreement(request.user, ref, pk)
    if row.pdf_file is None:
        raise NoSeat
    return attachment(request, row.pdf_file)
