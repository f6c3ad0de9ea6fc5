"""A coordinator's small corrections of one council, and the partnerships that councils run together."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.councils.models import Council, Partnership

from .directory import apply

FEWEST = 2


@transaction.atomic
def edit_council(
    *,
    council: Council,
    by: User,
    version: int,
    official_name: str,
    website: str,
    population: int | None,
    ends_on: datetime.date | None,
    combined_authority: Council | None,
    leading_party: str = "",
    leading_since: datetime.date | None = None,
) -> Council:
    """A coordinator's correction of a few facts.

    Raises StaleVersion when somebody saved since `version`, BadInput when a day is given and no party.
    """
    row = Council.objects.select_for_update().get(pk=council.pk)
    seat = require(by, Act.COUNCIL_EDIT)
    if row.version != version:
        raise StaleVersion(
            _("Somebody changed this council while you were editing. Both texts are below."), current=row
        )
    values = {
        "official_name": official_name,
        "website": website,
        "population": population,
        "ends_on": ends_on,
        "combined_authority": combined_authority,
        "leading_party": leading_party.strip(),
        "leading_since": leading_since,
    }
    before = {name: getattr(row, name) for name in values}
    if not apply(row, values):
        return row
    row.version += 1
    clean(row)
    row.save()
    detail = {"changed": [name for name, value in before.items() if value != getattr(row, name)]}
    record(act=Act.COUNCIL_EDIT, by=by, seat=seat, obj=row, detail=detail)
    return row


# --- partnerships ---------------------------------------------------------------------------------------
@transaction.atomic
def add_partnership(*, by: User, councils: Iterable[Council], **fields: Any) -> Partnership:
    """Note that councils run something together. `fields`: title, kind, starts_on, ends_on, source.

    The same name with the same councils twice is one partnership. Raises BadInput for fewer than two councils.
    """
    seat = require(by, Act.COUNCIL_EDIT)
    members = _members(councils)
    known = Partnership.objects.filter(title=fields["title"].strip(), kind=fields["kind"]).prefetch_related("councils")
    for row in known:
        if {council.pk for council in row.councils.all()} == {council.pk for council in members}:
            return row
    row = Partnership(**_stripped(fields))
    clean(row)
    row.save()
    row.councils.set(members)
    _record(row, by, seat, members)
    return row


@transaction.atomic
def edit_partnership(
    *, partnership: Partnership, by: User, version: int, councils: Iterable[Council], **fields: Any
) -> Partnership:
    """Change a partnership; what has ended keeps its row with its last day.

    Raises StaleVersion when somebody saved since `version`.
    """
    row = Partnership.objects.select_for_update().get(pk=partnership.pk)
    seat = require(by, Act.COUNCIL_EDIT)
    if row.version != version:
        raise StaleVersion(_("Somebody changed this partnership while you were editing."), current=row)
    members = _members(councils)
    changed = apply(row, _stripped(fields))
    if not changed and set(row.councils.values_list("pk", flat=True)) == {council.pk for council in members}:
        return row
    row.version += 1
    clean(row)
    row.save()
    row.councils.set(members)
    _record(row, by, seat, members)
    return row


@transaction.atomic
def remove_partnership(*, partnership: Partnership, by: User) -> None:
    """Take away one that was entered by mistake; removing it twice does no harm."""
    seat = require(by, Act.COUNCIL_EDIT)
    row = Partnership.objects.select_for_update().filter(pk=partnership.pk).first()
    if row is not None:
        record(act=Act.COUNCIL_EDIT, by=by, seat=seat, obj=row, detail={"removed": True})
        row.delete()


def _members(councils: Iterable[Council]) -> list[Council]:
    found = {council.pk: council for council in councils}
    if len(found) < FEWEST:
        raise BadInput(_("Choose at least two councils."))
    return sorted(found.values(), key=lambda council: council.gss_code)


def _stripped(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _record(row: Partnership, by: User, seat: str, members: list[Council]) -> None:
    detail = {"councils": [council.gss_code for council in members], "until": str(row.ends_on or "")}
    record(act=Act.COUNCIL_EDIT, by=by, seat=seat, obj=row, detail=detail)
