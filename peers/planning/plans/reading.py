"""From a plan in places to rows of people: roles, terms, warnings, what moved, what no longer holds. Plain data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from peers.planning.pairing.facts import PersonFacts, km
from peers.planning.pairing.terms import Term, load_terms, pair_terms, team_terms, week_terms
from peers.planning.pairing.wording import person_words, team_words
from peers.planning.plans.building import Built
from peers.planning.season.problem import Plan

TermData = dict[str, Any]
# What the problem holds as the cost of a pair.
PAIR_TERMS = ("travel", "travel_day", "other_kind", "past")


@dataclass(frozen=True)
class SeatRow:
    profile_id: int
    role: str
    km: int
    days: int
    terms: list[TermData] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class VisitRow:
    challenge_id: int
    week: date
    seats: list[SeatRow]
    terms: list[TermData] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Gone(NamedTuple):
    """What no longer holds of a stored plan. `kind`: challenge, week, person, away, days or load."""

    kind: str
    challenge_id: int
    profile_id: int = 0


def as_data(terms: Iterable[Term]) -> list[TermData]:
    return [{"name": term.name, "amount": term.amount, "facts": dict(term.facts)} for term in terms]


def rows_of(built: Built, plan: Plan) -> list[VisitRow]:
    """The plan as rows, in the order of weeks. Each person's second visit is the later one."""
    seen: dict[int, int] = {p: peer.already for p, peer in enumerate(built.problem.peers)}
    rows = []
    for v, (week, team) in sorted(plan.items(), key=lambda item: (item[1][0], item[0])):
        seats = []
        for p in team:
            seen[p] += 1
            seats.append(_seat(built, v, p, week, seen[p], lead=lead_of(built, v, team)))
        people = [built.people[p] for p in team]
        host, weights = built.hosts[v], built.ask.weights
        terms = team_terms(people, host, weights, built.facts.good_pairs, built.facts.bad_pairs)
        terms += week_terms(week - built.problem.visits[v].first, weights)
        rows.append(VisitRow(host.challenge_id, built.monday(week), seats, as_data(terms), team_words(people, host)))
    return rows


def _seat(built: Built, v: int, p: int, week: int, number: int, lead: int | None) -> SeatRow:
    person, host, pair = built.people[p], built.hosts[v], built.problem.pairs[v, p]
    terms = [*pair_terms(person, host, built.ask.weights), *load_terms(number, built.ask.weights)]
    far = round(km(person.council.place, host.council.place))
    return SeatRow(
        profile_id=person.pk,
        role="lead_peer" if p == lead else "peer",
        km=far,
        days=pair.days,
        terms=as_data(terms),
        reasons=person_words(person, host, built.monday(week).year),
        warnings=list(built.warnings.get((v, p), ())),
    )


def lead_of(built: Built, v: int, team: Iterable[int]) -> int | None:
    """Who leads: whoever is asked to already, else of those who can and hold no other role the most practised."""
    held = built.facts.on_list.get(built.hosts[v].challenge_id, {})
    roles = {p: held.get(built.people[p].pk, ("", ""))[1] for p in team}
    asked = [p for p, role in roles.items() if role == "lead_peer"]
    if asked:
        return asked[0]
    able = [p for p, role in roles.items() if built.people[p].can_lead and not _is_asked(held, built.people[p])]
    return max(able, key=lambda p: (built.people[p].past, -built.people[p].pk), default=None)


def _is_asked(held: Mapping[int, tuple[str, str]], person: PersonFacts) -> bool:
    return held.get(person.pk, ("", ""))[0] in ("invited", "accepted")


def costs_by_term(rows: Iterable[VisitRow], costs: Mapping[str, int]) -> dict[str, int]:
    """The checker's costs with "pairs" told apart: journeys, type of council and earlier visits each under its name."""
    told = dict.fromkeys(PAIR_TERMS, 0)
    for row in rows:
        for seat in row.seats:
            for term in seat.terms:
                if term["name"] in told:
                    told[term["name"]] += term["amount"]
    return told | {name: amount for name, amount in costs.items() if name != "pairs"}


# --- then and now -----------------------------------------------------------------------------------
Known = Mapping[int, tuple[date, Iterable[int]]]  # challenge id: Monday and profile ids


def as_plan(built: Built, known: Known) -> Plan:
    """A stored plan in the places of this problem; what the problem no longer knows is left out."""
    plan: Plan = {}
    for challenge_id, (monday, people) in known.items():
        v, week = built.visit_place.get(challenge_id), built.ask.week_of(monday)
        if v is None or not 0 <= week < len(built.ask.mondays):
            continue
        places = (built.place_at(v, pk) for pk in people)
        plan[v] = (week, tuple(sorted(p for p in places if p is not None)))
    return plan


def gone(built: Built, known: Known) -> Iterator[Gone]:
    """What of a stored plan does not hold any more, against a problem built now."""
    problem, load = built.problem, dict[int, list[int]]()
    for challenge_id, (monday, people) in known.items():
        v, week = built.visit_place.get(challenge_id), built.ask.week_of(monday)
        if v is None:
            yield Gone("challenge", challenge_id)
            continue
        if week not in problem.visits[v].weeks:
            yield Gone("week", challenge_id)
        for pk in people:
            p = built.place_at(v, pk)
            if p is None or (v, p) not in problem.pairs:
                yield Gone("person", challenge_id, pk)
            elif week not in problem.peers[p].free:
                yield Gone("away", challenge_id, pk)
            else:
                load.setdefault(p, []).append(v)
    for p, visits in load.items():
        peer, last = problem.peers[p], built.hosts[visits[-1]].challenge_id
        if sum(problem.pairs[v, p].days for v in visits) > peer.days:
            yield Gone("days", last, peer.key)
        if peer.already + len(visits) > peer.most:
            yield Gone("load", last, peer.key)


def moved(old: Known, new: Known) -> dict[int, dict[str, Any]]:
    """For each challenge that stands in both plans and differs: {"week": old Monday, "joined": ids, "gone": ids}."""
    found: dict[int, dict[str, Any]] = {}
    for challenge_id, (monday, people) in new.items():
        if challenge_id not in old:
            continue
        before_monday, before = old[challenge_id]
        there, were = set(people), set(before)
        change: dict[str, Any] = {}
        if before_monday != monday:
            change["week"] = before_monday.isoformat()
        if there != were:
            change |= {"joined": sorted(there - were), "gone": sorted(were - there)}
        if change:
            found[challenge_id] = change
    return found
