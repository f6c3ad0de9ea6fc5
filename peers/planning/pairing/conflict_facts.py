"""The plain data of conflicts: kinds and their rules, the host, the person, and what is found between them."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _


class Strength(StrEnum):
    BARS = "bars"
    WARNS = "warns"
    OFF = "off"


class ConflictKind(StrEnum):
    OWN = "own"
    ONE_COUNCIL = "one_council"
    HOST_SIDE = "host_side"
    EMPLOYER = "employer"
    FORMER_EMPLOYER = "former_employer"
    PARTNERSHIP = "partnership"
    SAME_AREA = "same_area"
    BOUNDARY = "boundary"
    COMBINED_AUTHORITY = "combined_authority"
    RECIPROCITY = "reciprocity"
    SAME_HOST = "same_host"
    SUPPLIER = "supplier"
    FAMILY = "family"
    OTHER_TIE = "other_tie"
    PARTY = "party"
    OVERLAP = "overlap"
    COOLING_OFF = "cooling_off"
    TEAM_MATE = "team_mate"


class Rule(NamedTuple):
    """How a kind counts. `months`: how far the kind looks; None is without end, or means nothing for the kind."""

    strength: Strength
    months: int | None = None


K = ConflictKind
BARS, WARNS = Rule(Strength.BARS), Rule(Strength.WARNS)
# A shared service or partnership bars: the host would be looked at by people who run what is looked at.
DEFAULTS: Mapping[ConflictKind, Rule] = {
    **dict.fromkeys((K.OWN, K.ONE_COUNCIL, K.HOST_SIDE, K.EMPLOYER, K.PARTNERSHIP), BARS),
    **dict.fromkeys((K.SAME_AREA, K.BOUNDARY, K.COMBINED_AUTHORITY, K.SUPPLIER, K.FAMILY, K.OTHER_TIE, K.PARTY), WARNS),
    **dict.fromkeys((K.OVERLAP, K.TEAM_MATE), WARNS),
    K.FORMER_EMPLOYER: Rule(Strength.WARNS, 36),
    K.RECIPROCITY: Rule(Strength.WARNS, 24),
    K.SAME_HOST: Rule(Strength.WARNS, 60),
    K.COOLING_OFF: Rule(Strength.WARNS, 1),
}
# No coordinator can make these anything but a bar.
FIXED = frozenset({K.OWN, K.ONE_COUNCIL, K.HOST_SIDE})
WINDOWED = frozenset({K.FORMER_EMPLOYER, K.RECIPROCITY, K.SAME_HOST, K.COOLING_OFF})
# Kinds of `pool.Interest` and the kind of conflict that each is.
TIE_KINDS = {
    "employer": K.EMPLOYER,
    "former_employer": K.FORMER_EMPLOYER,
    "supplier": K.SUPPLIER,
    "family": K.FAMILY,
    "partnership": K.PARTNERSHIP,
}


@dataclass(frozen=True)
class Conflict:
    """`key` is the same for the same cause on another day: an override counts for what was known then.

    `source` says where it is known from; `until` is the last day on which it counts, None without such a day.
    """

    key: str
    kind: ConflictKind
    strength: Strength
    sentence: str
    source: str = ""
    until: datetime.date | None = None

    @property
    def bars(self) -> bool:
        return self.strength == Strength.BARS

    @property
    def window(self) -> str:
        """Until when it counts, in words; empty for what has no end."""
        return _("Counts until %(day)s.") % {"day": in_words(self.until)} if self.until else ""


class Partner(NamedTuple):
    """A partnership that runs at the time of the visit."""

    id: int
    title: str
    kind: str


class Exchange(NamedTuple):
    """A visit between two councils by `people` (profile ids).

    `outward`: they are of the host's council and were on the team at the peer's.
    """

    challenge_id: int
    last: datetime.date
    outward: bool
    people: frozenset[int] = frozenset()


class Earlier(NamedTuple):
    """An earlier challenge of the same host on which the person sat. `followed_up`: it is in its follow-up now."""

    challenge_id: int
    last: datetime.date
    followed_up: bool


class Mate(NamedTuple):
    profile_id: int
    name: str
    council_id: int


@dataclass(frozen=True)
class Host:
    """The council to be visited. Sets hold council ids; `people` are user ids of the host's side.

    `on` is the day from which windows are counted: the first of the visit, or of its window, or today.
    `partners` and `exchanges` go by the other council's id, `met` by profile id. `one_council` holds the host itself.
    """

    council_id: int
    name: str
    on: datetime.date
    challenge_id: int = 0
    one_council: frozenset[int] = frozenset()
    same_area: frozenset[int] = frozenset()
    bordering: frozenset[int] = frozenset()
    authority: str = ""
    authority_members: frozenset[int] = frozenset()
    partners: Mapping[int, tuple[Partner, ...]] = field(default_factory=dict)
    exchanges: Mapping[int, tuple[Exchange, ...]] = field(default_factory=dict)
    met: Mapping[int, tuple[Earlier, ...]] = field(default_factory=dict)
    people: frozenset[int] = frozenset()
    team: tuple[Mate, ...] = ()
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    party: str = ""


@dataclass(frozen=True)
class Tie:
    """A declared interest. `ended`: over before the visit and before today. `bars`: a coordinator said that it does."""

    id: int
    council_id: int
    council: str
    kind: str
    words: str = ""
    ended: bool = False
    ends_on: datetime.date | None = None
    declared_on: datetime.date | None = None
    pinned: bool = False
    bars: bool = False


class FormerHome(NamedTuple):
    """A council in which the person worked or sat until `ended_on`."""

    council_id: int
    council: str
    ended_on: datetime.date


@dataclass(frozen=True)
class OtherVisit:
    """Another visit for which the peer has said yes."""

    challenge_id: int
    council: str
    first: datetime.date
    last: datetime.date


@dataclass(frozen=True)
class Person:
    user_id: int
    profile_id: int
    name: str
    council_id: int
    council: str
    party: str = ""
    ties: tuple[Tie, ...] = ()
    homes: tuple[FormerHome, ...] = ()
    visits: tuple[OtherVisit, ...] = ()


def one_council(council_id: int, takeovers: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The council with all that went before it and all that follow it, along (predecessor, successor) pairs.

    Two councils that a third replaces are not one with each other: one walks up or down, never back.
    """
    up: Mapping[int, list[int]] = defaultdict(list)
    down: Mapping[int, list[int]] = defaultdict(list)
    for before, after in takeovers:
        down[before].append(after)
        up[after].append(before)
    return frozenset({council_id}) | _reach(council_id, up) | _reach(council_id, down)


def _reach(start: int, steps: Mapping[int, list[int]]) -> frozenset[int]:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for other in steps.get(waiting.pop(), []):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return frozenset(seen)


def months_from(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month so many months later (or earlier); the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return datetime.date(year, month + 1, number)
        except ValueError:
            continue
    return datetime.date(year, month + 1, day.day)


def in_words(day: datetime.date) -> str:
    return date_format(day, "j F Y")
