"""What blocks the release of the pack."""

from collections.abc import Iterator

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
    """What the host clears comes first and by name, at most five of each kind; what waits for the coordinator is one
    line, and what is still being checked another.
    """
    to_answer: list[EvidenceItem] = []
    to_replace: list[EvidenceItem] = []
    to_release: list[EvidenceItem] = []
    in_check: list[EvidenceItem] = []
    for item in quarantine(challenge):
        stored = item.current.stored_file if item.current else None
        if stored is None or stored.refusal or stored.state == FileState.GONE or stored.verdict == Verdict.INFECTED:
            to_replace.append(item)
        elif stored.has_open_concern:
            to_answer.append(item)
        else:
            (in_check if stored.verdict == Verdict.PENDING else to_release).append(item)
    return [*_to_answer(challenge, to_answer), *_to_replace(challenge, to_replace),
            *_to_release(challenge, to_release), *_in_check(challenge, in_check)]  # fmt: skip


def _listed(challenge: Challenge, which: str) -> str:
    return reverse("evidence:list", args=[challenge.ref]) + f"?file={which}"


def _name(item: EvidenceItem) -> dict[str, str]:
    return {"name": item.current.stored_file.name if item.current else item.title}


def _to_answer(challenge: Challenge, items: list[EvidenceItem]) -> Iterator[Blocker]:
    host, count = frozenset({SeatName.HOST_LEAD}), len(items) - NAMED
    for item in items[:NAMED]:
        words = _("“%(name)s” is held back until the host removes it or says why it is not what it looks like.")
        yield Blocker(words % _name(item), host, item.get_absolute_url())
    if count > 0:
        words = ngettext(
            "%(count)s more file is held back until the host has answered what was noticed in it.",
            "%(count)s more files are held back until the host has answered what was noticed in them.",
            count,
        )
        yield Blocker(words % {"count": count}, host, _listed(challenge, "answer"))


def _to_replace(challenge: Challenge, items: list[EvidenceItem]) -> Iterator[Blocker]:
    host, count = frozenset({SeatName.HOST_LEAD}), len(items) - NAMED
    for item in items[:NAMED]:
        words = _("“%(name)s” could not be kept. The host lead can replace or withdraw it.")
        stored = item.current.stored_file if item.current else None
        if stored is not None and not stored.refusal and stored.state != FileState.GONE:
            words = _("A virus was found in “%(name)s”. The host lead can replace or withdraw it.")
        yield Blocker(words % _name(item), host, item.get_absolute_url())
    if count > 0:
        words = ngettext(
            "%(count)s more file cannot be used. The host lead can replace or withdraw it.",
            "%(count)s more files cannot be used. The host lead can replace or withdraw them.",
            count,
        )
        yield Blocker(words % {"count": count}, host, _listed(challenge, "replace"))


def _to_release(challenge: Challenge, items: list[EvidenceItem]) -> Iterator[Blocker]:
    if not items:
        return
    coordinator, count = frozenset({SeatName.COORDINATOR}), len(items)
    if count > 1:
        words = _(
            "%(count)s files were not judged by the virus scanner. The coordinator can release them with a reason."
        )
        yield Blocker(words % {"count": count}, coordinator, _listed(challenge, "held"))
        return
    [item] = items
    sentences = {
        Verdict.NOT_SCANNED: _("“%(name)s” was not scanned for viruses. The coordinator can release it with a reason."),
        Verdict.TOO_BIG: _("“%(name)s” is too big for the scanner. The coordinator can release it with a reason."),
    }
    other = _("“%(name)s” could not be checked. The coordinator can release it with a reason.")
    verdict = Verdict(item.current.stored_file.verdict) if item.current else Verdict.ERROR
    yield Blocker(sentences.get(verdict, other) % _name(item), coordinator, item.get_absolute_url())


def _in_check(challenge: Challenge, items: list[EvidenceItem]) -> Iterator[Blocker]:
    if len(items) == 1:
        words = _("“%(name)s” is still being checked. Nobody has to do anything; look again in a minute.")
        yield Blocker(words % _name(items[0]), frozenset(), items[0].get_absolute_url())
    elif items:
        words = _("%(count)s files are still being checked. Nobody has to do anything; look again in a few minutes.")
        yield Blocker(words % {"count": len(items)}, frozenset(), _listed(challenge, "held"))
