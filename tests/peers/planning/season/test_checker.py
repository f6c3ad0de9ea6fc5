"""Every rule of a season, broken one at a time: the checker names that rule, its place, and no other."""

from dataclasses import replace

import pytest

from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import Problem, Weights

from .tiny import AGAIN, ALWAYS, PLAN, PROBLEM


def with_peer(problem: Problem, place: int, **changes) -> Problem:
    peers = list(problem.peers)
    peers[place] = replace(peers[place], **changes)
    return replace(problem, peers=tuple(peers))


def with_visit(problem: Problem, place: int, **changes) -> Problem:
    visits = list(problem.visits)
    visits[place] = replace(visits[place], **changes)
    return replace(problem, visits=tuple(visits))


def without_pair(problem: Problem, *pair: int) -> Problem:
    return replace(problem, pairs={key: value for key, value in problem.pairs.items() if key != pair})


FOUR = with_visit(PROBLEM, 1, size=4)


def test_a_legal_plan_breaks_nothing():
    assert broken(PROBLEM, PLAN) == []
    assert broken(FOUR, AGAIN) == []


# --- the plan is moved ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("problem", "plan", "named"),
    [
        (PROBLEM, {0: PLAN[0]}, ["unplanned: visit 1"]),
        (PROBLEM, PLAN | {2: (0, ())}, ["unknown: visit 2"]),
        (PROBLEM, PLAN | {0: (0, (0, 1, 2, 99))}, ["unknown: visit 0, peer 99"]),
        (PROBLEM, PLAN | {1: (5, PLAN[1][1])}, ["weeks: visit 1, week 5"]),
        (PROBLEM, PLAN | {0: (0, (0, 1, 2, 4))}, ["shape: visit 0, 4 of 3"]),
        (PROBLEM, PLAN | {0: (0, (2, 1, 0))}, ["team: visit 0, not in ascending order or somebody twice"]),
        (
            PROBLEM,
            PLAN | {0: (0, (0, 0, 1, 2))},
            ["team: visit 0, not in ascending order or somebody twice"],
        ),
        (PROBLEM, PLAN | {0: (0, (1, 2, 6))}, ["leads: visit 0, 0 of 1"]),
        (PROBLEM, PLAN | {0: (0, (0, 2, 3))}, ["members: visit 0, 0 of 1"]),
        (PROBLEM, PLAN | {0: (0, (0, 1, 7))}, ["specialists: visit 0, 0 of 1"]),
        (PROBLEM, PLAN | {0: (0, (2, 3, 7))}, ["theme: visit 0, theme 0"]),
        (PROBLEM, PLAN | {0: (0, (0, 1, 6))}, ["council: visit 0, council 1, 2 of at most 1"]),
        (FOUR, AGAIN | {1: (2, AGAIN[1][1])}, ["spacing: peer 0, visits 0 and 1, weeks 0 and 2",
                                              "spacing: peer 1, visits 0 and 1, weeks 0 and 2"]),
        (PROBLEM, {0: (3, PLAN[0][1]), 1: PLAN[1]}, ["manager: manager 1, week 3, 2 visits"]),
    ],
)  # fmt: skip
def test_a_change_of_the_plan_is_named(problem, plan, named):
    assert broken(problem, plan) == named


# --- the plan stays, the rule comes -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("problem", "plan", "named"),
    [
        (with_peer(PROBLEM, 4, free=ALWAYS - {3}), PLAN, ["availability: visit 1, peer 4, week 3"]),
        (without_pair(PROBLEM, 1, 4), PLAN, ["barred: visit 1, peer 4"]),
        (with_visit(PROBLEM, 0, leads=2), PLAN, ["leads: visit 0, 1 of 2"]),
        (with_visit(PROBLEM, 0, members=2), PLAN, ["members: visit 0, 1 of 2"]),
        (with_visit(PROBLEM, 0, specialists=2), PLAN, ["specialists: visit 0, 1 of 2"]),
        (with_visit(PROBLEM, 1, themes=frozenset({1, 8})), PLAN, ["theme: visit 1, theme 8"]),
        (with_peer(FOUR, 1, days=5), AGAIN, ["days: peer 1, 6 of 5"]),
        (with_peer(FOUR, 1, most=1), AGAIN, ["load: peer 1, 2 of at most 1"]),
        (with_peer(PROBLEM, 1, already=2), PLAN, ["load: peer 1, 3 of at most 2"]),
        (replace(FOUR, spacing=4), AGAIN, ["spacing: peer 0, visits 0 and 1, weeks 0 and 3",
                                           "spacing: peer 1, visits 0 and 1, weeks 0 and 3"]),
        (replace(PROBLEM, per_week=(4, 4, 4, 0, 4, 4)), PLAN, ["per_week: week 3, 1 of at most 0"]),
        (replace(PROBLEM, manager_busy=frozenset({(1, 3)})), PLAN,
         ["manager: manager 1, visit 1, week 3, busy elsewhere"]),
        (replace(PROBLEM, seat_pins=frozenset({(0, 7)})), PLAN, ["pin: visit 0, peer 7"]),
        (replace(PROBLEM, week_pins={1: 4}), PLAN, ["week_pin: visit 1, week 4"]),
    ],
)  # fmt: skip
def test_a_tighter_rule_is_named(problem, plan, named):
    assert broken(problem, plan) == named


def test_limits_that_are_just_kept_are_not_named():
    exact = with_peer(with_peer(FOUR, 0, days=6), 1, most=2)
    exact = replace(
        exact, per_week=(1, 0, 0, 1, 0, 0), seat_pins=frozenset({(0, 2), (1, 3)}), week_pins={0: 0}, spacing=3
    )
    assert broken(exact, AGAIN) == []


def test_two_visits_at_once_are_never_right():
    at_once = with_visit(replace(FOUR, spacing=0), 1, weeks=(0,), manager=2)
    assert broken(at_once, AGAIN | {1: (0, AGAIN[1][1])}) == [
        "spacing: peer 0, visits 0 and 1, weeks 0 and 0",
        "spacing: peer 1, visits 0 and 1, weeks 0 and 0",
    ]


def test_visits_of_a_peer_without_a_seat_break_nothing():
    assert broken(with_peer(PROBLEM, 7, already=5, days=0), PLAN) == []


def test_two_of_a_council_where_two_are_allowed():
    assert broken(replace(PROBLEM, per_council=2), PLAN | {0: (0, (0, 1, 6))}) == []


def test_every_broken_rule_is_named_at_once():
    worse = with_peer(without_pair(PROBLEM, 0, 2), 0, free=frozenset())
    assert broken(worse, {0: (0, (0, 2)), 1: PLAN[1]}) == [
        "availability: visit 0, peer 0, week 0",
        "barred: visit 0, peer 2",
        "shape: visit 0, 2 of 3",
        "members: visit 0, 0 of 1",
    ]


# --- the cost ----------------------------------------------------------------------------------------
NOTHING = dict.fromkeys(
    ("pairs", "covered_once", "same_party", "good_pair", "bad_pair", "no_welsh", "week_later", "second_visit",
     "third_visit", "party_share", "total"), 0)  # fmt: skip


def test_the_terms_of_the_plan():
    # Pairs: 0 + 1 + 2 and 13 + 14 + 15. Themes known by one only: 0 at the first, 2 at the second visit. Weeks: 3 - 1.
    assert cost(PROBLEM, PLAN) == NOTHING | {"pairs": 45, "covered_once": 4, "week_later": 2, "total": 51}


@pytest.mark.parametrize(
    ("problem", "plan", "term", "amount"),
    [
        (replace(PROBLEM, good_pairs=frozenset({(0, 1), (0, 3)})), PLAN, "good_pair", -3),
        (replace(PROBLEM, bad_pairs=frozenset({(3, 5), (0, 3)})), PLAN, "bad_pair", 6),
        (with_peer(PROBLEM, 3, welsh=False), PLAN, "no_welsh", 5),
        (PROBLEM, PLAN | {1: (3, (1, 3, 4, 5))}, "same_party", 2),
        (PROBLEM, PLAN | {1: (3, (3, 4, 5, 7))}, "same_party", 0),
        (with_peer(with_peer(PROBLEM, 1, party=""), 4, party=""), PLAN | {1: (3, (1, 3, 4, 5))}, "same_party", 0),
        (with_peer(PROBLEM, 3, party="A"), PLAN, "same_party", 0),  # an officer's party is nobody's business
        (FOUR, AGAIN, "second_visit", 8),
        (FOUR, AGAIN, "third_visit", 0),
        (with_peer(PROBLEM, 0, already=1), PLAN, "second_visit", 4),
        (with_peer(PROBLEM, 0, already=2), PLAN, "second_visit", 0),
        (with_peer(PROBLEM, 0, already=2), PLAN, "third_visit", 8),
        (with_peer(FOUR, 0, already=2), AGAIN, "third_visit", 16),
        (with_peer(PROBLEM, 7, already=2), PLAN, "third_visit", 0),
        (replace(PROBLEM, party_targets={"A": 0, "B": 1, "C": 2}), PLAN, "party_share", 2 + 1 + 2),
        (replace(PROBLEM, party_targets={"A": 2}), PLAN, "party_share", 0),
    ],
)
def test_a_term_of_the_cost(problem, plan, term, amount):
    terms = cost(problem, plan)
    assert terms[term] == amount
    assert terms["total"] == sum(terms.values()) - terms["total"]


def test_every_weight_multiplies_its_own_term():
    problem = replace(
        with_peer(with_peer(FOUR, 3, welsh=False), 0, already=1),
        good_pairs=frozenset({(0, 1)}), bad_pairs=frozenset({(4, 5)}), party_targets={"A": 0},
    )  # fmt: skip
    plain = cost(problem, AGAIN | {1: (3, (0, 1, 4, 5))})
    for name in set(plain) - {"pairs", "total"}:
        assert plain[name], name
        doubled = replace(problem.weights, **{name: 2 * getattr(Weights(), name)})
        changed = cost(replace(problem, weights=doubled), AGAIN | {1: (3, (0, 1, 4, 5))})
        assert changed == plain | {name: 2 * plain[name], "total": plain["total"] + plain[name]}


def test_a_pair_that_may_not_be_has_no_cost():
    with pytest.raises(KeyError):
        cost(without_pair(PROBLEM, 0, 0), PLAN)
