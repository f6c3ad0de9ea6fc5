"""The tables of a challenge's copy, each through its own room's named queries, so that it shows what the seat may read.

Every function returns its tables with people as codes. A table that the seat may not read is not there; `NotHeld`
words are kept general, so that they tell nothing of what is left out.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow
from peers.access import HOST, SeatName, may
from peers.actionplans.models import Action
from peers.actionplans.queries import actions_visible_to, responses_visible_to
from peers.acts import Act
from peers.agreements.models import DocumentKind
from peers.agreements.queries import agreements_for
from peers.answers.queries import answers_visible_to, comments_visible_to
from peers.challenges.models import Challenge
from peers.challenges.queries import seats_by_side, timeline_for, timeline_rows
from peers.evidence.models import EvidenceItem
from peers.evidence.queries import items_visible_to, receipts_of, requests_visible_to
from peers.onsite.models import Attendee
from peers.onsite.queries import conversations_for
from peers.reports.queries import comments_of, get_report

from .information import Codes, IndexLine, Sheet
from .lists import kept_lines

# Who objected to whom is nobody's to hand on, though a host sees its own objections.
NOT_TOLD = frozenset({Act.TEAM_OBJECT, Act.TEAM_OBJECTION_READ, Act.TEAM_OBJECTION_SETTLE, Act.CONFLICT_SETTLE})


class Asking(NamedTuple):
    """Who asks, in which seat, about which challenge, and the codes that are being given."""

    user: User
    seat: SeatName
    challenge: Challenge
    codes: Codes


def council() -> str:
    return _("the council")


def association() -> str:
    return _("the Local Government Association")


def both() -> str:
    return _("the council and the Local Government Association")


# --- what the council wrote --------------------------------------------------------------------------
def answers(ask: Asking) -> list[Sheet]:
    rows = list(answers_visible_to(ask.user, ask.challenge))
    told = [
        [
            row.question.theme.title, row.question.code, row.question.wording, row.level, row.not_applicable, row.text,
            ask.codes.of(row.updated_by_id), row.updated_at,
        ]
        for row in rows
    ]  # fmt: skip
    said = [
        [row.question.code, remark.at, ask.codes.of(remark.by_id), remark.text, remark.with_contributors]
        for row in rows
        for remark in comments_visible_to(ask.user, row)
    ]
    columns = [
        _("theme"), _("question"), _("what is asked"), _("level"), _("does not apply"), _("answer"),
        _("last changed by"), _("last changed"),
    ]  # fmt: skip
    remarks = [_("question"), _("when"), _("by"), _("remark"), _("for contributors too")]
    sheets = [Sheet("answers.csv", _("Answers to the questions"), council(), columns, told)]
    return [*sheets, Sheet("remarks.csv", _("Working remarks beside answers"), council(), remarks, said)]


def evidence(ask: Asking) -> list[Sheet]:
    items = items_visible_to(ask.user, ask.challenge).prefetch_related("questions").order_by("title", "pk")
    given = [
        [
            row.title, row.get_kind_display(), row.get_state_display(), row.shows, row.document_date,
            row.get_marking_display(), "; ".join(question.code for question in row.questions.all()), row.url, row.where,
            ask.codes.of(row.added_by_id), row.added_at, *_file_of(row),
        ]
        for row in items
    ]  # fmt: skip
    asked = [
        [
            row.prompt, row.question.code if row.question else "", row.get_state_display(), row.due_on,
            ask.codes.of(row.owner_id), row.reason,
        ]
        for row in requests_visible_to(ask.user, ask.challenge).order_by("pk")
    ]  # fmt: skip
    columns = [
        _("title"), _("kind"), _("state"), _("what it shows"), _("date of the document"), _("marking"), _("questions"),
        _("address"), _("where it is kept"), _("added by"), _("added"), _("type"), _("size in bytes"), "SHA-256",
    ]  # fmt: skip
    wanted = [_("what is asked for"), _("question"), _("state"), _("due"), _("who looks for it"), _("reason")]
    sheets = [Sheet("evidence.csv", _("The list of evidence"), council(), columns, given)]
    return [*sheets, Sheet("requests.csv", _("The list of evidence requests"), council(), wanted, asked)]


def _file_of(item: EvidenceItem) -> list[object]:
    if item.current is None:
        return ["", "", ""]
    stored = item.current.stored_file
    return [stored.extension.upper(), stored.size, stored.sha256]


def readings(ask: Asking) -> list[Sheet]:
    if not may(ask.user, Act.EVIDENCE_RECEIPTS_READ, ask.challenge):
        return []
    rows = [
        [row.item.title, ask.codes.of(row.reader_id), _seat(row.seat), row.how, row.first_at,
         row.last_at, row.times]
        for row in receipts_of(ask.challenge)
    ]  # fmt: skip
    columns = [_("title"), _("reader"), _("seat"), _("how"), _("first"), _("last"), _("times")]
    return [Sheet("readings.csv", _("Who read which evidence"), both(), columns, rows)]


def _seat(name: str) -> str:
    return str(SeatName(name).label) if name in SeatName.values else name


# --- what was agreed and done --------------------------------------------------------------------------
def agreements(ask: Asking) -> list[Sheet]:
    rows = [
        [
            row.get_kind_display(), row.title, row.get_state_display(), ask.codes.of(row.for_user_id), row.issued_at,
            ask.codes.of(row.signed_by_id), row.signed_at, "" if row.kind == DocumentKind.PEER_TERMS else row.body,
        ]
        for row in agreements_for(ask.user, ask.challenge)
    ]  # fmt: skip
    columns = [
        _("kind"), _("title"), _("state"), _("for"), _("issued"), _("signed by"), _("signed"), _("text"),
    ]  # fmt: skip
    return [Sheet("agreements.csv", _("Agreements"), both(), columns, rows)]


def timetable(ask: Asking) -> list[Sheet]:
    if not may(ask.user, Act.TIMETABLE_READ, ask.challenge):
        return []
    rows = [
        [
            row.starts_at, row.minutes, row.get_kind_display(), row.title, row.place, row.get_state_display(),
            row.state_reason, "; ".join(_attendee(one, ask.codes) for one in row.attendees.all()),
            "; ".join(ask.codes.of(one.user_id) for one in row.peers.all()),
        ]
        for row in conversations_for(ask.user, ask.challenge)
    ]  # fmt: skip
    columns = [
        _("begins"), _("minutes"), _("kind"), _("title"), _("place"), _("state"), _("reason"), _("who is met"),
        _("peers"),
    ]  # fmt: skip
    return [Sheet("timetable.csv", _("The timetable of the visit"), both(), columns, rows)]


def _attendee(row: Attendee, codes: Codes) -> str:
    code = codes.named(row.name, row.job_title)
    return f"{row.role} ({code})" if code else row.role


def factual_check(ask: Asking) -> list[Sheet]:
    try:
        report = get_report(ask.user, ask.challenge.ref, Act.REPORT_DRAFT_READ)
    except (NoSeat, NotNow):
        return []
    rows = [
        [
            row.section.title, row.passage, row.comment, ask.codes.of(row.raised_by_id), row.raised_at,
            row.get_outcome_display(), row.answer, ask.codes.of(row.answered_by_id), row.answered_at,
        ]
        for row in comments_of(report)
    ]  # fmt: skip
    columns = [
        _("section"), _("the words it is about"), _("what is not right"), _("raised by"), _("raised"), _("outcome"),
        _("why"), _("answered by"), _("answered"),
    ]  # fmt: skip
    return [Sheet("factual-check.csv", _("The factual check"), both(), columns, rows)]


def plan(ask: Asking) -> list[Sheet]:
    if not may(ask.user, Act.PLAN_READ, ask.challenge):
        return []
    actions: dict[int, list[Action | None]] = {}
    for action in actions_visible_to(ask.user, ask.challenge):
        actions.setdefault(action.response_id, []).append(action)
    rows = [
        [
            row.number, row.recommendation, row.get_answer_display(), row.reason, ask.codes.of(row.answered_by_id),
            *_action(action, ask.codes),
        ]
        for row in responses_visible_to(ask.user, ask.challenge).order_by("number")
        for action in actions.get(row.pk, [None])
    ]  # fmt: skip
    columns = [
        _("number"), _("recommendation"), _("response"), _("reason"), _("answered by"), _("action"), _("who leads it"),
        _("portfolio holder"), _("due"), _("status"), _("how you will know it worked"), _("progress"),
    ]  # fmt: skip
    return [Sheet("plan.csv", _("The action plan"), council(), columns, rows)]


def _action(row: Action | None, codes: Codes) -> list[object]:
    if row is None:
        return [""] * 7
    notes = (f"{note.at:%Y-%m-%d} {codes.of(note.by_id)}: {note.text}" for note in row.notes.all())
    return [
        row.title, row.lead_officer, row.portfolio_holder, row.due_on, row.get_status_display(), row.success_measure,
        "; ".join(notes),
    ]  # fmt: skip


def timeline(ask: Asking) -> list[Sheet]:
    """Without the labels of things, which hold names; what was done, when, by which code in which seat."""
    events = timeline_for(ask.user, ask.challenge).exclude(act__in=[act.value for act in NOT_TOLD])
    rows = [
        [row["event"].at, str(row["what"]), ask.codes.of(row["event"].actor_id), str(row["seat"]), row["to_stage"]]
        for row in timeline_rows(events)
    ]
    columns = [_("when"), _("what was done"), _("by"), _("seat"), _("to the stage")]
    return [Sheet("timeline.csv", _("The record of what was done"), both(), columns, rows)]


def retention(ask: Asking) -> list[Sheet]:
    if not may(ask.user, Act.RETENTION_READ, ask.challenge):
        return []
    rows = [
        [
            line.period.get_kind_display(), line.until, line.period.days, line.period.get_counted_from_display(),
            line.period.reason, line.run.get_state_display() if line.run else "",
        ]
        for line in kept_lines(ask.challenge)
    ]  # fmt: skip
    columns = [_("what"), _("until"), _("days"), _("counted from"), _("reason"), _("state of its disposal")]
    return [Sheet("retention.csv", _("What is kept until when"), both(), columns, rows)]


SHEETS: dict[str, tuple[Callable[[Asking], list[Sheet]], ...]] = {
    "answers": (answers,),
    "evidence": (evidence,),
    "readings": (readings,),
    "agreements": (agreements,),
    "timetable": (timetable,),
    "report": (factual_check,),
    "plan": (plan,),
    "timeline": (timeline,),
    "retention": (retention,),
}


# --- people, and what is not here ------------------------------------------------------------------------
def names(ask: Asking) -> Sheet:
    """Whom each code means. A council's copy has e-mail addresses of its own people only."""
    sides = {seat.user_id: (side, seat) for side, seats in seats_by_side(ask.challenge).items() for seat in seats}
    for user_id in sides:
        ask.codes.of(user_id)
    people = User.objects.in_bulk(list(ask.codes.accounts))
    rows: list[list[object]] = []
    for user_id, code in ask.codes.accounts.items():
        person, (side, seat) = people.get(user_id), sides.get(user_id, ("", None))
        if person is not None:
            email = person.email if side == "host" or ask.seat not in HOST else ""
            sits = str(seat.name.label) if seat is not None else ""
            rows.append([code, person.full_name, person.job_title, email, sits, _from(side, ask.challenge)])
    met = [[code, name, title, "", _("met in the visit"), ""] for (name, title), code in ask.codes.others.items()]
    columns = [_("code"), _("name"), _("job title"), _("e-mail"), _("seat"), _("from")]
    return Sheet("names.csv", _("Whom the codes mean: personal data, kept apart"), both(), columns, [*rows, *met])


def _from(side: str, challenge: Challenge) -> str:
    if side == "host":
        return challenge.council.name
    return {"lga": association(), "team": _("another council")}.get(side, "")


def not_included() -> Iterable[IndexLine]:
    """The same lines in every copy, whatever is there: they say that such records may exist, and no more."""
    ask = _("Not in this copy. Ask the Local Government Association.")
    host = _("Not in this copy. Ask the host lead: it is on the pages of the room.")
    for title in (
        _("Notes and lines of enquiry of the peer team"),
        _("Scores and comments of each peer, and how the team agreed on levels"),
        _("Findings before they stood in the issued report, and drafts of the report"),
        _("How the team was chosen: shortlists, declared ties, objections"),
        _("The evidence as the team judged it"),
    ):
        yield IndexLine(title, "", "", association(), ask)
    for title in (_("Earlier wordings of answers and of the position statement"), _("Check-ins after the report")):
        yield IndexLine(title, "", "", both(), host)
