"""The same file given twice: the one that is here serves what the new one was given for."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from peers.access import require
from peers.acts import Act
from peers.evidence.models import EvidenceItem, EvidenceLink, Marking

from .base import clean, locked_item


@transaction.atomic
def use_existing(*, item: EvidenceItem, existing: EvidenceItem, by: User) -> EvidenceItem:
    """`existing` serves the questions, themes and outcomes of `item` too, and its request when it had none of its own;
    `item`, the same file, is withdrawn. Its request stays met. The stricter marking of the two holds from now on.

    Raises NoSeat, NotNow when they are not the same, or when the one that is here cannot be used.
    """
    new, old = locked_item(item), locked_item(existing)
    seat = require(by, Act.EVIDENCE_WITHDRAW, new)
    require(by, Act.EVIDENCE_UPLOAD, old)
    if not new.is_live and old.is_live:
        return old  # sent twice
    if new.pk == old.pk or new.challenge.pk != old.challenge.pk or not _are_the_same(new, old):
        raise NotNow(_("These are not the same file any more. Look at both again."))
    _require_usable(old, new)
    held = set(old.links.values_list("question_id", flat=True))
    wanted = [pk for pk in new.links.values_list("question_id", flat=True) if pk not in held]
    EvidenceLink.objects.bulk_create([EvidenceLink(item=old, question_id=pk) for pk in wanted])
    old.themes.add(*new.themes.all())
    old.outcomes.add(*new.outcomes.all())
    if Marking.OFFICIAL_SENSITIVE in (old.marking, new.marking):
        old.marking = Marking.OFFICIAL_SENSITIVE
    old.request, old.shows = old.request or new.request, old.shows or new.shows
    new.state, new.withdrawn_at = EvidenceItem.State.WITHDRAWN, timezone.now()
    new.withdrawn_reason = _("The same file as “%(title)s”, which serves this too.") % {"title": old.title}
    for row in (new, old):
        row.version += 1
        clean(row)
        row.save()
    scope = old.challenge.scope
    record(
        act=Act.EVIDENCE_WITHDRAW, by=by, seat=seat, obj=new, scope=scope, detail={"what": "same file", "kept": old.pk}
    )
    record(act=Act.EVIDENCE_UPLOAD, by=by, seat=seat, obj=old, scope=scope, detail={"what": "same file", "for": new.pk})
    return old


def _are_the_same(new: EvidenceItem, old: EvidenceItem) -> bool:
    if not (new.is_live and old.is_live) or new.current is None or old.current is None:
        return False
    return new.current.stored_file.sha256 == old.current.stored_file.sha256


def _require_usable(old: EvidenceItem, new: EvidenceItem) -> None:
    """What was found in the one that is here since the page was opened counts. Raises NotNow; both are kept then."""
    assert old.current is not None  # `_are_the_same` asked
    stored = old.current.stored_file
    if not stored.is_readable:
        raise NotNow(_("“%(title)s” can no longer be opened. Both are kept.") % {"title": old.title})
    if stored.has_open_concern:
        raise NotNow(
            _("“%(title)s” is held back until the council has answered. Both are kept.") % {"title": old.title}
        )
    if new.is_safe and not old.is_safe:
        raise NotNow(
            _("The team can have this copy but not “%(title)s”, which is not released. Both are kept.")
            % {"title": old.title}
        )
