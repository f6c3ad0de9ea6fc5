"""From a period to a day: pure once the rows are there."""

from datetime import date, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peers.challenges.models import Challenge, Programme
from peers.records.models import CountedFrom, Kind, RetentionPeriod
from peers.stages import Stage


class Default(NamedTuple):
    days: int
    counted_from: CountedFrom
    reason: object


# What a programme begins with; each is changed on the settings page.
DEFAULTS = {
    Kind.TEAM_ACCESS: Default(60, CountedFrom.VISIT_END, _("The team needs the evidence until the report is settled.")),
    Kind.NOTES: Default(90, CountedFrom.REPORT_ISSUED, _("Notes serve the report; questions to it come soon.")),
    Kind.EVIDENCE: Default(180, CountedFrom.VISIT_END, _("The documents are the council’s; the report stands alone.")),
    Kind.REPORT: Default(2192, CountedFrom.CLOSED, _("Six years: as long as a claim can be brought.")),
    Kind.AUDIT: Default(2192, CountedFrom.CLOSED, _("Six years: it says who did what with what was kept.")),
    Kind.ACCOUNTS: Default(365, CountedFrom.LAST_SIGN_IN, _("Nobody needs an account that is not used for a year.")),
}  # fmt: skip


def default_period(programme: Programme, kind: Kind) -> RetentionPeriod:
    """What the period is before anybody changed it; not saved."""
    given = DEFAULTS[kind]
    return RetentionPeriod(
        programme=programme, kind=kind, days=given.days, counted_from=given.counted_from, reason=str(given.reason)
    )


def periods_of(programme: Programme) -> dict[Kind, RetentionPeriod]:
    """Every kind's period, in the order of Kind; one query."""
    rows = {row.kind: row for row in RetentionPeriod.objects.filter(programme=programme).select_related("changed_by")}
    return {kind: rows.get(kind) or default_period(programme, kind) for kind in Kind}


def anchor_day(challenge: Challenge, counted_from: str) -> date | None:
    """The day that a period counts from, None while it is not known. A withdrawn challenge has only one such day."""
    if counted_from == CountedFrom.LAST_SIGN_IN:
        return None
    if challenge.stage == Stage.WITHDRAWN:
        return timezone.localdate(challenge.stage_since)
    if counted_from == CountedFrom.VISIT_END:
        return challenge.visit_last_day
    if counted_from == CountedFrom.REPORT_ISSUED:
        report = getattr(challenge, "report", None)
        issued = getattr(report, "issued", None)
        return timezone.localdate(issued.issued_at) if issued is not None else None
    return timezone.localdate(challenge.stage_since) if challenge.stage == Stage.CLOSED else None


def due_day(challenge: Challenge, period: RetentionPeriod) -> date | None:
    """The last day of the period for this challenge. Select `report__issued` when asking for many."""
    start = anchor_day(challenge, period.counted_from)
    return start + timedelta(days=period.days) if start else None
