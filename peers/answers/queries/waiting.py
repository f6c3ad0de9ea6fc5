"""What still waits: blockers of the move to desk review, and people's tasks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.access import CONTRIBUTOR, HOST, HOST_LEAD, SPONSOR, SeatName, decide
from peers.acts import Act
from peers.answers.models import (
    ANSWERED,
    Answer,
    Assignment,
    PositionStatement,
    SelfAssessmentSignOff,
)
from peers.challenges.models import Challenge, KeyDate
from peers.challenges.queries import Blocker, Task, questions_in_scope
from peers.challenges.sitting import still_seated
from peers.frameworks.models import Question
from peers.stages import Stage

from .departed import departed_tasks
from .reading import seats_by_challenge


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
    in_hand = _in_hand(user, open_ones, seats)
    return [
        *_handed_tasks(user, open_ones, seats, [row for row in in_hand if row.person_id == user.pk]),
        *_host_tasks(user, open_ones, seats),
        *departed_tasks([row for row in in_hand if row.person_id != user.pk], open_ones),
    ]


def _in_hand(user: User, challenges: dict[int, Challenge], seats: dict[int, frozenset[SeatName]]) -> list[Assignment]:
    """The person's own open hand-overs, and those left behind where the person leads for the host; one query."""
    own = Q(person=user, challenge_id__in=[pk for pk in challenges if seats[pk] & (HOST | CONTRIBUTOR)])
    left = Q(challenge_id__in=[pk for pk in challenges if seats[pk] & HOST_LEAD]) & ~still_seated("person")
    rows = Assignment.objects.filter(own | left, state=Assignment.State.OPEN)
    return list(rows.annotate(name=F("person__full_name"), code=F("question__code")))


def _handed_tasks(
    user: User,
    challenges: dict[int, Challenge],
    seats: dict[int, frozenset[SeatName]],
    rows: Iterable[Assignment],
) -> list[Task]:
    waiting: dict[int, list[date | None]] = defaultdict(list)
    for row in rows:
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
