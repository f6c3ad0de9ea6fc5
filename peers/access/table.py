"""The rows: seats, stages and conditions of every act."""

from collections.abc import Iterable
from dataclasses import dataclass

from peers.acts import Act
from peers.conditions import (
    Condition,
    downloads_allowed,
    evidence_kept,
    handed,
    not_submitted,
    on_hold,
    own,
    pack_unlocked,
    reading_open,
    released,
    running,
)
from peers.seats import (
    ADMINISTRATOR,
    ANYONE,
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
    SPONSOR,
    TEAM,
    SeatName,
)
from peers.stages import Stage

ANY_STAGE = frozenset(Stage)
LIVE = ANY_STAGE - {Stage.CLOSED, Stage.WITHDRAWN}


def since(stage: Stage) -> frozenset[Stage]:
    """The stage and all after it, closed included, withdrawn not."""
    return frozenset(other for other in Stage if stage.place <= other.place < Stage.WITHDRAWN.place)


def between(first: Stage, last: Stage) -> frozenset[Stage]:
    return frozenset(other for other in Stage if first.place <= other.place <= last.place)


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
        rule(TEAM, since(S.DESK_REVIEW), released, reading_open),
    ),
    Act.EVIDENCE_PREVIEW: (
        rule(HOST | LGA, since(S.PREPARATION), evidence_kept, timeline=HOST | LGA),
        rule(CONTRIBUTOR, since(S.PREPARATION), handed, evidence_kept, timeline=HOST | LGA),
        rule(TEAM, since(S.DESK_REVIEW), released, reading_open, evidence_kept, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_DOWNLOAD: (
        rule(HOST, since(S.PREPARATION), evidence_kept, timeline=HOST | LGA),
        rule(LGA, since(S.PREPARATION), downloads_allowed, evidence_kept, timeline=HOST | LGA),
        rule(CONTRIBUTOR, since(S.PREPARATION), handed, evidence_kept, timeline=HOST | LGA),
        rule(TEAM, since(S.DESK_REVIEW), released, reading_open, downloads_allowed, evidence_kept, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_SEARCH: (
        rule(HOST | LGA, since(S.PREPARATION), evidence_kept),
        rule(TEAM, since(S.DESK_REVIEW), reading_open, evidence_kept),
    ),
    Act.EVIDENCE_REQUEST_EDIT: (rule(HOST | LGA, PREPARING, timeline=HOST | LGA),),
    Act.EVIDENCE_REQUEST_SETTLE: (
        rule(HOST | LGA, PREPARING, timeline=HOST | LGA),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_UPLOAD: (
        rule(HOST, PREPARING, pack_unlocked, evidence_kept),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, evidence_kept, timeline=HOST),
    ),
    Act.EVIDENCE_WITHDRAW: (rule(HOST, PREPARING, pack_unlocked),),
    Act.EVIDENCE_RELEASE: (rule(COORDINATOR, between(S.PREPARATION, S.ON_SITE), evidence_kept, timeline=HOST | LGA),),
    Act.EVIDENCE_RECEIPTS_READ: (rule(HOST | COORDINATOR, since(S.DESK_REVIEW)),),
    Act.EVIDENCE_REUSE: (rule(HOST, PREPARING, pack_unlocked, evidence_kept, timeline=HOST),),
    Act.EVIDENCE_POLICY_EDIT: (rule(HOST, between(S.SETUP, S.FOLLOW_UP), evidence_kept, timeline=HOST | LGA),),
    Act.EVIDENCE_CONCERN_ANSWER: (
        rule(HOST, PREPARING, pack_unlocked, evidence_kept, timeline=HOST | LGA),
        rule(CONTRIBUTOR, PREPARING, handed, pack_unlocked, evidence_kept, timeline=HOST | LGA),
    ),
    Act.EVIDENCE_JUDGEMENT_READ: (rule(TEAM | MANAGER, since(S.DESK_REVIEW)),),
    Act.EVIDENCE_JUDGE: (
        rule(PEERS, between(S.DESK_REVIEW, S.MODERATION), reading_open, evidence_kept, timeline=TEAM | MANAGER),
    ),
    Act.EVIDENCE_PACK_EXPORT: (rule(HOST | COORDINATOR, since(S.PREPARATION), evidence_kept, timeline=HOST | LGA),),
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
    # records
    Act.RETENTION_READ: (rule(HOST | LGA),),
    Act.RETENTION_EDIT: (rule(COORDINATOR),),
    Act.LEGAL_HOLD_SET: (rule(COORDINATOR, ANY_STAGE, timeline=HOST | LGA),),
    Act.DISPOSAL_ASK: (rule(HOST, since(S.ISSUED) | {S.WITHDRAWN}, timeline=HOST | LGA),),
    Act.DISPOSAL_APPROVE: (rule(COORDINATOR, ANY_STAGE, timeline=HOST | LGA),),
    Act.DISPOSAL_DONE: (rule(COORDINATOR, ANY_STAGE, timeline=HOST | LGA),),
    Act.CERTIFICATE_READ: (rule(HOST | LGA),),
    Act.INFORMATION_EXPORT: (rule(HOST | COORDINATOR, ANY_STAGE, timeline=HOST | LGA),),
    Act.PERSON_EXPORT: (rule(COORDINATOR), rule(ANYONE, ANY_STAGE, own)),
    Act.PERSON_CORRECT: (rule(COORDINATOR),),
    Act.PERSON_ERASE: (rule(COORDINATOR),),
}
