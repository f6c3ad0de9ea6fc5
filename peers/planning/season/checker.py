"""Is a plan legal, and what does it cost: told from the problem and the plan alone.

It shares no code with the models that make plans, so that their mistakes are not its own. Each rule is read off
`Problem` as it is said there and tried in the plainest way; nothing here is made for speed.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .problem import Peer, Plan, Problem, Visit

TEAM_ROLES = {"members": "member", "specialists": "specialist"}


def broken(problem: Problem, plan: Plan) -> list[str]:
    """The broken rules with their places, such as "availability: visit 3, peer 17, week 5"; none for a legal plan.

    A visit or a peer that the problem does not know is named, and left out of the other rules.
    """
    found = [f"unknown: visit {v}" for v in plan if not 0 <= v < len(problem.visits)]
    found += [f"unplanned: visit {v}" for v in range(len(problem.visits)) if v not in plan]
    known: Plan = {}
    for v, (week, team) in sorted(plan.items()):
        if 0 <= v < len(problem.visits):
            found += [f"unknown: visit {v}, peer {p}" for p in team if not 0 <= p < len(problem.peers)]
            known[v] = (week, tuple(p for p in team if 0 <= p < len(problem.peers)))
    for v, (week, team) in known.items():
        found += _visit_week(problem, v, week)
        found += _seats(problem, v, week, team)
        found += _shape(problem, v, team)
    found += _weeks(problem, known)
    found += _people(problem, known)
    found += _pins(problem, known)
    return found


# --- one visit --------------------------------------------------------------------------------------
def _visit_week(problem: Problem, v: int, week: int) -> Iterator[str]:
    visit = problem.visits[v]
    if week not in visit.weeks or not 0 <= week < problem.weeks:
        yield f"weeks: visit {v}, week {week}"
    if visit.manager is not None and (visit.manager, week) in problem.manager_busy:
        yield f"manager: manager {visit.manager}, visit {v}, week {week}, busy elsewhere"


def _seats(problem: Problem, v: int, week: int, team: tuple[int, ...]) -> Iterator[str]:
    for p in sorted(set(team)):
        if (v, p) not in problem.pairs:
            yield f"barred: visit {v}, peer {p}"
        if week not in problem.peers[p].free:
            yield f"availability: visit {v}, peer {p}, week {week}"


def _shape(problem: Problem, v: int, team: tuple[int, ...]) -> Iterator[str]:
    visit = problem.visits[v]
    if list(team) != sorted(set(team)):
        yield f"team: visit {v}, not in ascending order or somebody twice"
    people = _people_of(problem, team)
    if len(people) != visit.size:
        yield f"shape: visit {v}, {len(people)} of {visit.size}"
    leads = sum(1 for peer in people if peer.leads)
    if leads < visit.leads:
        yield f"leads: visit {v}, {leads} of {visit.leads}"
    for rule, role in TEAM_ROLES.items():
        there, wanted = sum(1 for peer in people if peer.role == role), getattr(visit, rule)
        if there < wanted:
            yield f"{rule}: visit {v}, {there} of {wanted}"
    for theme in sorted(visit.themes):
        if not any(theme in peer.themes for peer in people):
            yield f"theme: visit {v}, theme {theme}"
    for council, count in sorted(Counter(peer.council for peer in people).items()):
        if count > problem.per_council:
            yield f"council: visit {v}, council {council}, {count} of at most {problem.per_council}"


def _people_of(problem: Problem, team: tuple[int, ...]) -> list[Peer]:
    return [problem.peers[p] for p in sorted(set(team))]


# --- the season --------------------------------------------------------------------------------------
def _weeks(problem: Problem, plan: Plan) -> Iterator[str]:
    for week, count in sorted(Counter(week for week, _team in plan.values()).items()):
        room = problem.per_week[week] if 0 <= week < len(problem.per_week) else 0
        if count > room:
            yield f"per_week: week {week}, {count} of at most {room}"
    taken: Counter[tuple[int, int]] = Counter()
    for v, (week, _team) in plan.items():
        manager = problem.visits[v].manager
        if manager is not None:
            taken[manager, week] += 1
    for (manager, week), count in sorted(taken.items()):
        if count > 1:
            yield f"manager: manager {manager}, week {week}, {count} visits"


def _people(problem: Problem, plan: Plan) -> Iterator[str]:
    for p, peer in enumerate(problem.peers):
        goes = [(week, v) for v, (week, team) in sorted(plan.items()) if p in team]
        if not goes:
            continue
        load = peer.already + len(goes)
        if load > peer.most:
            yield f"load: peer {p}, {load} of at most {peer.most}"
        days = sum(problem.pairs[v, p].days for _week, v in goes if (v, p) in problem.pairs)
        if days > peer.days:
            yield f"days: peer {p}, {days} of {peer.days}"
        goes.sort()
        for (early, first), (late, second) in pairwise(goes):
            # Two at once are never right, however short the spacing.
            if late - early < max(1, problem.spacing):
                yield f"spacing: peer {p}, visits {first} and {second}, weeks {early} and {late}"


def _pins(problem: Problem, plan: Plan) -> Iterator[str]:
    for v, p in sorted(problem.seat_pins):
        if v in plan and p not in plan[v][1]:
            yield f"pin: visit {v}, peer {p}"
    for v, week in sorted(problem.week_pins.items()):
        if v in plan and plan[v][0] != week:
            yield f"week_pin: visit {v}, week {week}"


# --- the cost ----------------------------------------------------------------------------------------
def cost(problem: Problem, plan: Plan) -> dict[str, int]:
    """What the plan costs: "pairs" (travel, other_kind, past and travel_day, as `Pair.cost` holds them), each
    other term under its name in `Weights` with the weight multiplied in (good_pair below 0), and "total".

    A peer's visits outside the plan (`already`) count for which visit is the second or third, not as costs of
    their own. A blank party is none. Raises KeyError for a peer who may not go where the plan sends them.
    """
    weights, teams = problem.weights, {v: _people_of(problem, team) for v, (_week, team) in plan.items()}
    visits = {v: problem.visits[v] for v in plan}
    together = [set(team) for _week, team in plan.values()]
    second, third = _more_visits(problem, plan)
    terms = {
        "pairs": sum(problem.pairs[v, p].cost for v, (_week, team) in plan.items() for p in team),
        "covered_once": weights.covered_once * sum(_covered_once(visits[v], teams[v]) for v in plan),
        "same_party": weights.same_party * sum(_same_party(team) for team in teams.values()),
        "good_pair": -weights.good_pair * _both(problem.good_pairs, together),
        "bad_pair": weights.bad_pair * _both(problem.bad_pairs, together),
        "no_welsh": weights.no_welsh * sum(_no_welsh(visits[v], teams[v]) for v in plan),
        "week_later": weights.week_later * sum(max(0, week - visits[v].first) for v, (week, _team) in plan.items()),
        "second_visit": weights.second_visit * second,
        "third_visit": weights.third_visit * third,
        "party_share": weights.party_share * _away_from_share(problem, teams),
    }
    return terms | {"total": sum(terms.values())}


def _covered_once(visit: Visit, team: list[Peer]) -> int:
    return sum(1 for theme in visit.themes if sum(1 for peer in team if theme in peer.themes) == 1)


def _same_party(team: list[Peer]) -> int:
    parties = Counter(peer.party for peer in team if peer.role == "member" and peer.party)
    return sum(count - 1 for count in parties.values())


def _both(pairs: frozenset[tuple[int, int]], together: list[set[int]]) -> int:
    return sum(1 for a, b in pairs for team in together if a in team and b in team)


def _no_welsh(visit: Visit, team: list[Peer]) -> bool:
    return visit.welsh and not any(peer.welsh for peer in team)


def _more_visits(problem: Problem, plan: Plan) -> tuple[int, int]:
    """How many of the plan's seats are a peer's second visit, and how many one after the second."""
    second = third = 0
    seats = Counter(p for _week, team in plan.values() for p in team)
    for p, count in seats.items():
        before = problem.peers[p].already
        for number in range(before + 1, before + count + 1):
            second += number == 2
            third += number > 2
    return second, third


def _away_from_share(problem: Problem, teams: dict[int, list[Peer]]) -> int:
    seats = Counter(peer.party for team in teams.values() for peer in team if peer.role == "member")
    return sum(abs(seats[party] - target) for party, target in problem.party_targets.items())
