"""The shapes of input of records."""

from .records import ApproveForm, AskForm, HoldForm, LiftForm, PeriodForm, PutOffForm

__all__ = ["ApproveForm", "AskForm", "HoldForm", "LiftForm", "PeriodForm", "PutOffForm"]
