"""Every write of the evidence room, by what it changes."""

from . import telling  # noqa: F401 - its receiver of verdicts
from .adding import LinksOnly, may_take_files
from .concerns import answer_concern, remove_held
from .damage import record_damage
from .describing import describe_items
from .doubles import use_existing
from .exports import archive, begin_export
from .files import Outcome, add_files, check_again, release_version, replace_file
from .items import add_link, edit_item, link_questions, withdraw_item
from .judgements import save_judgement
from .pack import lock_pack, open_requests_from_framework, unlock_pack
from .policy import set_policy
from .previews import ask_for_preview
from .quarantine import Settled, answer_several, release_several
from .receipts import record_download, record_link_opened, record_opened, record_preview
from .reminders import remind_before_due, remind_owner
from .requests import (
    add_request,
    edit_request,
    hand_request,
    mark_met,
    mark_not_held,
    mark_not_needed,
    reopen_request,
)
from .reuse import Chosen, ask_for_reuse, take_over
from .several import hand_several, mark_several_not_held, set_due_dates
from .unpacking import unpack, unpack_again, zip_limit
from .uploads import add_received, allow_upload, begin_upload, end_upload

__all__ = [
    "Chosen",
    "LinksOnly",
    "Outcome",
    "Settled",
    "add_files",
    "add_link",
    "add_received",
    "add_request",
    "allow_upload",
    "answer_concern",
    "answer_several",
    "archive",
    "ask_for_preview",
    "ask_for_reuse",
    "begin_export",
    "begin_upload",
    "check_again",
    "describe_items",
    "edit_item",
    "edit_request",
    "end_upload",
    "hand_request",
    "hand_several",
    "link_questions",
    "lock_pack",
    "mark_met",
    "mark_not_held",
    "mark_not_needed",
    "mark_several_not_held",
    "may_take_files",
    "open_requests_from_framework",
    "record_damage",
    "record_download",
    "record_link_opened",
    "record_opened",
    "record_preview",
    "release_several",
    "release_version",
    "remind_before_due",
    "remind_owner",
    "remove_held",
    "reopen_request",
    "replace_file",
    "save_judgement",
    "set_due_dates",
    "set_policy",
    "take_over",
    "unlock_pack",
    "unpack",
    "unpack_again",
    "use_existing",
    "withdraw_item",
    "zip_limit",
]
