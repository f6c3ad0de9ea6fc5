"""Reading evidence. `items_visible_to` and `requests_visible_to` are the only ways to reach rows for a page, a count,
a search or an export."""

from .blocking import NAMED, open_requests, unsafe_files
from .checks import checks_for, checks_of
from .held import answered_files, coordinated, held_files, held_items
from .lists import (
    can_be_released,
    evidence_for_question,
    filtered_items,
    filtered_requests,
    owners_for,
    quarantine,
    receipts_for,
    versions_for,
    with_counts,
    with_parts,
)
from .reuse import earlier_challenges, reusable_items, reuses_of
from .serving import Served, outcomes_in_scope, served_by
from .tasks import tasks_for
from .visibility import (
    AWAITING_RELEASE,
    LIVE_FILE,
    READABLE,
    REPLACE,
    SAFE,
    get_item,
    get_request,
    get_version,
    items_visible_to,
    open_evidence,
    reading_seat,
    released_items,
    requests_visible_to,
)

__all__ = [
    "AWAITING_RELEASE",
    "LIVE_FILE",
    "NAMED",
    "READABLE",
    "REPLACE",
    "SAFE",
    "Served",
    "answered_files",
    "can_be_released",
    "checks_for",
    "checks_of",
    "coordinated",
    "earlier_challenges",
    "evidence_for_question",
    "filtered_items",
    "filtered_requests",
    "get_item",
    "get_request",
    "get_version",
    "held_files",
    "held_items",
    "items_visible_to",
    "open_evidence",
    "open_requests",
    "outcomes_in_scope",
    "owners_for",
    "quarantine",
    "reading_seat",
    "receipts_for",
    "released_items",
    "requests_visible_to",
    "reusable_items",
    "reuses_of",
    "served_by",
    "tasks_for",
    "unsafe_files",
    "versions_for",
    "with_counts",
    "with_parts",
]
