"""The shapes of input of the pool, by subject."""

from .away import BlackoutForm
from .people import CoordinatorProfileForm, PeerForm, PoolFilterForm, ProfileForm
from .ties import InterestForm

__all__ = [
    "BlackoutForm",
    "CoordinatorProfileForm",
    "InterestForm",
    "PeerForm",
    "PoolFilterForm",
    "ProfileForm",
]
