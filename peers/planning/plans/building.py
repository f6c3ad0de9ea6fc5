"""From what pairing knows of people and hosts to the problem of a season, and back from places to people.

Plain data in and out; no database. Weeks are counted from the plan's first Monday.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from peers.planning.pairing.conflicts import Conflict
from peers.planning.pairing.facts import Council, Deployment, HostFacts, PeopleFacts, PersonFacts, Span, km
from peers.planning.pairing.terms import past_terms, place_terms, total, visit_days
from peers.planning.plans.closed import is_open
from peers.planning.plans.given import ease
from peers.planning.season.problem import Pair, Peer, Problem, Reason, Visit, Weights


@dataclass(frozen=True)
class Ask:
    """What the coordinator asks for. `challenges` are ids in the order of the problem's visits.

    `closed`: days without visits by nation. `cannot` and `can`: the host's own days by challenge; where a host gave
    days that suit, the visit must lie in them. `elsewhere`: visits to which people are invited outside the plan.
    `refused`: (challenge, profile) that said no. `skills`: codes under which the pool keeps skills; a theme beyond them
    is asked of nobody. `other_visits`: (first day, manager) of visits outside the plan. `earliest`: the first day that
    the deadlines leave for a visit whose days are not fixed, by challenge.
    """

    mondays: Sequence[date]
    weekday: int
    days: int
    per_week: int
    spacing: int
    weights: Weights
    challenges: Sequence[int]
    with_warnings: bool = False
    closed: Mapping[str, frozenset[date]] = field(default_factory=dict)
    cannot: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    can: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    elsewhere: Mapping[int, Sequence[Deployment]] = field(default_factory=dict)
    refused: frozenset[tuple[int, int]] = frozenset()
    managers: Mapping[int, int] = field(default_factory=dict)
    other_visits: Sequence[tuple[date, int | None]] = ()
    seat_pins: frozenset[tuple[int, int]] = frozenset()
    week_pins: Mapping[int, date] = field(default_factory=dict)
    forbidden: frozenset[tuple[int, int]] = frozenset()
    skills: frozenset[str] | None = None
    earliest: Mapping[int, date] = field(default_factory=dict)

    def visit_in(self, week: int) -> Span:
        first = self.mondays[week] + timedelta(days=self.weekday)
        return Span(first, first + timedelta(days=self.days - 1))

    def week_of(self, day: date) -> int:
        """The number of the week in which a day lies; below 0 or beyond the last outside the period."""
        return (day - self.mondays[0]).days // 7


@dataclass(frozen=True)
class Built:
    """The problem with the people and hosts that its places stand for. `warnings` by (visit, peer) place.

    `given`: (challenge, profile) of those who are invited or have said yes. `eased`: where the rules gave way to
    them. `twins`: places that stand for somebody a second time, see `given`.
    """

    ask: Ask
    facts: PeopleFacts
    problem: Problem
    people: Sequence[PersonFacts]
    hosts: Sequence[HostFacts]
    theme_codes: Sequence[str]
    warnings: Mapping[tuple[int, int], Sequence[str]]
    given: frozenset[tuple[int, int]] = frozenset()
    eased: Sequence[Reason] = ()
    twins: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def peer_place(self) -> dict[int, int]:
        return {person.pk: place for place, person in enumerate(self.people) if place not in self.twins}

    def place_at(self, visit: int, profile_id: int) -> int | None:
        """The place under which somebody goes to this visit; None for whoever the problem does not know."""
        own = self.peer_place.get(profile_id)
        twins = (twin for twin, p in self.twins.items() if p == own and (visit, twin) in self.problem.pairs)
        return next(twins, own)

    @cached_property
    def visit_place(self) -> dict[int, int]:
        return {host.challenge_id: place for place, host in enumerate(self.hosts)}

    def monday(self, week: int) -> date:
        return self.ask.mondays[week]


# --- weeks ------------------------------------------------------------------------------------------
def weeks_of(host: HostFacts, ask: Ask) -> tuple[int, ...]:
    """The weeks in which the host can be visited; the one of its visit where the days are fixed in the period."""
    if host.visit is not None and host.challenge_id not in ask.week_pins:
        week = ask.week_of(host.visit.first)
        return (week,) if 0 <= week < len(ask.mondays) else ()
    closed = ask.closed.get(host.council.nation, frozenset())
    suits = [
        week
        for week, monday in enumerate(ask.mondays)
        if is_open(monday, closed, ask.weekday, ask.days) and _suits(host, ask, ask.visit_in(week))
    ]
    return tuple(suits)


def _suits(host: HostFacts, ask: Ask, visit: Span) -> bool:
    if host.window is not None and not _within(visit, host.window):
        return False
    if visit.first < ask.earliest.get(host.challenge_id, visit.first):
        return False
    if any(_touch(visit, span) for span in ask.cannot.get(host.challenge_id, ())):
        return False
    can = ask.can.get(host.challenge_id, ())
    days = (visit.first + timedelta(days=number) for number in range(ask.days))
    return not can or all(any(span.first <= day <= span.last for span in can) for day in days)


def _within(visit: Span, span: Span) -> bool:
    return span.first <= visit.first and visit.last <= span.last


def _touch(visit: Span, span: Span) -> bool:
    return span.first <= visit.last and visit.first <= span.last


def free_weeks(person: PersonFacts, ask: Ask) -> frozenset[int]:
    """Weeks in which the person can travel: free, trained, and far enough from their other visits."""
    others = [ask.week_of(visit.first) for visit in person.visits]
    near, until = max(1, ask.spacing), person.training_until
    found = []
    for week in range(len(ask.mondays)):
        visit = ask.visit_in(week)
        if all(abs(week - other) >= near for other in others) and (until is None or visit.last <= until):
            found += [week] if person.is_free(*visit) else []
    return frozenset(found)


# --- the problem ------------------------------------------------------------------------------------
def build(facts: PeopleFacts, ask: Ask, conflicts: Mapping[tuple[int, int], Sequence[Conflict]]) -> Built:
    """The problem of the season. Who was asked already and who said yes are held fixed on their team."""
    hosts = [facts.hosts[pk] for pk in ask.challenges]
    given = frozenset(held_seats(facts, ask))
    candidates = [_with_visits(person, ask) for person in facts.people]
    refusing = Refusal(ask, conflicts, given, _Distances())
    weeks = [weeks_of(host, ask) for host in hosts]
    pairs: dict[tuple[int, int], Pair] = {}
    people: list[PersonFacts] = []
    peers: list[Peer] = []
    codes = sorted({code for host in hosts for code in host.themes if ask.skills is None or code in ask.skills})
    number = {code: place for place, code in enumerate(codes)}
    for person in candidates:
        free = free_weeks(person, ask)
        days = days_left(person, ask)
        goes = {
            (v, len(people)): refusing.pair(person, host)
            for v, host in enumerate(hosts)
            if not refusing.cause(person, host, free.intersection(weeks[v]), days)
        }
        if goes:
            pairs |= goes
            people.append(person)
            peers.append(_peer(person, free, days, number, ask))
    visits = [_visit(host, weeks[v], number, ask) for v, host in enumerate(hosts)]
    problem = _problem(facts, ask, hosts, people, peers, visits, pairs, given | ask.seat_pins)
    at = {(hosts[v].challenge_id, people[p].pk): (v, p) for v, p in pairs}
    fixed = [v for v, host in enumerate(hosts) if host.visit is not None]
    eased = ease(problem, [at[key] for key in given if key in at], fixed)
    people += [people[p] for p in eased.twins.values()]
    warnings = {
        (v, p): [str(one.sentence) for one in conflicts.get((hosts[v].challenge_id, people[p].pk), ())]
        for v, p in eased.problem.pairs
        if conflicts.get((hosts[v].challenge_id, people[p].pk))
    }
    return Built(
        ask, facts, eased.problem, people, hosts, codes, warnings, given=given, eased=eased.remarks, twins=eased.twins
    )


def held_seats(facts: PeopleFacts, ask: Ask) -> Iterable[tuple[int, int]]:
    """(challenge, profile) of those who are invited or have said yes, observers left out."""
    for challenge_id in ask.challenges:
        for profile_id, (state, role) in facts.on_list.get(challenge_id, {}).items():
            if state in ("invited", "accepted") and role != "observer":
                yield challenge_id, profile_id


def _with_visits(person: PersonFacts, ask: Ask) -> PersonFacts:
    """The person with their visits outside the plan alone, invitations included."""
    own = set(ask.challenges)
    visits = tuple(visit for visit in person.visits if visit.challenge_id not in own)
    return person._replace(visits=visits + tuple(ask.elsewhere.get(person.pk, ())))


def days_left(person: PersonFacts, ask: Ask) -> int:
    """Days left of those offered; of the years that the period touches the one with fewer, so that none is exceeded."""
    return max(0, min(person.days_left(year) for year in {ask.mondays[0].year, ask.visit_in(-1).last.year}))


def _peer(person: PersonFacts, free: frozenset[int], days: int, number: Mapping[str, int], ask: Ask) -> Peer:
    last = ask.visit_in(-1).last
    return Peer(
        key=person.pk,
        council=person.council_id,
        role=person.role,
        party=person.party,
        leads=person.can_lead,
        themes=frozenset(number[code] for code in person.themes if code in number),
        free=free,
        days=days,
        most=person.most_visits,
        already=person.already(ask.mondays[0], last),
        welsh=person.welsh,
    )


def _visit(host: HostFacts, weeks: tuple[int, ...], number: Mapping[str, int], ask: Ask) -> Visit:
    shape = host.shape
    return Visit(
        key=host.challenge_id,
        council=host.council_id,
        weeks=weeks,
        size=shape.size,
        first=weeks[0] if weeks else 0,
        themes=frozenset(number[code] for code in host.themes if code in number and shape.cover_themes),
        leads=shape.leads,
        members=shape.members,
        specialists=shape.specialists,
        welsh=host.welsh,
        manager=ask.managers.get(host.challenge_id),
    )


def _problem(
    facts: PeopleFacts,
    ask: Ask,
    hosts: Sequence[HostFacts],
    people: Sequence[PersonFacts],
    peers: Sequence[Peer],
    visits: Sequence[Visit],
    pairs: Mapping[tuple[int, int], Pair],
    held: Iterable[tuple[int, int]],
) -> Problem:
    place = {person.pk: p for p, person in enumerate(people)}
    at = {host.challenge_id: v for v, host in enumerate(hosts)}
    taken = Counter(ask.week_of(first) for first, _manager in ask.other_visits)
    return Problem(
        weeks=len(ask.mondays),
        peers=tuple(peers),
        visits=tuple(visits),
        pairs=pairs,
        per_week=tuple(max(0, ask.per_week - taken[week]) for week in range(len(ask.mondays))),
        spacing=ask.spacing,
        per_council=min((host.shape.per_council for host in hosts), default=1),  # what suits them all
        manager_busy=frozenset(
            (manager, ask.week_of(first)) for first, manager in ask.other_visits if manager is not None
        ),
        good_pairs=_places(facts.good_pairs, place),
        bad_pairs=_places(facts.bad_pairs, place),
        party_targets=party_targets(peers, visits),
        seat_pins=frozenset((at[c], place[pk]) for c, pk in held if c in at and pk in place),
        week_pins={at[c]: ask.week_of(monday) for c, monday in ask.week_pins.items() if c in at},
        weights=ask.weights,
    )


def _places(pairs: Iterable[tuple[int, int]], place: Mapping[int, int]) -> frozenset[tuple[int, int]]:
    known = ((place[one], place[other]) for one, other in pairs if one in place and other in place)
    return frozenset((min(pair), max(pair)) for pair in known)


def party_targets(peers: Iterable[Peer], visits: Iterable[Visit]) -> dict[str, int]:
    """Of the seats that ask for a member peer, as many for each party as its share of the pool's members."""
    parties = Counter(peer.party for peer in peers if peer.role == "member")
    everybody = sum(parties.values())
    seats = sum(visit.members for visit in visits)
    return {party: round(seats * count / everybody) for party, count in sorted(parties.items()) if party}


# --- who may go where -------------------------------------------------------------------------------
class _Distances:
    """Kilometres and the cost that two councils alone decide, worked out once for each pair of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[float, int]] = {}

    def __call__(self, home: Council, host: Council, weights: Weights) -> tuple[float, int]:
        found = self._known.get((home.pk, host.pk))
        if found is None:
            far = km(home.place, host.place)
            found = self._known[home.pk, host.pk] = (far, total(place_terms(home, host, weights, far)))
        return found


@dataclass(frozen=True)
class Refusal:
    """Why a person cannot go to a host. Those who are given (asked already) go, whatever else."""

    ask: Ask
    conflicts: Mapping[tuple[int, int], Sequence[Conflict]]
    given: frozenset[tuple[int, int]]
    distance: Callable[[Council, Council, Weights], tuple[float, int]]

    def pair(self, person: PersonFacts, host: HostFacts) -> Pair:
        far, cost = self.distance(person.council, host.council, self.ask.weights)
        cost += total(past_terms(person.past, self.ask.weights))
        return Pair(cost, visit_days(far, self.ask.days), round(far, 1))

    def cause(self, person: PersonFacts, host: HostFacts, free: Iterable[int], days: int) -> str:
        """ "" when the person may go; else standing, forbidden, declined, bar, warning, away, distance or days."""
        key = (host.challenge_id, person.pk)
        if key in self.given:
            return ""
        if key in self.ask.forbidden:
            return "forbidden"
        if key in self.ask.seat_pins:
            return self._pinned_cause(key, person)
        if person.standing:
            return "standing"
        if key in self.ask.refused:
            return "declined"
        found = self.conflicts.get(key, ())
        if any(conflict.bars for conflict in found):
            return "bar"
        if found and not self.ask.with_warnings:
            return "warning"
        if not free:
            return "away"
        far, _cost = self.distance(person.council, host.council, self.ask.weights)
        if far > person.radius_km:
            return "distance"
        return "days" if visit_days(far, self.ask.days) > days else ""

    def _pinned_cause(self, key: tuple[int, int], person: PersonFacts) -> str:
        """A coordinator's pin opens the way past a warning or a long journey, never past a bar or a no."""
        if person.standing:
            return "standing"
        if key in self.ask.refused:
            return "declined"
        return "bar" if any(conflict.bars for conflict in self.conflicts.get(key, ())) else ""
