"""The pages of evidence, by what they are about."""

from .files import add_files, download, item_replace, request_page
from .items import add_link, item_edit, item_page, item_state, item_withdraw, open_link, request_link
from .lists import evidence_list
from .quarantine import check_again, quarantine, release
from .requests import request_add, request_edit, request_hand_over, request_met, request_reopen, request_settle
from .search import item_changes, search
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
    "describe",
    "download",
    "evidence_list",
    "item_changes",
    "item_edit",
    "item_page",
    "item_replace",
    "item_state",
    "item_withdraw",
    "open_link",
    "quarantine",
    "release",
    "request_add",
    "request_edit",
    "request_hand_over",
    "request_link",
    "request_met",
    "request_page",
    "request_reopen",
    "request_settle",
    "request_upload_words",
    "request_uploads",
    "search",
    "unpack_again",
    "unpacking",
    "upload",
    "upload_cancel",
    "upload_states",
    "upload_words",
    "uploads",
]
