"""Asking for evidence, and saying what became of the asking."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import ensure_user
from cyber360.audit.services import record
from cyber360.exceptions import BadInput
from peers.access import HOST, SeatName, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat
from peers.challenges.services import lock_challenge, seat_contributor
from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import EvidenceKind, Question

from .base import clean, in_scope, locked_request, needed
from .mails import end_links, tell_handed

State = EvidenceRequest.State


@transaction.atomic
def add_request(
    *,
    challenge: Challenge,
    by: User,
    prompt: str,
    good: str = "",
    kind: str = EvidenceKind.DOCUMENT,
    question: Question | None = None,
    owner: User | None = None,
    due_on: date | None = None,
) -> EvidenceRequest:
    """Ask for one thing more than the questionnaire does."""
    row = lock_challenge(challenge)
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    _refuse_owner_from_elsewhere(row, owner)
    request = EvidenceRequest(
        challenge=row,
        question=_question(row, question),
        prompt=needed(prompt, _("Say what is asked for.")),
        good=good.strip(),
        kind=kind,
        owner=owner,
        due_on=due_on,
    )
    clean(request)
    request.save()
    note(request, by, seat, "added")
    return request


@transaction.atomic
def edit_request(
    *,
    request: EvidenceRequest,
    by: User,
    version: int,
    prompt: str,
    good: str = "",
    kind: str = EvidenceKind.DOCUMENT,
    question: Question | None = None,
    owner: User | None = None,
    due_on: date | None = None,
) -> EvidenceRequest:
    """Change the asking. A new `owner`, of the host's side, is told; links of the one before end. StaleVersion."""
    row = locked_request(request, version)
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    before, is_new = row.owner, owner is not None and owner.pk != row.owner_id
    if is_new:
        _refuse_owner_from_elsewhere(row.challenge, owner)
    row.question = _question(row.challenge, question)
    row.prompt, row.good = needed(prompt, _("Say what is asked for.")), good.strip()
    row.kind, row.owner, row.due_on = kind, owner, due_on
    row.version += 1
    clean(row)
    row.save()
    note(row, by, seat, "changed")
    if before is not None and (owner is None or is_new):
        end_links(row, before, by)
    if owner is not None and is_new and row.is_open and owner.pk != by.pk:
        tell_handed(row.challenge, owner, [row], by)
    return row


def _question(challenge: Challenge, question: Question | None) -> Question | None:
    return in_scope(challenge, [question])[0] if question is not None else None


def _refuse_owner_from_elsewhere(challenge: Challenge, owner: User | None) -> None:
    if owner is None:
        return
    if not people_in_seat(challenge, HOST | {SeatName.CONTRIBUTOR}).filter(pk=owner.pk).exists():
        raise BadInput(_("Choose somebody of the council, or hand the request over by e-mail."))


@transaction.atomic
def hand_request(
    *,
    request: EvidenceRequest,
    by: User,
    email: str,
    full_name: str,
    job_title: str = "",
    due_on: date | None = None,
    version: int | None = None,
) -> EvidenceRequest:
    """Put the request into one person's hands and tell them once, with a link; a newcomer gets an account and a
    contributor's seat. Links of the one before end. Raises StaleVersion, BadInput for somebody of the team.
    """
    row = locked_request(request, version)
    require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    require(by, Act.QUESTION_HAND_OVER, row)
    person = brought_in(row.challenge, by, email, full_name, job_title)
    if put_into_hands(row, person, due_on, by) and person.pk != by.pk:
        tell_handed(row.challenge, person, [row], by)
    return row


def brought_in(challenge: Challenge, by: User, email: str, full_name: str, job_title: str) -> User:
    """The person with that address, who may add evidence here from now on."""
    person, _created = ensure_user(email=email, full_name=full_name, job_title=job_title, by=by)
    if not may(person, Act.EVIDENCE_UPLOAD, challenge):
        seat_contributor(challenge=challenge, user=person, by=by)
    return person


def put_into_hands(row: EvidenceRequest, person: User, due_on: date | None, by: User) -> bool:
    """False when it is there already, due on that day."""
    if row.owner_id == person.pk and row.due_on == due_on:
        return False
    if row.owner_id != person.pk:
        end_links(row, row.owner, by)
    row.owner, row.due_on, row.reminded_at = person, due_on, None
    row.version += 1
    clean(row)
    row.save(update_fields=["owner", "due_on", "reminded_at", "version"])
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    record(
        act=Act.EVIDENCE_REQUEST_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "handed over", "to": person.full_name},
    )  # fmt: skip
    return True


def mark_met(*, request: EvidenceRequest, by: User, version: int | None = None) -> EvidenceRequest:
    """Somebody of the council says that what was given is enough."""
    return _mark(request, by, State.MET, "", version)


def mark_not_held(*, request: EvidenceRequest, by: User, reason: str, version: int | None = None) -> EvidenceRequest:
    """The council does not have it, and says why. Raises BadInput without a reason."""
    return _mark(
        request, by, State.NOT_HELD, needed(reason, _("Give the reason why the council does not hold it.")), version
    )


def mark_not_needed(*, request: EvidenceRequest, by: User, reason: str, version: int | None = None) -> EvidenceRequest:
    """It is not worth looking for here. Raises BadInput without a reason."""
    return _mark(request, by, State.NOT_NEEDED, needed(reason, _("Give the reason why it is not needed.")), version)


def reopen_request(*, request: EvidenceRequest, by: User, version: int | None = None) -> EvidenceRequest:
    """Ask again."""
    return _mark(request, by, State.OPEN, "", version)


@transaction.atomic
def _mark(request: EvidenceRequest, by: User, state: str, reason: str, version: int | None) -> EvidenceRequest:
    row = locked_request(request, version)
    seat = require(by, Act.EVIDENCE_REQUEST_SETTLE, row)
    if state == State.MET and not row.items.filter(state="live").exists():
        raise BadInput(_("Nothing has been given for this request yet. Add a file or a link first."))
    if row.state == state and row.reason == reason:
        return row
    row.state, row.reason = state, reason
    row.version += 1
    clean(row)
    row.save(update_fields=["state", "reason", "version"])
    note(row, by, seat, state, Act.EVIDENCE_REQUEST_SETTLE)
    return row


def note(request: EvidenceRequest, by: User, seat: str, what: str, act: Act = Act.EVIDENCE_REQUEST_EDIT) -> None:
    record(
        act=act,
        by=by,
        seat=seat,
        obj=request,
        scope=request.challenge.scope,
        detail={"what": str(what)},
    )
