"""What must be true of every season, tried on many small ones against every plan that they have."""

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from peers.planning.season.checker import broken, cost
from peers.planning.season.compact import first_plan
from peers.planning.season.explain import explain
from peers.planning.season.problem import Limits

from .changes import EASIER, pinned_to, shuffled
from .small import every_plan, least_cost, seasons

few = hypothesis(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEADY = Limits(seconds=20, deterministic=True)


def at_most(one: int | None, other: int | None) -> bool:
    """Whether the first optimum is no higher; None is that of a problem without a plan."""
    return other is None or (one is not None and one <= other)


@few
@given(seasons())
def test_every_plan_tried_is_legal(problem):
    for number, plan in enumerate(every_plan(problem)):
        assert broken(problem, plan) == []
        if number > 20:
            break


@few
@given(seasons(), st.sampled_from(sorted(EASIER)))
def test_a_dropped_rule_never_raises_the_optimum(problem, name):
    assert at_most(least_cost(EASIER[name](problem)), least_cost(problem)), name


@few
@given(seasons(), st.randoms(use_true_random=False))
def test_a_pin_never_lowers_the_optimum(problem, rng):
    assert at_most(least_cost(problem), least_cost(pinned_to(problem, rng)))


@few
@given(seasons(), st.randoms(use_true_random=False))
def test_the_order_of_peers_changes_nothing(problem, rng):
    assert least_cost(shuffled(problem, rng)) == least_cost(problem)


# --- the first plan -------------------------------------------------------------------------------------
@few
@given(seasons())
def test_a_first_plan_is_there_exactly_when_there_is_one(problem):
    plan, least = first_plan(problem, STEADY), least_cost(problem)
    assert (plan is None) == (least is None)
    if plan is not None:
        assert broken(problem, plan) == []
        assert cost(problem, plan)["total"] >= least


# --- why there is none ------------------------------------------------------------------------------------
@few
@given(seasons())
def test_reasons_are_given_exactly_when_there_is_no_plan(problem):
    reasons = explain(problem, STEADY)
    assert bool(reasons) == (least_cost(problem) is None)
    assert all(reason.visit is None or 0 <= reason.visit < len(problem.visits) for reason in reasons)
    assert all(reason.amount > 0 for reason in reasons)
