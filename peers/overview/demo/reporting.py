"""Drafting, factual check, issue: the report's words, the team's sign-offs, the council's corrections."""

from peers.reports.models import FactComment, Report, ReportSection
from peers.reports.services import answer_fact, comment_fact, edit_section, request_pdf, sign_off
from peers.stages import Stage

from .tale import Tale
from .texts import text

ADDED_TO = ("summary", "background", "next-steps")


def draft_report(tale: Tale) -> None:
    """In part: half of the themes have our own words, one peer has signed off, a PDF of the draft is asked for."""
    whole = tale.whole(Stage.DRAFTING)
    report = Report.objects.get(challenge=tale.challenge)
    sections = list(ReportSection.objects.filter(report=report).select_related("report__challenge", "theme"))
    themes = [(section, section.theme.code) for section in sections if section.theme]
    for place, (section, code) in enumerate(themes if whole else themes[: (len(themes) + 1) // 2]):
        words = tale.say(text("report")["themes"][code])
        edit_section(section=section, by=tale.peers[place % len(tale.peers)], version=section.version, text=words)
    for section in sections:
        if section.code in ADDED_TO:
            words = f"{tale.say(text('report')[section.code])}\n\n{section.text}"
            edit_section(section=section, by=tale.manager, version=section.version, text=words)
    report.refresh_from_db()
    for peer in tale.peers if whole else tale.peers[1:2]:
        sign_off(report=report, by=peer, text_sha256=report.text_sha256)
    if not whole:
        request_pdf(report=report, by=tale.manager)


def check_facts(tale: Tale) -> None:
    """In part: every second comment still waits for its answer."""
    whole = tale.whole(Stage.FACTUAL_CHECK)
    for place, entry in enumerate(text("report")["facts"]):
        section = ReportSection.objects.filter(report__challenge=tale.challenge, code=entry["section"]).first()
        if section is None:
            continue
        comment = comment_fact(
            section=section, by=tale.lead, passage=entry["passage"], comment=tale.say(entry["comment"])
        )
        if whole or place % 2 == 0:
            _answer(tale, section, comment, entry)


def _answer(tale: Tale, section: ReportSection, comment: FactComment, entry: dict) -> None:
    if "text" in entry:
        edit_section(section=section, by=tale.lead_peer, version=section.version, text=entry["text"])
    answer_fact(
        comment=comment, by=tale.lead_peer, version=comment.version, outcome=entry["outcome"], answer=entry["answer"]
    )
