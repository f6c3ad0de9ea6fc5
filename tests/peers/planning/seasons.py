"""Small seasons for tests: a coordinator, some hosts that wait for a visit, a pool that can serve them."""

import datetime
from itertools import combinations
from types import SimpleNamespace

from peers.access import SeatName
from peers.frameworks.models import Theme
from peers.planning.models import SeasonPlan
from peers.planning.season.checker import broken, cost
from peers.planning.season.problem import News
from peers.planning.services import season
from peers.pool.models import PeerSkill
from peers.stages import Stage
from tests.factories.worlds import (
    make_challenge,
    make_council,
    make_framework,
    make_peer,
    make_programme,
    make_user,
    sit,
)

MONDAY = datetime.date(2027, 9, 6)  # far from elections, August and Christmas
WEEKS = 6


def make_host(name: str, version, **fields):
    """A challenge in set-up whose visit can be in any week of the period."""
    challenge = make_challenge(make_council(name), version, Stage.SETUP)
    challenge.visit_first_day = challenge.visit_last_day = None
    challenge.window_first, challenge.window_last = MONDAY, MONDAY + datetime.timedelta(weeks=WEEKS, days=-1)
    for key, value in fields.items():
        setattr(challenge, key, value)
    challenge.save()
    return challenge


def make_person(name: str, role: str = "officer", **fields):
    """Somebody who knows both themes of the small framework; the pool's own defaults otherwise."""
    profile = make_peer(make_user(name), make_council(f"Home of {name}"), role, **{"can_lead": True, **fields})
    PeerSkill.objects.create(profile=profile, theme_code="T2", level="some")
    return profile


def make_season(hosts: int = 2, teams: int | None = None) -> SimpleNamespace:
    """`hosts` challenges with teams of two, a member and a specialist, and `teams` such pairs of people."""
    coordinator = make_user("Co Ordinator")
    sit(coordinator, SeatName.COORDINATOR, make_programme())
    version = make_framework()
    assert Theme.objects.filter(framework_version=version).count() == 2
    challenges = [make_host(f"Host {n}", version, team_min=2, team_max=2) for n in range(1, hosts + 1)]
    people = []
    for n in range(1, (hosts if teams is None else teams) + 1):
        people += [make_person(f"Member {n}", "member"), make_person(f"Specialist {n}", "specialist")]
    return SimpleNamespace(coordinator=coordinator, programme=make_programme(), challenges=challenges, people=people)


def make_plan(world: SimpleNamespace, **fields) -> SeasonPlan:
    values = {
        "title": "Autumn", "first_week": MONDAY, "weeks": WEEKS, "per_week": 4, "spacing": 3, "seconds": 5,
        "visit_weekday": 1, "visit_days": 3, "with_warnings": False, "challenges": world.challenges,
    }  # fmt: skip
    return season.make_plan(programme=world.programme, by=world.coordinator, **(values | fields))


def legal_plan(problem):
    """A legal plan by the plainest search: for each visit the first week and pair of people that fit."""
    plan = {}
    for v, visit in enumerate(problem.visits):
        able = [p for p in range(len(problem.peers)) if (v, p) in problem.pairs]
        for week in visit.weeks:
            for team in combinations(able, visit.size):
                trial = plan | {v: (week, team)}
                if all(line.startswith("unplanned") for line in broken(problem, trial)):
                    plan = trial
                    break
            if v in plan:
                break
    return plan


def solver(*told, bound: int = 0):
    """A stand-in for the solving process: says one legal plan, then what is `told`."""

    def solve(task, problem, *, limits, old=None, should_stop):
        plan = legal_plan(problem)
        total = cost(problem, plan)["total"]
        yield News("first", 0.5, cost=total, plan=plan)
        yield from told or [News("done", 2.0, cost=total, bound=min(bound, total))]

    return solve
