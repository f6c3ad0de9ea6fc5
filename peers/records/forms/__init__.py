"""The shapes of input of records."""

from .information import InformationForm
from .records import ApproveForm, AskForm, HoldForm, LiftForm, PeriodForm, PutOffForm

__all__ = ["ApproveForm", "AskForm", "HoldForm", "InformationForm", "LiftForm", "PeriodForm", "PutOffForm"]
