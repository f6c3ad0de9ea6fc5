"""What several visits lack together, though each has enough by itself: people whom they share, or weeks.

For each role and theme, as many seats as possible are given to those who may take them (a flow from visits to
peers). The visits that are still short, with all that compete with them, are the proof (Hall's condition). The
same with weeks, through the week of a manager to the week of all.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping

from ortools.graph.python import max_flow

from peers.planning.season.compact_model import ROLES, room_in
from peers.planning.season.problem import Peer, Problem, Reason, Visit

Group = tuple[str, int | None, Callable[[Visit], int], Callable[[Peer], bool]]
MANY = 12  # visits short of weeks together are named up to here; beyond it the weeks say more


class Flow:
    """The greatest flow from "source" to "sink" over nodes of any name."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {"source": 0, "sink": 1}
        self.arcs: list[tuple[int, int, int]] = []

    def add(self, tail: Hashable, head: Hashable, capacity: int) -> None:
        ends = [self.numbers.setdefault(node, len(self.numbers)) for node in (tail, head)]
        self.arcs.append((ends[0], ends[1], capacity))

    def solve(self) -> tuple[int, set[Hashable]]:
        """What it carries, and the nodes on the source's side of a least cut."""
        solver = max_flow.SimpleMaxFlow()
        for tail, head, capacity in self.arcs:
            solver.add_arc_with_capacity(tail, head, capacity)
        if solver.solve(0, 1) != solver.OPTIMAL:
            raise RuntimeError("The flow has no answer.")
        side = set(solver.get_source_side_min_cut())
        return solver.optimal_flow(), {node for node, number in self.numbers.items() if number in side}


# --- people ----------------------------------------------------------------------------------------
def shortages(problem: Problem, people: Mapping[int, Iterable[int]]) -> list[Reason]:
    """The first of the rules load, days and spacing under which the seats of some kind cannot all be filled, with
    those kinds. `people`: by visit, those who are free in one of its weeks."""
    visits: dict[int, list[int]] = {}
    for v, some in sorted(people.items()):
        for p in some:
            visits.setdefault(p, []).append(v)
    found: list[Reason] = []
    for rule, room in (("spacing", _spaced), ("days", _days), ("load", _load)):
        # Each room is at least the one before: where nothing falls short now, nothing will, and the last is plainest.
        caps = {p: room(problem, p, some) for p, some in visits.items()}
        short = [reason for group in _groups(problem) for reason in _short(problem, people, caps, group)]
        if not short:
            break
        found = [Reason(rule, amount=max(reason.amount for reason in short)), *short]
    return found


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


def _groups(problem: Problem) -> list[Group]:
    groups: list[Group] = [("shape", None, lambda visit: visit.size, lambda peer: True)]
    groups += [_holding(rule, holds) for rule, holds in ROLES]
    return groups + [_knowing(theme) for theme in sorted({theme for visit in problem.visits for theme in visit.themes})]


def _holding(rule: str, holds: Callable[[Peer], bool]) -> Group:
    return rule, None, lambda visit: getattr(visit, rule), holds


def _knowing(theme: int) -> Group:
    return "theme", theme, lambda visit: int(theme in visit.themes), lambda peer: theme in peer.themes


def _short(
    problem: Problem, people: Mapping[int, Iterable[int]], caps: Mapping[int, int], group: Group
) -> list[Reason]:
    """One reason without a visit when all visits that ask for it are short together, else one for each visit."""
    rule, theme, asks, holds = group
    wanted = {v: asks(problem.visits[v]) for v in sorted(people) if asks(problem.visits[v]) > 0}
    holders = {p for p, cap in caps.items() if cap > 0 and holds(problem.peers[p])}
    edges = {v: [p for p in people[v] if p in holders] for v in wanted}
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
    flow = Flow()
    for v, people in sorted(edges.items()):
        flow.add("source", ("visit", v), wanted[v])
        for p in people:
            flow.add(("visit", v), p, 1)
    for p in sorted({p for people in edges.values() for p in people}):
        flow.add(p, "sink", caps[p])
    carried, cut = flow.solve()
    return sum(wanted.values()) - carried, {v for v in edges if ("visit", v) in cut}


# --- weeks -----------------------------------------------------------------------------------------
def crowded_weeks(problem: Problem, weeks: Mapping[int, list[int]]) -> list[Reason]:
    """Visits that cannot all have a week of these, with the weeks and the managers' weeks that are full."""
    flow, managers = Flow(), dict[tuple[int, int], int]()
    for v, some in sorted(weeks.items()):
        manager = problem.visits[v].manager
        flow.add("source", ("visit", v), 1)
        for w in some:
            flow.add(("visit", v), w if manager is None else (manager, w), 1)
            if manager is not None:
                managers.setdefault((manager, w), v)
    for key in sorted(managers):
        flow.add(key, key[1], 0 if key in problem.manager_busy else 1)
    full = sorted({w for some in weeks.values() for w in some})
    for w in full:
        flow.add(w, "sink", room_in(problem, w))
    carried, cut = flow.solve()
    missing = len(weeks) - carried
    if not missing:
        return []
    found = [Reason("per_week", week=w) for w in full if w in cut]
    found += [Reason("manager", visit=v, week=w) for (m, w), v in sorted(managers.items()) if _full(cut, m, w)]
    visits = [_bound(problem, v) for v in sorted(weeks) if ("visit", v) in cut]
    if len(visits) <= MANY:
        return found + visits
    return [Reason(found[0].rule if found else "weeks", amount=missing), *found]


def _full(cut: set[Hashable], manager: int, week: int) -> bool:
    return (manager, week) in cut and week not in cut


def _bound(problem: Problem, v: int) -> Reason:
    pinned = problem.week_pins.get(v)
    return Reason("weeks", visit=v) if pinned is None else Reason("week_pin", visit=v, week=pinned)
