"""A plan again after a change: the old one where it holds, the fewest moves where it does not."""

from dataclasses import replace

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from peers.overview.bench.instances import instance
from peers.planning.season.checker import broken, cost
from peers.planning.season.compact import first_plan
from peers.planning.season.problem import Limits, News, Plan, Problem
from peers.planning.season.replan import MOVED_WEEK, NEW_SEAT, replan

from .small import every_plan, seasons
from .tiny import PLAN, PROBLEM

few = hypothesis(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEADY = Limits(seconds=30, workers=1, deterministic=True)


def again(problem: Problem, old: Plan) -> News:
    return replan(problem, old, STEADY, lambda news: None, lambda: False)


def moved(old: Plan, new: Plan) -> int:
    """The price of what moved, of the visits that were there before."""
    both = sorted(set(old) & set(new))
    weeks = sum(old[v][0] != new[v][0] for v in both)
    return MOVED_WEEK * weeks + NEW_SEAT * sum(len(set(new[v][1]) - set(old[v][1])) for v in both)


def without(problem: Problem, *peers: int) -> Problem:
    return replace(problem, pairs={key: pair for key, pair in problem.pairs.items() if key[1] not in peers})


@few
@given(seasons(), st.randoms(use_true_random=False))
def test_nothing_changed_gives_the_old_plan_however_dear(problem, rng):
    plans = list(every_plan(problem))
    for old in rng.sample(plans, min(3, len(plans))):
        news = again(problem, old)
        assert (news.phase, news.plan) == ("done", old)
        assert news.cost == cost(problem, old)["total"]


@few
@given(seasons(), st.randoms(use_true_random=False))
def test_a_withdrawal_moves_as_little_as_any_plan_could_and_at_the_least_cost(problem, rng):
    plans = list(every_plan(problem))
    if not plans:
        return
    old = rng.choice(plans)
    changed = without(replace(problem, seat_pins=frozenset()), rng.choice(old[0][1]))
    news = again(changed, old)
    ranks = [(moved(old, plan), cost(changed, plan)["total"]) for plan in every_plan(changed)]
    if not ranks:
        assert news.phase == "impossible"
        assert news.reasons
        return
    assert news.plan is not None
    assert broken(changed, news.plan) == []
    assert (moved(old, news.plan), news.cost) == min(ranks)


def test_a_withdrawal_from_a_season_touches_few_visits_and_tells_ever_better_plans():
    problem = instance("S")
    old = first_plan(problem, STEADY)
    assert old is not None
    # Specialists are so few in this season that it could not spare one.
    gone = next(p for _, team in old.values() for p in team if problem.peers[p].role == "officer")
    changed, told = without(problem, gone), []
    news = replan(changed, old, STEADY, told.append, lambda: False)
    assert news.plan is not None
    assert broken(changed, news.plan) == []
    touched = {v for v in old if old[v] != news.plan[v]}
    left = {v for v, (_, team) in old.items() if gone in team}
    assert left <= touched
    assert len(touched) <= len(left) + 2
    ranks = [(moved(old, each.plan), each.cost) for each in told]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[-1] == (moved(old, news.plan), news.cost)
    assert all(each.phase == "replan" and broken(changed, each.plan) == [] for each in told)


def test_the_bound_is_never_that_of_the_likeliest_peers():
    told: list[News] = []
    last = replan(without(PROBLEM, 0), PLAN, STEADY, told.append, lambda: False)
    assert last.bound is None
    assert last.gap is None
    assert all(news.bound is None for news in told)


def test_pins_move_the_plan_to_them():
    pinned = replace(PROBLEM, seat_pins=frozenset({(1, 7)}), week_pins={0: 1})
    news = again(pinned, PLAN)
    assert news.plan is not None
    assert broken(pinned, news.plan) == []
    assert (news.plan[0][0], 7 in news.plan[1][1]) == (1, True)
    # Three weeks apart is kept without moving the other visit, since nobody goes to both.
    assert moved(PLAN, news.plan) == MOVED_WEEK + NEW_SEAT


def test_what_is_no_longer_there_is_no_matter_and_what_is_new_is_planned():
    old = PLAN | {7: (2, (1, 2))}
    assert again(PROBLEM, old).plan == PLAN
    only = replace(PROBLEM, visits=PROBLEM.visits[:1], pairs={k: x for k, x in PROBLEM.pairs.items() if k[0] == 0})
    assert again(only, PLAN).plan == {0: PLAN[0]}
    news = again(PROBLEM, {0: (0, (0, 1, 2, 88))})
    assert news.plan is not None
    assert broken(PROBLEM, news.plan) == []
    assert news.plan[0] == PLAN[0], "the new visit costs nothing to place, the old one would"


def test_a_dear_journey_is_no_reason_to_move_somebody():
    peer, dear = PLAN[0][1][0], dict(PROBLEM.pairs)
    dear[0, peer] = replace(dear[0, peer], cost=5000)
    problem = without(replace(PROBLEM, pairs=dear), 5)
    news = again(problem, PLAN)
    assert news.plan is not None
    assert peer in news.plan[0][1]
    assert moved(PLAN, news.plan) == NEW_SEAT


def test_an_impossible_season_comes_with_reasons_and_what_would_do():
    nobody = replace(PROBLEM, peers=tuple(replace(peer, leads=False) for peer in PROBLEM.peers))
    news = again(nobody, PLAN)
    assert (news.phase, news.plan) == ("impossible", None)
    assert {reason.rule for reason in news.reasons} == {"leads"}
    assert [(reason.rule, reason.visit) for reason in news.relaxations] == [("leads", 0), ("leads", 1)]


def test_asked_to_stop_it_is_over_without_waiting():
    problem = instance("S")
    old = first_plan(problem, STEADY)
    assert old is not None
    gone = old[0][1][0]
    news = replan(without(problem, gone), old, Limits(seconds=60), lambda news: None, lambda: True)
    assert news.phase == "done"
    assert news.seconds < 5
