"""Reading scores. `scores_visible_to` is the only way to a score, for page, count, search, export, mail and PDF."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import LEAD_PEER, MANAGER, PEERS, SeatName, may, seats_on
from peers.acts import Act
from peers.answers.models import Answer
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task, people_in_seat, questions_in_scope
from peers.frameworks.models import Question
from peers.stages import Stage

from .models import AgreedScore, Score, ScoreSubmission


def scores_visible_to(user: User, challenge: Challenge) -> QuerySet[Score]:
    """One's own while scoring is private; all after the reveal, for the team and the challenge manager; else none."""
    scores = Score.objects.filter(challenge=challenge).select_related("question", "owner")
    if may(user, Act.SCORE_READ_ALL, challenge):
        return scores
    if may(user, Act.SCORE_OWN, challenge) or has_submitted(challenge, user):
        return scores.filter(owner_id=user.pk) if seats_on(user, challenge) & PEERS else scores.none()
    return scores.none()


def agreed_visible_to(user: User, challenge: Challenge) -> QuerySet[AgreedScore]:
    """Agreed scores, for those who may read all scores; the host meets them in the report only."""
    rows = AgreedScore.objects.filter(challenge=challenge).select_related("question")
    return rows if may(user, Act.SCORE_READ_ALL, challenge) else rows.none()


def has_submitted(challenge: Challenge, user: User) -> bool:
    return ScoreSubmission.objects.filter(challenge=challenge, owner_id=user.pk).exists()


def unscored_by(challenge: Challenge, user: User) -> list[Question]:
    given = Score.objects.filter(challenge=challenge, owner=user).filter(Q(level__isnull=False) | Q(not_explored=True))
    return list(questions_in_scope(challenge).exclude(pk__in=given.values("question_id")))


# --- the own list --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OwnRow:
    question: Question
    score: Score | None


def own_rows(user: User, challenge: Challenge) -> list[OwnRow]:
    """Every question in scope with one's own score, in two queries."""
    scores = {score.question_id: score for score in scores_visible_to(user, challenge).filter(owner_id=user.pk)}
    return [OwnRow(question, scores.get(question.pk)) for question in questions_in_scope(challenge)]


# --- the board ---------------------------------------------------------------------------------------
@dataclass
class BoardRow:
    """One question after the reveal. `spread` is highest less lowest level, None below two levels."""

    question: Question
    host_level: int | None
    scores: list[Score] = field(default_factory=list)
    agreed: AgreedScore | None = None

    @property
    def levels(self) -> list[int]:
        return [score.level for score in self.scores if score.level is not None]

    @property
    def spread(self) -> int | None:
        return max(self.levels) - min(self.levels) if len(self.levels) > 1 else None

    @property
    def gap(self) -> int | None:
        """The host's own level less the agreed one: a prompt to talk, never a mark."""
        if self.agreed is None or self.agreed.level is None or self.host_level is None:
            return None
        return self.host_level - self.agreed.level


def board_rows(user: User, challenge: Challenge, *, theme: str = "", order: str = "disagreement") -> list[BoardRow]:
    """The moderation board, in four queries whatever its size; sorted by disagreement or in question order."""
    questions = questions_in_scope(challenge)
    if theme:
        questions = questions.filter(theme__code=theme)
    host = dict(Answer.objects.filter(challenge=challenge).values_list("question_id", "level"))
    rows = {question.pk: BoardRow(question, host.get(question.pk)) for question in questions}
    for score in scores_visible_to(user, challenge).order_by("owner__full_name"):
        if score.question_id in rows:
            rows[score.question_id].scores.append(score)
    for agreed in agreed_visible_to(user, challenge):
        if agreed.question_id in rows:
            rows[agreed.question_id].agreed = agreed
    found = list(rows.values())
    return sorted(found, key=lambda row: -(row.spread or 0)) if order == "disagreement" else found


def levels_by_theme(challenge: Challenge) -> dict[int, dict[str, list[int]]]:
    """Theme id to the host's own and the agreed levels, for charts of those who may read the report."""
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: {"self": [], "agreed": []})
    scope = questions_in_scope(challenge).values("pk")
    own = Answer.objects.filter(challenge=challenge, question_id__in=scope)
    agreed = AgreedScore.objects.filter(challenge=challenge)
    for name, rows in (
        ("self", own.values_list("question__theme_id", "level")),
        ("agreed", agreed.values_list("question__theme_id", "level")),
    ):
        for theme_id, level in rows:
            if level is not None:
                found[theme_id][name].append(level)
    return dict(found)


# --- blockers and tasks ----------------------------------------------------------------------------------
def outstanding_scores(challenge: Challenge) -> list[Blocker]:
    submitted = ScoreSubmission.objects.filter(challenge=challenge).values("owner_id")
    waiting = people_in_seat(challenge, PEERS).exclude(pk__in=submitted)
    return [
        Blocker(
            _("%(person)s has not submitted their scores. They can submit them themselves.") % {"person": person},
            frozenset(PEERS),
            reverse("scoring:own", args=[challenge.ref]),
        )
        for person in waiting
    ]


def unagreed_questions(challenge: Challenge) -> list[Blocker]:
    agreed = AgreedScore.objects.filter(challenge=challenge).values("question_id")
    waiting = list(questions_in_scope(challenge).exclude(pk__in=agreed))
    if not waiting:
        return []
    codes = ", ".join(question.code for question in waiting[:6]) + ("…" if len(waiting) > 6 else "")
    sentence = _(
        "%(count)s questions have no agreed score yet (%(codes)s). The lead peer or challenge manager can record them."
    )
    return [
        Blocker(
            sentence % {"count": len(waiting), "codes": codes},
            frozenset(LEAD_PEER | MANAGER),
            reverse("scoring:board", args=[challenge.ref]),
        )
    ]


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """“Score” while scores are private, “Agree” for the lead peer in moderation: two queries for any number."""
    scoring = [
        row for row in challenges if row.stage in {Stage.DESK_REVIEW, Stage.ON_SITE} and seats_on(user, row) & PEERS
    ]
    agreeing = [
        row for row in challenges if row.stage == Stage.MODERATION and seats_on(user, row) & {SeatName.LEAD_PEER}
    ]
    done = set(ScoreSubmission.objects.filter(owner=user, challenge__in=scoring).values_list("challenge_id", flat=True))
    tasks = [
        Task(
            _("Score %(council)s and submit your scores") % {"council": row.council.name},
            row, reverse("scoring:own", args=[row.ref]), _due(row, Stage.ON_SITE), "score",
        )
        for row in scoring
        if row.pk not in done
    ]  # fmt: skip
    agreed = dict(
        AgreedScore.objects.filter(challenge__in=agreeing).values_list("challenge").annotate(count=Count("pk"))
    )
    return tasks + [
        Task(
            _("Agree the scores for %(council)s (%(count)s agreed)")
            % {"council": row.council.name, "count": agreed.get(row.pk, 0)},
            row,
            reverse("scoring:board", args=[row.ref]),
            _due(row, Stage.MODERATION),
            "agree",
        )
        for row in agreeing
    ]


def _due(challenge: Challenge, stage: Stage) -> date | None:
    return next((row.due_on for row in challenge.key_dates.all() if row.stage == stage), None)
