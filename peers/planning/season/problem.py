"""What is to be planned, and what a plan is: plain data that every part of the craft shares.

Peers, visits and weeks are known by their place in the problem (0, 1, ...), themes by small numbers;
`key` carries the caller's own id. Costs are whole numbers; their terms and weights are those of `Weights`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

# A plan: each planned visit's week and team, by place; the team in ascending order.
Plan = dict[int, tuple[int, tuple[int, ...]]]


@dataclass(frozen=True)
class Weights:
    """What each unit of a cost term counts. 0 takes the term away."""

    travel: int = 1  # per step: 0 to 50 km, 1 to 100, 2 to 150, 4 to 250, 7 to 350, 10 beyond
    other_kind: int = 2  # the peer's council is of another kind (upper, lower, single, urban) than the host
    past: int = 1  # per past deployment, at most 3
    travel_day: int = 1  # a journey beyond 200 km takes a day more
    covered_once: int = 2  # per theme in scope that only one on the team knows
    same_party: int = 2  # per member peer of a party beyond the first on one team
    good_pair: int = 3  # taken off for two who are preferred together
    bad_pair: int = 6  # for two who are better kept apart
    no_welsh: int = 5  # nobody on the team speaks Welsh where the host asks
    week_later: int = 1  # per week after the first of the visit's window
    second_visit: int = 4  # for a peer's second visit in the season
    third_visit: int = 8  # on top, for each visit of a peer after the second
    party_share: int = 1  # per member peer of a party more or fewer than `Problem.party_targets`

    @classmethod
    def from_mapping(cls, values: Mapping[str, int]) -> "Weights":
        """Weights from stored values; a term that is missing keeps its default, an unknown one is left out."""
        known = {term.name for term in fields(cls)}
        return cls(**{name: int(value) for name, value in values.items() if name in known})


@dataclass(frozen=True)
class Peer:
    """`free`: weeks in which the peer can travel. `days`: days left of those offered. `already`: other visits in the
    season that count towards second and third visits and towards `most`."""

    key: int
    council: int
    role: str  # officer, member, specialist
    party: str = ""
    leads: bool = False
    themes: frozenset[int] = frozenset()
    free: frozenset[int] = frozenset()
    days: int = 0
    most: int = 2
    already: int = 0
    welsh: bool = False


@dataclass(frozen=True)
class Visit:
    """`weeks`: those in which the visit may be, ascending; `first` is the first of the window, for `week_later`.

    The team has exactly `size` people: at least `leads` who can lead, `members` member peers, `specialists`
    cyber specialists, and somebody for each theme of `themes`.
    """

    key: int
    council: int
    weeks: tuple[int, ...]
    size: int
    first: int = 0
    themes: frozenset[int] = frozenset()
    leads: int = 1
    members: int = 1
    specialists: int = 1
    welsh: bool = False
    manager: int | None = None


@dataclass(frozen=True)
class Pair:
    """A peer who may go to a visit. `cost` holds travel, other_kind, past and travel_day, weights included."""

    cost: int
    days: int
    km: float = 0.0


@dataclass(frozen=True)
class Problem:
    """`pairs[(visit, peer)]` holds those who may go: who is not in it is barred, too far, never free or forbidden.

    `per_week[w]`: visits that week `w` still has room for. `spacing` = 3: a peer's visits in the season are at least
    3 weeks apart (no two within any 3 weeks in a row). `per_council`: most people of one council on a team.
    `manager_busy`: (manager, week) taken by other visits; a manager has at most one visit a week. Good and bad pairs
    are (lower place, higher place). `seat_pins`: (visit, peer) that must be; `week_pins`: visit to week.
    """

    weeks: int
    peers: tuple[Peer, ...]
    visits: tuple[Visit, ...]
    pairs: Mapping[tuple[int, int], Pair]
    per_week: tuple[int, ...]
    spacing: int = 3
    per_council: int = 1
    manager_busy: frozenset[tuple[int, int]] = frozenset()
    good_pairs: frozenset[tuple[int, int]] = frozenset()
    bad_pairs: frozenset[tuple[int, int]] = frozenset()
    party_targets: Mapping[str, int] = field(default_factory=dict)
    seat_pins: frozenset[tuple[int, int]] = frozenset()
    week_pins: Mapping[int, int] = field(default_factory=dict)
    weights: Weights = Weights()

    def to_data(self) -> dict[str, Any]:
        """As JSON can carry it; `from_data` gives an equal problem."""
        data = asdict(self)
        data["pairs"] = [[v, p, pair.cost, pair.days, pair.km] for (v, p), pair in sorted(self.pairs.items())]
        data["week_pins"] = sorted(self.week_pins.items())
        for name in ("manager_busy", "good_pairs", "bad_pairs", "seat_pins"):
            data[name] = sorted(data[name])
        for row in data["peers"]:
            row["themes"], row["free"] = sorted(row["themes"]), sorted(row["free"])
        for row in data["visits"]:
            row["themes"] = sorted(row["themes"])
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Problem":
        rest = dict(data)
        rest["peers"] = tuple(
            Peer(**row | {"themes": frozenset(row["themes"]), "free": frozenset(row["free"])}) for row in data["peers"]
        )
        rest["visits"] = tuple(
            Visit(**row | {"themes": frozenset(row["themes"]), "weeks": tuple(row["weeks"])}) for row in data["visits"]
        )
        rest["pairs"] = {(v, p): Pair(cost, days, km) for v, p, cost, days, km in data["pairs"]}
        rest["week_pins"] = dict(data["week_pins"])
        rest["per_week"] = tuple(data["per_week"])
        for name in ("manager_busy", "good_pairs", "bad_pairs", "seat_pins"):
            rest[name] = frozenset((a, b) for a, b in data[name])
        rest["weights"] = Weights(**data["weights"])
        return cls(**rest)


@dataclass(frozen=True)
class Limits:
    """`seconds`: wall time. `gap`: stop at a gap this small. Deterministic: the same plan every time (for tests);
    slower, with fixed turns in place of seconds."""

    seconds: float = 60.0
    gap: float = 0.03
    seed: int = 0
    workers: int = 2
    deterministic: bool = False


@dataclass(frozen=True)
class Reason:
    """Why no plan exists, or what would have to give. `rule`: shape, leads, members, specialists, theme, weeks,
    availability, pin, week_pin, per_week, manager, load, days, spacing, council. `amount`: how many are missing."""

    rule: str
    visit: int | None = None
    peer: int | None = None
    week: int | None = None
    theme: int | None = None
    amount: int = 1


@dataclass(frozen=True)
class News:
    """How far the solving is. `phase`: first, columns, choice, done, replan, explain. `bound` is one of the whole
    problem; `plan` is given only when it is a better one than before."""

    phase: str
    seconds: float
    cost: int | None = None
    bound: int | None = None
    plan: Plan | None = None
    reasons: tuple[Reason, ...] = ()  # with phase "impossible"
    relaxations: tuple[Reason, ...] = ()

    @property
    def gap(self) -> float | None:
        """(cost - bound) / cost; None while either is unknown. Costs at or below 0 give the absolute gap over 1."""
        if self.cost is None or self.bound is None:
            return None
        return max(0, self.cost - self.bound) / max(1, abs(self.cost))
