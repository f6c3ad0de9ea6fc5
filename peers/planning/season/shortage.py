"""Too few people between several visits: each has enough by itself, yet they share the same few.

For each role and theme, as many seats as possible are given to those who may take them (a flow from visits to
peers). The visits that are still short, with all that compete with them, are the proof (Hall's condition).
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from peers.planning.season.problem import Peer, Problem, Reason, Visit

Group = tuple[str, int | None, Callable[[Visit], int], Callable[[Peer], bool]]


def shortages(problem: Problem, people: Mapping[int, Iterable[int]]) -> list[Reason]:
    """The first of the rules load, days and spacing under which the seats of some kind cannot all be filled, with
    those kinds. `people`: by visit, those who are free in one of its weeks."""
    for rule, room in (("load", _load), ("days", _days), ("spacing", _spaced)):
        caps = {p: room(problem, p, visits) for p, visits in _visits_of(people).items()}
        found: list[Reason] = []
        for group in _groups(problem):
            found += _short(problem, people, caps, group)
        if found:
            return [Reason(rule, amount=max(reason.amount for reason in found)), *found]
    return []


def _visits_of(people: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    visits: dict[int, list[int]] = {}
    for v, some in sorted(people.items()):
        for p in some:
            visits.setdefault(p, []).append(v)
    return visits


# --- how many of these visits a peer can make at most ---------------------------------------------------
def _load(problem: Problem, p: int, visits: list[int]) -> int:
    return max(0, problem.peers[p].most - problem.peers[p].already)


def _days(problem: Problem, p: int, visits: list[int]) -> int:
    left, count = problem.peers[p].days, 0
    for days in sorted(problem.pairs[v, p].days for v in visits):
        left -= days
        count += left >= 0
    return min(count, _load(problem, p, visits))


def _spaced(problem: Problem, p: int, visits: list[int]) -> int:
    """Weeks taken as early as the spacing lets: no choice holds more."""
    weeks = sorted({w for v in visits for w in problem.visits[v].weeks} & problem.peers[p].free)
    count, ready = 0, -1
    for week in weeks:
        if week >= ready:
            count, ready = count + 1, week + max(1, problem.spacing)
    return min(count, _days(problem, p, visits))


# --- kinds of seats ------------------------------------------------------------------------------------
def _groups(problem: Problem) -> list[Group]:
    groups: list[Group] = [
        ("shape", None, lambda visit: visit.size, lambda peer: True),
        ("leads", None, lambda visit: visit.leads, lambda peer: peer.leads),
        ("members", None, lambda visit: visit.members, lambda peer: peer.role == "member"),
        ("specialists", None, lambda visit: visit.specialists, lambda peer: peer.role == "specialist"),
    ]
    return groups + [_knowing(theme) for theme in sorted({theme for visit in problem.visits for theme in visit.themes})]


def _knowing(theme: int) -> Group:
    return "theme", theme, lambda visit: int(theme in visit.themes), lambda peer: theme in peer.themes


def _short(
    problem: Problem, people: Mapping[int, Iterable[int]], caps: Mapping[int, int], group: Group
) -> list[Reason]:
    """One reason without a visit when all visits that ask for it are short together, else one for each visit."""
    rule, theme, asks, holds = group
    wanted = {v: asks(visit) for v, visit in enumerate(problem.visits) if asks(visit) > 0}
    edges = {v: [p for p in people[v] if caps[p] > 0 and holds(problem.peers[p])] for v in wanted}
    missing, visits = unfilled(edges, wanted, caps)
    if not missing:
        return []
    if len(visits) == len(wanted):
        return [Reason(rule, theme=theme, amount=missing)]
    return [Reason(rule, visit=v, theme=theme, amount=min(missing, wanted[v])) for v in sorted(visits)]


def unfilled(
    edges: Mapping[int, list[int]], wanted: Mapping[int, int], caps: Mapping[int, int]
) -> tuple[int, set[int]]:
    """How many seats stay empty at best, and the visits that are short or compete with one that is."""
    flow = _Flow(edges, caps)
    missing = sum(not flow.seat(v) for v in sorted(wanted) for _ in range(wanted[v]))
    return missing, flow.stuck() if missing else set()


class _Flow:
    def __init__(self, edges: Mapping[int, list[int]], caps: Mapping[int, int]) -> None:
        self.edges, self.caps = edges, caps
        self.visits_of: dict[int, set[int]] = {p: set() for people in edges.values() for p in people}
        self.short: set[int] = set()

    def seat(self, v: int) -> bool:
        """One more seat of `v`, with others moved along where needed."""
        came, end = self._search([v])
        if end is None:
            self.short.add(v)
            return False
        while True:
            visit = came[end][0]
            self.visits_of[end].add(visit)
            given_up = came[end][1]
            if given_up is None:
                return True
            self.visits_of[given_up].discard(visit)
            end = given_up

    def stuck(self) -> set[int]:
        came, _ = self._search(sorted(self.short))
        return self.short | {v for p in came for v in self.visits_of[p]}

    def _search(self, starts: list[int]) -> tuple[dict[int, tuple[int, int | None]], int | None]:
        """Breadth first. For each peer reached: the visit that would take them, and whom it would give up for that
        (None for a start); and the first peer reached who has room."""
        came: dict[int, tuple[int, int | None]] = {}
        seen = set(starts)
        queue: deque[tuple[int, int | None]] = deque((v, None) for v in starts)
        while queue:
            v, given_up = queue.popleft()
            for p in self.edges[v]:
                if p in came or v in self.visits_of[p]:
                    continue
                came[p] = (v, given_up)
                if len(self.visits_of[p]) < self.caps[p]:
                    return came, p
                for other in sorted(self.visits_of[p] - seen):
                    seen.add(other)
                    queue.append((other, p))
        return came, None
