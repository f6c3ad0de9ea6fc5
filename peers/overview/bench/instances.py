"""Invented seasons of three sizes over the real councils, for measuring and testing the planning of seasons.

The same size and seed give the same season everywhere: one stream of random numbers decides all, in a fixed order.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from random import Random
from typing import TypeVar

from peers.planning.season.problem import Pair, Peer, Problem, Visit, Weights

COUNCILS = Path(__file__).resolve().parents[3] / "fixtures/councils"
EARTH_KM = 12_742  # through the middle
THEMES = range(9)
PARTIES = ("first", "second", "third", "other")
RADII = (150, 250, 350, 600)
REGIONS_TO_A_MANAGER = 9
STEPS = ((50, 0), (100, 1), (150, 2), (250, 4), (350, 7))  # kilometres up to which a journey counts so many units
FARTHEST = 10
DAYS, A_DAY_MORE_BEYOND = 3, 200
VISITS_A_WEEK = 4
SPACING = 3
TWO_TIER = {"county": "upper", "district": "lower"}
SINGLE_TIER = {"unitary", "welsh_unitary", "isles_of_scilly"}
NO_PRINCIPAL = {"combined_authority", "strategic_authority"}
T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    peers: int
    visits: int
    weeks: int
    seed: int


SIZES = {"S": Size(40, 12, 12, 13), "M": Size(300, 60, 26, 22), "L": Size(1000, 120, 40, 33)}


class Stream:
    """Every draw takes numbers from one stream, in the order of the calls."""

    def __init__(self, seed: int) -> None:
        self.u = Random(seed).random  # noqa: S311 - an invented season

    def between(self, low: int, high: int) -> int:
        return low + int(self.u() * (high - low + 1))

    def pick(self, some: Sequence[T]) -> T:
        return some[int(self.u() * len(some))]

    def sample(self, some: Sequence[T], count: int) -> list[T]:
        left = list(some)
        return [left.pop(int(self.u() * len(left))) for _n in range(count)]


# --- the real councils ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """A council as far as a season asks. `combined` only where it is a combined authority, as London's is not:
    that one would keep every London peer from all of London."""

    code: str
    name: str
    kind: str  # upper, lower, single, urban
    region: str
    nation: str
    county: str
    combined: str
    latitude: float
    longitude: float


@cache
def places() -> tuple[Place, ...]:
    """The principal councils that are there today in the data, by code."""
    with (COUNCILS / "councils.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] not in NO_PRINCIPAL and not row["last_day"]]
    return tuple(_place(row) for row in sorted(rows, key=lambda row: row["code"]))


def _place(row: Mapping[str, str]) -> Place:
    kind, combined = row["kind"], row["combined_authority_code"]
    return Place(
        code=row["code"],
        name=row["name"],
        kind=TWO_TIER.get(kind, "single" if kind in SINGLE_TIER else "urban"),
        region=row["region"],
        nation=row["nation"],
        county=row["county_code"],
        combined=combined if combined.startswith("E47") else "",
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
    )


@cache
def neighbours() -> frozenset[tuple[str, str]]:
    with (COUNCILS / "neighbours.csv").open(encoding="utf-8", newline="") as lines:
        listed = [(row["first_code"], row["second_code"]) for row in csv.DictReader(lines)]
    return frozenset(listed + [(b, a) for a, b in listed])


def too_near(a: Place, b: Place) -> bool:
    """The same council, a neighbour, one of the same county or of the same combined authority."""
    shared_county = bool(a.county) and a.county == b.county
    shared_authority = bool(a.combined) and a.combined == b.combined
    return a.code == b.code or (a.code, b.code) in neighbours() or shared_county or shared_authority


def kilometres(a: Place, b: Place) -> float:
    """As the crow flies between the two rough centres."""
    up, across = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    part = sin(up / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(across / 2) ** 2
    return EARTH_KM * asin(sqrt(part))


# --- the season --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Known:
    """What is known of a peer besides `Peer`."""

    home: Place
    radius: int
    past: int


def instance(size: str, seed: int | None = None) -> Problem:
    """A season of size S (40 peers, 12 visits), M (300, 60) or L (1,000, 120). Its own seed unless one is given.

    `party_targets`: of the seats that ask for a member (each visit's `members`), as many for each party as its
    share of the pool's member peers, rounded to the nearest (a half to the even number).
    """
    wanted, councils = SIZES[size], places()
    stream = Stream(wanted.seed if seed is None else seed)
    open_weeks = [week for week in range(wanted.weeks) if week not in _closed(size, wanted.weeks)]
    people = [_peer(stream, number, councils, wanted.weeks) for number in range(wanted.peers)]
    peers, known = tuple(peer for peer, _known in people), [known for _peer, known in people]
    hosts = stream.sample(range(len(councils)), wanted.visits)
    visits = tuple(_visit(stream, number, host, councils, open_weeks) for number, host in enumerate(hosts))
    # The order of the draws: peer by peer.
    declared = {(v, p) for p in range(wanted.peers) for v in range(wanted.visits) if stream.u() < 0.02}
    good, bad = _pairs_of_people(stream, wanted.peers)
    return Problem(
        weeks=wanted.weeks,
        peers=peers,
        visits=visits,
        pairs=_who_may_go(peers, known, visits, councils, declared),
        per_week=(VISITS_A_WEEK,) * wanted.weeks,
        spacing=SPACING,
        good_pairs=good,
        bad_pairs=bad,
        party_targets=_targets(peers, visits),
    )


def _closed(size: str, weeks: int) -> set[int]:
    if size == "S":
        return {weeks // 2}
    return {weeks // 4, weeks // 4 + 1, 3 * weeks // 4, 3 * weeks // 4 + 1}


def _peer(stream: Stream, number: int, councils: Sequence[Place], weeks: int) -> tuple[Peer, Known]:
    home, drawn = stream.pick(range(len(councils))), stream.u()
    role = "officer" if drawn < 0.55 else "member" if drawn < 0.80 else "specialist"
    party = PARTIES[_step(stream.u(), 0.35, 0.65, 0.85)]  # drawn for everybody, kept for members
    leads = stream.u() < 0.25
    themes = frozenset(stream.sample(THEMES, stream.between(2, 5)))
    most = 1 + _step(stream.u(), 0.4, 0.9)
    radius = stream.pick(RADII)
    absent = 0.2 + 0.2 * stream.u()
    free = frozenset(week for week in range(weeks) if stream.u() >= absent)
    days, welsh, past = stream.between(4, 12), stream.u() < 0.04, stream.between(0, 3)
    kept = party if role == "member" else ""
    peer = Peer(number, home, role, kept, leads, themes, free, days, most, welsh=welsh)
    return peer, Known(councils[home], radius, past)


def _step(drawn: float, *edges: float) -> int:
    """How many of the edges lie at or below what was drawn."""
    return sum(1 for edge in edges if drawn >= edge)


def _visit(stream: Stream, number: int, host: int, councils: Sequence[Place], open_weeks: Sequence[int]) -> Visit:
    length = stream.between(5, 8)
    start = stream.between(0, len(open_weeks) - length)
    weeks = tuple(open_weeks[start : start + length])
    size = 3 + _step(stream.u(), 0.15, 0.85)
    themes = frozenset(stream.sample(THEMES, stream.between(4, 6)))
    regions = sorted({place.region for place in councils})
    return Visit(
        key=number,
        council=host,
        weeks=weeks,
        size=size,
        first=weeks[0],
        themes=themes,
        welsh=councils[host].nation == "Wales",
        manager=regions.index(councils[host].region) % REGIONS_TO_A_MANAGER,
    )


def _pairs_of_people(stream: Stream, peers: int) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """A fifth as many good pairs as there are peers, a tenth as many bad ones, none both."""
    good: set[tuple[int, int]] = set()
    bad: set[tuple[int, int]] = set()
    for found, other, count in ((good, bad, peers // 5), (bad, good, peers // 10)):
        while len(found) < count:
            a, b = sorted(stream.sample(range(peers), 2))
            if (a, b) not in other:
                found.add((a, b))
    return frozenset(good), frozenset(bad)


def _who_may_go(
    peers: Sequence[Peer],
    known: Sequence[Known],
    visits: Sequence[Visit],
    councils: Sequence[Place],
    declared: set[tuple[int, int]],
) -> dict[tuple[int, int], Pair]:
    pairs = {}
    for v, visit in enumerate(visits):
        host = councils[visit.council]
        for p, (peer, more) in enumerate(zip(peers, known, strict=True)):
            km = kilometres(more.home, host)
            barred = (v, p) in declared or km > more.radius or too_near(more.home, host)
            days = DAYS + (km > A_DAY_MORE_BEYOND)
            if not barred and days <= peer.days and peer.free.intersection(visit.weeks):
                pairs[v, p] = Pair(_cost(km, more, host, Weights()), days, round(km, 1))
    return pairs


def _cost(km: float, known: Known, host: Place, weights: Weights) -> int:
    steps = next((units for up_to, units in STEPS if km <= up_to), FARTHEST)
    return (
        weights.travel * steps
        + weights.other_kind * (known.home.kind != host.kind)
        + weights.past * known.past
        + weights.travel_day * (km > A_DAY_MORE_BEYOND)
    )


def _targets(peers: Sequence[Peer], visits: Sequence[Visit]) -> dict[str, int]:
    pool = Counter(peer.party for peer in peers if peer.role == "member")
    seats = sum(visit.members for visit in visits)
    return {party: round(seats * pool[party] / max(1, pool.total())) for party in PARTIES if pool[party]}
