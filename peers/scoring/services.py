"""Private scores, their submission, and the team's agreed score."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem
from peers.evidence.queries import items_visible_to
from peers.frameworks.models import Question
from peers.onsite.models import Conversation
from peers.stages import Stage

from .models import AgreedScore, Score, ScoreSubmission
from .queries import unscored_by


def _question_in_scope(challenge: Challenge, question: Question) -> None:
    if not questions_in_scope(challenge).filter(pk=question.pk).exists():
        raise NoSeat


@transaction.atomic
def save_score(
    *, challenge: Challenge, question: Question, by: User, version: int, level: int | None, not_explored: bool = False,
    confidence: str = "", comment: str = "", evidence: Iterable[EvidenceItem] = (),
    conversations: Iterable[Conversation] = (),
) -> Score:  # fmt: skip
    """One's own score on one question; `version` 0 for the first save.

    Raises StaleVersion when another tab of the same peer has saved meanwhile; nothing is overwritten.
    """
    challenge = lock_challenge(challenge)  # the reveal cannot come between the check and the write
    seat = require(by, Act.SCORE_OWN, challenge)
    _question_in_scope(challenge, question)
    score = _own_score(challenge, question, by, version)
    if level is not None and not_explored:
        raise BadInput(_("Choose a level, or “not explored”, not both."))
    score.level, score.not_explored, score.confidence, score.comment = level, not_explored, confidence, comment
    score.updated_at = timezone.now()
    score.full_clean(validate_unique=False)
    score.save()
    visible = items_visible_to(by, challenge).filter(pk__in=[item.pk for item in evidence])
    score.evidence.set(visible)
    score.conversations.set(challenge.conversations.filter(pk__in=[row.pk for row in conversations]))
    record(act=Act.SCORE_OWN, by=by, seat=seat, obj=question, scope=challenge.scope)
    return score


def _own_score(challenge: Challenge, question: Question, by: User, version: int) -> Score:
    score = Score.objects.select_for_update().filter(challenge=challenge, question=question, owner=by).first()
    if score is None and version == 0:
        try:
            with transaction.atomic():
                return Score.objects.create(challenge=challenge, question=question, owner=by)
        except IntegrityError:
            score = Score.objects.select_for_update().get(challenge=challenge, question=question, owner=by)
    if score is None or score.version != version:
        raise StaleVersion(_("You saved this score in another window meanwhile."), score)
    score.version += 1
    return score


@transaction.atomic
def submit_scores(*, challenge: Challenge, by: User) -> ScoreSubmission:
    """All of one's scores are in. Every question in scope has a level or “not explored” first."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.SCORES_SUBMIT, challenge)
    missing = unscored_by(challenge, by)
    if missing:
        codes = ", ".join(question.code for question in missing[:6])
        raise BadInput(
            _("%(count)s questions have neither a level nor “not explored”: %(codes)s.")
            % {"count": len(missing), "codes": codes + ("…" if len(missing) > 6 else "")}
        )
    submission = ScoreSubmission.objects.create(challenge=challenge, owner=by)
    record(act=Act.SCORES_SUBMIT, by=by, seat=seat, obj=submission, label=by.full_name, scope=challenge.scope)
    return submission


@transaction.atomic
def agree_score(
    *, challenge: Challenge, question: Question, by: User, version: int, level: int | None, not_explored: bool = False,
    reason: str = "", dissent: str = "",
) -> AgreedScore:  # fmt: skip
    """The level the team agreed, with the reason; `version` 0 for the first. Never computed from the scores."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.SCORE_AGREE, challenge)
    _question_in_scope(challenge, question)
    if (level is None) == (not not_explored):
        raise BadInput(_("Choose a level, or “not explored”."))
    if not reason.strip():
        raise BadInput(_("Give the reason for the agreed level."))
    row = AgreedScore.objects.select_for_update().filter(challenge=challenge, question=question).first()
    if (row.version if row else 0) != version:
        raise StaleVersion(_("Somebody recorded an agreed score on this question meanwhile."), row)
    row = row or AgreedScore(challenge=challenge, question=question, version=0)
    row.level, row.not_explored, row.reason, row.dissent = level, not_explored, reason.strip(), dissent.strip()
    row.agreed_by, row.agreed_at, row.version = by, timezone.now(), row.version + 1
    row.full_clean()
    row.save()
    record(act=Act.SCORE_AGREE, by=by, seat=seat, obj=question, scope=challenge.scope)
    return row


# --- arrival -----------------------------------------------------------------------------------------
def close_private(*, challenge: Challenge, by: User, at: datetime) -> None:
    """On the reveal: nothing is private any more, so nothing may still be unsubmitted (the blocker saw to it)."""
    if challenge.stage != Stage.MODERATION:
        raise NotNow(_("Scores are revealed by the step to moderation only."))
