"""People who were asked are facts: what they already break of the rules is given way to. Plain data, no database.

A rule gives way only as far as those who are given break it, and each time a reason is kept for the plan's remarks.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from peers.planning.season.problem import Peer, Problem, Reason, Visit


@dataclass(frozen=True)
class Eased:
    """The problem in which the given seats can stand. `twins`: places added for somebody's second seat, as
    (place, the place it stands for)."""

    problem: Problem
    remarks: tuple[Reason, ...] = ()
    twins: Mapping[int, int] = field(default_factory=dict)


def ease(problem: Problem, given: Iterable[tuple[int, int]], fixed: Collection[int]) -> Eased:
    """`given`: (visit, peer) that stand, each with its pair. `fixed`: visits whose days stand."""
    work = _Easing(problem, sorted(given))
    for v, team in work.teams.items():
        work.shape(v, team)
        work.week(v, team, v in fixed)
        work.councils(team)
    work.weeks_of_fixed(sorted(fixed))
    for p, visits in work.visits_of.items():
        work.person(p, visits)
    work.part_near_visits()
    return work.done()


class _Easing:
    def __init__(self, problem: Problem, given: list[tuple[int, int]]) -> None:
        self.problem, self.given = problem, given
        self.visits: list[Visit] = list(problem.visits)
        self.peers: list[Peer] = list(problem.peers)
        self.pairs, self.pins = dict(problem.pairs), set(problem.seat_pins) | set(given)
        self.per_week, self.busy = list(problem.per_week), set(problem.manager_busy)
        self.remarks: list[Reason] = []
        self.twins: dict[int, int] = {}
        self.teams: dict[int, list[int]] = defaultdict(list)
        self.visits_of: dict[int, list[int]] = defaultdict(list)
        for v, p in given:
            self.teams[v].append(p)
            self.visits_of[p].append(v)

    def done(self) -> Eased:
        def with_twins(pairs: frozenset[tuple[int, int]]) -> frozenset[tuple[int, int]]:
            more = {
                (min(twin, other), max(twin, other))
                for twin, p in self.twins.items()
                for pair in pairs
                if p in pair
                for other in set(pair) - {p}
            }
            return pairs | more

        problem = replace(
            self.problem,
            visits=tuple(self.visits),
            peers=tuple(self.peers),
            pairs=self.pairs,
            seat_pins=frozenset(self.pins),
            per_week=tuple(self.per_week),
            manager_busy=frozenset(self.busy),
            good_pairs=with_twins(self.problem.good_pairs),
            bad_pairs=with_twins(self.problem.bad_pairs),
        )
        return Eased(problem, tuple(self.remarks), self.twins)

    # --- one visit ----------------------------------------------------------------------------------
    def shape(self, v: int, team: list[int]) -> None:
        """Size, roles and themes that the given people leave no room for."""
        visit, people = self.visits[v], [self.peers[p] for p in team]
        if len(team) > visit.size:
            self.remarks.append(Reason("shape", visit=v, amount=len(team) - visit.size))
        size = max(visit.size, len(team))
        room = size - len(team)
        asked, has = {}, {
            "leads": sum(peer.leads for peer in people),
            "members": sum(peer.role == "member" for peer in people),
            "specialists": sum(peer.role == "specialist" for peer in people),
        }  # fmt: skip
        left = room  # a seat holds a member or a specialist, never both
        for rule in ("members", "specialists"):
            missing = max(0, getattr(visit, rule) - has[rule])
            asked[rule] = getattr(visit, rule) - max(0, missing - left)
            left = max(0, left - missing)
        asked["leads"] = min(visit.leads, has["leads"] + room)
        for rule, number in asked.items():
            if number < getattr(visit, rule):
                self.remarks.append(Reason(rule, visit=v, amount=getattr(visit, rule) - number))
        themes = visit.themes
        if not room:
            themes = frozenset(theme for theme in themes if any(theme in peer.themes for peer in people))
            self.remarks += [Reason("theme", visit=v, theme=theme) for theme in sorted(visit.themes - themes)]
        self.visits[v] = replace(visit, size=size, themes=themes, **asked)

    def week(self, v: int, team: list[int], fixed: bool) -> None:
        """One week at least in which all who are given can come: where there is none, the one most of them can."""
        pinned = self.problem.week_pins.get(v)
        weeks = [w for w in self.visits[v].weeks if pinned is None or w == pinned]
        free = Counter(w for p in team for w in weeks if w in self.peers[p].free)
        if not weeks or max(free.values(), default=0) == len(team):
            return
        best = min(weeks, key=lambda w: (-free[w], w))
        for p in team:
            if best not in self.peers[p].free:
                self.peers[p] = replace(self.peers[p], free=self.peers[p].free | {best})
                self.remarks.append(Reason("availability", visit=v, peer=p, week=best))

    def councils(self, team: list[int]) -> None:
        """Whoever is one too many of a council counts by themselves."""
        homes: Counter[int] = Counter()
        for p in team:
            peer = self.peers[p]
            homes[peer.council] += 1
            if homes[peer.council] > self.problem.per_council:
                self.peers[p] = replace(peer, council=-1 - p)
                self.remarks.append(Reason("council", visit=self.visits_of[p][0], peer=p))

    def weeks_of_fixed(self, fixed: list[int]) -> None:
        """Room in the week, and in the manager's week, for visits whose days stand."""
        stand: Counter[int] = Counter()
        managed: set[tuple[int, int]] = set()
        for v in fixed:
            visit = self.visits[v]
            if len(visit.weeks) != 1 or v in self.problem.week_pins:
                continue
            week = visit.weeks[0]
            stand[week] += 1
            if visit.manager is not None and (visit.manager, week) in managed:
                self.visits[v] = replace(visit, manager=None)
            elif visit.manager is not None:
                managed.add((visit.manager, week))
                self.busy.discard((visit.manager, week))
        self.per_week = [max(room, stand[week]) for week, room in enumerate(self.per_week)]

    # --- one person ---------------------------------------------------------------------------------
    def person(self, p: int, visits: list[int]) -> None:
        """Days and visits at least what was asked of them already."""
        peer, days = self.peers[p], sum(self.pairs[v, p].days for v in visits)
        if days > peer.days:
            self.remarks.append(Reason("days", visit=visits[-1], peer=p, amount=days - peer.days))
        load = peer.already + len(visits)
        if load > peer.most:
            self.remarks.append(Reason("load", visit=visits[-1], peer=p, amount=load - peer.most))
        self.peers[p] = replace(peer, days=max(days, peer.days), most=max(load, peer.most))

    def part_near_visits(self) -> None:
        """Two given visits in weeks that stand too close: the later is held by a twin, who goes there alone."""
        apart = max(1, self.problem.spacing)
        for p, visits in self.visits_of.items():
            stand = sorted((self.visits[v].weeks[0], v) for v in visits if len(self.visits[v].weeks) == 1)
            for number, (week, v) in enumerate(stand):
                if number and week - stand[number - 1][0] < apart:
                    self.remarks.append(Reason("spacing", visit=v, peer=p))
                    self._part(p, v, week, apart)

    def _part(self, p: int, v: int, week: int, apart: int) -> None:
        twin, peer, pair = len(self.peers), self.peers[p], self.pairs.pop((v, p))
        free = frozenset(w for w in peer.free if abs(w - week) >= apart or self._stands(p, w))
        self.peers.append(
            replace(peer, free=frozenset({week}), days=pair.days, already=peer.already + 1, most=peer.already + 2)
        )
        self.peers[p] = replace(peer, free=free, days=peer.days - pair.days, most=peer.most - 1)
        self.pairs[v, twin] = pair
        self.pins = (self.pins - {(v, p)}) | {(v, twin)}
        self.twins[twin] = p

    def _stands(self, p: int, week: int) -> bool:
        return any(self.visits[v].weeks == (week,) and (v, p) in self.pairs for v in self.visits_of[p])
