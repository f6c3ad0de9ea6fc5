"""Files held back, for the coordinator: what and why, what the host was told, what was done about it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat
from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile, Verdict
from peers.access import SeatName, held_seats
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem
from peers.stages import Stage

from .checks import Checks, checks_for
from .visibility import HELD, LIVE_FILE, SAFE, items_visible_to

HELD_LIKE = 50  # files that one answer may do for

# The stages in which a coordinator can still let a file through (the row of EVIDENCE_RELEASE).
STAGES = (Stage.PREPARATION, Stage.DESK_REVIEW, Stage.ON_SITE)
_TOLD = {"evidence.infected", "evidence.held", "evidence.unanswered"}
_HISTORY = [*sorted(_TOLD), Act.EVIDENCE_RELEASE.value, Act.EVIDENCE_CONCERN_ANSWER.value, Act.EVIDENCE_WITHDRAW.value]


class Event(NamedTuple):
    """One line of a file's history."""

    words: str
    who: str
    event: AuditEvent


class HeldFile(NamedTuple):
    """One file on the page: why it is held and what the host was told (sentences), its checks, its history."""

    item: EvidenceItem
    why: str
    told: str
    checks: Checks
    history: list[Event]


def held_items(challenges: Iterable[Challenge]) -> QuerySet[EvidenceItem]:
    """Live files that the team cannot have as they are, the oldest first within each challenge."""
    return (
        EvidenceItem.objects.filter(LIVE_FILE, challenge__in=list(challenges))
        .exclude(SAFE)
        .select_related("challenge__council", "current__stored_file", "current__release", "added_by")
        .order_by("challenge__ref", "current__stored_file__verdict", "added_at", "pk")
    )


def coordinated(user: User) -> list[Challenge]:
    """The challenges that the person coordinates in which held files can still be settled. NoSeat for others."""
    mine = [pk for pk, name in held_seats(user)["programme"] if name == SeatName.COORDINATOR]
    if not mine:
        raise NoSeat
    rows = Challenge.objects.filter(programme__in=mine, stage__in=STAGES)
    return list(rows.select_related("council").order_by("ref"))


def held_files(items: Sequence[EvidenceItem]) -> list[HeldFile]:
    """What the pages show of each item: three queries for any number."""
    checks, history = checks_for(items), _history(items)
    empty = Checks([], [])
    return [
        HeldFile(item, why_held(item), told_words(item), checks.get(item.pk, empty), history.get(str(item.pk), []))
        for item in items
    ]


def held_like(user: User, item: EvidenceItem) -> list[EvidenceItem]:
    """Other files held back for the same, of those that the person sees: one answer may do for all. One query."""
    stored = item.current.stored_file if item.current is not None else None
    if stored is None or not stored.has_open_concern:
        return []
    rows = items_visible_to(user, item.challenge).filter(
        LIVE_FILE, HELD, current__stored_file__held_for=stored.held_for
    )
    return list(rows.exclude(pk=item.pk).order_by("title", "pk")[:HELD_LIKE])


def answered_files(challenge: Challenge) -> list[HeldFile]:
    """Files of which the council said that they are not what they look like; the coordinator reads the reasons."""
    rows = challenge.evidence_items.filter(
        state=EvidenceItem.State.LIVE, current__stored_file__concerns__answered_at__isnull=False
    )
    rows = rows.select_related("challenge__council", "current__stored_file", "current__release").distinct()
    return held_files(list(rows.order_by("pk")))


def _history(items: Sequence[EvidenceItem]) -> dict[str, list[Event]]:
    """Item number as text -> what happened, newest first; one query."""
    found: dict[str, list[Event]] = {}
    ids = [str(item.pk) for item in items]
    scopes = {item.challenge.scope for item in items}
    rows = AuditEvent.objects.filter(
        object_type="evidenceitem", object_id__in=ids, scope__in=scopes, act__in=_HISTORY
    ).order_by("-at", "-number")
    for row in rows if ids else ():
        found.setdefault(row.object_id, []).append(Event(_words(row), row.actor_name, row))
    return found


def _words(event: AuditEvent) -> str:
    what = event.detail.get("what", "")
    told = {
        "evidence.infected": _("A virus was found; the host was told by mail what to do"),
        "evidence.held": _("Held back; the host was told by mail"),
        "evidence.unanswered": _("Deleted because nobody answered; the host was told by mail"),
        "check asked for again": _("Another check was asked for"),
        "this is not that": _("The council said that it is not what it looks like"),
        "removed": _("The council removed it"),
        "withdrawn": _("Withdrawn"),
    }
    if event.act == Act.EVIDENCE_RELEASE and not what:
        return _("Released with a reason")
    return told.get(what) or told.get(event.act) or _("Replaced")


def why_held(item: EvidenceItem) -> str:
    """Why the team does not have it, in one or two sentences."""
    stored = item.current.stored_file if item.current is not None else None
    if stored is None or stored.refusal or stored.state == FileState.GONE:
        return stored.refusal if stored is not None and stored.refusal else _("The file could not be kept.")
    if stored.verdict == Verdict.INFECTED:
        return _("A virus was found (%(name)s). It is never released.") % {"name": stored.verdict_detail or "?"}
    if stored.has_open_concern:
        return item.status.detail
    sentences = {
        Verdict.PENDING: _("The check is not finished."),
        Verdict.NOT_SCANNED: _("No virus scanner was connected when it was checked."),
        Verdict.TOO_BIG: _("It is larger than the virus scanner takes."),
        Verdict.ERROR: _("The virus scanner could not judge it."),
    }
    sentence = sentences.get(Verdict(stored.verdict), "")
    return f"{sentence} {stored.verdict_detail}".strip() if stored.verdict == Verdict.ERROR else sentence


def told_words(item: EvidenceItem) -> str:
    """What the host reads about it on the item's page, or by mail."""
    stored: StoredFile | None = item.current.stored_file if item.current is not None else None
    if stored is not None and not stored.refusal and stored.state == FileState.STORED:
        if stored.verdict == Verdict.INFECTED:
            return _("By mail: not to open it, to tell the council's IT security, and to replace or withdraw it.")
        if stored.has_open_concern:
            return _("By mail: to remove it, or to say why it is not what it looks like.")
        if stored.verdict == Verdict.PENDING:
            return _("Nothing to do: it is still being checked.")
        return _("That the coordinator may release it with a reason.")
    return _("The reason, and to replace or withdraw it.")
