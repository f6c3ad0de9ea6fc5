"""Writing findings: draft, change, agree, drop; and recording the feedback presentation."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.challenges.services import lock_challenge
from peers.evidence.queries import items_visible_to

from .models import Feedback, Finding, FindingState, FindingType, FindingVersion
from .queries import DECIDED

COLUMNS = (
    "theme",
    "kind",
    "headline",
    "narrative",
    "confidence",
    "owner_suggestion",
    "urgency",
    "caf_outcome",
    "sensitive",
)


def _fill(finding: Finding, by: User, fields: dict) -> None:
    for name in COLUMNS:
        if name in fields:
            setattr(finding, name, fields[name])
    if not finding.challenge.themes.filter(pk=finding.theme_id).exists():
        raise BadInput(_("Choose a theme that is in scope."))
    finding.updated_at = timezone.now()
    try:
        finding.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong
    finding.save()
    _link(finding, by, fields)


def _link(finding: Finding, by: User, fields: dict) -> None:
    """Sources of this challenge only, and evidence only that the author may read."""
    challenge = finding.challenge
    if "evidence" in fields:
        wanted = [row.pk for row in fields["evidence"]]
        finding.evidence.set(items_visible_to(by, challenge).filter(pk__in=wanted))
    if "conversations" in fields:
        finding.conversations.set(challenge.conversations.filter(pk__in=[row.pk for row in fields["conversations"]]))
    if "questions" in fields:
        finding.questions.set(questions_in_scope(challenge).filter(pk__in=[row.pk for row in fields["questions"]]))


@transaction.atomic
def draft_finding(*, challenge: Challenge, by: User, **fields: Any) -> Finding:
    """A new finding, captured. `fields`: theme, kind, headline, narrative and the rest of COLUMNS, and its sources."""
    challenge = lock_challenge(challenge)
    seat = require(by, Act.FINDING_WRITE, challenge)
    finding = Finding(challenge=challenge, author=by)
    _fill(finding, by, fields)
    record(
        act=Act.FINDING_WRITE, by=by, seat=seat, obj=finding, label=finding.get_kind_display(), scope=challenge.scope
    )
    return finding


def _locked(finding: Finding, version: int) -> Finding:
    row = Finding.objects.select_for_update(of=("self",)).select_related("challenge").get(pk=finding.pk)
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this finding meanwhile."), row)
    row.version += 1
    return row


def _keep(row: Finding, by: User) -> None:
    FindingVersion.objects.create(finding=row, headline=row.headline, narrative=row.narrative, state=row.state, by=by)


@transaction.atomic
def edit_finding(*, finding: Finding, by: User, version: int, state: str = "", **fields: Any) -> Finding:
    """Change an undecided finding; what it said before is kept. `state`: captured, grouped or worded."""
    seat = require(by, Act.FINDING_WRITE, finding)
    row = _locked(finding, version)
    if row.state in DECIDED:
        raise NotNow(_("This finding is decided. The lead peer can reopen it."))
    _keep(row, by)
    if state in {FindingState.CAPTURED, FindingState.GROUPED, FindingState.WORDED}:
        row.state = state
    _fill(row, by, fields)
    record(act=Act.FINDING_WRITE, by=by, seat=seat, obj=row, label=row.get_kind_display(), scope=row.challenge.scope)
    return row


@transaction.atomic
def decide_finding(*, finding: Finding, by: User, version: int, state: str, reason: str = "") -> Finding:
    """Agree, drop (with a reason) or reopen a finding. An agreed recommendation gets the next number."""
    seat = require(by, Act.FINDING_DECIDE, finding)
    Challenge.objects.select_for_update().get(pk=finding.challenge_id)
    row = _locked(finding, version)
    if state not in {FindingState.AGREED, FindingState.DROPPED, FindingState.WORDED}:
        raise BadInput(_("Choose agree, drop or reopen."))
    if state == FindingState.DROPPED and not reason.strip():
        raise BadInput(_("Give the reason for dropping it."))
    if state == FindingState.AGREED and not row.narrative.strip():
        raise BadInput(_("Write what you saw and why it matters before agreeing it."))
    _keep(row, by)
    row.state = state
    row.drop_reason = reason.strip() if state == FindingState.DROPPED else ""
    row.number = _number(row) if state == FindingState.AGREED else None
    row.save()
    record(
        act=Act.FINDING_DECIDE, by=by, seat=seat, obj=row, label=row.get_kind_display(), scope=row.challenge.scope,
        detail={"state": state},
    )  # fmt: skip
    return row


def _number(row: Finding) -> int | None:
    if row.kind != FindingType.RECOMMENDATION:
        return None
    last = row.challenge.findings.aggregate(last=Max("number"))["last"]
    return row.number or (last or 0) + 1


@transaction.atomic
def record_feedback(*, challenge: Challenge, by: User, held_on: date, attendee_roles: str, notes: str = "") -> Feedback:
    """When the team presented to the host, and to which roles (never names)."""
    seat = require(by, Act.FEEDBACK_RECORD, challenge)
    if held_on > timezone.localdate():
        raise BadInput(_("The presentation cannot be in the future. Record it when it has been held."))
    row, _made = Feedback.objects.update_or_create(
        challenge=challenge,
        defaults={
            "held_on": held_on,
            "attendee_roles": attendee_roles.strip(),
            "notes": notes.strip(),
            "recorded_by": by,
        },
    )
    record(act=Act.FEEDBACK_RECORD, by=by, seat=seat, obj=row, label=str(held_on), scope=challenge.scope)
    return row


@transaction.atomic
def reword_finding(
    *, finding: Finding, by: User, version: int, headline: str, narrative: str, owner_suggestion: str = "",
    urgency: str = "", sensitive: bool = False,
) -> Finding:  # fmt: skip
    """Change the words of an agreed finding while the report is written; type, theme, number and sources stay.

    What it said before is kept. Report and action plan print this one wording.
    """
    seat = require(by, Act.REPORT_EDIT, finding)
    row = _locked(finding, version)
    if row.state != FindingState.AGREED:
        raise NotNow(_("Only agreed findings stand in the report."))
    if not narrative.strip():
        raise BadInput(_("Write what you saw and why it matters."))
    _keep(row, by)
    row.headline, row.narrative = headline.strip(), narrative.strip()
    row.owner_suggestion, row.urgency, row.sensitive = owner_suggestion.strip(), urgency, sensitive
    row.updated_at = timezone.now()
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong
    row.save()
    record(
        act=Act.REPORT_EDIT, by=by, seat=seat, obj=row, label=row.get_kind_display(), scope=row.challenge.scope,
        detail={"sensitive": sensitive},
    )  # fmt: skip
    return row
