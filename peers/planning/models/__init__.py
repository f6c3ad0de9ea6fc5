"""Teams, the rules that pair people with councils, and the plan of a season."""

from .placements import ACTIVE_STATES, SHOWN_TO_HOST, Placement, PlacementState, TeamAgreement, TeamRole

__all__ = ["ACTIVE_STATES", "SHOWN_TO_HOST", "Placement", "PlacementState", "TeamAgreement", "TeamRole"]
