"""Preparation: answers, hand-overs, evidence, the position statement, the sign-off, the timetable."""

from datetime import date, timedelta
from typing import Any

from cyber360.files.handler import Limits, VaultUpload, VaultUploadHandler
from cyber360.files.receiving import file_limit
from cyber360.files.services import check_and_scan, check_plain
from peers.answers.models import Assignment
from peers.answers.queries import get_position
from peers.answers.services import add_comment, hand_over, save_answer, save_position, set_done, sign_off
from peers.evidence.models import EvidenceItem, EvidenceRequest
from peers.evidence.services import (
    add_files,
    add_link,
    mark_not_held,
    mark_not_needed,
    release_version,
    replace_file,
    withdraw_item,
)
from peers.onsite.services import add_conversation
from peers.stages import Stage

from .calendar import at
from .makers import make_file
from .tale import Tale
from .texts import text

DAYS_FOR_CONTRIBUTORS = 28  # before the visit
LEFT_OPEN = {3, 7, 11}  # of each 14 questions, while preparation is under way
HANDED_TO_EACH = 4
FEW_THEMES = 6


def prepare(tale: Tale) -> None:
    """In part: some questions, requests and files are still open, and nothing is signed."""
    _hand_over(tale)
    _answer(tale)
    _gather_evidence(tale)
    build_timetable(tale)
    position = get_position(tale.challenge)
    words = text("positions")[tale.plan.get("position", tale.plan["voice"])]
    save_position(challenge=tale.challenge, by=tale.lead, version=position.version, text=tale.say(words))
    if tale.whole(Stage.PREPARATION):
        sign_off(
            challenge=tale.challenge, by=tale.sponsor, name=tale.sponsor.full_name, job_title=tale.sponsor.job_title,
            declared=True,
        )  # fmt: skip


# --- answers -------------------------------------------------------------------------------------------
def _hand_over(tale: Tale) -> None:
    due_on = tale.calendar.first_day - timedelta(days=DAYS_FOR_CONTRIBUTORS)
    for entry in tale.plan.get("contributors", []):
        handed = [question for question in tale.questions if question.theme.code in entry["themes"]][:HANDED_TO_EACH]
        hand_over(
            challenge=tale.challenge, questions=handed, email=tale.email_of(entry), full_name=entry["name"],
            job_title=entry["job"], due_on=due_on, by=tale.lead,
        )  # fmt: skip


def _answer(tale: Tale) -> None:
    rows = {row.question_id: row for row in tale.challenge.answers.select_related("challenge", "question")}
    hands = Assignment.objects.filter(challenge=tale.challenge).select_related("person")
    holder = {row.question_id: row for row in hands}
    for place, question in enumerate(tale.questions):
        if not tale.whole(Stage.PREPARATION) and place % 14 in LEFT_OPEN:
            continue
        words, handed = tale.voice[question.code], holder.get(question.pk)
        by = handed.person if handed else tale.lead
        save_answer(
            answer=rows[question.pk], by=by, version=rows[question.pk].version, level=words["level"],
            text=tale.say(words["answer"]),
        )  # fmt: skip
        if handed:
            set_done(assignment=handed, by=by, done=True)
    for place, remark in enumerate(text("positions")["remarks"]):
        row = rows[tale.questions[5 * place].pk]
        add_comment(answer=row, by=tale.lead, text=tale.say(remark), with_contributors=False)


# --- evidence --------------------------------------------------------------------------------------------
def _gather_evidence(tale: Tale) -> None:
    shelf = text("evidence")
    requests = {row.prompt: row for row in tale.challenge.evidence_requests.select_related("question")}
    files = [entry for entry in shelf["files"] if len(tale.themes) > FEW_THEMES or not entry.get("large_sets_only")]
    items = [_upload(tale, requests[entry["prompt"]], entry) for entry in files if entry["prompt"] in requests]
    for entry in shelf["links"]:
        if entry["prompt"] in requests:
            request = requests[entry["prompt"]]
            add_link(
                challenge=tale.challenge, by=tale.lead, request=request, url=tale.url(entry["url"]),
                title=entry["title"], where=entry["where"], who_can_open=entry["who"], shows=tale.say(entry["shows"]),
            )  # fmt: skip
    _change_one(tale, items, shelf)
    _release(tale)
    _settle(tale, shelf)


def receive(tale: Tale, name: str, data: bytes) -> VaultUpload:
    """The bytes as a form would bring them: encrypted from the first one, then checked by content."""
    receiver = VaultUploadHandler(None, tale.challenge.scope, Limits(file_limit()))
    receiver.new_file("files", name, "application/octet-stream", len(data))
    receiver.receive_data_chunk(data, 0)
    upload = receiver.file_complete(len(data))
    if upload is None or upload.refusal:
        raise RuntimeError(f"The demo's own file {name} was refused: {upload and upload.refusal}")
    upload.checked = check_plain(upload)
    return upload


def _bytes_of(tale: Tale, entry: dict) -> tuple[str, bytes]:
    lines = [tale.say(line) if isinstance(line, str) else _cells(tale, line) for line in entry["lines"]]
    return f"{entry['name']}.{entry['kind']}", make_file(entry["kind"], tale.say(entry["title"]), lines)


def _cells(tale: Tale, row: list) -> list:
    return [tale.say(cell) if isinstance(cell, str) else cell for cell in row]


def _upload(tale: Tale, request: EvidenceRequest, entry: dict) -> EvidenceItem:
    name, data = _bytes_of(tale, entry)
    also = [question for question in tale.questions if question.code in entry.get("also", [])]
    outcome = add_files(
        challenge=tale.challenge, by=tale.lead, uploads=[receive(tale, name, data)], request=request,
        title=entry["title"], shows=tale.say(entry["shows"]), document_date=_document_date(tale, entry),
        questions=[question for question in (request.question, *also) if question is not None],
    )[0]  # fmt: skip
    if outcome.item is None:
        raise RuntimeError(outcome.message)
    return outcome.item


def _document_date(tale: Tale, entry: dict) -> date:
    return tale.calendar.first_day - timedelta(days=entry.get("age", 120))


def _change_one(tale: Tale, items: list[EvidenceItem], shelf: dict) -> None:
    """One file came again in a newer version, and one thing was taken back."""
    newer = shelf["newer"]
    name, data = _bytes_of(tale, newer)
    replaced = next((item for item in items if item.title == newer["title"]), None)
    if replaced is not None:
        replace_file(item=replaced, by=tale.lead, upload=receive(tale, name, data))
    spare = shelf["withdrawn"]
    request = tale.challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).first()
    item = add_link(
        challenge=tale.challenge, by=tale.lead, request=request, url=tale.url(spare["url"]), title=spare["title"]
    )
    withdraw_item(item=item, by=tale.lead, reason=spare["reason"])


def _release(tale: Tale) -> None:
    """The check that the worker would make, then the coordinator's word where there is no scanner."""
    rows = EvidenceItem.objects.filter(challenge=tale.challenge, state=EvidenceItem.State.LIVE, kind="file").order_by(
        "pk"
    )
    for place, item in enumerate(rows.select_related("current__stored_file")):
        version = item.current
        assert version is not None, "a file item has a version"
        check_and_scan(file_id=version.stored_file_id)
        version.stored_file.refresh_from_db()
        later = not tale.whole(Stage.PREPARATION) and place % 3 == 0
        if version.may_be_released and not later:
            reason = text("evidence")["release"]
            release_version(version=version, by=tale.coordinator, reason=reason)


def _settle(tale: Tale, shelf: dict) -> None:
    waiting = tale.challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).order_by("pk")
    for place, request in enumerate(waiting):
        if not tale.whole(Stage.PREPARATION) and place % 4 == 1:
            continue
        if place % 3 == 0:
            reason = shelf["not_held"][place // 3 % len(shelf["not_held"])]
            mark_not_held(request=request, by=tale.lead, reason=tale.say(reason))
        else:
            reason = shelf["not_needed"][place % len(shelf["not_needed"])]
            mark_not_needed(request=request, by=tale.lead, reason=tale.say(reason))


# --- the timetable --------------------------------------------------------------------------------------
def build_timetable(tale: Tale) -> None:
    """Three days of conversations about the themes in scope, with a catch-up and a team session each day."""
    for entry in text("conversations")["slots"]:
        themes = tale.in_scope(entry.get("themes", []))
        if entry.get("kind", "conversation") == "conversation" and not themes:
            continue
        hour, minute = (int(part) for part in entry["time"].split(":"))
        add_conversation(
            challenge=tale.challenge, by=tale.manager, title=tale.say(entry["title"]),
            starts_at=at(tale.calendar.first_day + timedelta(days=entry["day"] - 1), hour, minute),
            minutes=entry["minutes"], kind=entry.get("kind", "conversation"), place=_place(tale, entry),
            video_link=_video(tale, entry), themes=themes, attendees=list(_attendees(tale, entry)),
            peers=_seats_at_table(tale, entry),
        )  # fmt: skip


def _place(tale: Tale, entry: dict) -> str:
    return "" if entry.get("video") else f"{entry.get('room', 'Committee room 2')}, {tale.plan['place']}"


def _video(tale: Tale, entry: dict) -> str:
    return f"https://meet.{tale.council.slug}.example.org/cyber-360" if entry.get("video") else ""


def _attendees(tale: Tale, entry: dict) -> list[dict[str, str]]:
    people = []
    for role in entry.get("roles", []):
        known = {"Host lead": tale.lead, "Host sponsor": tale.sponsor}.get(role)
        named = {"name": known.full_name, "job_title": known.job_title} if known else {}
        people.append({"role": tale.say(role), **named})
    return people


def _seats_at_table(tale: Tale, entry: dict) -> list[tuple[Any, str]]:
    if entry.get("kind") in {"team", "catch_up"}:
        return [(peer, "asks") for peer in tale.peers]
    asks, notes = (tale.peers[place % len(tale.peers)] for place in entry["peers"])
    return [(asks, "asks"), (notes, "notes")]
