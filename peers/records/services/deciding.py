"""People's part in a disposal: the host asks for it sooner, a coordinator approves it or puts it off."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.jobs.services import enqueue
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.records.models import DisposalRun, Kind, LegalHold, RunState
from peers.records.queries import has_asked, periods_of
from peers.stages import Stage

from .base import how_to_stop, locked_run, needed, save, tell
from .disposing import DISPOSE


def refuse_under_hold(challenge: Challenge) -> None:
    if LegalHold.objects.filter(challenge=challenge, lifted_at=None).exists():
        raise NotNow(_("A legal hold is in force on this challenge. Nothing is disposed of until it is lifted."))


def refuse_while_needed(challenge: Challenge) -> None:
    """What the report is still written from stays until it is issued, whatever the calendar says."""
    stage = Stage(challenge.stage)
    if stage.place < Stage.ISSUED.place:
        words = _("The challenge is in “%(stage)s”: the report is not issued yet. Put the disposal off until it is.")
        raise NotNow(words % {"stage": stage.label})


def soonest_day(challenge: Challenge) -> date:
    """The first day that the host may ask for: one warning distance away, so that somebody can still object."""
    period = periods_of(challenge.programme)[Kind.EVIDENCE]
    return timezone.localdate() + timedelta(days=period.second_warning)


def _refuse_too_near(run: DisposalRun, due_on: date, *, is_new: bool) -> None:
    """Asking never brings the approval nearer than the warning distance. `run` has the day that it had before."""
    soonest = soonest_day(run.challenge)
    if run.due_on < soonest and not is_new:
        words = _("It is already due on %(day)s, and cannot be sooner: everybody must have time to object.")
        raise BadInput(words % {"day": date_format(run.due_on)})
    if due_on < soonest:
        words = _("Choose %(day)s or a later day: the people concerned must have time to object.")
        raise BadInput(words % {"day": date_format(soonest)})
    if due_on > run.due_on:
        raise BadInput(_("It is already due on %(day)s. Choose an earlier day.") % {"day": date_format(run.due_on)})


@transaction.atomic
def ask_sooner(*, challenge: Challenge, by: User, reason: str, due_on: date) -> DisposalRun:
    """The host wants its evidence gone by a nearer day, one warning distance away at least. It is still approved."""
    row = lock_challenge(challenge)
    seat = require(by, Act.DISPOSAL_ASK, row)
    refuse_under_hold(row)
    said = needed(reason, _("Say why you want it sooner."))
    run, made = DisposalRun.objects.get_or_create(challenge=row, kind=Kind.EVIDENCE, defaults={"due_on": due_on})
    run = locked_run(run)
    if not run.is_open:
        raise NotNow(_("This disposal is already approved."))
    _refuse_too_near(run, due_on, is_new=made)
    run.due_on, run.asked_by, run.asked_at, run.asked_reason = due_on, by, timezone.now(), said
    run.state = RunState.WARNED
    run.put_off_reason, run.put_off_by = "", None
    save(run)
    record(act=Act.DISPOSAL_ASK, by=by, seat=seat, obj=run, scope=row.scope, detail={"due_on": str(due_on)})
    words = _("%(challenge)s: the council asks for its evidence to be disposed of on %(day)s")
    tell(run, words % {"challenge": row.title, "day": date_format(due_on)}, f"asked:{run.version}", how_to_stop())
    return run


@transaction.atomic
def approve_run(*, run: DisposalRun, by: User, version: int, typed: str) -> DisposalRun:
    """A coordinator's word, with the challenge's reference typed in. From here the job does the rest."""
    require(by, Act.DISPOSAL_APPROVE, run.challenge)
    row = locked_run(run, version)
    seat = require(by, Act.DISPOSAL_APPROVE, row.challenge)
    if row.has_begun or row.state == RunState.APPROVED:
        return row
    refuse_under_hold(row.challenge)
    refuse_while_needed(row.challenge)
    if row.state != RunState.AWAITING:
        words = _("This disposal is due on %(day)s. It can be approved from then on.")
        raise NotNow(words % {"day": date_format(row.due_on)})
    if has_asked(row, by):
        raise NotNow(_("You asked for this disposal as the council. Another coordinator approves it."))
    if typed.strip().upper() != row.challenge.ref.upper():
        raise BadInput(_("Type the challenge’s reference, %(ref)s, to confirm.") % {"ref": row.challenge.ref})
    row.state, row.approved_by, row.approved_at = RunState.APPROVED, by, timezone.now()
    save(row)
    detail = {"kind": row.kind}
    record(act=Act.DISPOSAL_APPROVE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    key = f"{DISPOSE}:{row.pk}"
    enqueue(kind=DISPOSE, key=key, payload={"run": row.pk}, by=by, scope=row.challenge.scope, again=True)
    return row


@transaction.atomic
def put_off_run(*, run: DisposalRun, by: User, version: int, reason: str, due_on: date) -> DisposalRun:
    """Another day, with the reason; both warnings go out again for it."""
    require(by, Act.DISPOSAL_APPROVE, run.challenge)
    row = locked_run(run, version)
    seat = require(by, Act.DISPOSAL_APPROVE, row.challenge)
    if not row.is_open:
        raise NotNow(_("This disposal is already approved."))
    said = needed(reason, _("Give the reason for the later day."))
    if due_on <= max(row.due_on, timezone.localdate()):
        raise BadInput(_("Choose a day after %(day)s.") % {"day": date_format(max(row.due_on, timezone.localdate()))})
    if row.state != RunState.HELD:
        row.state = RunState.PUT_OFF
    row.due_on, row.put_off_by, row.put_off_reason = due_on, by, said
    row.asked_by, row.asked_at, row.asked_reason = None, None, ""
    save(row)
    detail = {"put_off_to": str(due_on), "reason": said}
    record(act=Act.DISPOSAL_APPROVE, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail=detail)
    words = _("%(challenge)s: the disposal is put off to %(day)s")
    tell(row, words % {"challenge": row.challenge.title, "day": date_format(due_on)}, f"put_off:{row.version}")
    return row
