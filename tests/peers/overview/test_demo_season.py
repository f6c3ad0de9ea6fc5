"""The demo's season: made once, with the real solver, ready to be looked at."""

import pytest

from peers.challenges.models import Challenge
from peers.overview.demo.season import LEFT_OUT, plan_season
from peers.planning.models import SeasonPlan
from peers.planning.services.season_accept import accept_visits
from tests.peers.planning.seasons import make_season


@pytest.mark.django_db
def test_the_demo_has_two_plans_and_making_them_again_changes_nothing():
    world = make_season(hosts=2, teams=2)
    Challenge.objects.update(window_first=None, window_last=None)
    first = world.challenges[0].council
    first.slug = LEFT_OUT
    first.save()
    plan = plan_season(programme=world.programme, coordinator=world.coordinator)
    assert (plan.state, plan.visits.count()) == ("done", 1)
    assert set(SeasonPlan.objects.values_list("title", "state")) == {
        ("The coming months, everybody", "done"),
        ("The coming months, without Hartlow", "done"),
    }
    again = plan_season(programme=world.programme, coordinator=world.coordinator)
    assert again.pk in set(SeasonPlan.objects.values_list("pk", flat=True))
    assert SeasonPlan.objects.count() == 2


@pytest.mark.django_db
def test_the_ready_plan_of_the_demo_can_be_accepted_as_a_whole():
    world = make_season(hosts=3, teams=3)
    Challenge.objects.update(window_first=None, window_last=None)
    Challenge.objects.filter(pk=world.challenges[2].pk).update(stage="interest")
    plan = plan_season(programme=world.programme, coordinator=world.coordinator)
    outcome = accept_visits(plan=plan, by=world.coordinator, version=plan.version)
    assert outcome.refused == []
    assert {challenge.pk for challenge in outcome.accepted} == {row.pk for row in world.challenges[:2]}
