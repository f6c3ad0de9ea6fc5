"""A coordinator corrects what an account says of a person."""

from django.db import transaction

from cyber360.accounts.correcting import correct_account
from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from peers.access import require
from peers.acts import Act
from peers.records.queries.person import get_person, why_not_here
from peers.records.queries.person_held import why_address_stays


@transaction.atomic
def correct_person(*, person: User, by: User, version: int, full_name: str, job_title: str, email: str) -> list[str]:
    """The names of what changed; they are recorded, with the old and the new name and no other words.

    The same again changes nothing.
    Raises NoSeat, StaleVersion, BadInput, and NotNow with the reason why this coordinator may not.
    """
    get_person(by, person.pk, Act.PERSON_CORRECT)
    row = User.objects.select_for_update().get(pk=person.pk)
    seat = require(by, Act.PERSON_CORRECT)
    if elsewhere := why_not_here(row, by):
        raise NotNow(elsewhere)
    if email.strip() != row.email and (reason := why_address_stays(row)):
        raise NotNow(reason)
    said = {"full_name": full_name, "job_title": job_title, "email": email}
    changed = correct_account(user=row, by=by, version=version, **said)
    if changed:
        before = row.full_name
        row.refresh_from_db()
        detail: dict[str, object] = {"changed": changed}
        if "full_name" in changed:
            detail["name"] = {"from": before, "to": row.full_name}
        record(act=Act.PERSON_CORRECT, by=by, seat=seat, obj=row, detail=detail)
    return changed
