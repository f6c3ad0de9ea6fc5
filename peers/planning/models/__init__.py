"""Teams, the rules that pair people with councils, and the plan of a season."""

from .placements import ACTIVE_STATES, SHOWN_TO_HOST, Placement, PlacementState, TeamAgreement, TeamRole
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

__all__ = [
    "ACTIVE_STATES",
    "READY",
    "SHOWN_TO_HOST",
    "UNDER_WAY",
    "ClosedPeriod",
    "Placement",
    "PlacementState",
    "PlanClosed",
    "PlanPin",
    "PlanProgress",
    "PlanSeat",
    "PlanState",
    "PlanVisit",
    "PlanVisitState",
    "SeasonPlan",
    "TeamAgreement",
    "TeamRole",
]
