"""The cost of a season, twice: as terms of the seat model's objective, and counted of a plan that is there.

A model that was stopped early may carry slack in its helping variables, so what is reported is always counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from ortools.sat.python import cp_model

from peers.planning.season.compact_model import SeatModel
from peers.planning.season.problem import Plan, Problem, Visit

Terms = list[tuple[cp_model.IntVar, int]]


def objective(built: SeatModel) -> Terms:
    """(variable, factor) for every term of `Weights`; adds the helping variables to the model."""
    problem, weights = built.problem, built.problem.weights
    terms: Terms = [(seat, problem.pairs[key].cost) for key, seat in built.seat.items()]
    for (v, w), week in built.week.items():
        terms.append((week, weights.week_later * max(0, w - problem.visits[v].first)))
    for v, visit in enumerate(problem.visits):
        terms += _themes(built, v, visit) + _parties(built, v) + _welsh(built, v, visit)
    terms += _together(built, problem.good_pairs, -weights.good_pair)
    terms += _together(built, problem.bad_pairs, weights.bad_pair)
    terms += _more_visits(built) + _shares(built)
    return [(variable, factor) for variable, factor in terms if factor]


def minimise(built: SeatModel, terms: Terms) -> None:
    variables, factors = [variable for variable, _ in terms], [factor for _, factor in terms]
    built.model.minimize(cp_model.LinearExpr.weighted_sum(variables, factors))


def _total(variables: Iterable[cp_model.IntVar]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.sum(list(variables))


def _themes(built: SeatModel, v: int, visit: Visit) -> Terms:
    """For each theme a Boolean that is true when fewer than two know it."""
    terms: Terms = []
    if not built.problem.weights.covered_once:
        return terms
    for theme in sorted(visit.themes):
        knowing = [built.seat[v, p] for p in built.team[v] if theme in built.problem.peers[p].themes]
        once = built.model.new_bool_var("")
        built.model.add(_total([*knowing, once]) >= 2 if len(knowing) > 1 else once == 1)
        terms.append((once, built.problem.weights.covered_once))
    return terms


def _parties(built: SeatModel, v: int) -> Terms:
    """Member peers of one party on the team beyond the first."""
    problem, terms = built.problem, Terms()
    by_party: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    for p in built.team[v]:
        if problem.peers[p].role == "member" and problem.peers[p].party:
            by_party[problem.peers[p].party].append(built.seat[v, p])
    for _, seats in sorted(by_party.items()):
        most = min(len(seats), problem.visits[v].size) - 1
        if most > 0 and problem.weights.same_party:
            beyond = built.model.new_int_var(0, most, "")
            built.model.add(beyond >= _total(seats) - 1)
            terms.append((beyond, problem.weights.same_party))
    return terms


def _welsh(built: SeatModel, v: int, visit: Visit) -> Terms:
    if not visit.welsh or not built.problem.weights.no_welsh:
        return []
    nobody = built.model.new_bool_var("")
    speaking = [built.seat[v, p] for p in built.team[v] if built.problem.peers[p].welsh]
    built.model.add_bool_or([*speaking, nobody])
    return [(nobody, built.problem.weights.no_welsh)]


def _together(built: SeatModel, pairs: Iterable[tuple[int, int]], factor: int) -> Terms:
    """For each pair and visit a Boolean for both being on the team, held only where the factor would bend it."""
    terms: Terms = []
    for a, b in sorted(pairs) if factor else ():
        for v in sorted(set(built.visits_of.get(a, ())) & set(built.visits_of.get(b, ()))):
            first, second, both = built.seat[v, a], built.seat[v, b], built.model.new_bool_var("")
            if factor < 0:
                built.model.add_implication(both, first)
                built.model.add_implication(both, second)
            else:
                built.model.add_bool_or([first.negated(), second.negated(), both])
            terms.append((both, factor))
    return terms


def _more_visits(built: SeatModel) -> Terms:
    """A peer's second visit of the season, and each after it, counted from those they have already."""
    weights, terms = built.problem.weights, Terms()
    for p, visits in sorted(built.visits_of.items()):
        already = built.problem.peers[p].already
        seats, most = [built.seat[v, p] for v in visits], len(visits)
        if already >= 2:
            terms += [(seat, weights.third_visit) for seat in seats]
        elif already == 1:
            terms += _beyond(built, seats, 1, most, weights.third_visit)
            second = built.model.new_bool_var("")
            for seat in seats:
                built.model.add_implication(seat, second)
            terms.append((second, weights.second_visit))
        else:
            terms += _beyond(built, seats, 2, most, weights.third_visit)
            if most > 1 and weights.second_visit:
                second = built.model.new_bool_var("")
                built.model.add(_total(seats) <= 1 + (most - 1) * second)
                terms.append((second, weights.second_visit))
    return terms


def _beyond(built: SeatModel, seats: list[cp_model.IntVar], free: int, most: int, weight: int) -> Terms:
    if most <= free or not weight:
        return []
    beyond = built.model.new_int_var(0, most - free, "")
    built.model.add(beyond >= _total(seats) - free)
    return [(beyond, weight)]


def _shares(built: SeatModel) -> Terms:
    """Seats of members by party, away from the target on either side."""
    problem, terms = built.problem, Terms()
    if not problem.weights.party_share:
        return terms
    for party, target in sorted(problem.party_targets.items()):
        seats = [
            seat
            for (_, p), seat in built.seat.items()
            if problem.peers[p].role == "member" and problem.peers[p].party == party
        ]
        away = built.model.new_int_var(0, max(target, len(seats)), "")
        built.model.add(away >= _total(seats) - target)
        built.model.add(away >= target - _total(seats))
        terms.append((away, problem.weights.party_share))
    return terms


# --- counted ----------------------------------------------------------------------------------------
def counted(problem: Problem, plan: Plan) -> int:
    """The cost of a plan whose every seat is in `problem.pairs`."""
    weights, loads, shares = problem.weights, Counter[int](), Counter[str]()
    cost = 0
    for v, (week, team) in plan.items():
        cost += weights.week_later * max(0, week - problem.visits[v].first) + _team_cost(problem, v, team)
        loads.update(team)
        shares.update(problem.peers[p].party for p in team if problem.peers[p].role == "member")
    for p, seats in loads.items():
        numbers = range(problem.peers[p].already + 1, problem.peers[p].already + seats + 1)
        cost += weights.second_visit * (2 in numbers) + weights.third_visit * sum(n > 2 for n in numbers)
    return cost + weights.party_share * sum(abs(shares[q] - target) for q, target in problem.party_targets.items())


def _team_cost(problem: Problem, v: int, team: tuple[int, ...]) -> int:
    weights, visit, peers = problem.weights, problem.visits[v], [problem.peers[p] for p in team]
    cost = sum(problem.pairs[v, p].cost for p in team)
    known = Counter(theme for peer in peers for theme in peer.themes)
    cost += weights.covered_once * sum(known[theme] == 1 for theme in visit.themes)
    parties = Counter(peer.party for peer in peers if peer.role == "member" and peer.party)
    cost += weights.same_party * sum(count - 1 for count in parties.values())
    there = sorted(team)
    couples = [(a, b) for i, a in enumerate(there) for b in there[i + 1 :]]
    cost -= weights.good_pair * sum(couple in problem.good_pairs for couple in couples)
    cost += weights.bad_pair * sum(couple in problem.bad_pairs for couple in couples)
    return cost + weights.no_welsh * (visit.welsh and not any(peer.welsh for peer in peers))
