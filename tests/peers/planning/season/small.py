"""Random seasons so small that every plan can be tried: the measure of those that are too large for it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import prod
from random import Random

from hypothesis import assume
from hypothesis import strategies as st

from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Pair, Peer, Plan, Problem, Visit, Weights

ROLES = ("officer", "member", "specialist")
MOST_PLANS = 3000


@st.composite
def seasons(draw: st.DrawFn) -> Problem:
    """A season of up to 3 visits, 9 peers and 7 weeks, with every kind of rule and term in it; about half have a
    plan. Hypothesis chooses a seed; those with too many plans to try are left out."""
    problem = season(draw(st.integers(0, 10**6)))
    assume(prod(len(options) for options in all_options(problem)) <= MOST_PLANS)
    return problem


def season(seed: int) -> Problem:
    rng = Random(seed)
    weeks, count = rng.randint(4, 7), rng.randint(7, 9)
    made = tuple(_visit(rng, v, weeks) for v in range(rng.choice((1, 2, 2, 3, 3))))
    peers = tuple(_peer(rng, p, weeks) for p in range(count))
    pairs = {
        (v, p): Pair(rng.randint(0, 12), rng.choice((3, 3, 4)), float(rng.randint(1, 300)))
        for v in range(len(made))
        for p in range(count)
        if rng.random() < 0.95
    }
    couples = rng.sample(list(combinations(range(count), 2)), 4)
    return Problem(
        weeks=weeks,
        peers=peers,
        visits=made,
        pairs=pairs,
        per_week=tuple(rng.choice((0, 1, 2, 2, 2, 2)) for _week in range(weeks)),
        spacing=rng.randint(1, 3),
        per_council=rng.choice((1, 1, 2)),
        manager_busy=frozenset({(0, rng.randrange(weeks))} if rng.random() < 0.5 else ()),
        good_pairs=frozenset(couples[:2]),
        bad_pairs=frozenset(couples[2:]),
        party_targets={"A": rng.randint(0, 2), "B": rng.randint(0, 2)} if rng.random() < 0.7 else {},
        seat_pins=frozenset([rng.choice(sorted(pairs))] if rng.random() < 0.2 else ()),
        week_pins={0: rng.choice(made[0].weeks)} if rng.random() < 0.2 else {},
        weights=replace(Weights(), covered_once=rng.randint(0, 3), week_later=rng.randint(0, 2)),
    )


def _visit(rng: Random, number: int, weeks: int) -> Visit:
    size = rng.choice((2, 3, 3))
    window = tuple(sorted(rng.sample(range(weeks), rng.randint(2, min(4, weeks)))))
    return Visit(
        key=50 + number,
        council=900 + number,
        weeks=window,
        size=size,
        first=window[0],
        themes=frozenset(rng.sample(range(4), rng.randint(0, 3))),
        leads=rng.randint(0, 1),
        members=rng.randint(0, 1),
        specialists=rng.randint(0, 1),
        welsh=rng.random() < 0.3,
        manager=rng.choice((None, 0, 1)),
    )


def _peer(rng: Random, number: int, weeks: int) -> Peer:
    role = ROLES[number % 3]
    return Peer(
        key=70 + number,
        council=rng.randint(1, 8),
        role=role,
        party=rng.choice(("A", "A", "B", "")) if role == "member" else "",
        leads=rng.random() < 0.5,
        themes=frozenset(rng.sample(range(4), 2)),
        free=frozenset(week for week in range(weeks) if rng.random() < 0.9),
        days=rng.randint(4, 12),
        most=rng.randint(1, 3),
        already=rng.choice((0, 0, 0, 1)),
        welsh=rng.random() < 0.2,
    )


# --- every plan -----------------------------------------------------------------------------------------
def every_plan(problem: Problem) -> Iterator[Plan]:
    """All legal plans, visit by visit; what the checker names of a part stays wrong whatever is added."""
    yield from _further(problem, {}, all_options(problem))


def all_options(problem: Problem) -> list[list[tuple[int, tuple[int, ...]]]]:
    """For each visit the weeks and teams that are right while the others are left out."""
    return [list(_options(problem, v)) for v in range(len(problem.visits))]


def _options(problem: Problem, v: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    people = [p for p in range(len(problem.peers)) if (v, p) in problem.pairs]
    for week in problem.visits[v].weeks:
        for team in combinations(people, problem.visits[v].size):
            if _so_far(problem, {v: (week, team)}):
                yield week, team


def _so_far(problem: Problem, part: Plan) -> bool:
    return all(name.startswith("unplanned") for name in broken(problem, part))


def _further(problem: Problem, part: Plan, options: list[list[tuple[int, tuple[int, ...]]]]) -> Iterator[Plan]:
    if len(part) == len(options):
        yield dict(part)
        return
    for option in options[len(part)]:
        more = part | {len(part): option}
        if _so_far(problem, more):
            yield from _further(problem, more, options)


def least_cost(problem: Problem) -> int | None:
    """The cost of the best plan there is; None when there is none."""
    return min((cost(problem, plan)["total"] for plan in every_plan(problem)), default=None)
