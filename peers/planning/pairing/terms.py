"""What a choice costs, term by term: one table for the shortlist of one challenge and for the plan of a season.

Each term has the name of a field of `Weights`; an amount is whole and weight included, a credit is below 0.
`wording` turns terms into words. The steps of the journey are those that `Weights` names.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from peers.planning.pairing.facts import Council, HostFacts, PersonFacts, km
from peers.planning.season.problem import Weights

# Up to and including so many km, so many steps; beyond the last, FARTHEST.
STEPS = ((50, 0), (100, 1), (150, 2), (250, 4), (350, 7))
FARTHEST = 10
LONG_KM = 200  # a journey beyond this takes a day more
VISIT_DAYS = 3  # of a visit whose days are not fixed
MOST_PAST = 3


class Term(NamedTuple):
    """`facts` are what the words need: numbers, theme codes, names."""

    name: str
    amount: int
    facts: Mapping[str, Any]


def total(terms: Iterable[Term]) -> int:
    return sum(term.amount for term in terms)


def travel_steps(distance: float) -> int:
    return next((steps for limit, steps in STEPS if distance <= limit), FARTHEST)


def visit_days(distance: float, working_days: int = VISIT_DAYS) -> int:
    """The days that a visit takes from what a peer has offered."""
    return working_days + (distance > LONG_KM)


def _kept(*terms: Term) -> list[Term]:
    return [term for term in terms if term.amount]


# --- one person and one host ------------------------------------------------------------------------
def place_terms(home: Council, host: Council, weights: Weights, distance: float | None = None) -> list[Term]:
    """What the two councils alone decide: the same for every peer of one council."""
    far = km(home.place, host.place) if distance is None else distance
    facts = {"km": round(far)}
    return _kept(
        Term("travel", weights.travel * travel_steps(far), facts),
        Term("other_kind", weights.other_kind * (home.group != host.group), {"home": home.group, "host": host.group}),
        Term("travel_day", weights.travel_day * (far > LONG_KM), facts),
    )


def past_terms(past: int, weights: Weights) -> list[Term]:
    return _kept(Term("past", weights.past * min(past, MOST_PAST), {"visits": past}))


def pair_terms(person: PersonFacts, host: HostFacts, weights: Weights) -> list[Term]:
    """What it costs to send this person to this host, whoever else goes: `Pair.cost` of the season's problem."""
    return [*place_terms(person.council, host.council, weights), *past_terms(person.past, weights)]


def load_terms(number: int, weights: Weights) -> list[Term]:
    """What a person's visit costs when it is their `number`th of the period: nothing for the first."""
    facts = {"number": number}
    if number == 2:
        return _kept(Term("second_visit", weights.second_visit, facts))
    return _kept(Term("third_visit", weights.third_visit, facts)) if number > 2 else []


def week_terms(weeks_later: int, weights: Weights) -> list[Term]:
    """`weeks_later`: whole weeks between the first week of the window and that of the visit."""
    return _kept(Term("week_later", weights.week_later * max(0, weeks_later), {"weeks": weeks_later}))


# --- a team -----------------------------------------------------------------------------------------
def known_by(team: Iterable[PersonFacts], themes: Iterable[str]) -> dict[str, int]:
    """For each theme in scope, how many of the team know it, in the order given."""
    counted = Counter(code for person in team for code in person.themes)
    return {code: counted[code] for code in themes}


def party_surplus(team: Iterable[PersonFacts]) -> dict[str, int]:
    """Members of one party beyond the first, by party; those without a party stand for nobody."""
    parties = Counter(person.party for person in team if person.role == "member" and person.party)
    return {party: number - 1 for party, number in sorted(parties.items()) if number > 1}


def team_terms(
    team: Sequence[PersonFacts],
    host: HostFacts,
    weights: Weights,
    good: Collection[tuple[int, int]] = (),
    bad: Collection[tuple[int, int]] = (),
) -> list[Term]:
    """What the team costs as a team, beside the terms of each of its people."""
    once = [code for code, number in known_by(team, host.themes).items() if number == 1]
    found = _kept(Term("covered_once", weights.covered_once * len(once), {"themes": once}))
    for party, surplus in party_surplus(team).items():
        found += _kept(Term("same_party", weights.same_party * surplus, {"party": party, "members": surplus + 1}))
    for one, other in combinations(sorted(team, key=lambda person: person.pk), 2):
        names = {"first": one.name, "second": other.name}
        if (one.pk, other.pk) in good:
            found += _kept(Term("good_pair", -weights.good_pair, names))
        if (one.pk, other.pk) in bad:
            found += _kept(Term("bad_pair", weights.bad_pair, names))
    if host.welsh and not any(person.welsh for person in team):
        found += _kept(Term("no_welsh", weights.no_welsh, {}))
    return found


def cover_credit(person: PersonFacts, known: Mapping[str, int], weights: Weights) -> list[Term]:
    """What a person brings to a team that is not whole yet: a theme counts until two know it.

    `known` is `known_by` of those who are given. A credit, in the unit of `covered_once`.
    """
    brought = [code for code, number in known.items() if number < 2 and code in person.themes]
    return _kept(Term("covered_once", -weights.covered_once * len(brought), {"themes": brought, "brought": True}))
