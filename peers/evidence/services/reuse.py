"""Taking evidence over from the council's earlier challenges: asked for once, links at once, files by a job."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, ExpectedError
from cyber360.files.copying import copy_to_scope
from cyber360.files.models import StoredFile
from cyber360.files.services import delete_file
from cyber360.jobs.services import enqueue
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import questions_in_scope
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, EvidenceVersion, Reuse
from peers.evidence.queries.reuse import earlier_items
from peers.frameworks.models import Question

from .base import clean, meet, needed, set_links

REUSE_KIND = "evidence.reuse"
State = Reuse.State


class Chosen(NamedTuple):
    """One earlier item, and the sentence that says why it is still true."""

    source: EvidenceItem
    still_true: str


@transaction.atomic
def ask_for_reuse(*, challenge: Challenge, by: User, chosen: Sequence[Chosen]) -> list[Reuse]:
    """Take the chosen ones over. One that is here already, or on its way, is left as it is.

    Raises BadInput for one that is not there to take, without a sentence, or of a kind that the policy refuses.
    """
    row = lock_challenge(challenge)
    require(by, Act.EVIDENCE_REUSE, row)
    sources = earlier_items(row).in_bulk([one.source.pk for one in chosen])
    if not chosen or len(sources) != len({one.source.pk for one in chosen}):
        raise BadInput(_("Choose evidence of your council's earlier challenges."))
    asked = [_asked(row, by, sources[one.source.pk], one.still_true) for one in chosen]
    return [reuse for reuse in asked if reuse is not None]


def _asked(challenge: Challenge, by: User, source: EvidenceItem, still_true: str) -> Reuse | None:
    words = needed(still_true, _("Say of each chosen one why it is still true."))
    _refuse_by_policy(challenge, source)
    reuse = Reuse.objects.select_for_update(of=("self",)).filter(challenge=challenge, source=source).first()
    if reuse is not None and (reuse.state == State.WAITING or (reuse.item is not None and reuse.item.is_live)):
        return None
    reuse = reuse or Reuse(challenge=challenge, source=source)
    reuse.title, reuse.still_true, reuse.asked_by, reuse.asked_at = source.title, words, by, timezone.now()
    reuse.state, reuse.reason, reuse.item = State.WAITING, "", None
    clean(reuse)
    reuse.save()
    if source.is_link:
        _finish(reuse, source, None)
    else:
        enqueue(
            kind=REUSE_KIND, key=f"{REUSE_KIND}:{reuse.pk}", payload={"reuse": reuse.pk}, by=by,
            scope=challenge.scope, again=True,
        )  # fmt: skip
    return reuse


def _refuse_by_policy(challenge: Challenge, source: EvidenceItem) -> None:
    policy = challenge.evidence_policy
    if source.is_link and policy == Challenge.EvidencePolicy.FILES:
        raise BadInput(_("“%(title)s” is a link, and this challenge takes files only.") % {"title": source.title})
    if not source.is_link and policy == Challenge.EvidencePolicy.LINKS:
        raise BadInput(_("“%(title)s” is a file, and this challenge takes links only.") % {"title": source.title})


def take_over(*, reuse_id: int) -> Reuse | None:
    """The job: copy the bytes under this challenge's key, then make the item. May run any number of times."""
    reuse = Reuse.objects.select_related("challenge", "asked_by").filter(pk=reuse_id, state=State.WAITING).first()
    if reuse is None:
        return None
    source = earlier_items(reuse.challenge).filter(reuses=reuse).first()
    if source is None or source.current is None:
        return _stop(reuse, _("The earlier evidence is no longer there."))
    try:
        stored = copy_to_scope(
            source.current.stored_file, reuse.challenge.scope, reuse.asked_by, file_id=_file_id(reuse)
        )
    except ExpectedError as refusal:
        return _stop(reuse, refusal.message)
    try:
        with transaction.atomic():
            lock_challenge(reuse.challenge)
            row = Reuse.objects.select_for_update(of=("self",)).select_related("challenge", "asked_by").get(pk=reuse.pk)
            return _finish(row, source, stored) if row.state == State.WAITING else row
    except ExpectedError as refusal:  # the pack was released meanwhile, or the seat has ended
        delete_file(stored_file=stored)
        return _stop(reuse, refusal.message or _("It can no longer be taken over."))


def _file_id(reuse: Reuse) -> uuid.UUID:
    """The same for each run of one asking, another when it is asked for again."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{REUSE_KIND}:{reuse.pk}:{reuse.asked_at.isoformat()}")


def _stop(reuse: Reuse, reason: str) -> Reuse:
    Reuse.objects.filter(pk=reuse.pk, state=State.WAITING).update(state=State.STOPPED, reason=reason[:400])
    reuse.refresh_from_db()
    return reuse


def _finish(reuse: Reuse, source: EvidenceItem, stored: StoredFile | None) -> Reuse:
    """Make the item, in the caller's transaction with the challenge locked."""
    by, challenge = reuse.asked_by, reuse.challenge
    if by is None:
        raise BadInput(_("The person who asked for it has left."))
    seat = require(by, Act.EVIDENCE_REUSE, challenge)
    _refuse_by_policy(challenge, source)
    request = _same_request(challenge, source)
    item = _item_like(source, reuse, request)
    clean(item)
    item.save()
    set_links(item, same_questions(challenge, source))
    item.themes.set(challenge.themes.filter(pk__in=source.themes.values("pk")))
    item.outcomes.set(source.outcomes.all())
    if stored is not None:
        version = EvidenceVersion(item=item, number=1, stored_file=stored, uploaded_by=by, uploaded_at=timezone.now())
        clean(version)
        version.save()
        item.current = version
        item.save(update_fields=["current"])
    meet(request)
    reuse.item, reuse.state = item, State.DONE
    reuse.save(update_fields=["item", "state"])
    record(
        act=Act.EVIDENCE_REUSE, by=by, seat=seat, obj=item, scope=challenge.scope,
        detail={"from": source.challenge.ref, "item": source.pk},
    )  # fmt: skip
    return reuse


def _item_like(source: EvidenceItem, reuse: Reuse, request: EvidenceRequest | None) -> EvidenceItem:
    same = (
        "kind", "title", "shows", "source", "document_date", "period_from", "period_to", "review_on", "marking", "url",
        "where", "who_can_open",
    )  # fmt: skip
    return EvidenceItem(
        challenge=reuse.challenge,
        request=request,
        added_by=reuse.asked_by,
        added_at=timezone.now(),
        taken_from_ref=source.challenge.ref,
        taken_from_on=source.document_date,
        still_true=reuse.still_true,
        **{name: getattr(source, name) for name in same},
    )


def same_questions(challenge: Challenge, source: EvidenceItem) -> list[Question]:
    """The questions in scope here with the code and title of those that it served there: a code alone may have
    changed its meaning between two versions of the questionnaire."""
    served = set(source.questions.values_list("code", "title"))
    return [row for row in questions_in_scope(challenge) if (row.code, row.title) in served] if served else []


def _same_request(challenge: Challenge, source: EvidenceItem) -> EvidenceRequest | None:
    """What asks here for the same in the same words, if anything does."""
    before = source.request
    if before is None or before.question is None:
        return None
    rows = challenge.evidence_requests.select_for_update(of=("self",)).filter(prompt=before.prompt)
    return rows.filter(question__code=before.question.code, question__title=before.question.title).first()
