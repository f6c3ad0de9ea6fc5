"""Several requests at once: into one person's hands, to one day, or marked “not held”."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import BadInput
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceRequest

from .base import clean
from .mails import tell_handed
from .requests import brought_in, mark_not_held, note, put_into_hands


def _locked_several(challenge: Challenge, requests: Sequence[EvidenceRequest], by: User) -> list[EvidenceRequest]:
    """The requests as they stand, all of this challenge. Raises BadInput for none or for one from elsewhere."""
    row = lock_challenge(challenge)
    require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    wanted = {one.pk for one in requests}
    found = EvidenceRequest.objects.select_for_update(of=("self",)).select_related("question", "owner")
    rows = list(found.filter(pk__in=wanted, challenge=row).order_by("pk"))
    if not rows or len(rows) != len(wanted):
        raise BadInput(_("Choose at least one request of this challenge."))
    for one in rows:
        one.challenge = row
    return rows


@transaction.atomic
def hand_several(
    *,
    challenge: Challenge,
    requests: Sequence[EvidenceRequest],
    by: User,
    email: str,
    full_name: str,
    job_title: str = "",
    due_on: date | None = None,
) -> int:
    """As `hand_request` for each open one, with one mail for all; the number that changed hands or day."""
    rows = _locked_several(challenge, requests, by)
    require(by, Act.QUESTION_HAND_OVER, rows[0])
    person = brought_in(rows[0].challenge, by, email, full_name, job_title)
    changed = [row for row in rows if row.is_open and put_into_hands(row, person, due_on, by)]
    if changed and person.pk != by.pk:
        tell_handed(changed[0].challenge, person, changed, by)
    return len(changed)


@transaction.atomic
def set_due_dates(*, challenge: Challenge, requests: Sequence[EvidenceRequest], by: User, due_on: date) -> int:
    """One day for several open requests; the number changed. Nobody gets a mail: the page and the tasks say it."""
    changed = 0
    for row in _locked_several(challenge, requests, by):
        if not row.is_open or row.due_on == due_on:
            continue
        row.due_on, row.reminded_at = due_on, None
        row.version += 1
        clean(row)
        row.save(update_fields=["due_on", "reminded_at", "version"])
        note(row, by, require(by, Act.EVIDENCE_REQUEST_EDIT, row), "due day changed")
        changed += 1
    return changed


@transaction.atomic
def mark_several_not_held(*, challenge: Challenge, requests: Sequence[EvidenceRequest], by: User, reason: str) -> int:
    """One reason for several open requests; those that are settled stay as they are. The number marked."""
    rows = [row for row in _locked_several(challenge, requests, by) if row.is_open]
    for row in rows:
        mark_not_held(request=row, by=by, reason=reason)
    return len(rows)
