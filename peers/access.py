"""Table 1: who may do what, in which stage. No row, no right.

A right is a row: seats, stages, and conditions on the thing handed in. Seats are rows of
`ProgrammeSeat` and `Seat` (the django-guardian grants); nothing else gives a right, a superuser included.
`manage.py tables` prints this table into docs/access.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NoSeat, NotNow

from .acts import Act
from .conditions import (
    Condition,
    challenge_of,
    handed,
    not_submitted,
    on_hold,
    own,
    pack_unlocked,
    released,
    running,
)
from .seats import (
    ADMINISTRATOR,
    ANYONE,
    CHALLENGE_SEATS,
    CONTRIBUTOR,
    COORDINATOR,
    EDITOR,
    HOST,
    HOST_LEAD,
    LEAD_PEER,
    LGA,
    MANAGER,
    PEERS,
    POOL_PEER,
    PROGRAMME_SEATS,
    SPONSOR,
    TEAM,
    SeatName,
)
from .stages import Stage

__all__ = [
    "ACCESS", "ADMINISTRATOR", "ANYONE", "ANY_STAGE", "CHALLENGE_SEATS", "CONTRIBUTOR", "COORDINATOR", "EDITOR", "HOST",
    "HOST_LEAD", "LEAD_PEER", "LGA", "MANAGER", "PEERS", "POOL_PEER", "PROGRAMME_SEATS", "SPONSOR", "TEAM", "SeatName",
    "acts", "acts_for", "decide", "held_seats", "may", "require", "seats_on", "seats_that_may",
]  # fmt: skip


ANY_STAGE = frozenset(Stage)
LIVE = ANY_STAGE - {Stage.CLOSED, Stage.WITHDRAWN}


def since(stage: Stage) -> frozenset[Stage]:
    """The stage and all after it, closed included, withdrawn not."""
    return frozenset(other for other in Stage if stage.place <= other.place < Stage.WITHDRAWN.place)


def between(first: Stage, last: Stage) -> frozenset[Stage]:
    return frozenset(other for other in Stage if first.place <= other.place <= last.place)


# --- the table -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    seats: frozenset[SeatName]
    stages: frozenset[Stage]
    conditions: tuple[Condition, ...] = ()
    timeline: frozenset[SeatName] | None = None


def rule(
    seats: Iterable,
    stages: Iterable[Stage] = ANY_STAGE,
    *conditions: Condition,
    timeline: Iterable[SeatName] | None = None,
) -> Row:
    """One row. `timeline` names the seats that see the act's events on a challenge's timeline;
    left out, they are the seats of the row, the coordinator and the challenge manager."""
    seen_by = None if timeline is None else frozenset(timeline)
    return Row(frozenset(seats), frozenset(stages), conditions, seen_by)


S = Stage
EVERYONE_HERE = HOST | TEAM | LGA
PREPARING = {S.PREPARATION}
READING = between(S.DESK_REVIEW, S.ON_SITE)
ONLY_ME: set[SeatName] = set()

ACCESS: dict[Act, tuple[Row, ...]] = {
    # the programme
    Act.PROGRAMME_SEAT_GRANT: (rule(ADMINISTRATOR),),
    Act.PROGRAMME_SEAT_END: (rule(ADMINISTRATOR),),
    Act.COUNCIL_READ: (rule(COORDINATOR | EDITOR),),
    Act.COUNCIL_EDIT: (rule(COORDINATOR),),
    Act.POOL_READ: (rule(COORDINATOR),),
    Act.POOL_EDIT: (rule(COORDINATOR),),
    Act.PROFILE_EDIT: (rule(POOL_PEER, ANY_STAGE, own),),
    Act.POOL_APPLY: (rule(POOL_PEER, ANY_STAGE, own),),
    Act.RULES_EDIT: (rule(COORDINATOR),),
    Act.SEASON_READ: (rule(COORDINATOR),),
    Act.SEASON_PLAN: (rule(COORDINATOR),),
    Act.SEASON_ACCEPT: (rule(COORDINATOR),),
    Act.FEED_KEEP: (rule(ANYONE, ANY_STAGE, own),),
    Act.FRAMEWORK_READ: (rule(COORDINATOR | EDITOR),),
    Act.FRAMEWORK_EDIT: (rule(EDITOR),),
    Act.FRAMEWORK_PUBLISH: (rule(EDITOR),),
    Act.TEMPLATE_READ: (rule(COORDINATOR),),
    Act.TEMPLATE_EDIT: (rule(COORDINATOR),),
    Act.OUTBOX_READ: (rule(COORDINATOR),),
    Act.OUTBOX_RETRY: (rule(COORDINATOR),),
    Act.ACCOUNT_READ: (rule(ADMINISTRATOR),),
    Act.ACCOUNT_EDIT: (rule(ADMINISTRATOR),),
    Act.JOB_READ: (rule(ADMINISTRATOR),),
    Act.JOB_RETRY: (rule(ADMINISTRATOR),),
    Act.PIPELINE_READ: (rule(COORDINATOR),),
    Act.TASKS_READ: (rule(ANYONE),),
    # the challenge
    Act.CHALLENGE_REGISTER: (rule(COORDINATOR),),
    Act.CHALLENGE_READ: (rule(EVERYONE_HERE),),
    Act.CHALLENGE_SCOPE: (rule(LGA, {S.INTEREST, S.SCOPING}, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_DATES: (rule(LGA, LIVE, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_HOLD: (rule(LGA, LIVE, running, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_RESUME: (rule(LGA, LIVE, on_hold, timeline=EVERYONE_HERE),),
    Act.SEAT_GRANT: (rule(LGA, LIVE, timeline=HOST),),
    Act.SEAT_END: (rule(LGA, ANY_STAGE, timeline=HOST),),
    Act.PEOPLE_READ: (rule(EVERYONE_HERE),),
    Act.TIMELINE_READ: (rule(EVERYONE_HERE),),
    # moves (lifecycle.py says from where to where, and what blocks them)
    Act.CHALLENGE_ACCEPT: (rule(COORDINATOR, {S.INTEREST}, timeline=EVERYONE_HERE),),
    Act.SCOPE_AGREE: (rule(LGA, {S.SCOPING}, timeline=EVERYONE_HERE),),
    Act.PREPARATION_OPEN: (rule(LGA, {S.SETUP}, timeline=EVERYONE_HERE),),
    Act.PACK_RELEASE: (rule(HOST_LEAD | LGA, PREPARING, timeline=EVERYONE_HERE),),
    Act.VISIT_OPEN: (rule(LGA | LEAD_PEER, {S.DESK_REVIEW}, timeline=EVERYONE_HERE),),
    Act.SCORES_REVEAL: (rule(LGA | LEAD_PEER, {S.ON_SITE}, timeline=EVERYONE_HERE),),
    Act.MODERATION_CLOSE: (rule(LGA | LEAD_PEER, {S.MODERATION}, timeline=EVERYONE_HERE),),
    Act.DRAFTING_OPEN: (rule(LGA | LEAD_PEER, {S.FEEDBACK}, timeline=EVERYONE_HERE),),
    Act.FACTUAL_CHECK_OPEN: (rule(LGA, {S.DRAFTING}, timeline=EVERYONE_HERE),),
    Act.REPORT_ISSUE: (rule(LGA, {S.FACTUAL_CHECK}, timeline=EVERYONE_HERE),),
    Act.REPORT_ACKNOWLEDGE: (rule(SPONSOR, {S.ISSUED}, timeline=EVERYONE_HERE),),
    Act.PLAN_APPROVE: (rule(SPONSOR, {S.ACTION_PLANNING}, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_CLOSE: (rule(LGA, {S.FOLLOW_UP}, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_STEP_BACK: (rule(LGA, LIVE, timeline=EVERYONE_HERE),),
    Act.CHALLENGE_WITHDRAW: (rule(LGA | SPONSOR, between(S.INTEREST, S.DRAFTING), timeline=EVERYONE_HERE),),
    # team
    Act.TEAM_PROPOSE: (rule(COORDINATOR, between(S.SCOPING, S.ON_SITE), timeline=LGA),),
    Act.TEAM_INVITE: (rule(COORDINATOR, between(S.SCOPING, S.ON_SITE), timeline=LGA),),
    Act.TEAM_REMOVE: (rule(COORDINATOR, between(S.SCOPING, S.ON_SITE), timeline=LGA),),
    Act.INVITATION_ANSWER: (rule(POOL_PEER, between(S.SCOPING, S.ON_SITE), own, timeline=LGA),),
    Act.TEAM_AGREE: (rule(HOST, between(S.SETUP, S.ON_SITE), timeline=HOST | LGA),),
    Act.TEAM_OBJECT: (rule(HOST, between(S.SETUP, S.PREPARATION), timeline=HOST | COORDINATOR),),
    Act.TEAM_OBJECTION_READ: (rule(HOST | COORDINATOR, since(S.SETUP)),),
    Act.TEAM_OBJECTION_SETTLE: (rule(COORDINATOR, between(S.SETUP, S.ON_SITE), timeline=HOST | COORDINATOR),),
    Act.CONFLICT_SETTLE: (rule(COORDINATOR, between(S.SCOPING, S.ON_SITE), timeline=COORDINATOR),),
    Act.DATES_READ: (rule(HOST | LGA | TEAM, between(S.SCOPING, S.ON_SITE)),),
    Act.DATES_PROPOSE: (rule(LGA, between(S.SCOPING, S.PREPARATION), timeline=HOST | TEAM | LGA),),
    Act.HOST_DAYS_EDIT: (rule(HOST_LEAD | LGA, between(S.INTEREST, S.PREPARATION), timeline=HOST | LGA),),
    Act.DATES_ANSWER: (
        rule(HOST | TEAM | MANAGER, between(S.SCOPING, S.PREPARATION), timeline=ONLY_ME),
        rule(POOL_PEER, between(S.SCOPING, S.PREPARATION), own, timeline=ONLY_ME),
    ),
    # agreements
    Act.AGREEMENT_READ: (rule(HOST | LGA, since(S.SETUP)), rule(TEAM, since(S.SETUP), own)),
    Act.AGREEMENT_ISSUE: (rule(LGA, between(S.SETUP, S.ON_SITE), timeline=HOST | LGA),),
    Act.AGREEMENT_SIGN: (rule(HOST, between(S.SETUP, S.PREPARATION), timeline=HOST | LGA),),
    Act.PEER_TERMS_ACCEPT: (rule(TEAM, between(S.SETUP, S.ON_SITE), own, timeline=LGA),),
    # answers
    Act.ANSWER_READ: (
        rule(HOST | LGA, since(S.PREPARATION)),
        rule(CONTRIBUTOR, since(S.PREPARATION), handed),
        rule(TEAM, since(S.DESK_REVIEW)),
    ),
    Act.ANSWER_EDIT: (
        rule(HOST, PREPARING, pack_unlocked, timeline=HOST),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, timeline=HOST),
    ),
    Act.QUESTION_HAND_OVER: (rule(HOST, PREPARING, timeline=HOST),),
    Act.POSITION_EDIT: (rule(HOST, PREPARING, pack_unlocked, timeline=HOST),),
    Act.SELF_ASSESSMENT_SIGN: (rule(SPONSOR, PREPARING, timeline=HOST | LGA),),
    # evidence
    Act.EVIDENCE_READ: (
        rule(HOST | LGA, since(S.PREPARATION)),
        rule(CONTRIBUTOR, since(S.PREPARATION), handed),
        rule(TEAM, since(S.DESK_REVIEW), released),
    ),
    Act.EVIDENCE_DOWNLOAD: (
        rule(HOST | LGA, since(S.PREPARATION), timeline=HOST | LGA),
        rule(CONTRIBUTOR, since(S.PREPARATION), handed, timeline=HOST | LGA),
        rule(TEAM, since(S.DESK_REVIEW), released, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_REQUEST_EDIT: (rule(HOST | LGA, PREPARING, timeline=HOST | LGA),),
    Act.EVIDENCE_REQUEST_SETTLE: (
        rule(HOST | LGA, PREPARING, timeline=HOST | LGA),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_UPLOAD: (
        rule(HOST, PREPARING, pack_unlocked),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, timeline=HOST),
    ),
    Act.EVIDENCE_WITHDRAW: (rule(HOST, PREPARING, pack_unlocked),),
    Act.EVIDENCE_RELEASE: (rule(COORDINATOR, between(S.PREPARATION, S.ON_SITE), timeline=HOST | LGA),),
    Act.EVIDENCE_RECEIPTS_READ: (rule(HOST | COORDINATOR, since(S.DESK_REVIEW)),),
    # desk review and visit
    Act.READING_CONFIRM: (rule(PEERS, READING, timeline=LGA | TEAM),),
    Act.ENQUIRY_READ: (rule(TEAM | MANAGER, since(S.DESK_REVIEW)),),
    Act.ENQUIRY_EDIT: (rule(PEERS | MANAGER, READING, timeline=TEAM | MANAGER),),
    Act.TIMETABLE_READ: (rule(EVERYONE_HERE, since(S.SETUP)),),
    Act.TIMETABLE_EDIT: (rule(HOST | LGA, between(S.SETUP, S.ON_SITE), timeline=EVERYONE_HERE),),
    Act.TIMETABLE_CONFIRM: (rule(LGA | LEAD_PEER, between(S.PREPARATION, S.ON_SITE), timeline=EVERYONE_HERE),),
    Act.CONVERSATION_MARK: (rule(PEERS | LGA, {S.ON_SITE}, timeline=EVERYONE_HERE),),
    Act.NOTE_READ: (rule(TEAM | MANAGER, since(S.DESK_REVIEW)),),
    Act.NOTE_WRITE: (rule(PEERS | MANAGER, between(S.DESK_REVIEW, S.MODERATION), timeline=ONLY_ME),),
    # scoring: the host side has no row, so never
    Act.SCORE_OWN: (rule(PEERS, READING, not_submitted, timeline=ONLY_ME),),
    Act.SCORES_SUBMIT: (rule(PEERS, READING, not_submitted, timeline=LGA),),
    Act.SCORE_READ_ALL: (rule(TEAM | MANAGER, since(S.MODERATION)),),
    Act.SCORE_AGREE: (rule(LEAD_PEER | MANAGER, {S.MODERATION}, timeline=TEAM | MANAGER),),
    # findings
    Act.FINDING_READ: (rule(TEAM | MANAGER, since(S.DESK_REVIEW)),),
    Act.FINDING_WRITE: (rule(PEERS | MANAGER, between(S.DESK_REVIEW, S.MODERATION), timeline=TEAM | MANAGER),),
    Act.FINDING_DECIDE: (rule(LEAD_PEER | MANAGER, {S.MODERATION}, timeline=TEAM | MANAGER),),
    Act.FEEDBACK_RECORD: (rule(LGA | LEAD_PEER, {S.FEEDBACK}, timeline=EVERYONE_HERE),),
    # report
    Act.REPORT_DRAFT_READ: (rule(TEAM | LGA, since(S.DRAFTING)), rule(HOST, since(S.FACTUAL_CHECK))),
    Act.REPORT_EDIT: (rule(PEERS | MANAGER, between(S.DRAFTING, S.FACTUAL_CHECK), timeline=TEAM | LGA),),
    Act.REPORT_SIGN_OFF: (rule(PEERS, {S.DRAFTING}, timeline=TEAM | LGA),),
    Act.REPORT_RENDER: (rule(TEAM | LGA, since(S.DRAFTING), timeline=TEAM | LGA),),
    Act.REPORT_ANNEX_READ: (
        rule(HOST, since(S.FACTUAL_CHECK), timeline=HOST),
        rule(TEAM | MANAGER, between(S.DRAFTING, S.FACTUAL_CHECK), timeline=HOST),
    ),
    Act.FACT_COMMENT: (rule(HOST, {S.FACTUAL_CHECK}, timeline=EVERYONE_HERE),),
    Act.FACT_ANSWER: (rule(LEAD_PEER | MANAGER, {S.FACTUAL_CHECK}, timeline=EVERYONE_HERE),),
    Act.REPORT_READ: (rule(EVERYONE_HERE, since(S.ISSUED)),),
    # action plan
    Act.PLAN_READ: (rule(HOST | LGA, since(S.ACTION_PLANNING)), rule(TEAM, since(S.FOLLOW_UP))),
    Act.RESPONSE_EDIT: (rule(HOST, {S.ACTION_PLANNING}),),
    Act.ACTION_EDIT: (rule(HOST, between(S.ACTION_PLANNING, S.FOLLOW_UP)),),
    Act.ACTION_PROGRESS: (rule(HOST, {S.FOLLOW_UP}),),
    Act.CHECK_IN_RECORD: (rule(LGA | LEAD_PEER, {S.FOLLOW_UP}, timeline=EVERYONE_HERE),),
    Act.PLAN_EXPORT: (rule(HOST | LGA, since(S.ACTION_PLANNING)),),
}


# --- asking ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Answer:
    """`seat` when allowed; else `reason` ("" means: answer as if the thing did not exist)."""

    seat: SeatName | None
    reason: str = ""


def held_seats(user: User) -> dict[str, list[tuple[int, SeatName]]]:
    """Every seat of the person in force today, as (id of programme or challenge, name), in two queries.

    Kept for the length of a request (`cyber360.accounts.middleware` gives the person a `seat_cache`).
    """
    cache: dict[str, list[tuple[int, SeatName]]] | None = getattr(user, "seat_cache", None)
    if cache:
        return cache
    today = timezone.localdate()
    held = {
        kind: [
            (content_object_id, SeatName(name))
            for content_object_id, name in seats.in_force(today).values_list(
                "content_object_id", "permission__codename"
            )
        ]
        for kind, seats in (("programme", user.programme_seats), ("challenge", user.challenge_seats))
    }
    if cache is not None:
        cache.update(held)
    return held


def seats_on(user: User, challenge: Any = None) -> frozenset[SeatName]:
    """The person's seats in force today on `challenge`, with those of its programme; on None, the programme's."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    held = held_seats(user)
    if challenge is None:
        return frozenset(name for _id, name in held["programme"])
    mine = {name for pk, name in held["programme"] if pk == challenge.programme_id}
    return frozenset(mine | {name for pk, name in held["challenge"] if pk == challenge.pk})


def _seats_anywhere(user: User) -> frozenset[SeatName]:
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    return frozenset(name for held in held_seats(user).values() for _id, name in held)


def decide(user: User, act: Act, obj: object = None, *, seats: frozenset[SeatName] | None = None) -> Answer:
    """The one place where a right is decided. `seats` spares the query when the caller has them."""
    challenge = challenge_of(obj)
    held = seats_on(user, challenge) if seats is None else seats
    reason = ""
    for row in ACCESS.get(act, ()):
        sitting = held & row.seats
        if challenge is None and row.seats == ANYONE:  # a thing of one's own, in whatever seat one is here
            sitting = _seats_anywhere(user)
        if not sitting or not all(c.holds(user, obj) for c in row.conditions if not c.reason):
            continue
        if challenge is not None and challenge.stage not in row.stages:
            reason = _not_in_stage(act, challenge, row)
            continue
        broken = [c for c in row.conditions if c.reason and not c.holds(user, obj)]
        if not broken:
            return Answer(min(sitting, key=list(SeatName).index))
        reason = str(broken[0].reason)
    return Answer(None, reason)


def _not_in_stage(act: Act, challenge: Any, row: Row) -> str:
    words = {"act": act.label, "stage": Stage(challenge.stage).label}
    if all(stage.place > Stage(challenge.stage).place for stage in row.stages):
        return _("“%(act)s” is not open yet: the challenge is in “%(stage)s”.") % words
    return _("“%(act)s” is closed: the challenge is in “%(stage)s”.") % words


def may(user: User, act: Act, obj: object = None) -> bool:
    return decide(user, act, obj).seat is not None


def require(user: User, act: Act, obj: object = None) -> SeatName:
    """The seat in which the person may do it. Raises NoSeat (404) or NotNow (403, with the reason)."""
    answer = decide(user, act, obj)
    if answer.seat is not None:
        return answer.seat
    if answer.reason:
        raise NotNow(answer.reason)
    raise NoSeat


def acts_for(user: User, obj: object = None) -> frozenset[Act]:
    """Every act open to the person on `obj`, for pages that show many buttons."""
    held = seats_on(user, challenge_of(obj))
    return frozenset(act for act in Act if decide(user, act, obj, seats=held).seat is not None)


def timeline_acts(seats: frozenset[SeatName]) -> frozenset[Act]:
    """The acts whose events these seats see on a challenge's timeline."""
    return frozenset(act for act, rows in ACCESS.items() if any(seats & _seen_by(row) for row in rows))


def _seen_by(row: Row) -> frozenset[SeatName]:
    return row.seats | LGA if row.timeline is None else row.timeline


def acts(*names: Act) -> Callable:
    """Mark a view with the acts it may perform (the getter or service inside still checks them)."""

    def mark(view: Callable) -> Callable:
        guarded = login_required(view)
        vars(guarded)["acts"] = names
        return guarded

    return mark


def needs_second_factor(user: User, seat_names: list[str]) -> bool:
    """Whether the person holds a seat for which the installation asks for a second factor."""
    today = timezone.localdate()
    return any(
        seats.in_force(today).filter(permission__codename__in=seat_names).exists()
        for seats in (user.programme_seats, user.challenge_seats)
    )


def guard_platform(user: User, act_name: str) -> SeatName:
    """The platform's pages (jobs, accounts, outbox) ask here by the act's name, so that they need not know seats."""
    return require(user, Act(act_name))


def link_sign_in_allowed(user: User) -> bool:
    """Whether an e-mailed link may open a session: only for people who hold nothing but contributor seats."""
    today = timezone.localdate()
    if user.programme_seats.in_force(today).exists():
        return False
    held = set(user.challenge_seats.in_force(today).values_list("permission__codename", flat=True))
    return held == {SeatName.CONTRIBUTOR.value}


def seats_that_may(act: Act, stage: Stage) -> frozenset[SeatName]:
    """The seats of the act's rows in the stage: who could do it, whoever sits there."""
    return frozenset().union(*(row.seats for row in ACCESS.get(act, ()) if stage in row.stages))
