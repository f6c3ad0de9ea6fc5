"""A file that is held back because of what it looks like: the council says that it is not that, or removes it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.files.concerns import answer_concerns
from cyber360.files.models import StoredFile
from cyber360.files.services import remove_held_file, verdict_given
from peers.access import require
from peers.acts import Act
from peers.evidence.models import EvidenceItem

from .base import clean, locked_item, needed, open_again_when_empty
from .telling import tell_removed


@transaction.atomic
def answer_concern(*, item: EvidenceItem, by: User, reason: str) -> EvidenceItem:
    """ "This is not that", with a reason that the coordinator reads. All that the file is held for is answered at once.

    Raises NoSeat, NotNow, BadInput without a reason. A file that is not held back stays as it is.
    """
    row = locked_item(item)
    seat = require(by, Act.EVIDENCE_CONCERN_ANSWER, row)
    words = needed(reason, _("Say why the file does not hold what it looks like."))
    if not row.is_live or row.current is None or not row.current.stored_file.has_open_concern:
        return row
    kinds = row.current.stored_file.held_for.split()
    row.current.stored_file = answer_concerns(stored_file=row.current.stored_file, by=by, reason=words)
    verdict_given.send(sender=StoredFile, file=row.current.stored_file)
    record(
        act=Act.EVIDENCE_CONCERN_ANSWER, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "this is not that", "kinds": kinds, "reason": words, "version": row.current.number},
    )  # fmt: skip
    return row


@transaction.atomic
def remove_held(*, item: EvidenceItem, by: User) -> EvidenceItem:
    """Delete the held file's bytes at once and take the item out of the pack; its request opens again.

    Raises NotNow for a file that is not held back: that one is withdrawn.
    """
    row = locked_item(item)
    seat = require(by, Act.EVIDENCE_CONCERN_ANSWER, row)
    if not row.is_live:
        return row
    if row.current is None or not row.current.stored_file.has_open_concern:
        raise NotNow(_("This file is not held back. Withdraw it instead."))
    version, stored, number = row.current, row.current.stored_file, row.current.number
    # Out of the pack before its bytes go: a file in use that goes while it is held is one that nobody answered for.
    row.state, row.withdrawn_at = EvidenceItem.State.WITHDRAWN, timezone.now()
    row.withdrawn_reason = _("Removed after it was held back.")
    row.version += 1
    clean(row)
    row.save(update_fields=["state", "withdrawn_reason", "withdrawn_at", "version"])
    remove_held_file(stored_file=stored, reason=_("The council removed it after it was held back."))
    tell_removed(version=version, item=row, by=by)
    open_again_when_empty(row.request)
    record(
        act=Act.EVIDENCE_CONCERN_ANSWER, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "removed", "kinds": stored.held_for.split(), "version": number, "sha256": stored.sha256},
    )  # fmt: skip
    return row
