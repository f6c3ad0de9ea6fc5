"""Reading the self-assessment. `answers_visible_to` is the only way to an answer, for a page, a count or a file."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.core.cache import caches
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat
from peers.access import HOST, HOST_LEAD, SPONSOR, SeatName, decide, held_seats, may, require
from peers.acts import Act
from peers.challenges.models import Challenge, KeyDate
from peers.challenges.queries import Blocker, Task, questions_in_scope
from peers.frameworks.models import Question, Theme
from peers.stages import Stage

from .models import (
    ANSWERED,
    Answer,
    AnswerComment,
    AnswerVersion,
    Assignment,
    PositionStatement,
    SelfAssessmentSignOff,
)


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
    """Answers by theme with the people who hold them (`answer.held_by`); `show`: all, unanswered, handed, mine."""
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
    if show == "mine":
        return answer.updated_by_id == user.pk or user.pk in answer.handed_to()
    return True


def attach_assignments(answers: Iterable[Answer], challenge: Challenge) -> None:
    """Give each answer `held_by`, a list of assignments with their person, in one query."""
    held: dict[int, list[Assignment]] = defaultdict(list)
    for row in Assignment.objects.filter(challenge=challenge).select_related("person"):
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


def earlier_texts(answer: Answer, material: "Material") -> list[EarlierText]:
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


# --- blockers ------------------------------------------------------------------------------------------
def unanswered(challenge: Challenge) -> list[Blocker]:
    """One sentence for each theme with required questions that have no answer."""
    done = Answer.objects.filter(ANSWERED, challenge=challenge, question=OuterRef("pk"))
    rows = questions_in_scope(challenge).filter(required=True).exclude(Exists(done))
    by_theme: dict[str, list[Question]] = defaultdict(list)
    for question in rows:
        by_theme[question.theme.title].append(question)
    url = reverse("answers:overview", args=[challenge.ref]) + "?show=unanswered"
    return [
        Blocker(_unanswered_sentence(theme, questions), frozenset(HOST_LEAD), url)
        for theme, questions in by_theme.items()
    ]


def _unanswered_sentence(theme: str, questions: list[Question]) -> str:
    return ngettext(
        "Question %(codes)s in “%(theme)s” is not answered. The host lead can answer it or hand it over.",
        "%(number)s questions in “%(theme)s” are not answered: %(codes)s. "
        "The host lead can answer them or hand them over.",
        len(questions),
    ) % {"number": len(questions), "theme": theme, "codes": ", ".join(question.code for question in questions)}


def missing_position(challenge: Challenge) -> list[Blocker]:
    if PositionStatement.objects.filter(challenge=challenge).exclude(text="").exists():
        return []
    url = reverse("answers:position", args=[challenge.ref])
    return [Blocker(_("The position statement is not written. The host lead can write it."), frozenset(HOST_LEAD), url)]


def missing_sign_off(challenge: Challenge) -> list[Blocker]:
    if SelfAssessmentSignOff.objects.filter(challenge=challenge, voided_at=None).exists():
        return []
    url = reverse("answers:sign_off", args=[challenge.ref])
    sentence = _("The self-assessment is not signed off. The host sponsor can sign it off.")
    return [Blocker(sentence, frozenset(SPONSOR), url)]


# --- tasks -----------------------------------------------------------------------------------------------
def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """What waits for the person in these challenges: questions handed to them, answers, statement, sign-off."""
    open_ones = {row.pk: row for row in challenges if row.stage == Stage.PREPARATION}
    if not open_ones:
        return []
    seats = seats_by_challenge(user)
    return _handed_tasks(user, open_ones, seats) + _host_tasks(user, open_ones, seats)


def _handed_tasks(user: User, challenges: dict[int, Challenge], seats: dict[int, frozenset[SeatName]]) -> list[Task]:
    waiting: dict[int, list[date | None]] = defaultdict(list)
    for row in Assignment.objects.filter(person=user, state=Assignment.State.OPEN, challenge_id__in=challenges):
        row.challenge = challenges[row.challenge_id]
        if decide(user, Act.ANSWER_EDIT, row, seats=seats[row.challenge_id]).seat:
            waiting[row.challenge_id].append(row.due_on)
    return [
        Task(
            ngettext("Answer the question handed to you", "Answer the %(number)s questions handed to you", len(dates))
            % {"number": len(dates)},
            challenges[pk],
            reverse("answers:mine"),
            min((day for day in dates if day is not None), default=None),
            "answers.handed",
        )
        for pk, dates in waiting.items()
    ]


def _host_tasks(user: User, challenges: dict[int, Challenge], seats: dict[int, frozenset[SeatName]]) -> list[Task]:
    mine = [pk for pk, row in challenges.items() if decide(user, Act.POSITION_EDIT, row, seats=seats[pk]).seat]
    if not mine:
        return []
    tasks = []
    for state in _states(mine):
        challenge = challenges[state.pk]
        may_sign = decide(user, Act.SELF_ASSESSMENT_SIGN, challenge, seats=seats[state.pk]).seat is not None
        for kind, words in _open_work(state, may_sign):
            url = reverse(f"answers:{kind}", args=[challenge.ref])
            tasks.append(Task(words, challenge, url, state.due_on, f"answers.{kind}"))
    return tasks


class _State(NamedTuple):
    """How far one challenge is: questions left, and the rest as yes or no."""

    pk: int
    left: int
    has_position: bool
    is_signed: bool
    due_on: date | None


def _states(challenge_ids: list[int]) -> list[_State]:
    in_scope = Q(answers__in_scope=True)
    answered = (Q(answers__level__isnull=False) | Q(answers__not_applicable=True)) & ~Q(answers__text="")
    position = PositionStatement.objects.filter(challenge=OuterRef("pk")).exclude(text="")
    signed = SelfAssessmentSignOff.objects.filter(challenge=OuterRef("pk"), voided_at=None)
    due = KeyDate.objects.filter(challenge=OuterRef("pk"), stage=Stage.PREPARATION).values("due_on")[:1]
    rows = Challenge.objects.filter(pk__in=challenge_ids).annotate(
        left=Count("answers", filter=in_scope & Q(answers__question__required=True) & ~answered),
        has_position=Exists(position),
        is_signed=Exists(signed),
        due=Subquery(due),
    )
    return [_State(*row) for row in rows.values_list("pk", "left", "has_position", "is_signed", "due")]


def _open_work(state: _State, may_sign: bool) -> list[tuple[str, str]]:
    work = []
    if state.left and not may_sign:
        words = ngettext("Answer %(number)s question", "Answer %(number)s questions", state.left)
        work.append(("overview", words % {"number": state.left}))
    if not state.has_position and not may_sign:
        work.append(("position", _("Write the position statement")))
    if may_sign and not state.is_signed and not state.left and state.has_position:
        work.append(("sign_off", _("Sign off the self-assessment")))
    return work


# --- the question's own text -------------------------------------------------------------------------------
class LevelText(NamedTuple):
    level: int
    word: str
    text: str


class Material(NamedTuple):
    """What a published version says around a question."""

    levels: list[LevelText]
    roles: list[str]
    prompts: list[tuple[str, str]]
    caf: list[str]
    outcomes: list[str]


def material_for(question: Question) -> Material:
    """Kept in this process's memory for published versions, which never change."""
    version = question.framework_version
    if version.published_at is None:
        return _material(question)
    key = f"material:{version.pk}:{version.published_at.timestamp()}:{question.pk}"
    kept: Material | None = caches["local"].get(key)
    if kept is None:
        kept = _material(question)
        caches["local"].set(key, kept, timeout=None)
    return kept


def _material(question: Question) -> Material:
    texts = dict(question.levels.values_list("level", "text"))
    scale = question.framework_version.scale.all()
    return Material(
        [LevelText(row.level, row.word, texts.get(row.level, row.meaning)) for row in scale],
        [row.role for row in question.roles.all()],
        [(row.prompt, row.good) for row in question.evidence_prompts.all()],
        [str(row) for row in question.caf.all()],
        [row.title for row in question.outcomes.all()],
    )
