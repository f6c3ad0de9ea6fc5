"""Desk review: who reads which evidence in which way, as the council's policy lets them, and what they think of it."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from peers.evidence.models import EvidenceItem
from peers.evidence.queries.leaves import leaf
from peers.evidence.queries.ways import Way, way_for
from peers.evidence.services import (
    record_download,
    record_link_opened,
    record_opened,
    record_preview,
    save_judgement,
)
from peers.evidence.services.receipts import Kind, copy_id_for
from peers.lifecycle import advance
from peers.onsite.services import confirm_reading
from peers.seats import SeatName
from peers.stages import Stage

from .gathering import check_and_release, replace_one
from .tale import Tale
from .texts import text

LESS_EACH = 3  # items that each further peer reads less of
BEGUN = 4  # items that a peer has looked at who has not finished


def read_evidence(tale: Tale) -> list[Any]:
    """Those who have read and said so, the lead peer first. In part: the second peer has only begun."""
    whole = tale.whole(Stage.DESK_REVIEW)
    readers = tale.peers if whole else tale.peers[:1]
    for place, peer in enumerate(readers):
        items = list(_items(tale))
        _read(tale, peer, items[: len(items) - LESS_EACH * place])
    if tale.plan.get("late_change"):
        _put_right(tale)
    for peer in readers:
        confirm_reading(challenge=tale.challenge, by=peer)
    if not whole:
        _read(tale, tale.peers[1], list(_items(tale))[:BEGUN])
    return readers


def _items(tale: Tale) -> QuerySet[EvidenceItem]:
    rows = EvidenceItem.objects.filter(challenge=tale.challenge, state=EvidenceItem.State.LIVE).order_by("pk")
    return rows.select_related("challenge", "current__stored_file")


def _read(tale: Tale, peer: Any, items: list[EvidenceItem]) -> None:
    """Each item's page, then every page of it; a copy of what may be taken, of every other original."""
    seat = SeatName.LEAD_PEER if peer == tale.lead_peer else SeatName.PEER
    for place, item in enumerate(items):
        record_opened(item=item, by=peer)
        version = item.current
        if version is None:
            if tale.challenge.lets_download:
                record_link_opened(item=item, by=peer)
            continue
        version.item = item
        for page in range(1, leaf(version.stored_file, 1).count + 1):
            record_preview(version=version, by=peer, page=page)
        way = way_for(seat, tale.challenge, version.stored_file)
        if way == Way.MARKED or (way == Way.ORIGINAL and place % 2):
            copy = copy_id_for(version=version, by=peer, kind=Kind.DOWNLOAD) if way == Way.MARKED else ""
            record_download(version=version, by=peer, copy_id=copy)


def _put_right(tale: Tale) -> None:
    """The pack goes back for an hour, because of one wrong paper: who has read it is told that it has changed.

    It is out again on the same day, so that no reading is dated before the day on which the pack was released.
    """
    released, hour = tale.calendar.entered[Stage.DESK_REVIEW], timedelta(hours=1)
    reason = text("evidence")["newer"]["back_because"]
    back, again = min(released + hour, tale.calendar.now), min(released + 2 * hour, tale.calendar.now)
    advance(challenge=tale.challenge, to=Stage.PREPARATION, by=tale.manager, reason=reason, now=back)
    tale.fresh()
    replace_one(tale)
    check_and_release(tale, all_of_them=True)
    tale.challenge = advance(challenge=tale.challenge, to=Stage.DESK_REVIEW, by=tale.lead, now=again)


def judge_evidence(tale: Tale) -> None:
    """In part: one theme only."""
    first, other = text("evidence")["judgements"]
    themes = list(tale.themes.values())
    for place, theme in enumerate(themes if tale.whole(Stage.DESK_REVIEW) else themes[:1]):
        said = other if place else first
        words = {name: tale.say(value) if name.endswith("_why") else value for name, value in said.items()}
        by = tale.peers[place % len(tale.peers)]
        save_judgement(challenge=tale.challenge, theme=theme, by=by, version=0, words=words)
