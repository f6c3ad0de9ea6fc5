"""Whole teams for one host, best first, and what is missing where there is none. Plain data; no solver.

The best people by what they cost and bring are combined with the shape's rules kept on the way, and each good team is
then bettered by one change at a time. It is a proposal: nobody has shown that there is no better team.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb, inf
from typing import NamedTuple

from peers.planning.pairing.facts import HostFacts, PeopleFacts, PersonFacts
from peers.planning.pairing.ranking import Ranked, Ranking, own_terms
from peers.planning.pairing.terms import Term, team_terms, total

MOST_COMBINED = 6_000
KEPT = 24
SHOWN = 5
WIDE = 48


class Team(NamedTuple):
    """`new` completes those who are given. `terms` are of the whole team, the journeys of those given left out: their
    places are taken already. `cost` is their sum."""

    new: tuple[PersonFacts, ...]
    given: tuple[PersonFacts, ...]
    cost: int
    own: tuple[tuple[Term, ...], ...]
    together: tuple[Term, ...]

    @property
    def everybody(self) -> tuple[PersonFacts, ...]:
        return (*self.given, *self.new)


class Lack(NamedTuple):
    """What is not there. `role`: "", lead, member or specialist; `themes`: codes that one person should know."""

    role: str = ""
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Teams:
    """`missing` seats are still to be filled; `lacks` says why no team was found, empty when there is one."""

    missing: int
    teams: tuple[Team, ...]
    lacks: tuple[Lack, ...]


# --- rules ------------------------------------------------------------------------------------------
def has_role(person: PersonFacts, role: str) -> bool:
    return person.can_lead if role == "lead" else person.role == role


def knows(person: PersonFacts, code: str) -> bool:
    return code in person.themes


def missing_roles(team: Iterable[PersonFacts], host: HostFacts) -> dict[str, int]:
    """How many of each role the shape still wants."""
    people, shape = list(team), host.shape
    wanted = {"lead": shape.leads, "member": shape.members, "specialist": shape.specialists}
    left = {role: number - sum(has_role(person, role) for person in people) for role, number in wanted.items()}
    return {role: number for role, number in left.items() if number > 0}


def missing_themes(team: Iterable[PersonFacts], host: HostFacts) -> tuple[str, ...]:
    """Themes in scope that nobody knows; none where the shape does not ask for them."""
    if not host.shape.cover_themes:
        return ()
    known: set[str] = set().union(*(person.themes for person in team))
    return tuple(code for code in host.themes if code not in known)


def meets_shape(team: Sequence[PersonFacts], host: HostFacts) -> bool:
    """Whether these people are a team of this host's shape."""
    councils = Counter(person.council_id for person in team)
    return (
        len(team) == host.shape.size
        and not missing_roles(team, host)
        and not missing_themes(team, host)
        and max(councils.values(), default=0) <= host.shape.per_council
    )


# --- search -----------------------------------------------------------------------------------------
def propose_teams(facts: PeopleFacts, ranking: Ranking, *, with_warnings: bool = False) -> Teams:
    """The best teams that complete those given, each unlike the others; without people who have a warning unless
    `with_warnings`."""
    host = ranking.host
    missing = host.shape.size - len(ranking.given)
    if missing <= 0:
        return Teams(0, (), ())
    pool = [row for row in ranking.ranked if with_warnings or not row.warnings]
    search = _Search(facts, ranking, missing)
    found = search.best(pool)
    if not found:
        return Teams(missing, (), lacks_of(pool, ranking, missing))
    return Teams(missing, tuple(search.team(people) for people in _unlike(found, missing)), ())


def _unlike(found: Sequence[tuple[PersonFacts, ...]], missing: int) -> list[tuple[PersonFacts, ...]]:
    """The first teams in which at least two people differ from every one before (one, where two or fewer are new)."""
    apart = 2 if missing > 2 else 1
    kept: list[tuple[PersonFacts, ...]] = []
    for people in found:
        ids = {person.pk for person in people}
        if all(len(ids - {person.pk for person in other}) >= apart for other in kept):
            kept.append(people)
        if len(kept) == SHOWN:
            break
    return kept


class _Cheapest:
    """So many teams of least cost, the earlier one where two cost the same."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.heap: list[tuple[int, int, tuple[PersonFacts, ...]]] = []
        self.limit: float = inf  # a team must cost less than this to be kept
        self.seen = 0

    def add(self, cost: int, people: tuple[PersonFacts, ...]) -> None:
        self.seen += 1
        row = (-cost, -self.seen, people)  # the second is unlike in every row, so people are never compared
        if len(self.heap) < self.most:
            heapq.heappush(self.heap, row)
        else:
            heapq.heappushpop(self.heap, row)
        self.limit = -self.heap[0][0] if len(self.heap) == self.most else inf

    def rows(self) -> list[tuple[int, tuple[PersonFacts, ...]]]:
        return [(-cost, people) for cost, _seen, people in sorted(self.heap, reverse=True)]


class _Search:
    """Branch and cut over a narrow pool, then one-for-one changes over a wider one."""

    def __init__(self, facts: PeopleFacts, ranking: Ranking, missing: int) -> None:
        self.facts, self.host, self.given, self.missing = facts, ranking.host, ranking.given, missing
        self.known = ranking.known
        self.own: dict[int, int] = {}

    def own_cost(self, person: PersonFacts) -> int:
        if person.pk not in self.own:
            self.own[person.pk] = total(own_terms(person, self.facts, self.host))
        return self.own[person.pk]

    def cost(self, new: Sequence[PersonFacts]) -> int:
        facts = self.facts
        together = team_terms([*self.given, *new], self.host, facts.weights, facts.good_pairs, facts.bad_pairs)
        return sum(map(self.own_cost, new)) + total(together)

    def credit(self) -> int:
        """The most that good pairs can take off a team: all its other terms are costs."""
        return self.facts.weights.good_pair * min(len(self.facts.good_pairs), comb(self.host.shape.size, 2))

    def team(self, new: tuple[PersonFacts, ...]) -> Team:
        facts = self.facts
        together = team_terms([*self.given, *new], self.host, facts.weights, facts.good_pairs, facts.bad_pairs)
        own = tuple(tuple(own_terms(person, facts, self.host)) for person in new)
        return Team(new, self.given, self.cost(new), own, tuple(together))

    def best(self, pool: Sequence[Ranked]) -> list[tuple[PersonFacts, ...]]:
        wide = self._picked(pool, WIDE)
        most = self.missing
        while most < WIDE and comb(most + 1, self.missing) <= MOST_COMBINED:
            most += 1
        narrow = sorted(self._picked(pool, most), key=lambda person: (self.own_cost(person), person.pk))
        kept = self._combined(narrow)
        teams = {frozenset(person.pk for person in people): (cost, people) for cost, people in kept}
        for cost, people in kept[:SHOWN]:
            cost, people = self._bettered(cost, people, wide)
            teams[frozenset(person.pk for person in people)] = (cost, people)
        ordered = sorted(teams.values(), key=lambda row: (row[0], [person.pk for person in row[1]]))
        return [people for _cost, people in ordered]

    def _picked(self, pool: Sequence[Ranked], most: int) -> list[PersonFacts]:
        """So many people: some of each role and theme that is wanted first, then the best in the ranking."""
        picked: dict[int, PersonFacts] = {}

        def take(number: int, fits: Callable[[PersonFacts], bool]) -> None:
            left = number
            for row in pool:
                if left == 0 or len(picked) == most:
                    return
                if fits(row.person):
                    picked.setdefault(row.person.pk, row.person)
                    left -= 1

        for role in missing_roles(self.given, self.host):
            take(max(2, most // 6), partial(has_role, role=role))
        for code in missing_themes(self.given, self.host):
            take(max(1, most // 12), partial(knows, code=code))
        if self.host.welsh:
            take(1, lambda person: person.welsh)
        take(most, lambda person: True)
        return list(picked.values())

    def _combined(self, people: Sequence[PersonFacts]) -> list[tuple[int, tuple[PersonFacts, ...]]]:
        """The KEPT cheapest legal teams among these people, who are in the order of their own cost.

        Themes are bits: `once` those that anybody chosen knows, `twice` those that two know.
        """
        weights, shape = self.facts.weights, self.host.shape
        bit = {code: 1 << place for place, code in enumerate(self.host.themes)}
        every = sum(bit.values()) if shape.cover_themes else 0
        masks = [sum(bit[code] for code in person.themes if code in bit) for person in people]
        credit = self.credit()
        kept = _Cheapest(KEPT)
        councils = Counter(person.council_id for person in self.given)
        chosen: list[PersonFacts] = []

        def extend(start: int, spent: int, once: int, twice: int) -> None:
            left = self.missing - len(chosen)
            if left == 0:
                least = spent + weights.covered_once * (once & ~twice).bit_count() - credit
                if once & every == every and least < kept.limit and meets_shape([*self.given, *chosen], self.host):
                    kept.add(self.cost(chosen), tuple(chosen))
                return
            for place in range(start, len(people) - left + 1):
                person, own = people[place], self.own_cost(people[place])
                if spent + own * left - credit >= kept.limit:
                    return
                if councils[person.council_id] >= shape.per_council:
                    continue
                councils[person.council_id] += 1
                chosen.append(person)
                extend(place + 1, spent + own, once | masks[place], twice | (once & masks[place]))
                chosen.pop()
                councils[person.council_id] -= 1

        once = sum(bit[code] for code, number in self.known.items() if number)
        twice = sum(bit[code] for code, number in self.known.items() if number > 1)
        extend(0, 0, once, twice)
        return kept.rows()

    def _bettered(
        self, cost: int, people: tuple[PersonFacts, ...], wide: Sequence[PersonFacts]
    ) -> tuple[int, tuple[PersonFacts, ...]]:
        """The team after the best one-for-one changes, one place after the other."""
        credit = self.credit()
        for place in range(len(people)):
            for other in wide:
                if other in people:
                    continue
                changed = (*people[:place], other, *people[place + 1 :])
                if sum(map(self.own_cost, changed)) - credit >= cost:
                    continue
                if not meets_shape([*self.given, *changed], self.host):
                    continue
                new_cost = self.cost(changed)
                if new_cost < cost:
                    cost, people = new_cost, changed
        return cost, people


# --- what is missing --------------------------------------------------------------------------------
def lacks_of(pool: Sequence[Ranked], ranking: Ranking, missing: int) -> tuple[Lack, ...]:
    """The plainest reasons why no team can be made: a role or theme that nobody has, then both in one person."""
    people = [row.person for row in pool]
    roles, themes = missing_roles(ranking.given, ranking.host), missing_themes(ranking.given, ranking.host)
    found = [Lack(role) for role, number in roles.items() if sum(has_role(one, role) for one in people) < number]
    found += [Lack(themes=(code,)) for code in themes if not any(code in person.themes for person in people)]
    if found:
        return tuple(found)
    if missing == 1 and (roles or themes):
        return tuple(Lack(role, themes) for role in roles or ("",))
    pairs = ((role, code) for role in roles for code in themes)
    return tuple(
        Lack(role, (code,))
        for role, code in pairs
        if not any(has_role(person, role) and code in person.themes for person in people)
    )
