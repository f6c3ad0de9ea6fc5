"""How long records are kept, in the demo: announced in time, one disposal approved, one stopped by a legal hold."""

from datetime import timedelta

from django.utils import timezone

from cyber360.accounts.models import User
from peers.records.models import DisposalRun, RunState
from peers.records.services import approve_run, keep_team_access, plan_runs, set_hold

# Nights on which the planning would have run: the first warning, the second, the day itself.
NIGHTS_AGO = (31, 8, 0)


def end_records(*, coordinator: User) -> None:
    """The oldest challenge's evidence is approved for disposal, which the worker then does; the next one is on hold."""
    today = timezone.localdate()
    keep_team_access()
    for days in NIGHTS_AGO:
        plan_runs(today - timedelta(days))
    waiting = DisposalRun.objects.filter(kind="evidence", state=RunState.AWAITING).select_related("challenge")
    oldest, *others = waiting.order_by("challenge__visit_last_day", "pk")[:2]
    approve_run(run=oldest, by=coordinator, version=oldest.version, typed=oldest.challenge.ref)
    for run in others:
        set_hold(
            challenge=run.challenge,
            by=coordinator,
            reason="The council is looking into a claim about the supplier named in the report.",
        )
