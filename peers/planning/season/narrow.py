"""Which of the pairs a small model looks at: the peers likeliest for each visit, and enough of each role and theme.

A narrowed model finds plans; its bound is none of the whole problem, and that it has no plan proves nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from heapq import nsmallest

from peers.planning.season.problem import Peer, Problem, Visit

Key = tuple[int, int]
HANDFUL = 5  # seats a visit chooses in its turn
CROWD = 0.5  # what a peer whom another visit has chosen loses, over the visits that they may make


def usable(problem: Problem) -> list[Key]:
    """The pairs that any plan could hold: a week in common, days and visits left; ascending."""
    return [
        (v, p)
        for v, p in meeting(problem)
        if problem.peers[p].already < problem.peers[p].most and problem.pairs[v, p].days <= problem.peers[p].days
    ]


def meeting(problem: Problem) -> list[Key]:
    """The pairs with a week in common; ascending."""
    weeks = [frozenset(visit.weeks) for visit in problem.visits]
    return [(v, p) for v, p in sorted(problem.pairs) if not problem.peers[p].free.isdisjoint(weeks[v])]


def narrowed(
    problem: Problem, best: int, each: int, keep: Iterable[Key] = (), among: list[Key] | None = None
) -> list[Key]:
    """The `best` pairs of each visit by promise, at least `each` who are free for every role and theme it asks for in
    each of its weeks, the pins, and what `keep` names; all of them `among` these (the usable ones unless said),
    ascending.

    Visits choose in turns, and who is chosen already promises less: otherwise all choose the same few people,
    and the narrowed model has no plan where the whole problem has many.
    """
    pairs = usable(problem) if among is None else among
    choosing = _Choosing(problem, pairs, set(problem.seat_pins) | set(keep))
    for taken in range(0, best, HANDFUL):
        for v in range(len(problem.visits)):
            choosing.take(v, min(HANDFUL, best - taken))
    for v, visit in enumerate(problem.visits):
        for fits in _groups(visit):
            for week in sorted(set(visit.weeks)):
                choosing.fill(v, fits, week, each)
    return sorted((v, p) for v, people in choosing.chosen.items() for p in people)


class _Choosing:
    """`chosen`: peers by visit; `waiting`: the others with their promise, smaller first."""

    def __init__(self, problem: Problem, pairs: list[Key], keep: set[Key]) -> None:
        self.problem = problem
        self.chosen: dict[int, list[int]] = {v: [] for v in range(len(problem.visits))}
        self.waiting: dict[int, dict[int, float]] = {v: {} for v in self.chosen}
        self.crowd: Counter[int] = Counter()
        for v, p in pairs:
            if (v, p) in keep:
                self.chosen[v].append(p)
                self.crowd[p] += 1
            else:
                self.waiting[v][p] = promise(problem, v, p)

    def take(self, v: int, count: int, people: Iterable[int] | None = None) -> None:
        waiting, peers = self.waiting[v], self.problem.peers
        among = waiting if people is None else people
        ranks = {p: waiting[p] + CROWD * self.crowd[p] / max(1, peers[p].most) for p in among}
        for p in nsmallest(count, ranks, key=lambda p: (ranks[p], p)):
            self.chosen[v].append(p)
            self.crowd[p] += 1
            del waiting[p]

    def fill(self, v: int, fits: Callable[[Peer], bool], week: int, count: int) -> None:
        """Takes more until `count` of those chosen fit and are free in the week, as far as there are any."""
        peers = self.problem.peers
        short = count - sum(week in peers[p].free and fits(peers[p]) for p in self.chosen[v])
        if short > 0:
            self.take(v, short, [p for p in self.waiting[v] if week in peers[p].free and fits(peers[p])])


def promise(problem: Problem, v: int, p: int) -> float:
    """What a seat costs, less what it saves elsewhere; smaller is better."""
    peer, visit = problem.peers[p], problem.visits[v]
    shared = len(peer.free.intersection(visit.weeks)) / len(visit.weeks)
    value = 2.0 * len(peer.themes & visit.themes) + 1.5 * peer.leads + 1.5 * (peer.role != "officer")
    busy = problem.weights.second_visit if peer.already else 0
    return problem.pairs[v, p].cost + busy - value - 3.0 * shared


def _knows(theme: int) -> Callable[[Peer], bool]:
    return lambda peer: theme in peer.themes


def _groups(visit: Visit) -> list[Callable[[Peer], bool]]:
    groups: list[Callable[[Peer], bool]] = [
        lambda peer: peer.leads,
        lambda peer: peer.role == "member",
        lambda peer: peer.role == "specialist",
    ]
    groups += [_knows(theme) for theme in sorted(visit.themes)]
    if visit.welsh:
        groups.append(lambda peer: peer.welsh)
    return groups
