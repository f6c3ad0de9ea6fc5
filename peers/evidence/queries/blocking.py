"""What blocks the release of the pack."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.files.models import State as FileState
from cyber360.files.models import Verdict
from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker
from peers.evidence.models import EvidenceItem, EvidenceRequest

from .lists import quarantine

NAMED = 5  # how many things a blocker names before it counts the rest


def open_requests(challenge: Challenge) -> list[Blocker]:
    rows = challenge.evidence_requests.filter(state=EvidenceRequest.State.OPEN).values_list("prompt", flat=True)
    prompts = list(rows)
    if not prompts:
        return []
    sentence = ngettext(
        "%(count)s evidence request is still open: %(names)s. The host lead can meet it or mark it “not held”.",
        "%(count)s evidence requests are still open: %(names)s. The host lead can meet them or mark them “not held”.",
        len(prompts),
    ) % {"count": len(prompts), "names": _named([f"“{prompt}”" for prompt in prompts])}
    url = reverse("evidence:list", args=[challenge.ref]) + "?state=open"
    return [Blocker(sentence, frozenset({SeatName.HOST_LEAD}), url)]


def _named(names: list[str]) -> str:
    """The first few, then how many more."""
    if len(names) <= NAMED:
        return "; ".join(names)
    more = _("and %(count)s more") % {"count": len(names) - NAMED}
    return "; ".join([*names[:NAMED], more])


def unsafe_files(challenge: Challenge) -> list[Blocker]:
    """One sentence for each file that may not go to the team, at most five, then how many more."""
    held = quarantine(challenge)
    url = reverse("evidence:list", args=[challenge.ref])
    blockers = [_unsafe(item) for item in held[:NAMED]]
    if len(held) > NAMED:
        left = len(held) - NAMED
        sentence = ngettext(
            "%(count)s more file is held back. The coordinator sees it on the page of held files.",
            "%(count)s more files are held back. The coordinator sees them on the page of held files.",
            left,
        ) % {"count": left}
        blockers.append(Blocker(sentence, frozenset({SeatName.COORDINATOR}), url))
    return blockers


def _unsafe(item: EvidenceItem) -> Blocker:
    stored = item.current.stored_file if item.current else None
    name = {"name": stored.name if stored else item.title}
    host, coordinator = frozenset({SeatName.HOST_LEAD}), frozenset({SeatName.COORDINATOR})
    if stored is None or stored.refusal or stored.state == FileState.GONE:
        words = _("“%(name)s” could not be kept. The host lead can replace or withdraw it.") % name
        return Blocker(words, host, item.get_absolute_url())
    if stored.verdict == Verdict.INFECTED:
        words = _("A virus was found in “%(name)s”. The host lead can replace or withdraw it.") % name
        return Blocker(words, host, item.get_absolute_url())
    if stored.has_open_concern:
        words = _("“%(name)s” is held back until the host removes it or says why it is not what it looks like.") % name
        return Blocker(words, host, item.get_absolute_url())
    if stored.verdict == Verdict.PENDING:
        words = _("“%(name)s” is still being checked. Nobody has to do anything; look again in a minute.") % name
        return Blocker(words, frozenset(), item.get_absolute_url())
    sentences = {
        Verdict.NOT_SCANNED: _("“%(name)s” was not scanned for viruses. The coordinator can release it with a reason."),
        Verdict.TOO_BIG: _("“%(name)s” is too big for the scanner. The coordinator can release it with a reason."),
    }
    other = _("“%(name)s” could not be checked. The coordinator can release it with a reason.")
    return Blocker(sentences.get(Verdict(stored.verdict), other) % name, coordinator, item.get_absolute_url())
