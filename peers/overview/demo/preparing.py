"""Preparation: answers, hand-overs, the position statement, the sign-off, the timetable; evidence in `gathering`."""

from datetime import timedelta
from typing import Any

from peers.answers.models import Assignment
from peers.answers.queries import get_position
from peers.answers.services import add_comment, hand_over, save_answer, save_position, set_done, sign_off
from peers.onsite.services import add_conversation
from peers.stages import Stage

from .calendar import at
from .gathering import gather_evidence
from .tale import Tale
from .texts import text

DAYS_FOR_CONTRIBUTORS = 28  # before the visit
LEFT_OPEN = {3, 7, 11}  # of each 14 questions, while preparation is under way
HANDED_TO_EACH = 4


def prepare(tale: Tale) -> None:
    """In part: some questions, requests and files are still open, and nothing is signed."""
    _hand_over(tale)
    _answer(tale)
    gather_evidence(tale)
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
