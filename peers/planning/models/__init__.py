"""Teams, the rules that pair people with councils, and the plan of a season."""

from .calendars import VISIT, CalendarEntry, CalendarFeed, EntryState, new_uid
from .dates import DateAnswer, DateAnswerWord, DateOption, HostDays
from .lines import InvitationLine, LineState
from .objections import ObjectionState, TeamObjection
from .placements import ACTIVE_STATES, SHOWN_TO_HOST, Placement, PlacementState, TeamAgreement, TeamRole
from .rules import ConflictNotice, ConflictRule, NoticeState
from .season import (
    READY,
    UNDER_WAY,
    ClosedPeriod,
    PlanClosed,
    PlanPin,
    PlanProgress,
    PlanSeat,
    PlanState,
    PlanVisit,
    PlanVisitState,
    SeasonPlan,
)
from .shapes import (
    HIGHEST_WEIGHT,
    LARGEST_TEAM,
    ChallengeNeeds,
    CostTerm,
    CostWeight,
    PreferredPair,
    TeamShape,
)

__all__ = [
    "ACTIVE_STATES",
    "HIGHEST_WEIGHT",
    "LARGEST_TEAM",
    "READY",
    "SHOWN_TO_HOST",
    "UNDER_WAY",
    "VISIT",
    "CalendarEntry",
    "CalendarFeed",
    "ChallengeNeeds",
    "ClosedPeriod",
    "ConflictNotice",
    "ConflictRule",
    "CostTerm",
    "CostWeight",
    "DateAnswer",
    "DateAnswerWord",
    "DateOption",
    "EntryState",
    "HostDays",
    "InvitationLine",
    "LineState",
    "NoticeState",
    "ObjectionState",
    "Placement",
    "PlacementState",
    "PlanClosed",
    "PlanPin",
    "PlanProgress",
    "PlanSeat",
    "PlanState",
    "PlanVisit",
    "PlanVisitState",
    "PreferredPair",
    "SeasonPlan",
    "TeamAgreement",
    "TeamObjection",
    "TeamRole",
    "TeamShape",
    "new_uid",
]
