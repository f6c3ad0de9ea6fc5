"""A column: one visit with its week and its whole team, and what that costs by itself."""

from dataclasses import dataclass, field

from .data import Data
from .problem import Plan
from .teams import team_cost


@dataclass(frozen=True)
class Column:
    """`cost` holds every term but those of the season (second and third visits, shares of the parties)."""

    visit: int
    week: int
    team: tuple[int, ...]  # places of peers, ascending
    cost: int


@dataclass
class Columns:
    """All columns found so far, none twice, numbered as they came."""

    data: Data
    all: list[Column] = field(default_factory=list)
    of_peer: dict[int, list[int]] = field(default_factory=dict)
    number: dict[tuple[int, int, tuple[int, ...]], int] = field(default_factory=dict)

    def add(self, visit: int, week: int, team: tuple[int, ...]) -> bool:
        """Whether the column is new."""
        key = (visit, week, team)
        if key in self.number:
            return False
        seats = self.data.seats[visit]
        week_cost = int(seats.week_cost[list(seats.weeks).index(week)])
        self.number[key] = len(self.all)
        for p in team:
            self.of_peer.setdefault(p, []).append(len(self.all))
        self.all.append(Column(visit, week, team, team_cost(self.data, seats, team) + week_cost))
        return True

    def add_plan(self, plan: Plan) -> None:
        for visit, (week, team) in sorted(plan.items()):
            self.add(visit, week, team)


def plan_cost(data: Data, plan: Plan) -> int:
    """What a legal plan costs in all."""
    weights = data.problem.weights
    total, party = 0, [0] * len(data.targets)
    loads: dict[int, int] = {}
    for visit, (week, team) in plan.items():
        seats = data.seats[visit]
        total += team_cost(data, seats, team) + int(seats.week_cost[list(seats.weeks).index(week)])
        for p in team:
            loads[p] = loads.get(p, 0) + 1
            if data.target_of[p] >= 0:
                party[data.target_of[p]] += 1
    for p, load in loads.items():
        free, second, _beyond = data.load_costs(p)
        more = max(0, load - free)
        total += weights.second_visit * min(more, second) + weights.third_visit * max(0, more - second)
    for count, (_name, target) in zip(party, data.targets, strict=True):
        total += weights.party_share * abs(count - target)
    return total
