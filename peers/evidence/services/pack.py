"""What the lifecycle does with evidence on arrival in a stage. The challenge's row is locked, the act required."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat, questions_in_scope
from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import EvidencePrompt
from peers.stages import Stage

# Evidence is wanted before the rest of the preparation, so that there is time to look again.
DAYS_BEFORE_PACK = 7


def open_requests_from_framework(*, challenge: Challenge, by: User, at: datetime) -> None:
    """One request for each question in scope, for the host lead. Running it again adds only what is new.

    It asks for the first of the question's prompts and names the others as also useful (docs/adr/0006).

    Open requests whose question left the scope meanwhile are marked “not needed”.
    """
    questions = questions_in_scope(challenge).order_by()
    open_ones = challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN, question__isnull=False)
    open_ones.exclude(question__in=questions.values("pk")).update(
        state=EvidenceRequest.State.NOT_NEEDED, reason=_("The theme is no longer in scope.")
    )
    asked = set(challenge.evidence_requests.values_list("question_id", "prompt"))
    owner, due = people_in_seat(challenge, {SeatName.HOST_LEAD}).first(), _due(challenge, timezone.localdate(at))
    prompts = EvidencePrompt.objects.filter(question__in=questions.values("pk")).order_by(
        "question__theme__place", "question__place", "place", "pk"
    )
    EvidenceRequest.objects.bulk_create(
        EvidenceRequest(
            challenge=challenge,
            question_id=row.question_id,
            prompt=row.prompt,
            good=_good(row, rest),
            kind=row.kind,
            owner=owner,
            due_on=due,
            created_at=at,
        )
        for row, *rest in _by_question(prompts)
        if (row.question_id, row.prompt) not in asked
    )


def _by_question(prompts: Iterable[EvidencePrompt]) -> list[list[EvidencePrompt]]:
    """The prompts, grouped by their question, in order."""
    return [list(group) for _question, group in groupby(prompts, key=lambda row: row.question_id)]


def _good(first: EvidencePrompt, rest: list[EvidencePrompt]) -> str:
    if not rest:
        return first.good
    others = "; ".join(row.prompt for row in rest)
    return _("%(good)s Also useful, if you have it: %(others)s.") % {"good": first.good, "others": others}


def _due(challenge: Challenge, today: date) -> date | None:
    """Some days before preparation is due; the due day itself when those days are already past."""
    day = challenge.key_dates.filter(stage=Stage.PREPARATION).values_list("due_on", flat=True).first()
    if day is None:
        return None
    early = day - timedelta(days=DAYS_BEFORE_PACK)
    return early if early > today else day


def lock_pack(*, challenge: Challenge, by: User, at: datetime) -> None:
    """From here the team reads, and nothing is added, replaced or withdrawn."""
    challenge.pack_locked_at = at
    challenge.save(update_fields=["pack_locked_at"])


def unlock_pack(*, challenge: Challenge, by: User, at: datetime) -> None:
    """Back in preparation: the team no longer reads, the host may change things again."""
    challenge.pack_locked_at = None
    challenge.save(update_fields=["pack_locked_at"])
