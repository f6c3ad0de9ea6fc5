"""Writing reports: begun, written, signed off, checked, issued; each PDF asked for and each reading recorded."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.jobs.models import Job, State
from cyber360.jobs.services import enqueue
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.findings.models import Finding
from peers.findings.services import reword_finding
from peers.seats import SeatName

from .beginnings import values_for
from .contents import annex_findings, annex_of, document_of, words_hash
from .document import render, render_annex, sha256_of
from .models import (
    DraftPdf,
    FactComment,
    IssuedReport,
    Report,
    ReportSection,
    SectionVersion,
    SignOff,
    Source,
    TemplateSection,
)
from .prefill import fill
from .queries import RENDER, current_template, draft_key, issued_keys
from .templates import load_default_template

__all__ = ["freeze_report", "load_default_template", "start_report"]
KEEP_EVERY = timedelta(minutes=15)
PLACES = 100  # between two sections of a template, so that the themes fit in


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _lock(report: Report) -> Report:
    """The report with its challenge, fresh. Raises NotNow when it was issued meanwhile."""
    row = Report.objects.select_for_update(of=("self",)).select_related("challenge__council").get(pk=report.pk)
    if row.is_issued:
        raise NotNow(_("The report is issued. It no longer changes."))
    return row


def _open(report: Report, act: Act, by: User) -> tuple[Report, SeatName]:
    """The locked report and the seat in which `act` is done; asked before the lock, and after it of the fresh row."""
    require(by, act, report)
    row = _lock(report)
    return row, require(by, act, row)


def _rehash(report: Report) -> None:
    report.text_sha256 = words_hash(report)
    report.save(update_fields=["text_sha256"])


# --- arrivals ----------------------------------------------------------------------------------------------
def start_report(*, challenge: Challenge, by: User, at: datetime) -> None:
    """Arrival in drafting: sections from the template in use, each with a first text. Again: only what is missing.

    Text that somebody wrote is never touched, so that going back a stage and coming again loses nothing.
    """
    template = current_template() or load_default_template()
    report, _made = Report.objects.get_or_create(challenge=challenge, defaults={"template": template, "started_at": at})
    report = _lock(report)
    values = values_for(challenge)
    there = set(report.sections.values_list("code", flat=True))
    for number, section in enumerate(report.template.sections.all(), start=1):
        if section.code not in there:
            _begin_section(report, section, number * PLACES, fill(section.boilerplate, values))
        if section.source == Source.THEMES:
            _begin_themes(report, section, number * PLACES, there)
    _rehash(report)


def _begin_section(report: Report, section: TemplateSection, place: int, text: str) -> None:
    ReportSection.objects.create(
        report=report, code=section.code, title=section.title, source=section.source, guidance=section.guidance,
        text=text, place=place,
    )  # fmt: skip


def _begin_themes(report: Report, section: TemplateSection, place: int, there: set[str]) -> None:
    guidance = _("Two or three sentences on what was looked at here, and what holds the findings together.")
    for number, theme in enumerate(report.challenge.themes.order_by("place", "pk"), start=1):
        code = f"theme-{slugify(theme.code)}"[:40]
        if code not in there:
            ReportSection.objects.create(
                report=report, code=code, title=theme.title, source=Source.THEME, theme=theme, guidance=guidance,
                text=theme.purpose, place=place + number,
            )  # fmt: skip


def freeze_report(*, challenge: Challenge, by: User, at: datetime) -> None:
    """Arrival in issued: the document as it reads now is numbered, hashed and kept; its PDFs are asked for."""
    report = _lock(Report.objects.get(challenge=challenge))
    report.challenge = challenge
    number = f"{challenge.ref}-R{IssuedReport.objects.filter(report=report).count() + 1}"
    html = render(document_of(report, label=number, dated=at, is_issued=True))
    annex = render_annex(annex_of(report, label=number)) if annex_findings(challenge).exists() else ""
    issued = IssuedReport(
        report=report, number=number, html=html, html_sha256=sha256_of(html), issued_at=at, issued_by=by,
        annex_html=annex, annex_html_sha256=sha256_of(annex) if annex else "",
    )  # fmt: skip
    _clean(issued)
    issued.save()
    report.state = Report.State.ISSUED
    report.version += 1
    report.save(update_fields=["state", "version"])
    _ask_for_issued(issued, by)


# --- writing -----------------------------------------------------------------------------------------------
@transaction.atomic
def edit_section(*, section: ReportSection, by: User, version: int, text: str) -> ReportSection:
    """Change a section's Markdown. What it said before is kept; sign-offs of other words no longer count.

    Raises StaleVersion when somebody saved meanwhile; the same text again changes nothing.
    """
    report, seat = _open(section.report, Act.REPORT_EDIT, by)
    row = ReportSection.objects.select_for_update().get(pk=section.pk, report=report)
    row.report = report
    text = text.replace("\r\n", "\n").strip()
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this section while you were writing."), row)
    if text == row.text:
        return row
    _keep_before(row, by)
    row.text, row.updated_by, row.updated_at = text, by, timezone.now()
    row.version += 1
    _clean(row)
    row.save()
    _rehash(report)
    record(act=Act.REPORT_EDIT, by=by, seat=seat, obj=row, label=row.title, scope=report.challenge.scope)
    return row


def _keep_before(row: ReportSection, by: User) -> None:
    """Keep the text before this change, unless the same person's change of a few minutes ago did."""
    now, last = timezone.now(), row.history.first()
    if last is None or row.updated_by_id != by.pk or last.by_id != by.pk or last.at < now - KEEP_EVERY:
        SectionVersion.objects.create(section=row, text=row.text, by=by, at=now)


@transaction.atomic
def change_finding(*, finding: Finding, by: User, version: int, **words: Any) -> Finding:
    """Reword an agreed finding where the report prints it (`findings.services.reword_finding`)."""
    report = _lock(Report.objects.get(challenge=finding.challenge_id))
    row = reword_finding(finding=finding, by=by, version=version, **words)
    _rehash(report)
    return row


@transaction.atomic
def set_report(*, report: Report, by: User, version: int, marking: str, show_levels: bool) -> Report:
    """The marking on every page, and whether levels are shown."""
    row, seat = _open(report, Act.REPORT_EDIT, by)
    if row.version != version:
        raise StaleVersion(_("Somebody else changed this meanwhile."), row)
    row.marking, row.show_levels = marking.strip(), show_levels
    row.version += 1
    _clean(row)
    row.save()
    _rehash(row)
    detail = {"marking": row.marking, "show_levels": show_levels}
    label, scope = _("Marking and levels"), row.challenge.scope
    record(act=Act.REPORT_EDIT, by=by, seat=seat, obj=row, label=label, scope=scope, detail=detail)
    return row


@transaction.atomic
def sign_off(*, report: Report, by: User, text_sha256: str) -> SignOff:
    """A peer's own yes to the words with this hash. Twice is once. Raises StaleVersion when the words have changed."""
    row, seat = _open(report, Act.REPORT_SIGN_OFF, by)
    if text_sha256 != row.text_sha256:
        raise StaleVersion(_("The draft has changed since you opened this page. Read it again, then sign it off."), row)
    signed, made = SignOff.objects.get_or_create(report=row, owner=by, defaults={"text_sha256": text_sha256})
    if not made and signed.text_sha256 == text_sha256:
        return signed
    signed.text_sha256, signed.at = text_sha256, timezone.now()
    signed.save()
    detail, scope = {"sha256": text_sha256}, row.challenge.scope
    record(act=Act.REPORT_SIGN_OFF, by=by, seat=seat, obj=signed, label=by.full_name, scope=scope, detail=detail)
    return signed


# --- the factual check ---------------------------------------------------------------------------------------
@transaction.atomic
def comment_fact(*, section: ReportSection, by: User, passage: str, comment: str) -> FactComment:
    """A comment of the host on one place of the draft. Sent twice it is one comment."""
    report, seat = _open(section.report, Act.FACT_COMMENT, by)
    facts = {"report": report, "section": section, "passage": passage.strip(), "comment": comment.strip()}
    same = FactComment.objects.filter(**facts, raised_by=by, outcome="").first()
    if same is not None:
        return same
    row = FactComment(**facts, raised_by=by)
    _clean(row)
    row.save()
    record(act=Act.FACT_COMMENT, by=by, seat=seat, obj=row, label=section.title, scope=report.challenge.scope)
    return row


@transaction.atomic
def answer_fact(*, comment: FactComment, by: User, version: int, outcome: str, answer: str) -> FactComment:
    """Changed or not changed, always with why. An answer may be corrected until the report is issued."""
    report, seat = _open(comment.report, Act.FACT_ANSWER, by)
    row = FactComment.objects.select_for_update(of=("self",)).select_related("section").get(pk=comment.pk)
    if row.version != version:
        raise StaleVersion(_("Somebody else answered this comment meanwhile."), row)
    if outcome not in FactComment.Outcome.values:
        raise BadInput(_("Choose whether the text was changed."))
    if not answer.strip():
        raise BadInput(_("Say why."))
    row.outcome, row.answer, row.answered_by, row.answered_at = outcome, answer.strip(), by, timezone.now()
    row.version += 1
    _clean(row)
    row.save()
    detail, scope = {"outcome": outcome}, report.challenge.scope
    record(act=Act.FACT_ANSWER, by=by, seat=seat, obj=row, label=row.section.title, scope=scope, detail=detail)
    return row


# --- PDFs ------------------------------------------------------------------------------------------------------
@transaction.atomic
def request_pdf(*, report: Report, by: User) -> Job:
    """Ask for the PDF of the draft as it reads now: one for the same words, whoever asks how often."""
    row, _seat = _open(report, Act.REPORT_RENDER, by)
    draft = row.draft_pdfs.filter(text_sha256=row.text_sha256).first()
    if draft is None:
        number = (row.draft_pdfs.aggregate(last=Max("number"))["last"] or 0) + 1
        now = timezone.now()
        html = render(document_of(row, label=draft_label(number, now), dated=now))
        draft = DraftPdf.objects.create(
            report=row, number=number, text_sha256=row.text_sha256, html=html, made_by=by, made_at=now
        )
    return _enqueue("draft", draft.pk, draft_key(draft), row.challenge, by, again=draft.pdf_id is None)


def draft_label(number: int, at: datetime) -> str:
    words = _("Draft %(number)s of %(day)s, %(time)s")
    local = timezone.localtime(at)
    return words % {"number": number, "day": date_format(local.date(), "j F Y"), "time": f"{local:%H:%M}"}


@transaction.atomic
def retry_issued(*, issued: IssuedReport, by: User) -> None:
    """Ask again for what a stopped job did not make."""
    require(by, Act.REPORT_RENDER, issued.report)
    _ask_for_issued(issued, by)


def _ask_for_issued(issued: IssuedReport, by: User) -> None:
    made = {"issued": issued.pdf_id, "annex": issued.annex_pdf_id}
    for what, key in issued_keys(issued).items():
        _enqueue(what, issued.pk, key, issued.report.challenge, by, again=made[what] is None)


def _enqueue(what: str, pk: int, key: str, challenge: Challenge, by: User, *, again: bool) -> Job:
    """`again` starts a stopped job afresh; one that waits or runs is left alone."""
    stopped = again and Job.objects.filter(key=key, state__in=[State.STOPPED, State.DONE]).exists()
    payload = {"what": what, "pk": pk}
    return enqueue(kind=RENDER, key=key, payload=payload, by=by, scope=challenge.scope, again=stopped)


# --- readings ----------------------------------------------------------------------------------------------------
@transaction.atomic
def note_reading(*, issued: IssuedReport, by: User) -> None:
    """Keep that the issued report was opened: once a person and day."""
    seat = require(by, Act.REPORT_READ, issued.report)
    scope = issued.report.challenge.scope
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    seen = AuditEvent.objects.filter(scope=scope, act=Act.REPORT_READ, actor_id=by.pk, at__gte=today)
    if not seen.filter(object_id=str(issued.pk)).exists():
        record(act=Act.REPORT_READ, by=by, seat=seat, obj=issued, scope=scope)


@transaction.atomic
def note_download(*, report: Report, by: User, what: str) -> None:
    """Keep that a document was taken away. `what` is pdf, html, annex or the draft's label."""
    act = Act.REPORT_READ if report.is_issued else Act.REPORT_DRAFT_READ
    seat = require(by, act, report)
    challenge = report.challenge
    record(act=act, by=by, seat=seat, obj=report, label=challenge.ref, scope=challenge.scope, detail={"download": what})
