"""Table 2: which stage may follow which, what blocks it, what follows from it.

`advance()` is the only writer of `challenge.stage`. `manage.py tables` prints the table into docs/lifecycle.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked, NotNow
from cyber360.notify.services import queue_mail

from .access import HOST, LGA, TEAM, SeatName, decide, require
from .actionplans import queries as actionplans
from .actionplans import services as actionplan_services
from .acts import Act
from .agreements import queries as agreements
from .answers import queries as answers
from .answers import services as answer_services
from .challenges import queries as challenges
from .challenges import services as challenge_services
from .challenges.models import Challenge, StageChange
from .challenges.queries import Blocker
from .evidence import queries as evidence
from .evidence import services as evidence_services
from .findings import queries as findings
from .onsite import queries as onsite
from .planning import queries as planning
from .reports import queries as reports
from .reports import services as report_services
from .scoring import queries as scoring
from .scoring import services as scoring_services
from .stages import Stage

BlockerCheck = Callable[[Challenge], list[Blocker]]
Arrival = Callable[..., None]
S = Stage


@dataclass(frozen=True)
class Move:
    start: Stage
    to: Stage
    act: Act
    blockers: tuple[BlockerCheck, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    tell: frozenset[SeatName] = frozenset(HOST | TEAM | LGA)
    needs_reason: bool = False

    @property
    def is_back(self) -> bool:
        return self.act == Act.CHALLENGE_STEP_BACK


def _back(start: Stage, to: Stage, *arrivals: Arrival) -> Move:
    return Move(start, to, Act.CHALLENGE_STEP_BACK, arrivals=arrivals, needs_reason=True)


FORWARD = (
    Move(S.INTEREST, S.SCOPING, Act.CHALLENGE_ACCEPT, (challenges.missing_host_people,)),
    Move(S.SCOPING, S.SETUP, Act.SCOPE_AGREE, (challenges.missing_scope,)),
    Move(
        S.SETUP,
        S.PREPARATION,
        Act.PREPARATION_OPEN,
        (agreements.unreturned_agreements, planning.missing_team, challenges.missing_visit_dates),
        (answer_services.open_answers, evidence_services.open_requests_from_framework),
    ),
    Move(
        S.PREPARATION,
        S.DESK_REVIEW,
        Act.PACK_RELEASE,
        (
            answers.unanswered,
            answers.missing_position,
            answers.missing_sign_off,
            evidence.open_requests,
            evidence.unsafe_files,
        ),
        (evidence_services.lock_pack,),
    ),
    Move(S.DESK_REVIEW, S.ON_SITE, Act.VISIT_OPEN, (onsite.unread_packs, onsite.timetable_gaps)),
    Move(
        S.ON_SITE,
        S.MODERATION,
        Act.SCORES_REVEAL,
        (onsite.unsettled_conversations, scoring.outstanding_scores),
        (scoring_services.close_private,),
    ),
    Move(S.MODERATION, S.FEEDBACK, Act.MODERATION_CLOSE, (scoring.unagreed_questions, findings.undecided_findings)),
    Move(S.FEEDBACK, S.DRAFTING, Act.DRAFTING_OPEN, (findings.missing_feedback,), (report_services.start_report,)),
    Move(
        S.DRAFTING,
        S.FACTUAL_CHECK,
        Act.FACTUAL_CHECK_OPEN,
        (reports.unfinished_sections, reports.missing_sign_offs),
    ),
    Move(S.FACTUAL_CHECK, S.ISSUED, Act.REPORT_ISSUE, (reports.unanswered_comments,), (report_services.freeze_report,)),
    Move(S.ISSUED, S.ACTION_PLANNING, Act.REPORT_ACKNOWLEDGE, (), (actionplan_services.open_plan,)),
    Move(
        S.ACTION_PLANNING,
        S.FOLLOW_UP,
        Act.PLAN_APPROVE,
        (actionplans.unanswered_recommendations,),
        (actionplan_services.record_approval,),
    ),
    Move(
        S.FOLLOW_UP, S.CLOSED, Act.CHALLENGE_CLOSE, (actionplans.missing_check_ins,), (challenge_services.end_access,)
    ),
)

# No way back over the reveal (scores once seen cannot be private again), nor behind an issued report
# (it is frozen, numbered and handed over), nor out of closed or withdrawn.
BACK = (
    _back(S.SCOPING, S.INTEREST),
    _back(S.SETUP, S.SCOPING),
    _back(S.PREPARATION, S.SETUP),
    _back(S.DESK_REVIEW, S.PREPARATION, evidence_services.unlock_pack),
    _back(S.ON_SITE, S.DESK_REVIEW),
    _back(S.FEEDBACK, S.MODERATION),
    _back(S.DRAFTING, S.FEEDBACK),
    _back(S.FACTUAL_CHECK, S.DRAFTING),
    _back(S.ACTION_PLANNING, S.ISSUED),
    _back(S.FOLLOW_UP, S.ACTION_PLANNING),
)

WITHDRAW = tuple(
    Move(stage, S.WITHDRAWN, Act.CHALLENGE_WITHDRAW, needs_reason=True)
    for stage in Stage
    if stage.place <= S.DRAFTING.place
)

MOVES: dict[tuple[Stage, Stage], Move] = {(move.start, move.to): move for move in (*FORWARD, *BACK, *WITHDRAW)}


def moves_from(stage: Stage) -> list[Move]:
    return [move for move in MOVES.values() if move.start == stage]


def next_move(challenge: Challenge) -> Move | None:
    return next((move for move in FORWARD if move.start == challenge.stage), None)


def blockers_of(challenge: Challenge, move: Move) -> list[Blocker]:
    """Every sentence that stands in the way; the same stand on the page beside the button."""
    return [blocker for check in move.blockers for blocker in check(challenge)]


def moves_open_to(user: User, challenge: Challenge) -> list[Move]:
    """The moves that this person may ask for now, blocked or not."""
    return [move for move in moves_from(Stage(challenge.stage)) if decide(user, move.act, challenge).seat is not None]


@transaction.atomic
def advance(
    *,
    challenge: Challenge,
    to: Stage,
    by: User,
    reason: str = "",
    since: Stage | None = None,
    now: datetime | None = None,
) -> Challenge:
    """Move a challenge on.

    `since` is the stage that the person saw: when somebody has moved it meanwhile the move is refused, so that a
    double click or an old tab does nothing twice. Raises NotNow (no such move), NoSeat, BadInput (no reason given),
    Blocked (with every sentence).
    """
    at = now or timezone.now()
    row = challenge_services.lock_challenge(challenge)
    start = Stage(row.stage)
    if since is not None and since != start:
        raise NotNow(_("The challenge has already moved on to “%(stage)s”.") % {"stage": start.label})
    move = MOVES.get((start, Stage(to)))
    if move is None:
        require(by, Act.CHALLENGE_READ, row)
        raise NotNow(
            _("There is no step from “%(start)s” to “%(to)s”.") % {"start": start.label, "to": Stage(to).label}
        )
    seat = require(by, move.act, row)
    reason = reason.strip()
    if move.needs_reason and not reason:
        raise BadInput(_("Give the reason."))
    if blockers := blockers_of(row, move):
        raise Blocked([blocker.sentence for blocker in blockers])
    change = _move(row, move, by, seat, reason, at)
    for arrive in move.arrivals:
        arrive(challenge=row, by=by, at=at)
    _tell(row, move, by, change)
    return row


def _move(row: Challenge, move: Move, by: User, seat: str, reason: str, at: datetime) -> StageChange:
    """Set the stage and leave both traces of it."""
    row.stage, row.stage_since = move.to, at
    if move.to == S.WITHDRAWN:
        row.withdrawn_reason = reason
    row.version += 1
    row.save(update_fields=["stage", "stage_since", "withdrawn_reason", "version"])
    change = StageChange.objects.create(
        challenge=row, from_stage=move.start, to_stage=move.to, at=at, by=by, reason=reason
    )
    record(
        act=move.act,
        by=by,
        seat=seat,
        obj=row,
        scope=row.scope,
        detail={"from": move.start.value, "to": move.to.value, "reason": reason},
    )
    return change


def _tell(challenge: Challenge, move: Move, by: User, change: StageChange) -> None:
    people = set(challenges.people_in_seat(challenge, move.tell)) | set(challenges.coordinators_of(challenge))
    for person in people - {by}:
        queue_mail(
            to=person,
            kind="stage",
            subject=_("%(challenge)s has moved to “%(stage)s”")
            % {"challenge": challenge.title, "stage": move.to.label},
            link=challenge.get_absolute_url(),
            key=f"stage:{change.pk}:{person.pk}",
        )
