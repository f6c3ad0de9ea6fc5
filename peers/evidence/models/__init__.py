"""Evidence: what is asked for, what was given, and who has read it. The bytes lie in `cyber360.files`."""

from .items import RELEASABLE, EvidenceItem, EvidenceLink, EvidenceVersion, Marking, Release, Status
from .receipts import ReadingReceipt
from .requests import EvidenceRequest

__all__ = [
    "RELEASABLE",
    "EvidenceItem",
    "EvidenceLink",
    "EvidenceRequest",
    "EvidenceVersion",
    "Marking",
    "ReadingReceipt",
    "Release",
    "Status",
]
