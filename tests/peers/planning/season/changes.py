"""Changes of a problem of which it is known what they do to the best plan."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from peers.planning.season.problem import Problem

MANY = 99


def _of_visits(**changes) -> Callable[[Problem], Problem]:
    return lambda problem: replace(problem, visits=tuple(replace(visit, **changes) for visit in problem.visits))


def _of_peers(**changes) -> Callable[[Problem], Problem]:
    return lambda problem: replace(problem, peers=tuple(replace(peer, **changes) for peer in problem.peers))


# Each takes a rule away (all other costs stay): the best plan can only become better.
EASIER: Mapping[str, Callable[[Problem], Problem]] = {
    "availability": lambda problem: _of_peers(free=frozenset(range(problem.weeks)))(problem),
    "council": lambda problem: replace(problem, per_council=MANY),
    "days": _of_peers(days=MANY),
    "leads": _of_visits(leads=0),
    "load": _of_peers(most=MANY),
    "manager": _of_visits(manager=None),
    "manager busy": lambda problem: replace(problem, manager_busy=frozenset()),
    "members": _of_visits(members=0),
    "per week": lambda problem: replace(problem, per_week=(MANY,) * problem.weeks),
    "pins": lambda problem: replace(problem, seat_pins=frozenset(), week_pins={}),
    "spacing": lambda problem: replace(problem, spacing=1),
    "specialists": _of_visits(specialists=0),
    "themes": _of_visits(themes=frozenset()),
}


def pinned_to(problem: Problem, rng: Random) -> Problem:
    """One seat or one week more that must be."""
    if rng.random() < 0.5:
        return replace(problem, seat_pins=problem.seat_pins | {rng.choice(sorted(problem.pairs))})
    v = rng.randrange(len(problem.visits))
    return replace(problem, week_pins={v: rng.choice(problem.visits[v].weeks)} | dict(problem.week_pins))


def shuffled(problem: Problem, rng: Random) -> Problem:
    """The same season with its peers in another order."""
    order = list(range(len(problem.peers)))
    rng.shuffle(order)
    place = {old: new for new, old in enumerate(order)}

    def couples(pairs: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        return frozenset((min(place[a], place[b]), max(place[a], place[b])) for a, b in pairs)

    return replace(
        problem,
        peers=tuple(problem.peers[old] for old in order),
        pairs={(v, place[p]): pair for (v, p), pair in problem.pairs.items()},
        good_pairs=couples(problem.good_pairs),
        bad_pairs=couples(problem.bad_pairs),
        seat_pins=frozenset((v, place[p]) for v, p in problem.seat_pins),
    )
