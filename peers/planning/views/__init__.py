"""The pages of planning, by subject."""

from .team import agree, invitation, invitations, invite, propose, remove, team

__all__ = [
    "agree",
    "invitation",
    "invitations",
    "invite",
    "propose",
    "remove",
    "team",
]
