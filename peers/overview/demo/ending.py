"""How long records are kept, in the demo: announced in time, one disposal approved, one stopped by a legal hold."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from cyber360.accounts.models import User
from peers.records.models import DisposalRun, DisposalWarning, RunState
from peers.records.services import approve_run, keep_team_access, plan_runs, put_off_run, set_hold

from .texts import text

# Nights on which the planning would have run: the first warning, the second, the day itself.
NIGHTS_AGO = (31, 8, 0)
KEPT_LONGER = timedelta(days=180)


def _plan_in_the_night_of(day: date) -> None:
    """Plan as if it were that night: what is made now is put back to it, so that the warnings keep their distance."""
    runs, warnings = (set(model.objects.values_list("pk", flat=True)) for model in (DisposalRun, DisposalWarning))
    plan_runs(day)
    at = min(timezone.make_aware(datetime.combine(day, time(2, 5))), timezone.now())
    DisposalRun.objects.exclude(pk__in=runs).update(made_at=at)
    DisposalWarning.objects.exclude(pk__in=warnings).update(sent_at=at)


def end_records(*, coordinator: User) -> None:
    """The oldest challenge's evidence is approved for disposal, which the worker then does; the next one is on hold."""
    today = timezone.localdate()
    keep_team_access()
    for days in NIGHTS_AGO:
        _plan_in_the_night_of(today - timedelta(days))
    waiting = DisposalRun.objects.filter(kind="evidence", state=RunState.AWAITING).select_related("challenge__council")
    _keep_what_is_taken_over(waiting, coordinator)
    oldest, *others = waiting.order_by("challenge__visit_last_day", "pk")[:2]
    approve_run(run=oldest, by=coordinator, version=oldest.version, typed=oldest.challenge.ref)
    for run in others:
        set_hold(
            challenge=run.challenge,
            by=coordinator,
            reason="The council is looking into a claim about the supplier named in the report.",
        )


def _keep_what_is_taken_over(waiting: QuerySet[DisposalRun], coordinator: User) -> None:
    """A council that takes part again may ask for its earlier evidence to stay until then."""
    reasons = {plan["note"]: plan.get("keep_evidence_because") for plan in text("challenges")}
    for run in waiting:
        if reason := reasons.get(run.challenge.interest_note):
            later = timezone.localdate() + KEPT_LONGER
            put_off_run(run=run, by=coordinator, version=run.version, reason=reason, due_on=later)
