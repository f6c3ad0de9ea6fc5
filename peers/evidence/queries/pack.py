"""What goes into the archive of the whole pack, for whom, and under which names."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.exceptions import NotNow
from cyber360.files.models import Verdict
from cyber360.files.names import extension_of
from peers.access import HOST, SeatName, require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem

from .lists import with_parts
from .visibility import SAFE, items_visible_to
from .ways import Way, way_for

_UNSAFE = re.compile(r"[^\w\s()\[\]&+,.;=@{}~’-]|[\x00-\x1f]")
_FOLDER_LENGTH, _NAME_LENGTH = 60, 120


class Entry(NamedTuple):
    """One item of the pack. `path` is its place in the archive, empty for a link and for what is left out;
    `reason` says why it is left out, `page_only` that the council's policy is why."""

    item: EvidenceItem
    path: str = ""
    way: Way = Way.NONE
    reason: str = ""
    page_only: bool = False

    @property
    def is_sent(self) -> bool:
        return bool(self.path)


class Pack(NamedTuple):
    """The whole, with the seat in which it is taken; `size` in bytes is that of the files as they are kept."""

    challenge: Challenge
    seat: SeatName
    entries: list[Entry]

    @property
    def sent(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_sent]

    @property
    def links(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.item.is_link]

    @property
    def left_out(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.reason]

    @property
    def size(self) -> int:
        return sum(entry.item.current.stored_file.size for entry in self.sent if entry.item.current is not None)


def pack_for(user: User, challenge: Challenge) -> Pack:
    """What this person would take. Raises NoSeat, NotNow, also when the council lets nothing be taken away."""
    seat = require(user, Act.EVIDENCE_PACK_EXPORT, challenge)
    if seat not in HOST and not challenge.lets_download:
        raise NotNow(
            _("The council lets its evidence be read in the page only, so the pack cannot be taken away as a whole.")
        )
    live = items_visible_to(user, challenge).filter(state=EvidenceItem.State.LIVE).order_by("title", "pk")
    items = list(with_parts(live).prefetch_related("themes"))
    safe = set(live.filter(SAFE).values_list("pk", flat=True))
    names = Names()
    return Pack(challenge, seat, [_entry(item, item.pk in safe, challenge, seat, names) for item in items])


def _entry(item: EvidenceItem, is_safe: bool, challenge: Challenge, seat: SeatName, names: "Names") -> Entry:
    if item.is_link:
        return Entry(item)
    if reason := _unfit(item, is_safe, seat):
        return Entry(item, reason=reason)
    assert item.current is not None  # what has no file is unfit
    stored = item.current.stored_file
    way = way_for(seat, challenge, stored)
    if way == Way.NONE:
        return Entry(item, reason=_("The council lets this be read in the page only."), page_only=True)
    return Entry(item, names.place(_folder(item), stored.name), way)


def _unfit(item: EvidenceItem, is_safe: bool, seat: SeatName) -> str:
    """Why the file may not go out at all; "" when it may. The council has its own files back before they are judged."""
    stored = item.current.stored_file if item.current is not None else None
    if stored is None or stored.refusal:
        return _("The file was not kept.")
    if stored.verdict == Verdict.INFECTED:
        return _("A virus was found in it.")
    if not stored.is_readable:
        return _("The file is no longer here.")
    if stored.verdict == Verdict.PENDING:
        return _("It is still being checked.")
    if stored.has_open_concern:
        return _("It is held back until the council has answered what was noticed in it.")
    if not is_safe and seat not in HOST:
        return _("It is held back: nobody has said yet that it is safe.")
    return ""


def _folder(item: EvidenceItem) -> str:
    questions = list(item.questions.all())
    theme = questions[0].theme if questions else next(iter(item.themes.all()), None)
    return folder_name(f"{theme.code} {theme.title}") if theme is not None else _("Without a theme")


def folder_name(title: str) -> str:
    """A name that every system takes for a folder."""
    return _plain(title, _FOLDER_LENGTH) or _("Without a theme")


def _plain(text: str, length: int) -> str:
    """Letters, digits and harmless signs; never a step out of the folder."""
    words = " ".join(_UNSAFE.sub(" ", text).split())
    return re.sub(r"\.{2,}", ".", words).strip(" .")[:length].rstrip(" .")


class Names:
    """Gives each file a name of its own within its folder, whatever the case of letters."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {path.casefold() for path in taken}

    def place(self, folder: str, name: str) -> str:
        ending = extension_of(name)
        stem = name[: -len(ending) - 1] if ending else name
        stem = _plain(stem, _NAME_LENGTH) or "file"
        tail = f".{ending}" if ending else ""
        path, number = f"{folder}/{stem}{tail}", 1
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{stem} ({number}){tail}"
        self._taken.add(path.casefold())
        return path


def by_folder(pack: Pack) -> list[tuple[str, list[Entry]]]:
    """What is sent, by the folder in which it will lie."""
    folders: dict[str, list[Entry]] = {}
    for entry in pack.sent:
        folders.setdefault(entry.path.partition("/")[0], []).append(entry)
    return sorted(folders.items())
