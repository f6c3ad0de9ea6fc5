"""Writing the self-assessment: answers, hand-overs, the position statement, the sponsor's sign-off."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import ensure_user, revoke_links
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked, StaleVersion
from peers.access import may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.challenges.services import lock_challenge, seat_contributor
from peers.frameworks.models import Question

from .mails import tell_finished, tell_handed, tell_if_ready, tell_signed, tell_voided
from .models import (
    Answer,
    AnswerComment,
    AnswerVersion,
    Assignment,
    PositionStatement,
    PositionVersion,
    SelfAssessmentSignOff,
)
from .queries import answers_hash, get_position, left_behind, missing_position, unanswered

# Autosaves of one person within this time are one event in the audit trail.
ONE_RUN = timedelta(minutes=10)


def declaration(challenge: Challenge) -> str:
    """What the sponsor declares; kept word for word with the sign-off."""
    return _(
        "I have read the answers and the position statement of %(council)s. They are the council's own honest view "
        "of itself. The evidence named in them exists. I am content for the peer team to read them."
    ) % {"council": challenge.council.official_name or challenge.council.name}


# --- arrival ---------------------------------------------------------------------------------------
def open_answers(*, challenge: Challenge, by: User, at: datetime) -> None:
    """One empty answer for each question in scope; run again, it adds what is missing and keeps every text."""
    questions = list(questions_in_scope(challenge).values_list("pk", flat=True))
    there = dict(challenge.answers.values_list("question_id", "in_scope"))
    Answer.objects.bulk_create(
        [Answer(challenge=challenge, question_id=pk) for pk in questions if pk not in there], ignore_conflicts=True
    )
    back = [pk for pk in questions if there.get(pk) is False]
    gone = [pk for pk, in_scope in there.items() if in_scope and pk not in set(questions)]
    for ids, in_scope in ((back, True), (gone, False)):
        if ids:
            challenge.answers.filter(question_id__in=ids).update(in_scope=in_scope)


# --- answers ----------------------------------------------------------------------------------------
@transaction.atomic
def save_answer(
    *,
    answer: Answer,
    by: User,
    version: int,
    level: int | None,
    text: str,
    not_applicable: bool = False,
    autosave: bool = False,
) -> Answer:
    """Save what a person wrote upon `version` of the answer.

    The same words sent twice change nothing. Raises StaleVersion with the row as it stands when somebody saved
    other words meanwhile; `row.voided_sign_off` tells that the sponsor must sign again.
    """
    # The challenge is locked too: the pack cannot be released between the check and the write.
    row = (
        Answer.objects.select_for_update(of=("self", "challenge"), no_key=True)
        .select_related("challenge__council", "question", "updated_by")
        .get(pk=answer.pk)
    )
    seat = require(by, Act.ANSWER_EDIT, row)
    new = {"level": level, "not_applicable": not_applicable, "text": tidy(text)}
    if new == {name: getattr(row, name) for name in new}:
        return row
    if row.version != version:
        raise StaleVersion(_("This answer was saved by somebody else while you were writing."), row)
    now = timezone.now()
    quiet = autosave and _goes_on(row, by, now) and (row.level, row.not_applicable) == (level, not_applicable)
    was_answered = row.is_answered
    _keep_answer_text(row, new)
    for name, value in new.items():
        setattr(row, name, value)
    _stamp(row, by, now)
    _check(row, "challenge", "question", "updated_by")
    row.save(update_fields=[*new, "version", "updated_by", "updated_at"])
    if not quiet:
        record(
            act=Act.ANSWER_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"version": row.version}
        )
    row.voided_sign_off = void_sign_off(challenge=row.challenge, by=by, seat=seat, because=str(row.question), at=now)
    if row.is_answered and not was_answered and row.question.required:
        tell_if_ready(row.challenge, by)
    return row


def _goes_on(row: Answer, by: User, now: datetime) -> bool:
    return row.updated_by_id == by.pk and row.updated_at is not None and now - row.updated_at < ONE_RUN


def tidy(text: str) -> str:
    """Line ends as the database keeps them, no blanks around the text."""
    return text.replace("\r\n", "\n").strip()


def _stamp(row: Answer | PositionStatement, by: User, now: datetime) -> None:
    row.version += 1
    row.updated_by, row.updated_at = by, now


def _check(row: models.Model, *without: str) -> None:
    """Fields only: unique and check constraints are the database's, without a query for each."""
    try:
        row.full_clean(exclude=set(without), validate_unique=False, validate_constraints=False)
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong
    if isinstance(row, Answer) and row.not_applicable and row.level is not None:
        raise BadInput(_("Choose a level, or say that the question does not apply. Not both."))


def _keep_answer_text(row: Answer, new: dict) -> None:
    """Keep what stood there, unless the new answer holds all of it."""
    if not row.is_started or (row.level == new["level"] and row.text in new["text"]):
        return
    AnswerVersion.objects.create(
        answer=row, number=row.version, level=row.level, not_applicable=row.not_applicable, text=row.text,
        written_by_id=row.updated_by_id, written_at=row.updated_at,
    )  # fmt: skip


@transaction.atomic
def add_comment(*, answer: Answer, by: User, text: str, with_contributors: bool = False) -> AnswerComment:
    """A remark beside the answer. Only the host may show it to the people who hold the question."""
    row = Answer.objects.select_related("challenge", "question").get(pk=answer.pk)
    seat = require(by, Act.ANSWER_EDIT, row)
    if with_contributors:
        require(by, Act.QUESTION_HAND_OVER, row)
    comment = AnswerComment(answer=row, by=by, text=tidy(text), with_contributors=with_contributors)
    _check(comment, "answer", "by")
    comment.save()
    record(act=Act.ANSWER_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"remark": comment.pk})
    return comment


# --- hand-over ----------------------------------------------------------------------------------------
@transaction.atomic
def hand_over(
    *,
    challenge: Challenge,
    questions: Iterable[Question],
    email: str,
    full_name: str,
    due_on: date,
    by: User,
    job_title: str = "",
) -> list[Assignment]:
    """Put questions into one person's hands and tell them once, with a link. Handing over twice sends one mail.

    A newcomer gets an account and a contributor's seat; who held a question and has no seat any more, holds it no
    longer. Raises BadInput for questions out of scope.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.QUESTION_HAND_OVER, row)
    wanted = list(questions)
    _refuse_out_of_scope(row, wanted)
    person, _created = ensure_user(email=email, full_name=full_name, job_title=job_title, by=by)
    changed = _assign(row, wanted, person, due_on, by)
    if not changed:
        return []
    if not may(person, Act.POSITION_EDIT, row):
        seat_contributor(challenge=row, user=person, by=by)
    for left in left_behind().filter(challenge=row, question__in=wanted):
        take_back(assignment=left, by=by)
    codes = [item.question.code for item in changed]
    label = f"{person.full_name}: {', '.join(codes)}"
    record(
        act=Act.QUESTION_HAND_OVER, by=by, seat=seat, obj=row, label=label, scope=row.scope,
        detail={"questions": codes, "due_on": str(due_on)},
    )  # fmt: skip
    if person.pk != by.pk:
        tell_handed(row, person, changed, due_on, by)
    return changed


def _refuse_out_of_scope(challenge: Challenge, questions: list[Question]) -> None:
    ids = {question.pk for question in questions}
    if not ids:
        raise BadInput(_("Choose at least one question."))
    if challenge.answers.filter(in_scope=True, question_id__in=ids).count() != len(ids):
        raise BadInput(_("One of the questions is not part of this challenge. Choose from the list."))


def _assign(challenge: Challenge, questions: list[Question], person: User, due_on: date, by: User) -> list[Assignment]:
    """New hand-overs, and those that were done or due on another day; the rest stand as they are."""
    there = {row.question_id: row for row in Assignment.objects.filter(challenge=challenge, person=person)}
    changed = []
    for question in questions:
        row = there.get(question.pk) or Assignment(challenge=challenge, question=question, person=person)
        if row.pk and not row.is_done and row.due_on == due_on:
            continue
        row.question = question
        row.due_on, row.state, row.done_at = due_on, Assignment.State.OPEN, None
        row.handed_by, row.handed_at = by, timezone.now()
        row.save()
        changed.append(row)
    return changed


@transaction.atomic
def take_back(*, assignment: Assignment, by: User) -> None:
    """Take a question out of a person's hands; what they wrote stays in the answer.

    With the last question, anywhere, the links that signed them in end too.
    """
    row = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("challenge", "question", "person")
        .get(pk=assignment.pk)
    )
    seat = require(by, Act.QUESTION_HAND_OVER, row)
    label = f"{row.person.full_name}: {row.question.code}"
    record(
        act=Act.QUESTION_HAND_OVER, by=by, seat=seat, obj=row, label=label, scope=row.challenge.scope,
        detail={"taken_back": True},
    )  # fmt: skip
    row.delete()
    if not Assignment.objects.filter(person=row.person).exists():
        revoke_links(user=row.person, by=by, path=reverse("answers:mine"))


@transaction.atomic
def set_done(*, assignment: Assignment, by: User, done: bool) -> Assignment:
    """The person says that their part is done, or takes that back.

    Raises BadInput for an answer that would not count: what is said to be done no longer blocks the release.
    """
    row = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("challenge__council", "question", "person")
        .get(pk=assignment.pk)
    )
    seat = require(by, Act.ANSWER_EDIT, row)
    if row.is_done == done:
        return row
    if done:
        _refuse_unfinished(row)
    row.state = Assignment.State.DONE if done else Assignment.State.OPEN
    row.done_at = timezone.now() if done else None
    row.save(update_fields=["state", "done_at"])
    record(act=Act.ANSWER_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"done": done})
    if done and by.pk == row.person_id:
        tell_finished(row)
    return row


def _refuse_unfinished(row: Assignment) -> None:
    answer = Answer.objects.filter(challenge=row.challenge, question=row.question).first()
    if answer is None:
        raise BadInput(_("This question is no longer asked."))
    answer.question = row.question
    if not answer.may_be_finished:
        raise BadInput(_("Choose a level and give the reason before you finish this question."))


# --- position and sign-off ------------------------------------------------------------------------------
@transaction.atomic
def save_position(*, challenge: Challenge, by: User, version: int, text: str) -> PositionStatement:
    """As `save_answer`, for the position statement."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.POSITION_EDIT, challenge)
    row, text = get_position(challenge), tidy(text)
    row.challenge = challenge
    if row.text == text:
        return row
    if row.version != version:
        raise StaleVersion(_("The position statement was saved by somebody else while you were writing."), row)
    if row.text and row.text not in text:
        PositionVersion.objects.create(
            position=row, number=row.version, text=row.text, written_by=row.updated_by, written_at=row.updated_at
        )
    was_empty, row.text = not row.text, text
    now = timezone.now()
    _stamp(row, by, now)
    _check(row, "challenge", "updated_by")
    row.save()
    record(act=Act.POSITION_EDIT, by=by, seat=seat, obj=row, scope=challenge.scope, detail={"version": row.version})
    row.voided_sign_off = void_sign_off(challenge=challenge, by=by, seat=seat, because=str(row), at=now)
    if was_empty:
        tell_if_ready(challenge, by)
    return row


@transaction.atomic
def sign_off(*, challenge: Challenge, by: User, name: str, job_title: str, declared: bool) -> SelfAssessmentSignOff:
    """The sponsor signs what stands now. Raises Blocked while a required answer or the statement is missing."""
    row = lock_challenge(challenge)
    seat = require(by, Act.SELF_ASSESSMENT_SIGN, row)
    if not declared:
        raise BadInput(_("Tick the box to make the declaration."))
    missing = [blocker.sentence for blocker in (*unanswered(row), *missing_position(row))]
    if missing:
        raise Blocked(missing)
    now_standing = answers_hash(row)
    standing = SelfAssessmentSignOff.objects.filter(challenge=row, voided_at=None).first()
    if standing is not None:
        return standing
    signed = SelfAssessmentSignOff(
        challenge=row, by=by, name=name.strip(), job_title=job_title.strip(), declaration=declaration(row),
        at=timezone.now(), answers_hash=now_standing,
    )  # fmt: skip
    _check(signed, "challenge", "by")
    signed.save()
    record(act=Act.SELF_ASSESSMENT_SIGN, by=by, seat=seat, obj=signed, scope=row.scope, detail={"sha256": now_standing})
    tell_signed(row, signed)
    return signed


def void_sign_off(*, challenge: Challenge, by: User, seat: str, because: str, at: datetime) -> bool:
    """A standing sign-off ends when what was signed changes; the sponsor and the host lead are told once."""
    standing = SelfAssessmentSignOff.objects.select_for_update(of=("self",)).filter(challenge=challenge, voided_at=None)
    row = standing.first()
    if row is None:
        return False
    row.voided_at, row.voided_by = at, by
    row.save(update_fields=["voided_at", "voided_by"])
    record(
        act=Act.SELF_ASSESSMENT_SIGN, by=by, seat=seat, obj=row, scope=challenge.scope,
        detail={"voided": True, "changed": because},
    )  # fmt: skip
    tell_voided(challenge, row)
    return True
