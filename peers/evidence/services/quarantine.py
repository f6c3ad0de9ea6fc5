"""Several held files at once: each is released or answered for by itself, and recorded for itself."""

from collections.abc import Sequence
from typing import NamedTuple

from cyber360.accounts.models import User
from cyber360.exceptions import NotNow
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceVersion

from .concerns import answer_concern
from .files import release_version


class Settled(NamedTuple):
    """One of the chosen files: released now, or why not."""

    title: str
    left: str = ""


def release_several(*, challenge: Challenge, by: User, chosen: Sequence[tuple[EvidenceVersion, str]]) -> list[Settled]:
    """Each `(version, reason)` as `release_version` does, in a transaction of its own: one that changed meanwhile
    (infected, replaced, withdrawn, released by another) holds up no other and is told.

    Raises NoSeat or NotNow when the person may not release here at all, BadInput without a reason.
    """
    require(by, Act.EVIDENCE_RELEASE, challenge)
    settled = []
    for version, reason in chosen:
        try:
            release_version(version=version, by=by, reason=reason)
        except NotNow as changed:
            settled.append(Settled(version.item.title, changed.message))
        else:
            settled.append(Settled(version.item.title))
    return settled


def answer_several(*, items: Sequence[EvidenceItem], by: User, reason: str) -> int:
    """ "This is not that" for each that is still held back, with one reason; how many were. Raises NoSeat, NotNow."""
    held = [item for item in items if item.current is not None and item.current.stored_file.has_open_concern]
    for item in held:
        answer_concern(item=item, by=by, reason=reason)
    return len(held)
