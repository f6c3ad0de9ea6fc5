"""A kept HTML made into a PDF and kept with what outlives the evidence. The work of the job `report.render`."""

from collections.abc import Callable

from django.db import models, transaction
from django.utils.translation import gettext as _

from cyber360.files.models import StoredFile
from cyber360.files.services import keep_bytes
from cyber360.ui.pdf import render_pdf

from .models import DraftPdf, IssuedReport

Show = Callable[[int, str], None]


def make_draft(pk: int, show: Show) -> dict:
    draft = DraftPdf.objects.select_related("report__challenge__council").get(pk=pk)
    challenge = draft.report.challenge
    name = f"{challenge.ref} draft {draft.number}.pdf"
    return _make(draft, "pdf", draft.html, name, challenge, show)


def make_issued(pk: int, show: Show) -> dict:
    issued = IssuedReport.objects.select_related("report__challenge__council").get(pk=pk)
    return _make(issued, "pdf", issued.html, f"{issued.number}.pdf", issued.report.challenge, show)


def make_annex(pk: int, show: Show) -> dict:
    issued = IssuedReport.objects.select_related("report__challenge__council").get(pk=pk)
    return _make(issued, "annex_pdf", issued.annex_html, f"{issued.number} annex.pdf", issued.report.challenge, show)


def _make(row: models.Model, column: str, html: str, name: str, challenge, show: Show) -> dict:
    """Render outside any transaction, then keep the file once, whoever else was making it. May run any number of times.

    The same HTML gives the same bytes, so it does no harm when two runs overlap.
    """
    if getattr(row, f"{column}_id"):
        return {"file": str(getattr(row, f"{column}_id"))}
    show(15, _("Setting the pages."))
    title = f"{challenge.council.name}, {name.removesuffix('.pdf')}"
    data = render_pdf(html, title=title)
    show(90, _("Keeping the file."))
    with transaction.atomic():
        current = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if getattr(current, f"{column}_id") is None:
            _keep(current, column, data, name, challenge.record_scope)
    return {"file": str(getattr(current, f"{column}_id"))}


def _keep(row: models.Model, column: str, data: bytes, name: str, scope: str) -> StoredFile:
    stored = keep_bytes(data=data, name=name, media_type="application/pdf", scope=scope)
    setattr(row, column, stored)
    columns = [column]
    if hasattr(row, f"{column}_sha256"):
        setattr(row, f"{column}_sha256", stored.sha256)
        columns.append(f"{column}_sha256")
    row.save(update_fields=columns)
    return stored


MAKERS: dict[str, Callable[[int, Show], dict]] = {"draft": make_draft, "issued": make_issued, "annex": make_annex}
