"""The shapes of input of the pool, by subject."""

from .applications import ApplicationForm, CouncilSearchForm, PoolInvitationForm, TurnDownForm
from .away import BlackoutForm
from .importing import PeerFileForm, TakeForm, packed
from .people import CoordinatorProfileForm, PeerForm, PoolFilterForm, ProfileForm
from .ties import InterestForm

__all__ = [
    "ApplicationForm",
    "BlackoutForm",
    "CoordinatorProfileForm",
    "CouncilSearchForm",
    "InterestForm",
    "PeerFileForm",
    "PeerForm",
    "PoolFilterForm",
    "PoolInvitationForm",
    "ProfileForm",
    "TakeForm",
    "TurnDownForm",
    "packed",
]
