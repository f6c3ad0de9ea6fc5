"""Reading reports: who may see which, what is missing, and what blocks the moves around them."""

import re
from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from cyber360.jobs.models import Job
from peers.access import decide, may, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task, get_challenge, people_in_seat
from peers.findings.models import Finding
from peers.findings.queries import agreed_findings
from peers.onsite.models import Attendee
from peers.seats import HOST, LEAD_PEER, LGA, MANAGER, PEERS, SPONSOR, TEAM, SeatName
from peers.stages import Stage

from .models import DraftPdf, FactComment, IssuedReport, Report, ReportSection, ReportTemplate, SignOff, TemplateState

WRITERS = frozenset(PEERS | MANAGER)
RENDER = "report.render"
SHOWN = 4


# --- who sees what ----------------------------------------------------------------------------------------
def get_report(user: User, ref: str, act: Act) -> Report:
    """The report, with the right to `act` checked. Raises NoSeat (404; also when none is begun), NotNow (403)."""
    challenge = get_challenge(user, ref, act)
    report = Report.objects.select_related("issued__pdf", "issued__annex_pdf").filter(challenge=challenge).first()
    if report is None:
        raise NoSeat
    report.challenge = challenge
    return report


def get_open_report(user: User, ref: str) -> Report:
    """The report in whatever state this person may read it: the issued one, or the draft."""
    challenge = get_challenge(user, ref, Act.CHALLENGE_READ)
    is_issued = decide(user, Act.REPORT_READ, challenge).seat is not None
    return get_report(user, ref, Act.REPORT_READ if is_issued else Act.REPORT_DRAFT_READ)


def get_section(user: User, ref: str, code: str, act: Act) -> ReportSection:
    report = get_report(user, ref, act)
    row = report.sections.select_related("theme", "updated_by").filter(code=code).first()
    if row is None:
        raise NoSeat
    row.report = report
    return row


def get_issued(user: User, ref: str) -> IssuedReport:
    """The issued report, for those who may read it."""
    report = get_report(user, ref, Act.REPORT_READ)
    issued: IssuedReport | None = getattr(report, "issued", None)
    if issued is None:
        raise NoSeat
    issued.report = report
    return issued


def may_read_annex(user: User, report: Report) -> bool:
    """The council's own annex: its host side from the factual check on; before the issue, also those who write it."""
    return may(user, Act.REPORT_ANNEX_READ, report.challenge)


def get_annex_report(user: User, ref: str) -> Report:
    report = get_report(user, ref, Act.REPORT_DRAFT_READ)
    if not may_read_annex(user, report):
        raise NoSeat
    return report


def get_finding(user: User, ref: str, pk: int) -> Finding:
    """An agreed finding, for those who may reword it."""
    report = get_report(user, ref, Act.REPORT_EDIT)
    row = agreed_findings(report.challenge).prefetch_related("history__by").filter(pk=pk).first()
    if row is None:
        raise NoSeat
    row.challenge = report.challenge
    return row


def get_comment(user: User, ref: str, pk: int) -> FactComment:
    report = get_report(user, ref, Act.REPORT_DRAFT_READ)
    row = comments_of(report).filter(pk=pk).first()
    if row is None:
        raise NoSeat
    row.report = row.section.report = report
    return row


def comments_of(report: Report) -> QuerySet[FactComment]:
    """The factual check, line by line; the host and all who read the draft see it."""
    return report.fact_comments.select_related("section", "raised_by", "answered_by")


# --- the state of a draft -----------------------------------------------------------------------------------
def sign_offs_of(report: Report) -> list[tuple[object, SignOff | None]]:
    """Each peer with their sign-off of the words as they stand, or None."""
    signed = {row.owner_id: row for row in report.sign_offs.filter(text_sha256=report.text_sha256)}
    return [(person, signed.get(person.pk)) for person in people_in_seat(report.challenge, PEERS)]


def issued_keys(issued: IssuedReport) -> dict[str, str]:
    """The job keys of the issued documents, by what they make."""
    keys = {"issued": f"{RENDER}:issued:{issued.pk}:{issued.html_sha256}"}
    if issued.annex_html:
        keys["annex"] = f"{RENDER}:annex:{issued.pk}:{issued.annex_html_sha256}"
    return keys


def draft_key(draft: DraftPdf) -> str:
    return f"{RENDER}:draft:{draft.pk}:{draft.text_sha256}"


def job_of_issued(issued: IssuedReport, what: str) -> Job | None:
    key = issued_keys(issued).get(what)
    return Job.objects.filter(key=key).first() if key else None


def drafts_of(report: Report) -> list[DraftPdf]:
    return list(report.draft_pdfs.select_related("pdf", "made_by").defer("html"))


def may_have_draft(user: User, report: Report, draft: DraftPdf) -> bool:
    """The team and the LGA have every draft; the host those of the factual check, never an earlier one."""
    if seats_on(user, report.challenge) & (TEAM | LGA):
        return True
    sent = report.challenge.stage_changes.filter(to_stage=Stage.FACTUAL_CHECK).order_by("-at").first()
    return draft.text_sha256 == report.text_sha256 or (sent is not None and draft.made_at >= sent.at)


def sections_with_state(report: Report, comments: Iterable[FactComment]) -> list[ReportSection]:
    """The sections in order, each with `waiting`: how many comments on it have no answer."""
    waiting = Counter(comment.section_id for comment in comments if not comment.outcome)
    rows = list(report.sections.select_related("updated_by", "theme"))
    for row in rows:
        row.report, row.waiting = report, waiting[row.pk]  # type: ignore[attr-defined]
    return rows


def section_of_finding(report: Report, finding: Finding) -> ReportSection | Report:
    """Where the report prints a finding."""
    row = report.sections.filter(theme_id=finding.theme_id).first()
    return row or report


# --- people's names -------------------------------------------------------------------------------------------
def names_met(challenge: Challenge) -> list[str]:
    """Full names of the people met, which must not stand in a report; single words would match too much."""
    rows = Attendee.objects.filter(conversation__challenge=challenge).exclude(name="").values_list("name", flat=True)
    return sorted({name.strip() for name in rows.distinct() if " " in name.strip()})


def named_in(text: str, names: Iterable[str]) -> list[str]:
    found = " ".join(text.split()).casefold()
    return [name for name in names if re.search(rf"\b{re.escape(' '.join(name.split()).casefold())}\b", found)]


# --- templates ------------------------------------------------------------------------------------------------
def templates() -> QuerySet[ReportTemplate]:
    return ReportTemplate.objects.select_related("edited_by").annotate(section_count=Count("sections"))


def current_template() -> ReportTemplate | None:
    return ReportTemplate.objects.filter(state=TemplateState.CURRENT).first()


# --- blockers ---------------------------------------------------------------------------------------------------
def unfinished_sections(challenge: Challenge) -> list[Blocker]:
    """A section without text; a text that names somebody who was met. Sentences hold titles only, never content."""
    report = Report.objects.filter(challenge=challenge).first()
    if report is None:
        words = _("The report is not begun. The challenge manager can go back to feedback and open drafting again.")
        return [Blocker(words, frozenset(MANAGER))]
    names = names_met(challenge)
    blockers = []
    for row in report.sections.all():
        url = reverse("reports:section", args=[challenge.ref, row.code])
        if not row.text.strip():
            words = _("“%(title)s” has no text yet. The peers and the challenge manager can write it.")
            blockers.append(Blocker(words % {"title": row.title}, WRITERS, url))
        elif named_in(row.text, names):
            words = _("“%(title)s” names a person whom the team met. A peer or the manager can put the role.")
            blockers.append(Blocker(words % {"title": row.title}, WRITERS, url))
    return blockers + _findings_with_names(challenge, names)


def _findings_with_names(challenge: Challenge, names: list[str]) -> list[Blocker]:
    if not names:
        return []
    words = _("A finding under “%(theme)s” names a person whom the team met. A peer or the manager can put the role.")
    return [
        Blocker(words % {"theme": row.theme.title}, WRITERS, reverse("reports:reword", args=[challenge.ref, row.pk]))
        for row in agreed_findings(challenge)
        if named_in(f"{row.headline} {row.narrative} {row.owner_suggestion}", names)
    ]


def missing_sign_offs(challenge: Challenge) -> list[Blocker]:
    """Each peer who has not signed off the words as they stand."""
    report = Report.objects.filter(challenge=challenge).first()
    if report is None:
        return []
    url = reverse("reports:sign_off", args=[challenge.ref])
    signed = report.sign_offs.filter(text_sha256=report.text_sha256).values("owner_id")
    words = _("%(person)s has not signed off the draft as it reads now. They can sign it off themselves.")
    return [
        Blocker(words % {"person": person}, frozenset(PEERS), url)
        for person in people_in_seat(challenge, PEERS).exclude(pk__in=signed)
    ]


def unanswered_comments(challenge: Challenge) -> list[Blocker]:
    open_ones = FactComment.objects.filter(report__challenge=challenge, outcome="").select_related("section")
    titles = [row.section.title for row in open_ones]
    if not titles:
        return []
    places = "; ".join(f"“{title}”" for title in list(dict.fromkeys(titles))[:SHOWN])
    sentence = ngettext(
        "%(count)s factual comment has no answer yet (on %(places)s). The lead peer or the manager can answer it.",
        "%(count)s factual comments have no answer yet (on %(places)s). The lead peer or the manager can answer them.",
        len(titles),
    ) % {"count": len(titles), "places": places}
    return [Blocker(sentence, frozenset(LEAD_PEER | MANAGER), reverse("reports:facts", args=[challenge.ref]))]


# --- my tasks -----------------------------------------------------------------------------------------------------
def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Writing, signing off, checking facts, answering, acknowledging: two queries for any number of challenges."""
    rows = list(challenges)
    seats = {row.pk: seats_on(user, row) for row in rows}
    drafting = [row for row in rows if row.stage == Stage.DRAFTING and seats[row.pk] & WRITERS]
    checking = [row for row in rows if row.stage == Stage.FACTUAL_CHECK]
    signed = set(
        SignOff.objects.filter(owner=user, report__challenge__in=drafting, text_sha256=F("report__text_sha256"))
        .values_list("report__challenge_id", flat=True)
    ) if drafting else set()  # fmt: skip
    waiting: Counter[int] = Counter()
    if checking:
        counts = FactComment.objects.filter(report__challenge__in=checking, outcome="").order_by()
        waiting = Counter(dict(counts.values_list("report__challenge_id").annotate(count=Count("pk"))))
    tasks = [_drafting_task(row, seats[row.pk]) for row in drafting if row.pk not in signed]
    for row in checking:
        tasks += _checking_tasks(row, seats[row.pk], waiting[row.pk])
    issued = [row for row in rows if row.stage == Stage.ISSUED and seats[row.pk] & SPONSOR]
    words = _("Read and acknowledge the report on %(council)s")
    return tasks + [_task(row, words, reverse("reports:report", args=[row.ref])) for row in issued]


def _drafting_task(challenge: Challenge, seats: frozenset[SeatName]) -> Task:
    url = reverse("reports:report", args=[challenge.ref])
    if seats & PEERS:
        return _task(challenge, _("Write and sign off the report on %(council)s"), url)
    return _task(challenge, _("Bring the report on %(council)s to the factual check"), url)


def _checking_tasks(challenge: Challenge, seats: frozenset[SeatName], waiting: int) -> list[Task]:
    tasks = []
    if seats & HOST:
        url = reverse("reports:report", args=[challenge.ref])
        tasks.append(_task(challenge, _("Check the facts in the draft report on %(council)s"), url))
    if waiting and seats & (LEAD_PEER | MANAGER):
        words = ngettext(
            "Answer %(count)s factual comment on %(council)s",
            "Answer %(count)s factual comments on %(council)s",
            waiting,
        )
        tasks.append(_task(challenge, words, reverse("reports:facts", args=[challenge.ref]), waiting))
    return tasks


def _task(challenge: Challenge, words: str, url: str, count: int = 0) -> Task:
    due = next((row.due_on for row in challenge.key_dates.all() if row.stage == challenge.stage), None)
    return Task(words % {"council": challenge.council.name, "count": count}, challenge, url, due, "report")
