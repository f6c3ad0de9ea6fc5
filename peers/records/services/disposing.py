"""The work of the job `records.dispose`. Killed anywhere, the next run goes on; what must stay is readable throughout.

Evidence goes in this order: facts taken, what stays moved under its own key and read back, then in one transaction the
key and every word of ours on the evidence, then the bytes, then the master that wrapped the key, then the certificate.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.audit.services import record
from cyber360.exceptions import NotNow
from cyber360.files.cipher import DamagedFile
from cyber360.files.destruction import destroy_scope, is_destroyed, move_to_scope, retire_master
from cyber360.jobs.services import enqueue
from cyber360.notify.services import queue_mail
from peers.access import SeatName
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import QUALITIES, EvidenceItem, Judgement, Reuse, Unpacking
from peers.evidence.models.addresses import NOWHERE
from peers.onsite.models import Note
from peers.records.models import DisposalRun, Kind, LegalHold, RunState
from peers.records.queries import facts_of, files_that_stay
from peers.scoring.models import Score

from .base import locked_run, save
from .certificates import issue

log = logging.getLogger(__name__)

DISPOSE = "records.dispose"
Show = Callable[[int, str], None]


def dispose(*, run_id: int, show: Show) -> dict[str, Any]:
    """May run any number of times. Returns the run's state."""
    run = _begin(DisposalRun.objects.select_related("challenge").get(pk=run_id))
    if run.state == RunState.RUNNING:
        run = _notes(run) if run.kind == Kind.NOTES else _evidence(run, show)
    if run.state == RunState.WAITING_FOR_MASTER:
        show(80, _("Changing the master key."))
        run = _retire(run)
    return {"state": run.state}


@transaction.atomic
def _begin(run: DisposalRun) -> DisposalRun:
    """Approved becomes running, with the facts taken. A hold that came meanwhile takes the approval back."""
    row = locked_run(run)
    if row.state == RunState.APPROVED:
        row.state, row.started_at, row.facts = RunState.RUNNING, timezone.now(), facts_of(row)
        save(row)
    if row.state == RunState.RUNNING and row.destroyed_at is None and _held(row.challenge):
        row.state, row.approved_at, row.approved_by = RunState.HELD, None, None
        save(row)
    return row


def _held(challenge: Challenge) -> bool:
    return LegalHold.objects.filter(challenge=challenge, lifted_at=None).exists()


# --- notes -----------------------------------------------------------------------------------------
@transaction.atomic
def _notes(run: DisposalRun) -> DisposalRun:
    """Every note, each peer's own comment beside a score, and the words beside the team's view of the evidence."""
    row = locked_run(run)
    if row.state != RunState.RUNNING:
        return row
    row.facts = facts_of(row)
    Note.objects.filter(challenge=row.challenge).delete()
    Score.objects.filter(challenge=row.challenge).update(comment="")
    Judgement.objects.filter(challenge=row.challenge).update(**{f"{name}_why": "" for name in QUALITIES})
    row.destroyed_at = timezone.now()
    return _finish(row)


# --- evidence --------------------------------------------------------------------------------------
def _evidence(run: DisposalRun, show: Show) -> DisposalRun:
    challenge = run.challenge
    show(10, _("Moving what stays under a key of its own."))
    for stored in files_that_stay(challenge):
        move_to_scope(stored, challenge.record_scope)
    show(40, _("Destroying the key and removing the files."))
    try:
        destroy_scope(challenge.scope, may=lambda: _let_go(run))
    except NotNow:  # a hold that came at the last moment
        return _begin(run)
    return _wait(run)


def _let_go(run: DisposalRun) -> None:
    """In the transaction that deletes the key: last checks, then everything of the evidence that is words of rows."""
    row = locked_run(run)
    if row.state != RunState.RUNNING or _held(row.challenge):
        raise NotNow(_("A legal hold is in force on this challenge. Nothing is disposed of until it is lifted."))
    if files_that_stay(row.challenge):
        raise RuntimeError("A file that must stay still lies under the key that is to go.")
    row.facts, row.destroyed_at = facts_of(row), timezone.now()
    save(row)
    items = EvidenceItem.objects.filter(challenge=row.challenge)
    items.update(shows="", where="", who_can_open="")
    items.filter(kind=EvidenceItem.Kind.LINK).update(url=NOWHERE)
    items.update(taken_from_ref="", taken_from_on=None, still_true="")
    Reuse.objects.filter(challenge=row.challenge).delete()
    Unpacking.objects.filter(challenge=row.challenge).delete()
    challenge = lock_challenge(row.challenge)
    challenge.evidence_disposed_at = row.destroyed_at
    challenge.save(update_fields=["evidence_disposed_at"])


@transaction.atomic
def _wait(run: DisposalRun) -> DisposalRun:
    row = locked_run(run)
    if row.state == RunState.RUNNING:
        row.state = RunState.WAITING_FOR_MASTER
        save(row)
    return row


def _retire(run: DisposalRun) -> DisposalRun:
    """Done once no master that we hold could open an old copy of the key; else an administrator is told, once."""
    retire_master()
    scope = run.challenge.scope
    with transaction.atomic():
        row = locked_run(run)
        if row.state != RunState.WAITING_FOR_MASTER:
            return row
        if is_destroyed(scope):
            return _finish(row)
        _tell_administrators(row)
        return row


def _tell_administrators(run: DisposalRun) -> None:
    seats = run.challenge.programme.seats.in_force(timezone.localdate())
    for seat in seats.filter(permission__codename=SeatName.ADMINISTRATOR).select_related("user"):
        queue_mail(
            to=seat.user,
            kind="master",
            subject=_("The vault’s master key is to be changed"),
            body=_("A disposal waits for it. The page says which commands to run."),
            link="/settings/master-key/",
            key=f"master:{run.pk}:{seat.user_id}",
        )


def _finish(row: DisposalRun) -> DisposalRun:
    """Done, and certified, in the caller's transaction."""
    row.state, row.done_at = RunState.DONE, timezone.now()
    save(row)
    certificate = issue(row)
    detail = {"kind": row.kind, "certificate": certificate.label, **row.facts["takes"]}
    record(act=Act.DISPOSAL_DONE, by=row.approved_by, obj=row, scope=row.challenge.scope, detail=detail)
    return row


def go_on_when_retired() -> int:
    """Runs that waited for an administrator go on by themselves; how many were asked for."""
    waiting = DisposalRun.objects.filter(state=RunState.WAITING_FOR_MASTER).select_related("challenge")
    rows = list(waiting)
    if not rows:
        return 0
    try:
        retire_master()
    except DamagedFile as damage:
        log.error("The master key cannot be changed: %s", damage.message)
        return 0
    ready = [row for row in rows if is_destroyed(row.challenge.scope)]
    for row in ready:
        enqueue(kind=DISPOSE, key=f"{DISPOSE}:{row.pk}", payload={"run": row.pk}, scope=row.challenge.scope, again=True)
    return len(ready)
