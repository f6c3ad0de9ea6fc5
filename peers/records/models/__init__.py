"""How long records are kept, what stops their disposal, and the proof of it."""

from .certificates import DisposalCertificate
from .holds import LegalHold
from .information import OPEN_EXPORTS, ExportState, InformationExport
from .periods import BY_HAND, DISPOSED, CountedFrom, Kind, RetentionChange, RetentionPeriod
from .runs import OPEN_STATES, STARTED, DisposalRun, DisposalWarning, RunState

__all__ = [
    "BY_HAND",
    "DISPOSED",
    "OPEN_EXPORTS",
    "OPEN_STATES",
    "STARTED",
    "CountedFrom",
    "DisposalCertificate",
    "DisposalRun",
    "DisposalWarning",
    "ExportState",
    "InformationExport",
    "Kind",
    "LegalHold",
    "RetentionChange",
    "RetentionPeriod",
    "RunState",
]
