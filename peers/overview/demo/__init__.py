"""The demo: an invented programme with a challenge in every stage, and who to sign in as."""

from .people import people

__all__ = ["people"]
