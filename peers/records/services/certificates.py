"""Disposal certificates: numbered, frozen as HTML when the disposal is through, then made into a PDF by a job."""

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.files.models import DestroyedScope
from cyber360.files.services import keep_bytes
from cyber360.jobs.models import Job, State
from cyber360.jobs.services import enqueue
from cyber360.ui.pdf import render_pdf
from peers.challenges.models import Challenge, Programme
from peers.records.models import DisposalCertificate, DisposalRun

RENDER = "records.certificate"
BODY_STARTS, BODY_ENDS = "<!-- certificate body -->", "<!-- end of certificate body -->"


def issue(run: DisposalRun) -> DisposalCertificate:
    """The programme's next number, without gaps: taken under its lock, given back when the transaction fails."""
    programme = Programme.objects.select_for_update().get(pk=run.challenge.programme_id)
    last = DisposalCertificate.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0
    row = DisposalCertificate(programme=programme, number=last + 1, run=run, issued_at=timezone.now())
    row.html = _html(row)
    row.html_sha256 = hashlib.sha256(row.html.encode()).hexdigest()
    row.full_clean()
    row.save()
    ask_for_pdf(row)
    return row


def _html(certificate: DisposalCertificate) -> str:
    run = certificate.run
    challenge = Challenge.objects.select_related("council", "programme").get(pk=run.challenge_id)
    context = {
        "certificate": certificate,
        "run": run,
        "challenge": challenge,
        "facts": run.facts,
        "gone": [line for line in run.facts["files"] if line["was_kept"]],
        "key": DestroyedScope.objects.filter(scope=challenge.scope).first() if run.kind == "evidence" else None,
        "starts": BODY_STARTS,
        "ends": BODY_ENDS,
    }
    return render_to_string("pdf/disposal_certificate.html", context)


def pdf_key(certificate: DisposalCertificate) -> str:
    return f"{RENDER}:{certificate.pk}"


def ask_for_pdf(certificate: DisposalCertificate) -> Job:
    """Queue the PDF; one that waits or runs is left alone."""
    stopped = Job.objects.filter(key=pdf_key(certificate), state__in=[State.STOPPED, State.DONE]).exists()
    return enqueue(
        kind=RENDER, key=pdf_key(certificate), payload={"certificate": certificate.pk},
        scope=certificate.run.challenge.scope, again=stopped and certificate.pdf_id is None,
    )  # fmt: skip


def make_pdf(*, certificate_id: int, show: Callable[[int, str], None]) -> dict[str, str]:
    """Render outside any transaction, then keep the file once, with what outlives the evidence."""
    row = DisposalCertificate.objects.select_related("run__challenge", "programme").get(pk=certificate_id)
    if row.pdf_id is None:
        show(20, _("Setting the pages."))
        data = render_pdf(row.html, title=_("Disposal certificate %(number)s") % {"number": row.label})
        with transaction.atomic():
            current = DisposalCertificate.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if current.pdf_id is None:
                scope = row.run.challenge.record_scope
                current.pdf = keep_bytes(data=data, name=f"{row.label}.pdf", media_type="application/pdf", scope=scope)
                current.pdf_sha256 = current.pdf.sha256
                current.save(update_fields=["pdf", "pdf_sha256"])
            row = current
    return {"file": str(row.pdf_id)}
