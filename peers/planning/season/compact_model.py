"""The season seat by seat: one Boolean for each visit and week, one for each visit and peer, and the rules as rows.

The rules go through `Rows`, so that the same model can hold them fast (a plan), hold each under an assumption
(why there is none) or let each give way at a price (what would have to give). See docs/season-planning.md.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from ortools.sat.python import cp_model

from peers.planning.season.problem import Peer, Problem, Reason, Visit

Key = tuple[int, int]  # (visit, week) or (visit, peer)


class Rows:
    """Rules that hold. Each row says by a `Reason` which rule it is, for those that do more than hold."""

    def __init__(self, model: cp_model.CpModel) -> None:
        self.model = model

    def exactly(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        self.model.add(cp_model.LinearExpr.sum(list(variables)) == amount)

    def at_least(self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason) -> None:
        if amount > 0:
            self.model.add(cp_model.LinearExpr.sum(list(variables)) >= amount)

    def at_most(
        self, variables: Sequence[cp_model.IntVar], amount: int, reason: Reason, factors: Sequence[int] | None = None
    ) -> None:
        """`factors` default to 1 each; they are never negative, so a row that all variables together keep is left."""
        counts = list(factors) if factors is not None else [1] * len(variables)
        if sum(counts) > amount:
            self.model.add(cp_model.LinearExpr.weighted_sum(list(variables), counts) <= amount)

    def one_of(self, literals: Sequence[cp_model.LiteralT], reason: Reason) -> None:
        """At least one of these is true."""
        self.model.add_bool_or(list(literals))


# Rules of the team that count people; each is also the name of the number that a visit asks for.
ROLES: tuple[tuple[str, Callable[[Peer], bool]], ...] = (
    ("leads", lambda peer: peer.leads),
    ("members", lambda peer: peer.role == "member"),
    ("specialists", lambda peer: peer.role == "specialist"),
)


def room_in(problem: Problem, week: int) -> int:
    """How many visits the week takes."""
    return max(0, problem.per_week[week]) if week < len(problem.per_week) else 0


def apart(problem: Problem) -> int:
    """Weeks between two visits of one peer: the spacing, and never two in one week."""
    return max(1, problem.spacing)


def could_be_near(problem: Problem, a: int, b: int) -> bool:
    """Whether two visits have weeks that lie closer than the spacing."""
    first, second = problem.visits[a].weeks, problem.visits[b].weeks
    return any(abs(u - v) < apart(problem) for u in first for v in second)


class SeatModel:
    """`week[(visit, week)]` and `seat[(visit, peer)]` for the pairs given; all rows of the rules added to `rows`.

    `spaced`: the peers whose visits must keep their distance; None for all. The rows of spacing are by far the
    most, so the explanation adds them only for those peers whose visits it has seen too close.
    """

    def __init__(
        self, problem: Problem, pairs: Iterable[Key], rows: Rows, *, spaced: Iterable[int] | None = None
    ) -> None:
        self.problem, self.rows, self.model = problem, rows, rows.model
        self.week: dict[Key, cp_model.IntVar] = {}
        self.seat: dict[Key, cp_model.IntVar] = {}
        self.team: dict[int, list[int]] = {v: [] for v in range(len(problem.visits))}
        self.visits_of: dict[int, list[int]] = defaultdict(list)
        self.near: dict[Key, cp_model.IntVar] = {}
        self._variables(sorted(set(pairs)))
        self._weeks()
        for v, visit in enumerate(problem.visits):
            self._team(v, visit)
            self._absence(v, visit)
        self._pins()
        for p in sorted(self.visits_of):
            self._peer(p, problem.peers[p])
        for p in sorted(self.visits_of if spaced is None else spaced):
            self.keep_apart(p)

    def _variables(self, pairs: list[Key]) -> None:
        for v, visit in enumerate(self.problem.visits):
            for w in sorted(set(visit.weeks)):
                self.week[v, w] = self.model.new_bool_var("")
        for v, p in pairs:
            self.seat[v, p] = self.model.new_bool_var("")
            self.team[v].append(p)
            self.visits_of[p].append(v)

    def weeks_of(self, v: int) -> list[int]:
        return sorted(set(self.problem.visits[v].weeks))

    def _weeks(self) -> None:
        problem = self.problem
        in_week: dict[int, list[int]] = defaultdict(list)
        managed: dict[Key, list[int]] = defaultdict(list)
        for v, visit in enumerate(problem.visits):
            weeks = self.weeks_of(v)
            self.rows.exactly([self.week[v, w] for w in weeks], 1, Reason("weeks", visit=v))
            for w in weeks:
                in_week[w].append(v)
                if visit.manager is not None:
                    managed[visit.manager, w].append(v)
        for w, visits in sorted(in_week.items()):
            reason = Reason("per_week", week=w)
            self.rows.at_most([self.week[v, w] for v in visits], room_in(problem, w), reason)
        for (manager, w), visits in sorted(managed.items()):
            room = 0 if (manager, w) in problem.manager_busy else 1
            reason = Reason("manager", visit=visits[0], week=w)
            self.rows.at_most([self.week[v, w] for v in visits], room, reason)

    def _team(self, v: int, visit: Visit) -> None:
        team, peers = self.team[v], self.problem.peers
        self.rows.exactly([self.seat[v, p] for p in team], visit.size, Reason("shape", visit=v))
        for rule, holds in ROLES:
            holders = [self.seat[v, p] for p in team if holds(peers[p])]
            self.rows.at_least(holders, getattr(visit, rule), Reason(rule, visit=v))
        for theme in sorted(visit.themes):
            knowing = [self.seat[v, p] for p in team if theme in peers[p].themes]
            self.rows.at_least(knowing, 1, Reason("theme", visit=v, theme=theme))
        homes: dict[int, list[int]] = defaultdict(list)
        for p in team:
            homes[peers[p].council].append(p)
        for _, people in sorted(homes.items()):
            seats = [self.seat[v, p] for p in people]
            self.rows.at_most(seats, self.problem.per_council, Reason("council", visit=v))

    def _absence(self, v: int, visit: Visit) -> None:
        """A seat only in a week in which the peer is free; one clause a pair, since the visit has one week."""
        weeks = self.weeks_of(v)
        for p in self.team[v]:
            free = [self.week[v, w] for w in weeks if w in self.problem.peers[p].free]
            if len(free) < len(weeks):
                self.rows.one_of([self.seat[v, p].negated(), *free], Reason("availability", visit=v))

    def _pins(self) -> None:
        for v, p in sorted(self.problem.seat_pins):
            seats = [self.seat[v, p]] if (v, p) in self.seat else []
            self.rows.at_least(seats, 1, Reason("pin", visit=v, peer=p))
        for v, w in sorted(self.problem.week_pins.items()):
            weeks = [self.week[v, w]] if (v, w) in self.week else []
            self.rows.at_least(weeks, 1, Reason("week_pin", visit=v, week=w))

    def _peer(self, p: int, peer: Peer) -> None:
        visits = self.visits_of[p]
        seats = [self.seat[v, p] for v in visits]
        self.rows.at_most(seats, max(0, peer.most - peer.already), Reason("load", peer=p))
        days = [self.problem.pairs[v, p].days for v in visits]
        self.rows.at_most(seats, max(0, peer.days), Reason("days", peer=p), days)

    def keep_apart(self, p: int) -> None:
        """No two of the peer's visits within the spacing. Nothing to do for one who may go once only."""
        peer = self.problem.peers[p]
        if peer.most - peer.already < 2 and type(self.rows) is Rows:
            return
        for a, b in combinations(self.visits_of[p], 2):
            near = self._near(a, b)
            if near is not None:
                clause = [self.seat[a, p].negated(), self.seat[b, p].negated(), near.negated()]
                self.rows.one_of(clause, Reason("spacing", peer=p))

    def _near(self, a: int, b: int) -> cp_model.IntVar | None:
        """True at least when the visits a < b lie closer than the spacing; None when they never can."""
        if (a, b) not in self.near and could_be_near(self.problem, a, b):
            near = self.near[a, b] = self.model.new_bool_var("")
            for u in self.weeks_of(a):
                close = [self.week[b, w] for w in self.weeks_of(b) if abs(u - w) < apart(self.problem)]
                if close:
                    self.model.add(near >= cp_model.LinearExpr.sum([self.week[a, u], *close]) - 1)
        return self.near.get((a, b))
