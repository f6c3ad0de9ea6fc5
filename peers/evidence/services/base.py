"""What the services of this room share: rows under lock, polite refusals, and the mark against sending twice.

The challenge's row is locked first, always: the pack is locked under the same lock, so nothing slips in after it.
"""

import hashlib

from django.utils.translation import gettext as _

from cyber360.cleaning import clean as clean
from cyber360.cleaning import needed as needed
from cyber360.exceptions import BadInput, StaleVersion
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceRequest
from peers.frameworks.models import Question


def locked_request(request: EvidenceRequest, version: int | None = None) -> EvidenceRequest:
    """The request and its challenge as they stand. Raises StaleVersion when `version` is given and behind."""
    challenge = lock_challenge(request.challenge)
    rows = EvidenceRequest.objects.select_for_update(of=("self",)).select_related("question", "owner")
    row = rows.get(pk=request.pk)
    row.challenge = challenge
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else changed this request while you were writing."), row)
    return row


def locked_item(item: EvidenceItem, version: int | None = None) -> EvidenceItem:
    """The item, its request and its challenge as they stand. Raises StaleVersion as above."""
    challenge = lock_challenge(item.challenge)
    rows = EvidenceItem.objects.select_for_update(of=("self",)).select_related(
        "request", "current__stored_file", "current__release"
    )
    row = rows.get(pk=item.pk)
    row.challenge = challenge
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else changed this evidence while you were writing."), row)
    return row


def once_mark(token: str, *parts: str) -> str | None:
    """The same form with the same content gives the same mark, so a second sending adds nothing.

    The content is part of it: a form that comes back from the browser's history with another file is not lost.
    """
    if not token:
        return None
    return hashlib.sha256("\n".join([token, *parts]).encode()).hexdigest()


def in_scope(challenge: Challenge, questions: list[Question]) -> list[Question]:
    """The questions, once each. Raises BadInput when one is not in this challenge's scope."""
    wanted = {question.pk for question in questions}
    known = list(questions_in_scope(challenge).filter(pk__in=wanted)) if wanted else []
    if len(known) != len(wanted):
        raise BadInput(_("Choose questions that are in the scope of this challenge."))
    return known


def set_links(item: EvidenceItem, questions: list[Question]) -> None:
    wanted = {question.pk for question in questions}
    held = set(item.links.values_list("question_id", flat=True))
    item.links.filter(question_id__in=held - wanted).delete()
    EvidenceLink.objects.bulk_create([EvidenceLink(item=item, question_id=pk) for pk in sorted(wanted - held)])


def serves(request: EvidenceRequest | None, questions: list[Question]) -> list[Question]:
    """What the giver chose; a request's own question when nothing was chosen."""
    if not questions and request is not None and request.question is not None:
        return [request.question]
    return questions


def kind_of(request: EvidenceRequest | None, source: str) -> str:
    """The kind of source that the giver said; the kind that was asked for when they said nothing."""
    return source or (request.kind if request is not None else "")


def meet(request: EvidenceRequest | None) -> None:
    """Something came in: the request is met, whatever was said of it before."""
    if request is None or request.state == EvidenceRequest.State.MET:
        return
    request.state, request.reason = EvidenceRequest.State.MET, ""
    request.version += 1
    request.save(update_fields=["state", "reason", "version"])


def open_again_when_empty(request: EvidenceRequest | None) -> None:
    """The last thing given for a met request was taken back: somebody has to look again."""
    if request is None or request.state != EvidenceRequest.State.MET:
        return
    if not request.items.filter(state=EvidenceItem.State.LIVE).exists():
        request.state = EvidenceRequest.State.OPEN
        request.version += 1
        request.save(update_fields=["state", "version"])
