"""The same file given twice: told only of what the person may see anyway."""

from collections.abc import Collection
from typing import NamedTuple

from cyber360.accounts.models import User
from cyber360.files.models import Verdict
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem

from .visibility import LIVE_FILE, items_visible_to


class Double(NamedTuple):
    """An item in use that was here before, with the same content byte for byte."""

    pk: int
    title: str


def same_files(user: User, challenge: Challenge, items: Collection[EvidenceItem]) -> dict[int, Double]:
    """Item -> the first one with the same content that was here before it, of those that the person sees. One query.

    Another's file that the person may not see is never named, nor is it said that there is one.
    """
    sums = {item.pk: item.current.stored_file.sha256 for item in items if item.is_live and item.current is not None}
    if not sums:
        return {}
    rows = items_visible_to(user, challenge).filter(LIVE_FILE, current__stored_file__sha256__in=set(sums.values()))
    rows = rows.exclude(current__stored_file__verdict=Verdict.INFECTED)  # nobody is to use that one
    first: dict[str, Double] = {}
    for sha256, pk, title in rows.order_by("pk").values_list("current__stored_file__sha256", "pk", "title"):
        first.setdefault(sha256, Double(pk, title))
    return {pk: first[sha256] for pk, sha256 in sums.items() if sha256 in first and first[sha256].pk < pk}


def double_of(user: User, item: EvidenceItem) -> EvidenceItem | None:
    """The item that was here before with the same content, with its questions; None when there is none (any more)."""
    found = same_files(user, item.challenge, [item]).get(item.pk)
    if found is None:
        return None
    return items_visible_to(user, item.challenge).prefetch_related("questions").get(pk=found.pk)
