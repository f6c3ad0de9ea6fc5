"""Changing how long a kind of record is kept."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Programme
from peers.records.models import Kind, RetentionChange, RetentionPeriod
from peers.records.queries import countings_for
from peers.records.queries.due import default_period

from .base import clean, needed

_SAID = ("days", "counted_from", "reason", "first_warning", "second_warning")


@transaction.atomic
def change_period(*, programme: Programme, kind: Kind, by: User, version: int, **said: Any) -> RetentionPeriod:
    """Set days, what they count from, why, and the two warnings; what it said before is kept.

    Runs that nobody put off or asked for follow at the next sweep. The same again changes nothing.
    """
    seat = require(by, Act.RETENTION_EDIT, programme)
    Programme.objects.select_for_update().get(pk=programme.pk)
    row = RetentionPeriod.objects.select_for_update(of=("self",)).filter(programme=programme, kind=kind).first()
    row = row or default_period(programme, kind)
    if row.version != version:
        raise StaleVersion(_("Somebody else changed this period while you were writing."), row)
    said["reason"] = needed(said["reason"], _("Say why records of this kind are kept so long."))
    if said["counted_from"] not in countings_for(kind):
        raise BadInput(_("Choose a day from which this kind of record can be counted."))
    before = {name: getattr(row, name) for name in _SAID}
    if before == {name: said[name] for name in _SAID}:
        return row
    if row.pk is None:
        row.save()
    _keep(row)
    for name in _SAID:
        setattr(row, name, said[name])
    row.version, row.changed_by, row.changed_at = row.version + 1, by, timezone.now()
    clean(row)
    row.save()
    detail = {"kind": str(kind), "days": row.days, "before": before["days"], "counted_from": row.counted_from}
    record(act=Act.RETENTION_EDIT, by=by, seat=seat, obj=row, label=row.get_kind_display(), detail=detail)
    return row


def _keep(row: RetentionPeriod) -> None:
    RetentionChange.objects.create(
        period=row, version=row.version, days=row.days, counted_from=row.counted_from, reason=row.reason,
        by=row.changed_by, at=row.changed_at,
    )  # fmt: skip
