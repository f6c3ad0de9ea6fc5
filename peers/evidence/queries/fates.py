"""What became of files that a person sent: one line for each, until its last check has ended."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from cyber360.files.models import State as FileState
from cyber360.files.models import Upload, UploadState, Verdict
from cyber360.jobs.models import Job
from cyber360.jobs.models import State as JobState
from peers.access import may
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest, Unpacking

from .doubles import Double, same_files
from .uploads import uploads_of
from .visibility import items_visible_to

RECENT = timedelta(days=1)
RECENT_READ = 200
_COLOURS = {"added": "green", "checking": "blue", "finishing": "blue", "receiving": "blue", "unpacking": "blue",
            "unpacked": "green", "held": "orange"}  # fmt: skip


class Link(NamedTuple):
    """What can be done about it, or where to look."""

    words: str
    url: str


class Fate(NamedTuple):
    """What became of one file: `state` for the script, `words` and `links` for the person.

    States: receiving, finishing, checking, added, held, infected, refused, expired, unpacking, unpacked, stopped.
    `waits` says that this is not the end of it: a check or an unpacking goes on. `is_double` that it is here twice.
    """

    id: str
    state: str
    words: str
    title: str = ""
    links: tuple[Link, ...] = ()
    waits: bool = False
    is_double: bool = False

    @property
    def is_quiet(self) -> bool:
        """It is in, and nobody has to look at it."""
        return self.state == "added" and not self.is_double

    @property
    def word(self) -> str:
        names = {
            "added": _("Added"), "checking": _("Being checked"), "finishing": _("Being checked"),
            "receiving": _("Being received"), "unpacking": _("Being unpacked"), "unpacked": _("Unpacked"),
            "held": _("Held back"), "stopped": _("Stopped"),
            "infected": _("Infected"),
        }  # fmt: skip
        return names.get(self.state, _("Not added"))

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.state, "red")


def fates(user: User, challenge: Challenge, ids: Collection[UUID]) -> list[Fate]:
    """What became of these of the person's uploads; four queries for any number."""
    rows = uploads_of(user, challenge).filter(pk__in=ids)
    parts = list(
        rows.select_related(
            "stored_file__evidence_version__item__current__stored_file",
            "stored_file__evidence_version__item__current__release",
            "stored_file__evidence_version__item__request",
            "stored_file__unpacking",
        )
    )
    files: list[Any] = [row.stored_file for row in parts]
    teller = _Teller(user, challenge)
    teller.learn(
        [item for row in parts if (item := _item_of(row)) is not None],
        [stored.unpacking for stored in files if hasattr(stored, "unpacking")],
    )
    return [teller.upload(row) for row in parts]


def recent_fates(user: User, challenge: Challenge, request: EvidenceRequest | None) -> list[Fate]:
    """The same of what the person added here within a day, in whatever way, the newest first; for a reloaded page."""
    since = timezone.now() - RECENT
    mine = items_visible_to(user, challenge).filter(
        kind=EvidenceItem.Kind.FILE, state=EvidenceItem.State.LIVE, added_by=user, added_at__gte=since, request=request
    )
    items = list(mine.order_by("-pk")[:RECENT_READ])
    wanted = None if request is None else request.pk
    waiting = uploads_of(user, challenge).filter(
        state__in=[UploadState.FINISHING, UploadState.REFUSED], touched_at__gte=since
    )
    others = [row for row in waiting.order_by("-created_at")[:RECENT_READ] if row.target.get("request") == wanted]
    teller = _Teller(user, challenge)
    teller.learn(items, [])
    return [*(teller.upload(row) for row in others), *(teller.item("", item) for item in items)]


def unpacked_fates(user: User, unpacking: Unpacking) -> list[Fate]:
    """The same of each file that came out of a zip and that the person sees; two queries."""
    items = list(items_visible_to(user, unpacking.challenge).filter(pk__in=item_numbers(unpacking)).order_by("pk"))
    teller = _Teller(user, unpacking.challenge)
    teller.learn(items, [])
    return [teller.item("", item) for item in items]


def item_numbers(unpacking: Unpacking) -> list[int]:
    """The items that came out of it, as its service wrote them down."""
    return list(unpacking.words.get("items", []))


def _item_of(row: Upload) -> EvidenceItem | None:
    version = getattr(row.stored_file, "evidence_version", None)
    return version.item if version is not None else None


class _Teller:
    """Knows once what all the lines of a page need: doubles, the files of zips, zips whose job stopped."""

    def __init__(self, user: User, challenge: Challenge) -> None:
        self.user, self.challenge = user, challenge
        self.same: dict[int, Double] = {}
        self.packed: dict[int, EvidenceItem] = {}
        self.stopped: set[str] = set()
        self.may_choose = may(user, Act.EVIDENCE_WITHDRAW, challenge)

    def learn(self, items: Collection[EvidenceItem], zips: Collection[Unpacking]) -> None:
        self.same = same_files(self.user, self.challenge, items)
        if numbers := {pk for row in zips for pk in item_numbers(row)}:
            rows = items_visible_to(self.user, self.challenge).filter(pk__in=numbers)
            self.packed = {item.pk: item for item in rows}
        if keys := [row.job_key for row in zips if not row.is_ended]:
            found = Job.objects.filter(key__in=keys, state=JobState.STOPPED)
            self.stopped = set(found.values_list("key", flat=True))

    def upload(self, row: Upload) -> Fate:
        words: dict[str, str] = {
            UploadState.RECEIVING: _("%(percent)s %% received") % {"percent": row.percent},
            UploadState.FINISHING: _("It is received, and its content is looked at."),
            UploadState.EXPIRED: _("Not continued for a day. Choose the file again."),
        }
        if row.state != UploadState.DONE:
            waits = row.state == UploadState.FINISHING
            return Fate(str(row.pk), row.state, row.refusal or words.get(row.state, ""), row.name, waits=waits)
        stored: Any = row.stored_file
        if stored is not None and hasattr(stored, "unpacking"):
            return self.zip(str(row.pk), row.name, stored.unpacking)
        item = _item_of(row)
        return Fate(str(row.pk), "added", "", row.name) if item is None else self.item(str(row.pk), item)

    def item(self, name: str, item: EvidenceItem) -> Fate:
        item.challenge = self.challenge
        state, words, links = _told(item)
        double = self.same.get(item.pk) if state in ("added", "checking", "held") else None
        if double is not None:
            words = f"{words} {_('The same file is already here as “%(title)s”.') % {'title': double.title}}"
            links = (*links, self._choice(item, double))
        return Fate(name, state, words, item.title, links, item.status.waits, double is not None)

    def _choice(self, item: EvidenceItem, double: Double) -> Link:
        if self.may_choose:
            return Link(_("Use that one or keep both"), reverse("evidence:same", args=[self.challenge.ref, item.pk]))
        return Link(double.title, reverse("evidence:item", args=[self.challenge.ref, double.pk]))

    def zip(self, name: str, title: str, row: Unpacking) -> Fate:
        row.challenge = self.challenge
        links = (Link(_("What became of its files"), row.get_absolute_url()),)
        if row.state == Unpacking.State.REFUSED:
            return Fate(name, "refused", row.refusal, title, links)
        if row.job_key in self.stopped:
            return Fate(
                name, "stopped", _("The unpacking stopped in the middle. Go on with it on its page."), title, links
            )
        if not row.is_ended:
            words = _("%(done)s of %(total)s files so far.") if row.total else _("It is received.")
            return Fate(name, "unpacking", words % {"done": row.done, "total": row.total}, title, links, True)
        items = [self.packed[pk] for pk in item_numbers(row) if pk in self.packed]
        ends = [_told(item)[0] for item in items]
        state = "held" if "held" in ends or "infected" in ends else "unpacked"
        return Fate(name, state, _zip_words(row, ends), title, links, "checking" in ends)


def _zip_words(row: Unpacking, ends: Sequence[str]) -> str:
    held, checking = sum(end in ("held", "infected") for end in ends), ends.count("checking")
    parts = [
        ngettext("%(count)s file added", "%(count)s files added", row.added) % {"count": row.added},
        ngettext("%(count)s left out", "%(count)s left out", len(row.left_out)) % {"count": len(row.left_out)}
        if row.left_out
        else "",
        ngettext("%(count)s held back", "%(count)s held back", held) % {"count": held} if held else "",
        ngettext("%(count)s being checked", "%(count)s being checked", checking) % {"count": checking}
        if checking
        else "",
    ]
    return _("%(parts)s.") % {"parts": ", ".join(part for part in parts if part)}


def _told(item: EvidenceItem) -> tuple[str, str, tuple[Link, ...]]:
    """State, words and links of an item by the checks of its present file."""
    ref, page = item.challenge.ref, Link(item.title, item.get_absolute_url())
    mend = Link(_("Replace or withdraw it"), page.url)
    stored = item.current.stored_file if item.current is not None else None
    if not item.is_live:
        return "refused", _("Withdrawn: %(reason)s") % {"reason": item.withdrawn_reason}, (page,)
    if stored is None or stored.refusal or stored.state == FileState.GONE:
        return (
            "refused",
            stored.refusal if stored is not None and stored.refusal else _("It could not be kept."),
            (mend,),
        )
    if stored.verdict == Verdict.INFECTED:
        told = _("A virus was found in it, so nobody can open it. Tell the council's IT security.")
        return "infected", told, (mend,)
    if stored.has_open_concern:
        told = _("%(why)s Nobody but the council can open it. Answer within %(days)s days, or it is deleted.")
        words = told % {"why": item.status.detail, "days": settings.FILES_CONCERN_DAYS}
        return "held", words, (Link(_("Answer or remove it"), reverse("evidence:concern", args=[ref, item.pk])),)
    if stored.verdict == Verdict.PENDING:
        return "checking", _("It is added; its last checks go on."), (page,)
    if item.is_safe:
        return "added", _("Nothing was found in its checks."), (page,)
    told = _("%(verdict)s: a coordinator looks at it before the peers can have it.")
    return "added", told % {"verdict": stored.get_verdict_display()}, (page,)
