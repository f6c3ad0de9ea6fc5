"""Evidence: what is asked for, what was given, and who has read it. The bytes lie in `cyber360.files`."""

from .items import RELEASABLE, EvidenceItem, EvidenceLink, EvidenceVersion, Marking, Release, Status
from .judgements import QUALITIES, Judgement, Sufficiency
from .receipts import PackExport, ReadingReceipt
from .requests import EvidenceRequest
from .reuse import Reuse
from .unpackings import Unpacking

__all__ = [
    "QUALITIES",
    "RELEASABLE",
    "EvidenceItem",
    "EvidenceLink",
    "EvidenceRequest",
    "EvidenceVersion",
    "Judgement",
    "Marking",
    "PackExport",
    "ReadingReceipt",
    "Release",
    "Reuse",
    "Status",
    "Sufficiency",
    "Unpacking",
]
