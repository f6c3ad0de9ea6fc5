"""The shapes of input of planning, by subject."""

from .team import DAYS_TO_ANSWER, AnswerForm, CandidateFilterForm, InviteForm, ProposeForm, RemoveForm

__all__ = [
    "DAYS_TO_ANSWER",
    "AnswerForm",
    "CandidateFilterForm",
    "InviteForm",
    "ProposeForm",
    "RemoveForm",
]
