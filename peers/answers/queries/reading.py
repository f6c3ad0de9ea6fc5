"""Reading answers. `answers_visible_to` is the only way to an answer, for a page, a count or a file."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import HOST, SeatName, decide, held_seats, may, require
from peers.acts import Act
from peers.answers.models import (
    ANSWERED,
    Answer,
    AnswerComment,
    AnswerVersion,
    Assignment,
    PositionStatement,
    SelfAssessmentSignOff,
)
from peers.challenges.models import Challenge
from peers.challenges.sitting import still_seated
from peers.frameworks.models import Theme

from .material import Material


# --- visibility ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Handed:
    """Any question of the challenge that was handed to the person: asked when no one question is meant."""

    challenge: Challenge
    person_id: int | None

    def handed_to(self) -> frozenset[int | None]:
        return frozenset([self.person_id])


def answers_visible_to(user: User, challenge: Challenge) -> QuerySet[Answer]:
    """The answers in scope that the person may read today: all, those handed to them, or none."""
    rows = Answer.objects.filter(challenge=challenge, in_scope=True).select_related("question__theme")
    if may(user, Act.ANSWER_READ, challenge):
        return rows
    if may(user, Act.ANSWER_READ, _Handed(challenge, user.pk)):
        return rows.filter(question__assignments__challenge=challenge, question__assignments__person=user)
    return rows.none()


def get_answer(user: User, ref: str, code: str, act: Act) -> Answer:
    """One answer with the right to `act` on it checked. Raises NoSeat (404) or NotNow (403)."""
    row = (
        Answer.objects.select_related(
            "challenge__council", "question__theme", "question__framework_version", "updated_by"
        )
        .filter(challenge__ref=ref, question__code=code, in_scope=True)
        .first()
    )
    if row is None:
        raise NoSeat
    require(user, act, row)
    user.acting_on = row.challenge
    return row


def get_assignment(user: User, pk: int, act: Act) -> Assignment:
    """One hand-over with the right to `act` on it checked. Raises NoSeat (404) or NotNow (403)."""
    row = Assignment.objects.select_related("challenge__council", "question__theme", "person").filter(pk=pk).first()
    if row is None:
        raise NoSeat
    require(user, act, row)
    user.acting_on = row.challenge
    return row


def own_assignment(user: User, answer: Answer) -> Assignment | None:
    """The person's own hand-over of the question, if they have it."""
    rows = Assignment.objects.filter(challenge_id=answer.challenge_id, question_id=answer.question_id, person=user)
    return rows.first()


def codes_visible_to(user: User, challenge: Challenge) -> list[str]:
    """The question codes, in order, through which the person can leaf."""
    return list(answers_visible_to(user, challenge).values_list("question__code", flat=True))


def comments_visible_to(user: User, answer: Answer) -> QuerySet[AnswerComment]:
    """The host's remarks while answers are being written; a contributor sees those meant for them, and their own."""
    rows = AnswerComment.objects.filter(answer=answer).select_related("by")
    if may(user, Act.QUESTION_HAND_OVER, answer):
        return rows
    if may(user, Act.ANSWER_EDIT, answer):
        return rows.filter(Q(with_contributors=True, by__in=_host_ids(answer.challenge)) | Q(by=user))
    return rows.none()


def _host_ids(challenge: Challenge) -> QuerySet:
    seats: QuerySet = challenge.seats.in_force(timezone.localdate()).filter(permission__codename__in=list(HOST))
    return seats.values("user_id")


# --- the overview ------------------------------------------------------------------------------------
class ThemeProgress(NamedTuple):
    """`answers` are the rows to show; `answered` and `total` count the whole theme."""

    theme: Theme
    answers: list[Answer]
    answered: int
    total: int


def overview(user: User, challenge: Challenge, show: str = "all") -> list[ThemeProgress]:
    """Answers by theme with the people who hold them (`answer.held_by`).

    `show`: all, unanswered, handed, mine, left (with people who have no seat any more).
    """
    answers = list(answers_visible_to(user, challenge).select_related("updated_by").defer("question__guidance"))
    attach_assignments(answers, challenge)
    by_theme: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_theme[answer.question.theme_id].append(answer)
    return [
        ThemeProgress(
            rows[0].question.theme,
            [row for row in rows if _wanted(row, show, user)],
            sum(row.is_answered for row in rows),
            len(rows),
        )
        for rows in by_theme.values()
    ]


def _wanted(answer: Answer, show: str, user: User) -> bool:
    if show == "unanswered":
        return not answer.is_answered
    if show == "handed":
        return bool(answer.held_by)
    if show == "left":
        return any(not row.has_seat and not row.is_done for row in answer.held_by)
    if show == "mine":
        return answer.updated_by_id == user.pk or user.pk in answer.handed_to()
    return True


def attach_assignments(answers: Iterable[Answer], challenge: Challenge) -> None:
    """Give each answer `held_by`, a list of assignments with their person and `has_seat`, in one query."""
    held: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(challenge=challenge).annotate(seated=still_seated("person"))
    for row in rows.select_related("person"):
        row.has_seat = row.seated
        held[row.question_id].append(row)
    for answer in answers:
        answer.held_by = held[answer.question_id]
        answer.know_handed_to(row.person_id for row in answer.held_by)


class Progress(NamedTuple):
    theme: str
    answered: int
    total: int


def progress_by_theme(user: User, challenge: Challenge) -> list[Progress]:
    """Numbers alone, of what the person may read, in one query."""
    rows = (
        answers_visible_to(user, challenge)
        .order_by("question__theme__place", "question__theme_id")
        .values("question__theme_id", "question__theme__title")
        .annotate(answered=Count("pk", filter=ANSWERED), total=Count("pk"))
    )
    return [Progress(row["question__theme__title"], row["answered"], row["total"]) for row in rows]


class EarlierText(NamedTuple):
    number: int
    level: str
    text: str
    written_by: str
    written_at: datetime | None


def earlier_texts(answer: Answer, material: Material) -> list[EarlierText]:
    """What the answer said before, newest first. Callers hold ANSWER_EDIT on the answer."""
    words = {row.level: f"{row.level} {row.word}" for row in material.levels}
    return [
        EarlierText(
            row.number,
            _("Does not apply") if row.not_applicable else _level_word(words, row.level),
            row.text,
            row.written_by.full_name if row.written_by else "",
            row.written_at,
        )
        for row in AnswerVersion.objects.filter(answer=answer).select_related("written_by")
    ]


def _level_word(words: dict[int, str], level: int | None) -> str:
    return _("No level chosen") if level is None else words[level]


# --- position and sign-off -----------------------------------------------------------------------------
def get_position(challenge: Challenge) -> PositionStatement:
    """The statement, or an unsaved empty one. Callers hold ANSWER_READ on the challenge."""
    row = PositionStatement.objects.filter(challenge=challenge).select_related("updated_by").first()
    return row or PositionStatement(challenge=challenge)


def standing_sign_off(challenge: Challenge) -> SelfAssessmentSignOff | None:
    return SelfAssessmentSignOff.objects.filter(challenge=challenge, voided_at=None).first()


def answers_hash(challenge: Challenge) -> str:
    """SHA-256 over every answer in scope and the position statement, in a canonical form."""
    rows = Answer.objects.filter(challenge=challenge, in_scope=True).order_by("question__code")
    answers = [list(row) for row in rows.values_list("question__code", "level", "not_applicable", "text")]
    text = json.dumps([answers, get_position(challenge).text], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# --- people --------------------------------------------------------------------------------------------
def my_questions(user: User) -> list[Answer]:
    """What was handed to the person, in all challenges, soonest first; `answer.mine` is the assignment."""
    rows = list(
        Assignment.objects.filter(person=user)
        .select_related("challenge__council", "question__theme", "handed_by")
        .order_by("due_on", "challenge_id", "question__theme__place", "question__place")
    )
    seats = seats_by_challenge(user)
    open_rows = [row for row in rows if decide(user, Act.ANSWER_READ, row, seats=seats[row.challenge_id]).seat]
    answers = {
        (row.challenge_id, row.question_id): row
        for row in Answer.objects.filter(
            in_scope=True,
            challenge_id__in={row.challenge_id for row in open_rows},
            question_id__in={row.question_id for row in open_rows},
        )
    }
    found = []
    for row in open_rows:
        answer = answers.get((row.challenge_id, row.question_id))
        if answer is not None:
            answer.challenge, answer.question, answer.mine = row.challenge, row.question, row
            found.append(answer)
    return found


def seats_by_challenge(user: User) -> dict[int, frozenset[SeatName]]:
    """The person's own seats in force today on every challenge (programme seats are left out)."""
    held: dict[int, set[SeatName]] = defaultdict(set)
    for challenge_id, name in held_seats(user)["challenge"]:
        held[challenge_id].add(name)
    return defaultdict(frozenset, {key: frozenset(names) for key, names in held.items()})
