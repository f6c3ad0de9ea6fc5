"""Asking for evidence, and saying what became of the asking."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import ensure_user, make_link_session
from cyber360.audit.services import record
from cyber360.exceptions import BadInput
from cyber360.notify.services import queue_mail
from peers.access import HOST, SeatName, link_sign_in_allowed, may, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import people_in_seat
from peers.challenges.services import lock_challenge, seat_contributor
from peers.evidence.models import EvidenceRequest
from peers.frameworks.models import EvidenceKind, Question

from .base import clean, in_scope, locked_request, needed

State = EvidenceRequest.State
# A contributor's link works this long after the day the evidence is due.
LINK_DAYS_AFTER_DUE = 14


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
    _record(request, by, seat, "added")
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
    """Change the asking. `owner` is somebody of the host's side. Raises StaleVersion."""
    row = locked_request(request, version)
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    if owner is not None and owner.pk != row.owner_id:
        _refuse_owner_from_elsewhere(row.challenge, owner)
    row.question = _question(row.challenge, question)
    row.prompt, row.good = needed(prompt, _("Say what is asked for.")), good.strip()
    row.kind, row.owner, row.due_on = kind, owner, due_on
    row.version += 1
    clean(row)
    row.save()
    _record(row, by, seat, "changed")
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
    contributor's seat. Raises StaleVersion, BadInput for somebody of the team.
    """
    row = locked_request(request, version)
    seat = require(by, Act.EVIDENCE_REQUEST_EDIT, row)
    require(by, Act.QUESTION_HAND_OVER, row)
    person, _created = ensure_user(email=email, full_name=full_name, job_title=job_title, by=by)
    if row.owner_id == person.pk and row.due_on == due_on:
        return row
    if not may(person, Act.EVIDENCE_UPLOAD, row.challenge):
        seat_contributor(challenge=row.challenge, user=person, by=by)
    row.owner, row.due_on = person, due_on
    row.version += 1
    clean(row)
    row.save(update_fields=["owner", "due_on", "version"])
    record(
        act=Act.EVIDENCE_REQUEST_EDIT, by=by, seat=seat, obj=row, scope=row.challenge.scope,
        detail={"what": "handed over", "to": person.full_name},
    )  # fmt: skip
    if person.pk != by.pk:
        _tell(row, person)
    return row


def _tell(request: EvidenceRequest, person: User) -> None:
    council, due = request.challenge.council.name, request.due_on
    if due:
        words = {"council": council, "day": date_format(due, "l j F")}
        subject = _("Please find evidence for %(council)s's Cyber 360 by %(day)s") % words
    else:
        subject = _("Please find evidence for %(council)s's Cyber 360") % {"council": council}
    link, by_link = request.get_absolute_url(), link_sign_in_allowed(person)
    if by_link:
        today = timezone.localdate()
        days = max((due - today).days, 0) if due else 0
        link = make_link_session(
            user=person, path=link, expires_at=timezone.now() + timedelta(days + LINK_DAYS_AFTER_DUE)
        )
    key = f"evidence-request:{request.pk}:{request.version}"
    queue_mail(to=person, kind="evidence.hand_over", subject=subject, link=link, key=key, secret=by_link)


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
    _record(row, by, seat, state, Act.EVIDENCE_REQUEST_SETTLE)
    return row


def _record(request: EvidenceRequest, by: User, seat: str, what: str, act: Act = Act.EVIDENCE_REQUEST_EDIT) -> None:
    record(
        act=act,
        by=by,
        seat=seat,
        obj=request,
        scope=request.challenge.scope,
        detail={"what": str(what)},
    )
