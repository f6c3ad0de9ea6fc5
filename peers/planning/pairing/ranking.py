"""Who fits one host, in which order, and who cannot be asked and why. Plain data in and out; no database.

A cost is the sum of the terms that are shown with it. Lower is better.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from peers.planning.pairing.conflicts import Conflict
from peers.planning.pairing.facts import HostFacts, PeopleFacts, PersonFacts, Span, km, weekdays
from peers.planning.pairing.terms import (
    VISIT_DAYS,
    Term,
    cover_credit,
    known_by,
    load_terms,
    past_terms,
    place_terms,
    total,
    visit_days,
)

DAY = datetime.timedelta(days=1)


class Why(NamedTuple):
    """One reason why a person cannot be asked. `name`: resting, applied, training, declined, conflict, radius, busy,
    window, days, visits."""

    name: str
    facts: Mapping[str, Any]


class Ranked(NamedTuple):
    """A person who can be asked. `warnings` are conflicts that a coordinator may override."""

    person: PersonFacts
    cost: int
    km: float
    warnings: tuple[Conflict, ...]


class Excluded(NamedTuple):
    person: PersonFacts
    reasons: tuple[Why, ...]


@dataclass(frozen=True)
class Ranking:
    """`given`: those who count as on the team already. `known`: how many of them know each theme in scope."""

    host: HostFacts
    given: tuple[PersonFacts, ...]
    known: Mapping[str, int]
    ranked: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]
    year: int


def year_of(host: HostFacts, today: datetime.date) -> int:
    """The year against which days are counted: the visit's, else the window's, else this one."""
    span = host.visit or host.window
    return span.first.year if span else today.year


def period_of(visit: Span | None, window: Span | None, today: datetime.date) -> Span:
    """The days of which a shortlist must know: the year of the visit, and the window where it goes beyond."""
    spans = [span for span in (visit, window) if span]
    year = spans[0].first.year if spans else today.year
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return Span(first, max([last, *(span.last for span in spans)]))


# --- one person -------------------------------------------------------------------------------------
def own_terms(person: PersonFacts, facts: PeopleFacts, host: HostFacts) -> list[Term]:
    """What the person costs whoever else goes: journey, type of council, earlier visits, visits of this period."""
    number = 1 + person.already(facts.first_day, facts.last_day, besides=host.challenge_id)
    return [
        *place_terms(person.council, host.council, facts.weights),
        *past_terms(person.past, facts.weights),
        *load_terms(number, facts.weights),
    ]


def terms_of(person: PersonFacts, facts: PeopleFacts, ranking: Ranking) -> list[Term]:
    """The terms whose sum is the person's cost in this ranking: their own, less the themes that they bring."""
    credit = cover_credit(person, ranking.known, facts.weights)
    return [*own_terms(person, facts, ranking.host), *credit]


def free_run(person: PersonFacts, window: Span, days: int, *, besides: int = 0) -> bool:
    """Whether there are so many working days in a row within the window on which the person can come."""
    begins, ends = person.available
    first = max(window.first, begins) if begins else window.first
    last = min(window.last, ends) if ends else window.last
    visits = (Span(visit.first, visit.last) for visit in person.visits if visit.challenge_id != besides)
    for busy in sorted([*person.away, *visits]):
        if busy.last < first:
            continue
        if busy.first > last:
            break
        if busy.first > first and weekdays(first, busy.first - DAY) >= days:
            return True
        first = max(first, busy.last + DAY)
    return first <= last and weekdays(first, last) >= days


def why_not(
    person: PersonFacts, facts: PeopleFacts, host: HostFacts, far: float, year: int, bars: Iterable[Conflict] = ()
) -> list[Why]:
    """Every reason why this person cannot be asked to visit this host; none for somebody who can."""
    found = []
    if person.standing:
        found.append(Why(person.standing, {}))
    if person.training_until is not None and not person.is_trained(_day_of_need(host, facts)):
        found.append(Why("training", {"day": person.training_until}))
    if person.pk in facts.declined.get(host.challenge_id, ()):
        found.append(Why("declined", {}))
    found += [Why("conflict", {"sentence": conflict.sentence}) for conflict in bars]
    if far > person.radius_km:
        found.append(Why("radius", {"km": round(far), "radius": person.radius_km}))
    found += _no_time(person, facts, host, far, year)
    return found


def _day_of_need(host: HostFacts, facts: PeopleFacts) -> datetime.date:
    if host.visit:
        return host.visit.last
    return host.window.first if host.window else facts.first_day


def _no_time(person: PersonFacts, facts: PeopleFacts, host: HostFacts, far: float, year: int) -> Iterable[Why]:
    besides = host.challenge_id
    if host.visit:
        if not person.is_free(*host.visit, besides=besides):
            yield Why("busy", {"first": host.visit.first, "last": host.visit.last})
    elif host.window and not free_run(person, host.window, VISIT_DAYS, besides=besides):
        yield Why("window", {"first": host.window.first, "last": host.window.last})
    needed = visit_days(far, weekdays(*host.visit) if host.visit else VISIT_DAYS)
    used = person.days_used(year, besides=besides)
    if person.days_offered - used < needed:
        yield Why("days", {"used": used, "offered": person.days_offered, "needed": needed, "year": year})
    already = person.already(facts.first_day, facts.last_day, besides=besides)
    if already >= person.most_visits:
        yield Why("visits", {"visits": already, "most": person.most_visits, "year": year})


# --- everybody --------------------------------------------------------------------------------------
def rank(
    facts: PeopleFacts,
    host: HostFacts,
    conflicts: Mapping[int, Sequence[Conflict]],
    *,
    given: Collection[int],
    today: datetime.date,
) -> Ranking:
    """Everybody but those in `given` (ids of profiles), best first; those with a warning after the others.

    `conflicts` by profile id. One pass; what two councils cost each other is worked out once a council.
    """
    team = tuple(person for person in facts.people if person.pk in given)
    known = known_by(team, host.themes)
    wanted = frozenset(code for code, number in known.items() if number < 2)
    year, weights = year_of(host, today), facts.weights
    places: dict[int, tuple[float, int]] = {}
    loads: dict[tuple[int, int], int] = {}
    ranked, excluded = [], []
    for person in facts.people:
        if person.pk in given:
            continue
        home = person.council.pk
        if home not in places:
            far = km(person.council.place, host.council.place)
            places[home] = (far, total(place_terms(person.council, host.council, weights, far)))
        far, cost = places[home]
        found = conflicts.get(person.pk, ())
        reasons = why_not(person, facts, host, far, year, [one for one in found if one.bars] if found else ())
        if reasons:
            excluded.append(Excluded(person, tuple(reasons)))
            continue
        load = (person.past, 1 + person.already(facts.first_day, facts.last_day, besides=host.challenge_id))
        if load not in loads:
            loads[load] = total(past_terms(load[0], weights)) + total(load_terms(load[1], weights))
        cost += loads[load] - weights.covered_once * len(person.themes & wanted)
        ranked.append(Ranked(person, cost, far, tuple(found)))
    ranked.sort(key=lambda row: (bool(row.warnings), row.cost, row.km, row.person.name, row.person.pk))
    excluded.sort(key=lambda row: (row.person.name, row.person.pk))
    return Ranking(host, team, known, tuple(ranked), tuple(excluded), year)
