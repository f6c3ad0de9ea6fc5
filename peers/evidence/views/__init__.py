"""The pages of evidence, by what they are about."""

from .concerns import concern, remove_held
from .doubles import same
from .files import add_files, item_replace, request_page
from .items import add_link, item_edit, item_page, item_state, item_withdraw, open_link, request_link
from .judgements import coverage, judge, judge_autosave, judgements
from .lists import evidence_list
from .pack import pack, pack_archive
from .policy import policy
from .quarantine import check_again, held_everywhere, quarantine, release, release_several
from .reading import download, picture, preview
from .receipts import receipts, receipts_pdf, receipts_sheet
from .requests import (
    request_add,
    request_edit,
    request_hand_over,
    request_met,
    request_remind,
    request_reopen,
    request_settle,
)
from .reuse import reuse
from .search import item_changes, search
from .several import requests_several
from .uploads import (
    describe,
    request_upload_words,
    request_uploads,
    unpack_again,
    unpacking,
    upload,
    upload_cancel,
    upload_states,
    upload_words,
    uploads,
)

__all__ = [
    "add_files",
    "add_link",
    "check_again",
    "concern",
    "coverage",
    "describe",
    "download",
    "evidence_list",
    "held_everywhere",
    "item_changes",
    "item_edit",
    "item_page",
    "item_replace",
    "item_state",
    "item_withdraw",
    "judge",
    "judge_autosave",
    "judgements",
    "open_link",
    "pack",
    "pack_archive",
    "picture",
    "policy",
    "preview",
    "quarantine",
    "receipts",
    "receipts_pdf",
    "receipts_sheet",
    "release",
    "release_several",
    "remove_held",
    "request_add",
    "request_edit",
    "request_hand_over",
    "request_link",
    "request_met",
    "request_page",
    "request_remind",
    "request_reopen",
    "request_settle",
    "request_upload_words",
    "request_uploads",
    "requests_several",
    "reuse",
    "same",
    "search",
    "unpack_again",
    "unpacking",
    "upload",
    "upload_cancel",
    "upload_states",
    "upload_words",
    "uploads",
]
