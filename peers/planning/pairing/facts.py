"""What pairing knows of people and hosts: plain data, read from the database by `queries.facts`. No database here.

Distances are kilometres between the rough centres of councils, in a straight line.
"""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from peers.planning.season.problem import Weights

Place = tuple[float, float]  # latitude, longitude in degrees
EARTH_KM = 12_742.0  # diameter of the mean sphere

# What a council is like, in the four groups that matter for advice: who does what differs between them.
GROUPS = {
    "county": "upper",
    "district": "lower",
    "unitary": "single",
    "welsh_unitary": "single",
    "isles_of_scilly": "single",
    "metropolitan_borough": "urban",
    "london_borough": "urban",
    "city_of_london": "urban",
}


def group_of(kind: str) -> str:
    """upper, lower, single or urban; a kind that is in none of them stands for itself."""
    return GROUPS.get(kind, kind)


def km(one: Place | None, other: Place | None) -> float:
    """Great-circle distance (haversine); 0 where a place is not known, so that nobody is refused for it."""
    if one is None or other is None:
        return 0.0
    a, b = math.radians(one[0]), math.radians(other[0])
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def weekdays(first: datetime.date, last: datetime.date) -> int:
    """Mondays to Fridays from `first` to `last`, both included."""
    whole, rest = divmod((last - first).days + 1, 7)
    return whole * 5 + sum((first.weekday() + n) % 7 < 5 for n in range(rest))


class Span(NamedTuple):
    """Days, both ends included."""

    first: datetime.date
    last: datetime.date


class Deployment(NamedTuple):
    """A visit for which the person has said yes."""

    first: datetime.date
    last: datetime.date
    challenge_id: int
    council_id: int


class Council(NamedTuple):
    """`place` and `population` are None where the directory does not know them."""

    pk: int
    name: str
    kind: str
    group: str
    nation: str
    region: str
    place: Place | None
    population: int | None


class PersonFacts(NamedTuple):
    """One person of the pool. `themes` are codes known at any level, `strong` those known well.

    `standing`: "" for somebody who can be asked, else why not: resting, applied. `past` counts visits that ended
    before the period, `away` and `visits` are those that matter in it (`visits` holds earlier ones too). `known_kinds`
    are (kind of council, size) which they know from inside, besides home.
    """

    pk: int
    user_id: int
    name: str
    job_title: str
    council: Council
    role: str
    party: str
    can_lead: bool
    welsh: bool
    remote_ok: bool
    radius_km: int
    days_offered: int
    most_visits: int
    available: tuple[datetime.date | None, datetime.date | None]
    standing: str
    training_until: datetime.date | None = None
    themes: frozenset[str] = frozenset()
    strong: frozenset[str] = frozenset()
    away: tuple[Span, ...] = ()
    visits: tuple[Deployment, ...] = ()
    past: int = 0
    known_kinds: frozenset[tuple[str, str]] = frozenset()

    @property
    def council_id(self) -> int:
        return self.council.pk

    @property
    def council_name(self) -> str:
        return self.council.name

    def days_used(self, year: int, *, besides: int = 0) -> int:
        """Weekdays of accepted visits that begin in `year`, without those of challenge `besides`."""
        if not self.visits:
            return 0
        return sum(
            weekdays(visit.first, visit.last)
            for visit in self.visits
            if visit.first.year == year and visit.challenge_id != besides
        )

    def days_left(self, year: int, *, besides: int = 0) -> int:
        return self.days_offered - self.days_used(year, besides=besides)

    def already(self, first: datetime.date, last: datetime.date, *, besides: int = 0) -> int:
        """Accepted visits that begin from `first` to `last`."""
        if not self.visits:
            return 0
        return sum(first <= visit.first <= last and visit.challenge_id != besides for visit in self.visits)

    def is_free(self, first: datetime.date, last: datetime.date, *, besides: int = 0) -> bool:
        """In their time, not away and not on another visit on any day from `first` to `last`."""
        begins, ends = self.available
        if (begins is not None and first < begins) or (ends is not None and last > ends):
            return False
        if not self.away and not self.visits:
            return True
        if any(span.first <= last and span.last >= first for span in self.away):
            return False
        return not any(
            visit.first <= last and visit.last >= first and visit.challenge_id != besides for visit in self.visits
        )

    def is_trained(self, day: datetime.date) -> bool:
        """Whether their training has not run out on `day`; one without an end lasts."""
        return self.training_until is None or self.training_until >= day

    def has_met(self, council_id: int) -> bool:
        return any(visit.council_id == council_id for visit in self.visits)


@dataclass(frozen=True)
class Shape:
    """What a team must be. `leads`, `members` and `specialists` are the fewest; `per_council` the most of one council.

    `size` counts everybody but observers. With `cover_themes` somebody must know each theme in scope.
    """

    size: int
    leads: int = 1
    members: int = 1
    specialists: int = 1
    per_council: int = 1
    cover_themes: bool = True
    title: str = ""


class HostFacts(NamedTuple):
    """One challenge as pairing sees it. `themes` maps the codes in scope to titles, in the questionnaire's order."""

    challenge_id: int
    ref: str
    council: Council
    themes: Mapping[str, str]
    shape: Shape
    welsh: bool
    visit: Span | None
    window: Span | None

    @property
    def council_id(self) -> int:
        return self.council.pk


@dataclass(frozen=True)
class PeopleFacts:
    """Everything that terms, the shortlist and the season need, read at one moment.

    `hosts` by challenge id. `good_pairs` and `bad_pairs` hold (lower, higher) ids of profiles. `on_list`: for each
    challenge the active places as profile id -> (state, role). `declined`: who has said no, by challenge, and is not on
    the list again; `said_no`: those on the list again too.
    """

    first_day: datetime.date
    last_day: datetime.date
    people: Sequence[PersonFacts]
    hosts: Mapping[int, HostFacts]
    weights: Weights
    good_pairs: frozenset[tuple[int, int]] = frozenset()
    bad_pairs: frozenset[tuple[int, int]] = frozenset()
    on_list: Mapping[int, Mapping[int, tuple[str, str]]] = field(default_factory=dict)
    declined: Mapping[int, frozenset[int]] = field(default_factory=dict)
    said_no: Mapping[int, frozenset[int]] = field(default_factory=dict)
