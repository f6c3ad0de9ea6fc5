"""Items after they came in: links, words, the questions they serve, withdrawal, and who took them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, Marking
from peers.evidence.models.addresses import refuse_address
from peers.evidence.queries.serving import outcomes_in_scope
from peers.frameworks.models import CafOutcome, Question, Theme

from .base import (
    clean,
    in_scope,
    kind_of,
    locked_item,
    locked_request,
    meet,
    needed,
    once_mark,
    open_again_when_empty,
    serves,
    set_links,
)


@transaction.atomic
def add_link(
    *,
    challenge: Challenge,
    by: User,
    url: str,
    title: str,
    request: EvidenceRequest | None = None,
    where: str = "",
    who_can_open: str = "",
    shows: str = "",
    source: str = "",
    document_date: date | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
    review_on: date | None = None,
    marking: str = Marking.OFFICIAL_SENSITIVE,
    questions: Sequence[Question] = (),
    token: str = "",
) -> EvidenceItem:
    """Point to something that stays where it is. The address is never fetched."""
    if request is not None:
        request = locked_request(request)
        row = request.challenge
    else:
        row = lock_challenge(challenge)
    seat = require(by, Act.EVIDENCE_UPLOAD, request if request is not None else row)
    if row.evidence_policy == Challenge.EvidencePolicy.FILES:
        raise BadInput(_("This challenge takes files only. Add the file instead of a link."))
    mark = once_mark(token, url, title)
    if mark and (known := EvidenceItem.objects.filter(once=mark).first()):
        return known
    chosen = in_scope(row, list(questions))
    address = needed(url, _("Enter the address of the link."))
    refuse_address(address)
    item = EvidenceItem(
        challenge=row, request=request, kind=EvidenceItem.Kind.LINK, once=mark, added_by=by, added_at=timezone.now(),
        url=address, title=needed(title, _("Enter a title.")),
        where=where.strip(), who_can_open=who_can_open.strip(), shows=shows.strip(), source=kind_of(request, source),
        document_date=document_date, period_from=period_from, period_to=period_to, review_on=review_on,
        marking=marking,
    )  # fmt: skip
    clean(item)
    item.save()
    set_links(item, serves(request, chosen))
    meet(request)
    _record(item, by, seat, Act.EVIDENCE_UPLOAD, {"kind": "link"})
    return item


@transaction.atomic
def edit_item(
    *,
    item: EvidenceItem,
    by: User,
    version: int,
    title: str,
    shows: str = "",
    source: str = "",
    document_date: date | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
    review_on: date | None = None,
    marking: str = Marking.OFFICIAL_SENSITIVE,
    questions: Sequence[Question] = (),
    themes: Sequence[Theme] | None = None,
    outcomes: Sequence[CafOutcome] | None = None,
    url: str = "",
    where: str = "",
    who_can_open: str = "",
) -> EvidenceItem:
    """Change the words about an item and what it serves; `themes` and `outcomes` stay when left out.

    Raises StaleVersion, BadInput for what is not in the scope of the challenge.
    """
    row = locked_item(item, version)
    seat = require(by, Act.EVIDENCE_UPLOAD, row)
    _refuse_withdrawn(row)
    row.title, row.shows = needed(title, _("Enter a title.")), shows.strip()
    row.source, row.document_date, row.marking = source, document_date, marking
    row.period_from, row.period_to, row.review_on = period_from, period_to, review_on
    if row.is_link:
        if url.strip() != row.url:  # one that was there before may stay
            refuse_address(url.strip())
        row.url, row.where, row.who_can_open = url.strip(), where.strip(), who_can_open.strip()
    row.version += 1
    clean(row)
    row.save()
    set_links(row, in_scope(row.challenge, list(questions)))
    _set_direct(row.themes, themes, row.challenge.themes.all())
    _set_direct(row.outcomes, outcomes, outcomes_in_scope(row.challenge))
    _record(row, by, seat, Act.EVIDENCE_UPLOAD, {"what": "words changed"})
    return row


def _set_direct(held: Any, wanted: Sequence[Theme | CafOutcome] | None, offered: QuerySet) -> None:
    if wanted is None:
        return
    keys = {one.pk for one in wanted}
    if offered.filter(pk__in=keys).count() != len(keys):
        raise BadInput(_("Choose themes and outcomes that are in the scope of this challenge."))
    held.set(keys)


@transaction.atomic
def link_questions(*, item: EvidenceItem, by: User, questions: Sequence[Question]) -> EvidenceItem:
    """Set which questions the item serves."""
    row = locked_item(item)
    seat = require(by, Act.EVIDENCE_UPLOAD, row)
    _refuse_withdrawn(row)
    chosen = in_scope(row.challenge, list(questions))
    set_links(row, chosen)
    row.version += 1
    row.save(update_fields=["version"])
    _record(row, by, seat, Act.EVIDENCE_UPLOAD, {"questions": [question.code for question in chosen]})
    return row


@transaction.atomic
def withdraw_item(*, item: EvidenceItem, by: User, reason: str, version: int | None = None) -> EvidenceItem:
    """Take an item out of the pack. Its versions are kept, and the request it met opens again when it was the last."""
    row = locked_item(item, version)
    seat = require(by, Act.EVIDENCE_WITHDRAW, row)
    words = needed(reason, _("Give the reason for withdrawing it."))
    if not row.is_live:
        return row
    row.state, row.withdrawn_reason, row.withdrawn_at = EvidenceItem.State.WITHDRAWN, words, timezone.now()
    row.version += 1
    clean(row)
    row.save(update_fields=["state", "withdrawn_reason", "withdrawn_at", "version"])
    open_again_when_empty(row.request)
    _record(row, by, seat, Act.EVIDENCE_WITHDRAW, {"what": "withdrawn"})
    return row


def _refuse_withdrawn(item: EvidenceItem) -> None:
    if not item.is_live:
        raise NotNow(_("This evidence is withdrawn."))


def _record(item: EvidenceItem, by: User, seat: str, act: Act, detail: dict) -> None:
    record(act=act, by=by, seat=seat, obj=item, scope=item.challenge.scope, detail=detail)
