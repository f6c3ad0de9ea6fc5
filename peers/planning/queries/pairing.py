"""Everything that speaks for or against pairs of hosts and peers, in two queries whatever their number."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from django.db.models import Q, QuerySet

from peers.access import HOST, SeatName
from peers.challenges.models import Challenge, Seat
from peers.councils.models import Council, CouncilNeighbour, CouncilSuccession, Partnership, Relation
from peers.planning.models import ACTIVE_STATES, ConflictRule, Placement, PlacementState
from peers.planning.pairing.conflicts import DEFAULTS, ConflictKind, Mate, Rule, Strength, one_council
from peers.pool.models import HomeCouncil, Interest
from peers.stages import Stage

from .together import TRUE, in_one_query

# Only these are bodies that their members run together: the code of Greater London holds every borough.
COMBINED = "E47"
DAYS_A_MONTH = 31
Row = Sequence[str | None]
V = TypeVar("V")


class CouncilRow(NamedTuple):
    id: int
    name: str
    gss_code: str
    parent_id: int | None
    authority_id: int | None
    party: str


class VisitRow(NamedTuple):
    """A visit for which a peer has said yes. `council_id`: where; `home_id`: the peer's council."""

    profile_id: int
    home_id: int
    challenge_id: int
    council_id: int
    first: datetime.date
    last: datetime.date
    stage: str


class Membership(NamedTuple):
    """A council's part in a partnership; both days included, blank ends are open."""

    partnership_id: int
    title: str
    kind: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None


class TieRow(NamedTuple):
    id: int
    profile_id: int
    council_id: int
    kind: str
    words: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    declared_on: datetime.date | None
    pinned: bool
    bars: bool


@dataclass(frozen=True)
class Directory:
    """What the directory and the rules say. `ones`: for each council asked about, those that are one with it."""

    councils: Mapping[int, CouncilRow]
    takeovers: Sequence[tuple[int, int]]
    neighbours: Mapping[int, Sequence[tuple[int, bool]]]  # (the other, whether both serve the same area)
    partners: Mapping[int, Sequence[Membership]]  # by council
    rules: Mapping[ConflictKind, Rule]
    _ones: dict[int, frozenset[int]] = field(default_factory=dict)

    def one_with(self, council_id: int) -> frozenset[int]:
        if council_id not in self._ones:
            self._ones[council_id] = one_council(council_id, self.takeovers)
        return self._ones[council_id]

    def months(self, kind: ConflictKind) -> int:
        return self.rules.get(kind, DEFAULTS[kind]).months or 0

    def name(self, council_id: int) -> str:
        row = self.councils.get(council_id)
        return row.name if row else ""


@dataclass(frozen=True)
class Deeds:
    """What people have declared and done. `sides` and `lists` go by challenge, the rest by profile or as they are."""

    ties: Mapping[int, Sequence[TieRow]]
    homes: Mapping[int, Sequence[tuple[int, datetime.date]]]
    visits: Sequence[VisitRow]
    travels: Mapping[int, Sequence[VisitRow]]
    sides: Mapping[int, frozenset[int]]
    lists: Mapping[int, tuple[Mate, ...]]


# --- reading -----------------------------------------------------------------------------------------
def read_directory(challenges: Sequence[Challenge]) -> Directory:
    """One query."""
    hosts = {challenge.council_id for challenge in challenges}
    through = Partnership.councils.through.objects
    rows = in_one_query(
        {
            "councils": (
                Council.objects.all(),
                ("pk", "name", "gss_code", "parent_id", "combined_authority_id", "leading_party"),
            ),
            "takeovers": (CouncilSuccession.objects.exclude(successor=None), ("predecessor_id", "successor_id")),
            "neighbours": (
                CouncilNeighbour.objects.filter(Q(first__in=hosts) | Q(second__in=hosts)),
                ("first_id", "second_id", "relation"),
            ),
            "partners": (
                through.all(),
                ("partnership_id", "council_id", "partnership__title", "partnership__kind",
                 "partnership__starts_on", "partnership__ends_on"),
            ),
            "rules": (ConflictRule.objects.all(), ("kind", "strength", "months")),
        }
    )  # fmt: skip
    return Directory(
        councils={row.id: row for row in map(_council_row, rows["councils"])},
        takeovers=_pairs(rows["takeovers"]),
        neighbours=_neighbours(rows["neighbours"]),
        partners=_partners(rows["partners"]),
        rules={
            ConflictKind(kind): Rule(Strength(strength), _maybe(months)) for kind, strength, months in rows["rules"]
        },
    )


def read_deeds(challenges: Sequence[Challenge], directory: Directory) -> Deeds:
    """One query: declarations and former homes at these hosts, visits that may matter, host sides and lists."""
    ids = [challenge.pk for challenge in challenges]
    hosts = frozenset[int]().union(*(directory.one_with(challenge.council_id) for challenge in challenges))
    lists = Placement.objects.filter(challenge__in=ids, state__in=ACTIVE_STATES)
    sides = Seat.objects.filter(content_object__in=ids, permission__codename__in=[*HOST, SeatName.CONTRIBUTOR])
    rows = in_one_query(
        {
            "ties": (
                Interest.objects.filter(council__in=hosts, withdrawn_at=None),
                ("pk", "profile_id", "council_id", "kind", "words", "starts_on", "ends_on", "declared_at", "pinned",
                 "bars"),
            ),
            "homes": (
                HomeCouncil.objects.filter(council__in=hosts, ends_on__isnull=False),
                ("profile_id", "council_id", "ends_on"),
            ),
            "visits": (
                _visits(challenges, hosts, directory.months(ConflictKind.COOLING_OFF)),
                ("profile_id", "profile__council_id", "challenge_id", "challenge__council_id",
                 "challenge__visit_first_day", "challenge__visit_last_day", "challenge__stage"),
            ),
            "sides": (sides, ("content_object_id", "user_id")),
            "lists": (lists, ("challenge_id", "profile_id", "profile__user__full_name", "profile__council_id")),
        }
    )  # fmt: skip
    visits = [_visit_row(row) for row in rows["visits"]]
    return Deeds(
        ties=_by_first([(row.profile_id, row) for row in map(_tie_row, rows["ties"])]),
        homes=_by_first([(_int(pk), (_int(council), _date(end))) for pk, council, end in rows["homes"]]),
        visits=visits,
        travels=_by_first([(visit.profile_id, visit) for visit in visits]),
        sides={pk: frozenset(people) for pk, people in _by_first(_pairs(rows["sides"])).items()},
        lists={
            pk: tuple(mates)
            for pk, mates in _by_first(
                [(_int(at), Mate(_int(pk), name or "", _int(home))) for at, pk, name, home in rows["lists"]]
            ).items()
        },
    )


def _visits(challenges: Sequence[Challenge], hosts: frozenset[int], months: int) -> QuerySet[Placement]:
    """Accepted visits at these hosts, by people of these hosts, or at most `months` from the days of these visits."""
    wanted = Q(challenge__council__in=hosts) | Q(profile__council__in=hosts)
    days = [day for row in challenges for day in (row.visit_first_day, row.visit_last_day) if day]
    if days:
        rest = datetime.timedelta(days=months * DAYS_A_MONTH)
        wanted |= Q(challenge__visit_last_day__gte=min(days) - rest, challenge__visit_first_day__lte=max(days) + rest)
    rows = Placement.objects.filter(wanted, state=PlacementState.ACCEPTED, challenge__visit_first_day__isnull=False)
    return rows.exclude(challenge__stage=Stage.WITHDRAWN)


# --- from text -----------------------------------------------------------------------------------------
def _int(text: str | None) -> int:
    return int(text or 0)


def _maybe(text: str | None) -> int | None:
    return int(text) if text else None


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text[:10]) if text else None


def _date(text: str | None) -> datetime.date:
    return datetime.date.fromisoformat((text or "")[:10])


def _pairs(rows: Iterable[Row]) -> list[tuple[int, int]]:
    return [(_int(first), _int(second)) for first, second in rows]


def _by_first(pairs: Iterable[tuple[int, V]]) -> dict[int, list[V]]:
    found: dict[int, list[V]] = defaultdict(list)
    for first, second in pairs:
        found[first].append(second)
    return found


def _rule(row: Row) -> tuple[ConflictKind, Rule]:
    kind, strength, months = row
    return ConflictKind(kind or ""), Rule(Strength(strength or ""), _maybe(months))


def _council_row(row: Row) -> CouncilRow:
    pk, name, code, parent, authority, party = row
    return CouncilRow(_int(pk), name or "", code or "", _maybe(parent), _maybe(authority), party or "")


def _neighbours(rows: Iterable[Row]) -> dict[int, list[tuple[int, bool]]]:
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for first, second, relation in rows:
        same = relation == Relation.SAME_AREA
        found[_int(first)].append((_int(second), same))
        found[_int(second)].append((_int(first), same))
    return found


def _partners(rows: Iterable[Row]) -> dict[int, list[Membership]]:
    return _by_first(
        (_int(council), Membership(_int(pk), title or "", kind or "", _day(starts), _day(ends)))
        for pk, council, title, kind, starts, ends in rows
    )


def _tie_row(row: Row) -> TieRow:
    pk, profile, council, kind, words, starts, ends, declared, pinned, bars = row
    return TieRow(
        _int(pk), _int(profile), _int(council), kind or "", words or "", _day(starts), _day(ends), _day(declared),
        pinned in TRUE, bars in TRUE,
    )  # fmt: skip


def _visit_row(row: Row) -> VisitRow:
    profile, home, challenge, council, first, last, stage = row
    return VisitRow(_int(profile), _int(home), _int(challenge), _int(council), _date(first), _date(last), stage or "")
