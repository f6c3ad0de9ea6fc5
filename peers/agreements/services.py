"""Writing agreements: issued, signed in the product or returned as a scan, accepted by peers, made into a PDF."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.files.handler import VaultUpload
from cyber360.files.models import StoredFile
from cyber360.files.services import delete_file, keep_upload
from cyber360.jobs.models import Job, State
from cyber360.jobs.services import enqueue
from cyber360.notify.services import queue_mail
from peers.access import HOST, SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.challenges.services import lock_challenge
from peers.planning.models import Placement, PlacementState
from peers.planning.services import placement_accepted

from .models import TO_RETURN, Agreement, AgreementState, DocumentKind, text_hash
from .printing import keep_pdf, pdf_of
from .queries import current_template, is_settled, missing_kinds, values_for
from .rendering import fill
from .templates import load_default_templates

__all__ = ["accept_peer_terms", "issue_agreements", "load_default_templates", "return_upload", "sign_agreement"]
RENDER = "agreement.render"


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _lock(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(of=("self",)).select_related(
        "challenge__council", "challenge__programme", "template", "returned_file", "pdf_file"
    )
    return rows.get(pk=agreement.pk)


# --- issuing ----------------------------------------------------------------------------------------
@transaction.atomic
def issue_agreements(*, challenge: Challenge, by: User) -> list[Agreement]:
    """Issue every document of the council that is not issued yet, and terms for peers who have none. May run again.

    The host lead and the host sponsor are told by one mail each.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.AGREEMENT_ISSUE, row)
    issued = [_issue(row, kind, by, seat) for kind in missing_kinds(row)]
    if issued:
        _tell_host(row, f"issued:{row.pk}:{issued[-1].pk}")
    for placement in row.placements.filter(state=PlacementState.ACCEPTED).select_related("profile__user"):
        terms = _issue_terms(row, placement.profile.user, by, seat)
        issued += [terms] if terms else []
    return issued


def _issue(challenge: Challenge, kind: str, by: User, seat: str, peer: User | None = None) -> Agreement:
    template = current_template(kind)
    if template is None:
        load_default_templates()
        template = current_template(kind)
    assert template is not None, f"the default templates hold no {kind}"
    body = fill(template.body, values_for(challenge, peer))
    agreement = Agreement(
        challenge=challenge, kind=kind, template=template, title=template.title, body=body,
        body_sha256=text_hash(body), for_user=peer, issued_by=by,
    )  # fmt: skip
    _clean(agreement)
    agreement.save()
    detail = {"kind": str(kind), "version": template.number, "sha256": agreement.body_sha256}
    record(act=Act.AGREEMENT_ISSUE, by=by, seat=seat, obj=agreement, scope=challenge.scope, detail=detail)
    return agreement


def _issue_terms(challenge: Challenge, peer: User, by: User, seat: str) -> Agreement | None:
    """The terms of one peer, unless they have some in force."""
    rows = challenge.agreements.exclude(state=AgreementState.SUPERSEDED)
    if rows.filter(for_user=peer).exists():
        return None
    return _issue(challenge, DocumentKind.PEER_TERMS, by, seat, peer)


@receiver(placement_accepted, sender=Placement, dispatch_uid="agreements.peer_terms")
def issue_terms_on_acceptance(*, placement: Placement, by: User, **_more: object) -> None:
    """Part of a peer's acceptance: their terms are issued in the same transaction."""
    _issue_terms(placement.challenge, placement.profile.user, by, SeatName.POOL_PEER)


def _tell_host(challenge: Challenge, key: str) -> None:
    for user in people_in_seat(challenge, HOST):
        queue_mail(
            to=user,
            kind="agreement",
            subject=_("Please read and return the agreements for %(challenge)s") % {"challenge": challenge.title},
            link=reverse("agreements:list", args=[challenge.ref]),
            key=f"{key}:{user.pk}",
        )


@transaction.atomic
def reissue_agreement(*, agreement: Agreement, by: User) -> Agreement:
    """Replace a document by the text now in use with today's facts; the old one is kept as superseded.

    A signature on the old text does not pass to the new one.
    """
    row = _lock(agreement)
    seat = require(by, Act.AGREEMENT_ISSUE, row)
    if row.state == AgreementState.SUPERSEDED:
        raise NotNow(_("This document has been replaced already."))
    row.state = AgreementState.SUPERSEDED
    row.save(update_fields=["state"])
    new = _issue(row.challenge, row.kind, by, seat, row.for_user)
    if row.for_user_id is None:
        _tell_host(row.challenge, f"issued:{row.challenge_id}:{new.pk}")
    return new


# --- coming back ------------------------------------------------------------------------------------
@transaction.atomic
def sign_agreement(*, agreement: Agreement, by: User, name: str, job_title: str, body_sha256: str) -> Agreement:
    """The council's signature in the product: who, as what, when, and the hash of the text they read.

    Signing twice is one signature. Raises StaleVersion when the text on the page is not the text in force.
    """
    row = _lock(agreement)
    seat = require(by, Act.AGREEMENT_SIGN, row)
    if row.kind not in TO_RETURN:
        raise NotNow(_("This document needs no signature."))
    return _sign(row, Act.AGREEMENT_SIGN, by, seat, name=name, job_title=job_title, body_sha256=body_sha256)


@transaction.atomic
def accept_peer_terms(*, agreement: Agreement, by: User, name: str, job_title: str, body_sha256: str) -> Agreement:
    """A peer's own yes to their terms, recorded as a signature is."""
    row = _lock(agreement)
    seat = require(by, Act.PEER_TERMS_ACCEPT, row)
    return _sign(row, Act.PEER_TERMS_ACCEPT, by, seat, name=name, job_title=job_title, body_sha256=body_sha256)


def _sign(
    row: Agreement,
    act: Act,
    by: User,
    seat: str,
    *,
    name: str,
    job_title: str,
    body_sha256: str,
    returned_file: StoredFile | None = None,
) -> Agreement:
    if row.state == AgreementState.SUPERSEDED or body_sha256 != row.body_sha256:
        raise StaleVersion(_("This document has been replaced. Read the new one, then sign it."), row)
    if is_settled(row):
        return row
    if not name.strip() or not job_title.strip():
        raise BadInput(_("Enter your name and your job title."))
    row.state, row.signed_by, row.signed_at = AgreementState.RETURNED, by, timezone.now()
    row.signed_name, row.signed_job_title = name.strip(), job_title.strip()
    row.returned_file = returned_file
    old_pdf, row.pdf_file = row.pdf_file, None
    _clean(row)
    row.save()
    if old_pdf is not None:
        delete_file(stored_file=old_pdf)
    detail = {"kind": row.kind, "sha256": row.body_sha256, "way": "upload" if returned_file else "in the product"}
    record(act=act, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    _tell_lga(row)
    return row


def _tell_lga(row: Agreement) -> None:
    people = set(coordinators_of(row.challenge)) | set(people_in_seat(row.challenge, [SeatName.CHALLENGE_MANAGER]))
    words = {"document": row.get_kind_display(), "challenge": row.challenge.title}
    for user in people:
        queue_mail(
            to=user,
            kind="agreement",
            subject=_("Returned for %(challenge)s: %(document)s") % words,
            link=row.get_absolute_url(),
            key=f"returned:{row.pk}:{row.signed_at.isoformat() if row.signed_at else ''}:{user.pk}",
        )


@transaction.atomic
def return_upload(
    *, agreement: Agreement, by: User, upload: VaultUpload, name: str, job_title: str, body_sha256: str
) -> Agreement:
    """The scanned copy of a document signed on paper. `name` and `job_title` are the signatory's.

    A copy that our checks refuse later does not count (`queries.is_settled`), and may be sent again.
    """
    row = _lock(agreement)
    seat = require(by, Act.AGREEMENT_SIGN, row)
    if row.kind not in TO_RETURN:
        raise NotNow(_("This document needs no signature."))
    if is_settled(row):
        return row
    stored = keep_upload(upload=upload, by=by)
    words = {"name": name, "job_title": job_title, "body_sha256": body_sha256}
    return _sign(row, Act.AGREEMENT_SIGN, by, seat, returned_file=stored, **words)


@transaction.atomic
def note_download(*, agreement: Agreement, by: User) -> None:
    """Keep a trace that the signed copy was fetched."""
    seat = require(by, Act.AGREEMENT_READ, agreement)
    scope = agreement.challenge.scope
    record(act=Act.AGREEMENT_READ, by=by, seat=seat, obj=agreement, scope=scope, detail={"download": "signed copy"})


# --- the PDF ----------------------------------------------------------------------------------------
def pdf_key(agreement: Agreement) -> str:
    """One job for one text in one state: a signature needs a new PDF."""
    return f"{RENDER}:{agreement.pk}:{agreement.state}:{agreement.signed_at.timestamp() if agreement.signed_at else 0}"


@transaction.atomic
def ask_for_pdf(*, agreement: Agreement, by: User) -> Job:
    """Queue the PDF; the same document in the same state is made once."""
    require(by, Act.AGREEMENT_READ, agreement)
    job = Job.objects.filter(key=pdf_key(agreement)).first()
    again = job is not None and (job.state == State.STOPPED or agreement.pdf_file_id is None)
    return enqueue(
        kind=RENDER, key=pdf_key(agreement), payload={"agreement": agreement.pk}, by=by,
        scope=agreement.challenge.scope, again=again,
    )  # fmt: skip


def make_pdf(*, agreement_id: int, show: Callable[[int, str], None]) -> dict:
    """The work of the job: render outside any transaction, then keep the file unless a signature came meanwhile."""
    rows = Agreement.objects.select_related("challenge__council", "signed_by", "template", "for_user")
    agreement = rows.get(pk=agreement_id)
    if agreement.pdf_file_id is not None:
        return {"file": str(agreement.pdf_file_id)}
    show(20, _("Setting the pages."))
    data = pdf_of(agreement)
    show(90, _("Keeping the file."))
    with transaction.atomic():
        row = _lock(agreement)
        if row.pdf_file_id is None and (row.state, row.signed_at) == (agreement.state, agreement.signed_at):
            row.pdf_file = keep_pdf(row, data)
            row.save(update_fields=["pdf_file"])
    return {"file": str(row.pdf_file_id or "")}
