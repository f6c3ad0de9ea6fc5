"""Which of the pairs a small model looks at: the peers likeliest for each visit, and enough of each role and theme.

A narrowed model finds plans; its bound is none of the whole problem, and that it has no plan proves nothing.
"""

from collections.abc import Iterable

from peers.planning.season.problem import Problem, Visit

Key = tuple[int, int]


def usable(problem: Problem) -> list[Key]:
    """The pairs that any plan could hold: a week in common, days and visits left; ascending."""
    keys = []
    for v, p in sorted(problem.pairs):
        peer = problem.peers[p]
        has_room = peer.already < peer.most and problem.pairs[v, p].days <= peer.days
        if has_room and not peer.free.isdisjoint(problem.visits[v].weeks):
            keys.append((v, p))
    return keys


def narrowed(problem: Problem, best: int, each: int, keep: Iterable[Key] = ()) -> list[Key]:
    """The `best` pairs of each visit by promise, the `each` best for every role and theme it asks for, the pins,
    and what `keep` names, as far as it is usable; ascending."""
    by_visit: dict[int, list[int]] = {v: [] for v in range(len(problem.visits))}
    for v, p in usable(problem):
        by_visit[v].append(p)
    pool = set(problem.seat_pins) | set(keep)
    chosen: set[Key] = set()
    for v, visit in enumerate(problem.visits):
        ranked = sorted(by_visit[v], key=lambda p, v=v, visit=visit: (promise(problem, v, visit, p), p))
        chosen.update((v, p) for p in ranked[:best])
        for holders in _groups(problem, visit, ranked):
            chosen.update((v, p) for p in holders[:each])
        chosen.update((v, p) for p in ranked if (v, p) in pool)
    return sorted(chosen)


def promise(problem: Problem, v: int, visit: Visit, p: int) -> float:
    """What a seat costs, less what it saves elsewhere; smaller is better."""
    peer = problem.peers[p]
    shared = len(peer.free.intersection(visit.weeks)) / max(1, len(visit.weeks))
    value = 2.0 * len(peer.themes & visit.themes) + 1.5 * peer.leads + 1.5 * (peer.role != "officer")
    busy = problem.weights.second_visit if peer.already else 0
    return problem.pairs[v, p].cost + busy - value - 3.0 * shared


def _groups(problem: Problem, visit: Visit, ranked: list[int]) -> list[list[int]]:
    peers = problem.peers
    groups = [[p for p in ranked if peers[p].leads]]
    groups += [[p for p in ranked if peers[p].role == role] for role in ("member", "specialist")]
    groups += [[p for p in ranked if theme in peers[p].themes] for theme in sorted(visit.themes)]
    if visit.welsh:
        groups.append([p for p in ranked if peers[p].welsh])
    return groups
