"""Writing the action plan: responses, actions, progress, check-ins, exports and reminders."""

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, StaleVersion
from cyber360.notify.services import queue_mail
from peers.access import HOST_LEAD, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat, questions_in_scope
from peers.findings.queries import recommendations_of
from peers.stages import Stage

from .models import Action, ActionPlan, CheckIn, ProgressNote, Response, ReviewScore

ACTION_COLUMNS = (
    "title", "lead_officer", "portfolio_holder", "starts_on", "due_on", "priority", "cost_band", "resources_secured",
    "budget_approved", "success_measure", "dependencies",
)  # fmt: skip
REMIND_DAYS = 14
Versioned = TypeVar("Versioned", Response, Action)


def _locked(row: Versioned, version: int) -> Versioned:
    current = type(row).objects.select_for_update().get(pk=row.pk)
    if current.version != version:
        raise StaleVersion(_("Somebody else saved this meanwhile."), current)
    current.version += 1
    return current


def _clean(row: Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def open_plan(*, challenge: Challenge, by: User, at: datetime) -> None:
    """Arrival in action planning: one empty response for each recommendation of the issued report."""
    plan, _made = ActionPlan.objects.get_or_create(challenge=challenge, defaults={"opened_at": at})
    for place, finding in enumerate(recommendations_of(challenge), start=1):
        Response.objects.get_or_create(
            plan=plan,
            finding=finding,
            defaults={
                "number": finding.number or place,
                "recommendation": finding.headline,
                "narrative": finding.narrative,
            },
        )


def record_approval(*, challenge: Challenge, by: User, at: datetime) -> None:
    """Arrival in follow-up: the sponsor's approval, with its time."""
    ActionPlan.objects.filter(challenge=challenge).update(approved_at=at, approved_by=by)


@transaction.atomic
def respond(*, response: Response, by: User, version: int, answer: str, reason: str = "") -> Response:
    """Accept, accept in part or not accept; the last two with a reason."""
    seat = require(by, Act.RESPONSE_EDIT, response)
    row = _locked(response, version)
    if answer not in Response.Answer.values:
        raise BadInput(_("Choose a response."))
    if answer != Response.Answer.ACCEPT and not reason.strip():
        raise BadInput(_("Give the reason for a response that does not accept the whole recommendation."))
    row.answer, row.reason, row.answered_by, row.answered_at = answer, reason.strip(), by, timezone.now()
    _clean(row)
    row.save()
    record(act=Act.RESPONSE_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"answer": answer})
    return row


@transaction.atomic
def add_action(*, response: Response, by: User, **fields: Any) -> Action:
    """A new action under a response. `fields` are ACTION_COLUMNS."""
    seat = require(by, Act.ACTION_EDIT, response)
    action = Action(response=response, **{name: fields[name] for name in ACTION_COLUMNS if name in fields})
    _clean(action)
    action.save()
    record(act=Act.ACTION_EDIT, by=by, seat=seat, obj=action, scope=response.challenge.scope)
    return action


@transaction.atomic
def edit_action(*, action: Action, by: User, version: int, **fields: Any) -> Action:
    seat = require(by, Act.ACTION_EDIT, action)
    row = _locked(action, version)
    for name in ACTION_COLUMNS:
        if name in fields:
            setattr(row, name, fields[name])
    _clean(row)
    row.save()
    record(act=Act.ACTION_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope)
    return row


@transaction.atomic
def report_progress(
    *, action: Action, by: User, version: int, status: str, text: str, completion_evidence: str = ""
) -> ProgressNote:
    """A dated note with the status it gives; “complete” says what shows that it is done."""
    seat = require(by, Act.ACTION_PROGRESS, action)
    row = _locked(action, version)
    if status == Action.Status.COMPLETE and not completion_evidence.strip():
        raise BadInput(_("Say what shows that the action is done."))
    row.status = status
    row.completion_evidence = completion_evidence.strip()
    _clean(row)
    row.save()
    note = ProgressNote.objects.create(action=row, by=by, status=status, text=text.strip())
    record(act=Act.ACTION_PROGRESS, by=by, seat=seat, obj=row, scope=row.challenge.scope, detail={"status": status})
    return note


@transaction.atomic
def record_check_in(
    *,
    challenge: Challenge,
    by: User,
    kind: str,
    held_on: date,
    attendee_roles: str,
    summary: str,
    scores: dict | None = None,
) -> CheckIn:
    """The 6-month check-in or the progress review, once each. `scores` maps a question to (level, comment)."""
    seat = require(by, Act.CHECK_IN_RECORD, challenge)
    Challenge.objects.select_for_update().get(pk=challenge.pk)
    if held_on > timezone.localdate():
        raise BadInput(_("That day has not come yet. Record it when it has been held."))
    if CheckIn.objects.filter(challenge=challenge, kind=kind).exists():
        raise BadInput(_("It is already recorded."))
    row = CheckIn(
        challenge=challenge, kind=kind, held_on=held_on, attendee_roles=attendee_roles, summary=summary, recorded_by=by
    )
    _clean(row)
    row.save()
    allowed = set(questions_in_scope(challenge).values_list("pk", flat=True))
    ReviewScore.objects.bulk_create(
        [
            ReviewScore(check_in=row, question=question, level=level, comment=comment)
            for question, (level, comment) in (scores or {}).items()
            if question.pk in allowed
        ]
    )
    record(act=Act.CHECK_IN_RECORD, by=by, seat=seat, obj=row, label=row.get_kind_display(), scope=challenge.scope)
    return row


@transaction.atomic
def record_export(*, challenge: Challenge, by: User, name: str, rows: int) -> None:
    """An export leaves its trace."""
    seat = require(by, Act.PLAN_EXPORT, challenge)
    record(act=Act.PLAN_EXPORT, by=by, seat=seat, label=name, scope=challenge.scope, detail={"rows": rows})


@transaction.atomic
def queue_reminders(*, today: date) -> int:
    """One mail to each host lead with actions due within a fortnight or late, at most one a week; how many."""
    week = today - timedelta(days=today.weekday())
    due = Action.objects.filter(due_on__lte=today + timedelta(days=REMIND_DAYS)).exclude(status__in=Action.DONE)
    challenges = Challenge.objects.filter(
        stage=Stage.FOLLOW_UP, on_hold_since=None, action_plan__responses__actions__in=due
    ).select_related("council")
    sent = 0
    for challenge in challenges.distinct():
        for person in people_in_seat(challenge, HOST_LEAD):
            queue_mail(
                to=person,
                kind="reminder",
                subject=_("Actions of %(council)s are due soon or late") % {"council": challenge.council.name},
                link=f"/challenges/{challenge.ref}/plan/",
                key=f"actions:{challenge.pk}:{person.pk}:{week}",
            )
            sent += 1
    return sent
