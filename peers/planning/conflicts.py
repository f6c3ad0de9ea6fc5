"""What speaks against sending a peer to a council. Plain data in, sentences out; no database.

`bars`: nothing overrides it. `warns`: a coordinator may invite all the same, with a reason.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _


class Strength(StrEnum):
    BARS = "bars"
    WARNS = "warns"


@dataclass(frozen=True)
class Conflict:
    """`key` is the same for the same cause on another day: an override counts for what was known then."""

    key: str
    strength: Strength
    sentence: str

    @property
    def bars(self) -> bool:
        return self.strength == Strength.BARS


@dataclass(frozen=True)
class Host:
    """The council to be visited. Sets hold council ids; `people` are user ids of the host's side."""

    council_id: int
    name: str
    one_council: frozenset[int] = frozenset()
    same_area: frozenset[int] = frozenset()
    bordering: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None


@dataclass(frozen=True)
class Tie:
    """A declared interest in the host or in a council that is one with it."""

    id: int
    council_id: int
    council: str
    kind: str
    kind_words: str
    words: str = ""
    in_force: bool = True


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
    ties: tuple[Tie, ...] = ()
    visits: tuple[OtherVisit, ...] = ()
    team_mates: tuple[tuple[int, str, int], ...] = field(default=())  # (profile id, name, council id)


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


def conflicts(person: Person, host: Host) -> list[Conflict]:
    """All conflicts of the person with this host, those that bar first."""
    found = [*_seat(person, host), *_council(person, host), *_ties(person, host)]
    found += [*_team(person, host), *_dates(person, host)]
    return sorted(found, key=lambda conflict: not conflict.bars)


def _seat(person: Person, host: Host) -> Iterable[Conflict]:
    if person.user_id in host.people:
        words = {"name": person.name}
        yield Conflict(
            "host_side", Strength.BARS, _("%(name)s takes part on the host's side of this challenge.") % words
        )


def _council(person: Person, host: Host) -> Iterable[Conflict]:
    words = {"name": person.name, "council": person.council, "host": host.name}
    key = f"{person.council_id}"
    if person.council_id == host.council_id:
        yield Conflict(f"own:{key}", Strength.BARS, _("%(host)s is %(name)s's own council.") % words)
    elif person.council_id in host.one_council:
        sentence = _("%(council)s and %(host)s are one council, before and after a reorganisation.")
        yield Conflict(f"own:{key}", Strength.BARS, sentence % words)
    elif person.council_id in host.same_area:
        yield Conflict(f"area:{key}", Strength.WARNS, _("%(council)s and %(host)s serve the same area.") % words)
    elif person.council_id in host.bordering:
        yield Conflict(f"border:{key}", Strength.WARNS, _("%(council)s shares a boundary with %(host)s.") % words)


def _ties(person: Person, host: Host) -> Iterable[Conflict]:
    for tie in person.ties:
        if tie.council_id not in host.one_council | {host.council_id}:
            continue
        words = {"council": tie.council, "kind": tie.kind_words.lower(), "words": tie.words}
        if tie.kind == "employer" and tie.in_force:
            yield Conflict(f"tie:{tie.id}", Strength.BARS, _("Declared for %(council)s: works there now.") % words)
            continue
        sentence = (
            _("Declared for %(council)s: %(kind)s. “%(words)s”")
            if tie.words
            else _("Declared for %(council)s: %(kind)s.")
        )
        yield Conflict(f"tie:{tie.id}", Strength.WARNS, sentence % words)


def _team(person: Person, host: Host) -> Iterable[Conflict]:
    for profile_id, name, council_id in person.team_mates:
        if profile_id != person.profile_id and council_id == person.council_id:
            words = {"name": name, "council": person.council}
            sentence = _("%(name)s on this list is from %(council)s as well.")
            yield Conflict(f"mate:{profile_id}", Strength.WARNS, sentence % words)


def _dates(person: Person, host: Host) -> Iterable[Conflict]:
    if host.first_day is None or host.last_day is None:
        return
    for visit in person.visits:
        if visit.first <= host.last_day and visit.last >= host.first_day:
            words = {
                "council": visit.council,
                "first": date_format(visit.first, "j F Y"),
                "last": date_format(visit.last, "j F Y"),
            }
            sentence = _("Visits %(council)s from %(first)s to %(last)s: the days overlap.")
            yield Conflict(f"visit:{visit.challenge_id}", Strength.WARNS, sentence % words)
