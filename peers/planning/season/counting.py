"""Why a season has no plan, as far as counting tells: each answer is a proof by itself, and the plainest sentence.

What takes two rules of two visits at once is left to the model in `explain`.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from peers.planning.season.compact_model import ROLES, room_in
from peers.planning.season.problem import Problem, Reason, Visit
from peers.planning.season.shortage import crowded_weeks, shortages

# The order in which reasons are told, and tried for leaving out.
RULES = (
    "council", "theme", "availability", "days", "load", "spacing", "shape", "leads", "members", "specialists",
    "manager", "per_week", "weeks", "week_pin", "pin",
)  # fmt: skip


def told(reason: Reason) -> tuple[int, ...]:
    """The sort key of a reason."""
    places = (reason.visit, reason.peer, reason.week, reason.theme)
    return (RULES.index(reason.rule), *(-1 if place is None else place for place in places))


def by_counting(problem: Problem) -> list[Reason]:
    """Visit by visit, then what several share; empty when counting finds nothing wrong."""
    people: dict[int, list[int]] = {v: [] for v in range(len(problem.visits))}
    for v, p in sorted(problem.pairs):
        people[v].append(p)
    found: list[Reason] = []
    peers = problem.peers
    for v, visit in enumerate(problem.visits):
        found += _weeks(problem, v) or _shape(problem, v, visit) or _people(problem, v, people[v])
        found += _pins(problem, v)
    # A visit that is impossible by itself says nothing about what it shares with others.
    wrong = {reason.visit for reason in found}
    free = {
        v: [p for p in some if not peers[p].free.isdisjoint(open_weeks(problem, v))]
        for v, some in people.items()
        if v not in wrong
    }
    return found + _slots(problem, free) + shortages(problem, free)


def open_weeks(problem: Problem, v: int) -> list[int]:
    """The weeks of the visit, or the pinned one of them."""
    weeks, pinned = sorted(set(problem.visits[v].weeks)), problem.week_pins.get(v)
    return weeks if pinned is None else [week for week in weeks if week == pinned]


def _weeks(problem: Problem, v: int) -> list[Reason]:
    visit, pinned, weeks = problem.visits[v], problem.week_pins.get(v), open_weeks(problem, v)
    if not visit.weeks:
        return [Reason("weeks", visit=v)]
    if not weeks:
        return [Reason("week_pin", visit=v, week=pinned)]
    full = {w for w in weeks if room_in(problem, w) < 1}
    busy = {w for w in weeks if visit.manager is not None and (visit.manager, w) in problem.manager_busy}
    if len(full | busy) < len(weeks):
        return []
    only = weeks[0] if len(weeks) == 1 else None
    found = [Reason(rule, visit=v, week=only) for rule, some in (("per_week", full), ("manager", busy)) if some]
    return found + ([Reason("week_pin", visit=v, week=pinned)] if pinned is not None else [])


def _shape(problem: Problem, v: int, visit: Visit) -> list[Reason]:
    """A team that asks for more than it has seats."""
    more = max(visit.members + visit.specialists, visit.leads) - visit.size
    pinned = sum(1 for a, _ in problem.seat_pins if a == v) - visit.size
    found = [Reason("shape", visit=v, amount=more)] if more > 0 else []
    return found + ([Reason("pin", visit=v, amount=pinned)] if pinned > 0 else [])


def _pins(problem: Problem, v: int) -> list[Reason]:
    """Pinned people who cannot go, each with the rule that keeps them."""
    found = []
    for p in sorted(p for a, p in problem.seat_pins if a == v):
        peer, weeks = problem.peers[p], open_weeks(problem, v)
        if (v, p) not in problem.pairs:
            found.append(Reason("pin", visit=v, peer=p))
            continue
        rules = [
            ("availability", peer.free.isdisjoint(weeks), v),
            ("load", peer.already >= peer.most, None),
            ("days", problem.pairs[v, p].days > peer.days, None),
        ]
        kept = [Reason(rule, visit=visit, peer=p) for rule, holds, visit in rules if holds]
        found += [Reason("pin", visit=v, peer=p), *kept] if kept else []
    return found


def _people(problem: Problem, v: int, people: list[int]) -> list[Reason]:
    """Of those who may go, who is ever free, may make a visit more and has the days: where it first falls short."""
    peers, weeks = problem.peers, open_weeks(problem, v)
    stages: list[tuple[str, Callable[[int], bool]]] = [
        ("", lambda p: True),
        ("availability", lambda p: not peers[p].free.isdisjoint(weeks)),
        ("load", lambda p: peers[p].already < peers[p].most),
        ("days", lambda p: problem.pairs[v, p].days <= peers[p].days),
    ]
    if not people:
        return [Reason("shape", visit=v, amount=problem.visits[v].size)]
    for rule, may in stages:
        people = [p for p in people if may(p)]
        short = lacking(problem, v, people)
        if short:
            return _named(problem, v, rule, short)
    by_week = [lacking(problem, v, [p for p in people if w in peers[p].free], week=w) for w in weeks]
    if all(by_week):
        return _named(problem, v, "availability", min(by_week, key=lambda short: sum(r.amount for r in short)))
    return []


def _named(problem: Problem, v: int, rule: str, short: list[Reason]) -> list[Reason]:
    """What is missing, led by the rule that makes it so, and by the pin of the week if that may be to blame."""
    lead = [Reason(rule, visit=v, week=short[0].week, amount=max(r.amount for r in short))] if rule else []
    if rule == "availability" and v in problem.week_pins:
        lead.append(Reason("week_pin", visit=v, week=problem.week_pins[v]))
    return lead + short


def lacking(problem: Problem, v: int, people: Iterable[int], week: int | None = None) -> list[Reason]:
    """What a team of the visit cannot have from these people, with how many are missing."""
    visit, there = problem.visits[v], sorted(people)
    short = [Reason("shape", visit=v, week=week, amount=visit.size - len(there))]
    for rule, holds in ROLES:
        count = sum(holds(problem.peers[p]) for p in there)
        short.append(Reason(rule, visit=v, week=week, amount=getattr(visit, rule) - count))
    known = {theme for p in there for theme in problem.peers[p].themes}
    short += [Reason("theme", visit=v, week=week, theme=theme) for theme in sorted(visit.themes - known)]
    if short[0].amount <= 0:
        homes = Counter(problem.peers[p].council for p in there)
        seats = sum(min(count, problem.per_council) for count in homes.values())
        short.append(Reason("council", visit=v, week=week, amount=visit.size - seats))
    return [reason for reason in short if reason.amount > 0]


def _slots(problem: Problem, people: dict[int, list[int]]) -> list[Reason]:
    """Visits that cannot all have a week: too few weeks for all, or for some of them; and then the same with only
    those weeks of each in which it has a whole team."""
    open_to = {v: open_weeks(problem, v) for v in people}
    weeks = {w for some in open_to.values() for w in some}
    slots = sum(room_in(problem, w) for w in weeks)
    if slots < len(people):
        return [Reason("per_week", amount=len(people) - slots)]
    found = crowded_weeks(problem, open_to)
    if found:
        return found
    free = {
        v: [w for w in some if not lacking(problem, v, [p for p in people[v] if w in problem.peers[p].free])]
        for v, some in open_to.items()
    }
    found = crowded_weeks(problem, free)
    named = {reason.visit for reason in found}
    touched = [Reason("availability", visit=v) for v in free if v in named and len(free[v]) < len(open_to[v])]
    return (touched or [Reason("availability")]) + found if found else []
