"""The pool: people from councils who give their time, what they bring, and what ties them."""

from .away import BlackoutPeriod, Source
from .invitations import PoolInvitation
from .people import (
    MEMBER_SENIORITY,
    Experience,
    PeerProfile,
    PeerSkill,
    Role,
    Seniority,
    Size,
    SkillLevel,
    SkillTheme,
    State,
    seniority_fits,
)
from .ties import HomeCouncil, Interest

__all__ = [
    "MEMBER_SENIORITY", "BlackoutPeriod", "Experience", "HomeCouncil", "Interest", "PeerProfile", "PeerSkill",
    "PoolInvitation", "Role", "Seniority", "Size", "SkillLevel", "SkillTheme", "Source", "State", "seniority_fits",
]  # fmt: skip
